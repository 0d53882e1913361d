// Package county owns what the window says of the county: how the link stands, who else is at work on an incident, what two desks did at
// once and how that is settled, enrolment and courier files. It knows no network; the program gives it values and takes its wishes.
package county
