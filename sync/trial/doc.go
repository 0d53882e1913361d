// Package trial holds tests only: hubs and desks as real processes that are killed, cut off, lied to and put back, and clients that don't keep
// to the protocol.
package trial
