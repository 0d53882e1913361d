// Package desk is the desk's end of sync: the connection to the county's hub with its goroutine and timers, enrolment, and the bridge
// between the session and the room.
package desk
