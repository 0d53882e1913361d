// Package wire is the protocol between desks and the county hub, zw110.sync.1: its messages, their bytes, and what is signed. It does no
// I/O and keeps no state; docs/protocol.md describes every field.
package wire
