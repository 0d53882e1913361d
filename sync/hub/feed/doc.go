// Package feed is what the hub's two stores share: one county's feed in a bbolt file, with the indexes that answer by origin, incident
// and position. boltjournal writes to it; natsjournal lets it follow a stream and may lose it. It knows no network, and it believes the
// session about signatures and scopes; it checks the chain of every run that it reads. docs/hubstore.md describes the file.
package feed
