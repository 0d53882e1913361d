package natsjournal

import (
	"testing"

	"zw110/sync/hub/contract"
)

// BenchmarkJournal measures a cluster of three processes on this machine: all three share its disk.
func BenchmarkJournal(b *testing.B) {
	contract.Bench(b, func(b *testing.B) contract.Hub {
		m := startMembers(b)
		return m.open(m.connect(0), "a")
	})
}
