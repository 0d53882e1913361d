//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// ignoreLimits makes a file that may grow no more an error of writing, as a full disk is, and not the end of the process.
func ignoreLimits() { signal.Ignore(syscall.SIGXFSZ) }
