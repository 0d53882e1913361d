package trial

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// spoil changes one byte wherever some text stands in a hub's file of the county, as a disk would; free pages may hold it, too.
func (w *world) spoil(text string) {
	w.t.Helper()
	file := filepath.Join(w.hubIn, "county", "330825.db")
	raw, err := os.ReadFile(file)
	noError(w.t, err)
	found := 0
	for i := bytes.Index(raw, []byte(text)); i >= 0; found++ {
		raw[i+len(text)/2] ^= 0x20
		next := bytes.Index(raw[i+1:], []byte(text))
		if next < 0 {
			break
		}
		i += 1 + next
	}
	if found == 0 {
		w.t.Fatalf("%s is not in the hub's file", text)
	}
	noError(w.t, os.WriteFile(file, raw, 0o600))
}

// A disk damages what the hub has taken. Another township's desk goes on as before, a new desk gets what can be read, and once a desk that has
// the damaged entries is there, the hub has them again.
func TestCase_DamageAtTheHubIsHealedByADesk(t *testing.T) {
	w, a, b := pair(t)
	a.stop()
	b.stop()
	w.stopHub()
	w.spoil("指挥室1-")
	w.startHub()
	if out, err := w.run("zw110hub", "verify", "--dir", w.hubIn); err == nil {
		t.Errorf("the damage was not found: %s", out)
	}
	if len(w.status().Holes) == 0 {
		t.Fatal("the status names no hole")
	}
	other, fresh := w.newDesk(another), w.newDesk(town)
	other.start()
	other.tell("do 2")
	w.calm(other)
	fresh.start()
	until(t, calmIn, "the new desk gets what can be read", func() bool { fresh.tell("retry"); return fresh.state().Incidents >= 2 })
	if s := fresh.state(); !s.Connected || s.Incidents == 5 {
		t.Errorf("with the hole the new desk shows %+v", s)
	}
	fresh.tell("do 1")

	a.start() // which has them
	until(t, calmIn, "the holes are filled", func() bool { a.tell("retry"); return len(w.status().Holes) == 0 })
	b.start()
	if s := w.calm(a, b, fresh); s.Incidents != 6 {
		t.Errorf("%d incidents", s.Incidents)
	}
	other.stop()
	w.whole(a, b, fresh)
}
