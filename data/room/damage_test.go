package room

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/store"
)

// flips is how many places of the closed file are tried.
const flips = 120

func TestVerify_NamesAnyFlippedByte(t *testing.T) {
	d := newDesk(t, true)
	lines := readBatch(t, months+"acts-2026-07.jsonl")
	if _, err := d.DoAll(t.Context(), acts(lines[:200]), nil); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(d.cfg.Dir, "zw110.db")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(110, 12345))
	for range flips {
		at, with := random.IntN(len(whole)), byte(1+random.IntN(255))
		bad := append([]byte{}, whole...)
		bad[at] ^= with
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		rep, err := VerifyStore(t.Context(), d.cfg, nil)
		if err == nil && len(rep.Faults) == 0 {
			t.Fatalf("byte %d of %d changed by %#x: nothing found", at, len(whole), with)
		}
		if err == nil && rep.Faults[0].What == "" {
			t.Errorf("byte %d: the fault names no place", at)
		}
	}
	if err := os.WriteFile(file, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	d.again(t)
	wantClean(t, d)
}

func TestOpen_AfterACrashEqualsWhatWasThere(t *testing.T) {
	d := newDesk(t, true)
	lines := readBatch(t, months+"acts-2026-07.jsonl")
	half := len(lines) / 2
	done, err := d.DoAll(t.Context(), acts(lines[:half]), nil)
	if err != nil {
		t.Fatal(err)
	}
	d.again(t) // writes the cache of the first half
	refs := map[string]incident.IncidentID{}
	for i, l := range lines[:half] {
		if l.act.Do == incident.Register {
			refs[l.act.Ref] = done[i].Incident
		}
	}
	rest := acts(lines[half:])
	for i := range rest {
		if id, ok := refs[rest[i].Ref]; ok {
			rest[i].Ref, rest[i].ID = "", id
		}
		if id, ok := refs[rest[i].Into]; ok {
			rest[i].Into = d.noOf(id)
		}
	}
	if _, err := d.DoAll(t.Context(), rest, nil); err != nil {
		t.Fatal(err)
	}
	want := picture(d)
	// A crash: the store is closed without the room having written its cache.
	d.unsaved.take()
	d.again(t)
	samePicture(t, "after the crash", picture(d), want)
	dropCache(t, d)
	samePicture(t, "without a cache", picture(d), want)
	wantClean(t, d)
}

// dropCache opens the room anew without any cached state.
func dropCache(t *testing.T, d *desk) {
	t.Helper()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(d.cfg.store())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(st.DropFolds(), st.Close()); err != nil {
		t.Fatal(err)
	}
	if d.Room, err = Open(d.cfg); err != nil {
		t.Fatal(err)
	}
}

// samePicture names the lines that differ.
func samePicture(t *testing.T, when, got, want string) {
	t.Helper()
	have, old := strings.Split(got, "\n"), strings.Split(want, "\n")
	if len(have) != len(old) {
		t.Fatalf("%s: %d lines, before %d", when, len(have), len(old))
	}
	for i := range have {
		if have[i] != old[i] {
			t.Errorf("%s:\n%s\nbefore:\n%s", when, have[i], old[i])
		}
	}
}

// picture is all that the board and the statistics of units show.
func picture(d *desk) string {
	snap, text := d.Snapshot(board.Filter{Ended: true}), ""
	for i := range snap.Len() {
		text += fmt.Sprintf("%+v\n", snap.Row(i))
	}
	loads, _ := d.standing.of("0101")
	for unit, load := range loads {
		if load.Open == 0 {
			delete(loads, unit)
		}
	}
	_, past := d.standing.of("0905")
	return text + fmt.Sprint(d.Counters(), loads, past, d.numbers.last)
}
