package store

import (
	"os"
	"syscall"
	"testing"
)

// syncData syncs as bbolt does: the bytes, not the times of the file.
func syncData(tb testing.TB, f *os.File) {
	tb.Helper()
	if err := syscall.Fdatasync(int(f.Fd())); err != nil {
		tb.Fatal(err)
	}
}
