//go:build race

package session

// share is the part of the runs that is done under the race detector, which costs ten times as much: one in so many. The cores have no
// goroutines to race; all runs are done without it.
const share = 10
