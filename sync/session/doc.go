// Package session is both ends of a connection between a desk and the hub as pure state machines: an event goes in, effects come out.
// It opens no socket, starts no goroutine and reads no clock; sync/desk, sync/hub and the simulator drive it.
package session
