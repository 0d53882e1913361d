//go:build !linux

package store

import (
	"os"
	"testing"
)

func syncData(tb testing.TB, f *os.File) {
	tb.Helper()
	if err := f.Sync(); err != nil {
		tb.Fatal(err)
	}
}
