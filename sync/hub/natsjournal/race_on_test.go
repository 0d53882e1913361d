//go:build race

package natsjournal

// share is the part of the runs that is done under the race detector, which costs ten times as much: one in so many.
const share = 10
