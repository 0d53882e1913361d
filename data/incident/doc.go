// Package incident owns the closed loop: what an incident (事项) is, which acts may be done to it and by whom, which entries an
// accepted act leaves behind, and how entries fold into state. It is pure: no I/O, no clock, no randomness, standard library only.
//
// The way of one act: an Act goes to Decide together with the folded State and the Rules in force; the answer is a list of Facts
// (to be journalled as entries) or a Refusal that says what is missing and what to do. Fold turns entries, in whatever order they
// arrived, into the one State that follows from them. Due times, lights, overdue and holders are computed from State, Rules and a
// moment; they are never stored.
package incident
