// Package gazetteer finds the places that people mean: in a report's words, with all that the telephone and the dialect do to a name, and in what somebody
// types, as characters or pinyin. It knows places as package geo has them, keeps nothing and decides nothing: each hit says what it stands on
// and how far off it may be.
package gazetteer
