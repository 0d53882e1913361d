// Package hub is the county's end of sync: who may connect, what the county may order, and the goroutines, sockets and timers around
// the hub's session. What is stored, and where, is for the packages below it.
package hub
