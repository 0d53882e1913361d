package room

import (
	"bytes"
	"encoding/json"
	"testing"

	"zw110/data/incident"
	"zw110/data/journal"
)

func foldDigest(t testing.TB, d *desk) []byte {
	t.Helper()
	sum, err := d.Link().FoldDigest(t.Context())
	if err != nil || len(sum) != 8 {
		t.Fatalf("digest %x, error %v", sum, err)
	}
	return sum
}

func TestFoldDigest_IsWhatAFreshStartSays(t *testing.T) {
	d := newSeat(t, 1)
	empty := foldDigest(t, d)
	var seen [][]byte
	for _, no := range []string{"JJ20260901001", "JJ20260901002"} {
		id := d.must(t, report("op1", no)).Incident
		seen = append(seen, foldDigest(t, d))
		d.must(t, on("op1", incident.Respond, id, incident.Fields{}))
		seen = append(seen, foldDigest(t, d))
	}
	for i, sum := range seen {
		if bytes.Equal(sum, empty) || i > 0 && bytes.Equal(sum, seen[i-1]) {
			t.Errorf("act %d left the digest %x", i, sum)
		}
	}
	last := seen[len(seen)-1]
	d.again(t) // from the cached states
	if got := foldDigest(t, d); !bytes.Equal(got, last) {
		t.Errorf("after a restart %x, want %x", got, last)
	}
	if err := d.store.DropFolds(); err != nil {
		t.Fatal(err)
	}
	d.again(t) // from the entries
	if got := foldDigest(t, d); !bytes.Equal(got, last) {
		t.Errorf("folded anew %x, want %x", got, last)
	}
}

func TestRules_WhatAPersonSetStandsAboveWhatAProgramWrote(t *testing.T) {
	a, b := newSeat(t, 1), newSeat(t, 2)
	told := func(d *desk, by incident.Login, role incident.Role) {
		t.Helper()
		d.clock.set(d.Now() + 1000)
		value, err := json.Marshal(colleague{Role: role})
		if err != nil {
			t.Fatal(err)
		}
		fact := incident.Fact{Kind: incident.KindSettingChanged, At: d.Now(), Fields: incident.Fields{Setting: operatorSetting + "op7", Value: value}}
		if err := d.submit(t.Context(), &job{desk: []incident.Fact{fact}, by: by}, nil); err != nil {
			t.Fatal(err)
		}
	}
	told(a, "rd", incident.RoleShift)
	b.clock.set(a.Now() + 60_000)
	told(b, SystemLogin, incident.RoleOperator) // a second desk is made later, with the roles of its day
	for _, pair := range [][2]*desk{{a, b}, {b, a}} {
		from, to := pair[0], pair[1]
		run, err := from.Link().Range(from.Link().Origin(), 0, ^uint64(0), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := to.Link().Take(t.Context(), Incoming{Runs: []journal.Run{run}, Feed: "f"}); err != nil {
			t.Fatal(err)
		}
	}
	for i, d := range []*desk{a, b} {
		for range 2 {
			if p, ok := d.Rules().Person("op7"); !ok || p.Role != incident.RoleShift {
				t.Errorf("at desk %d op7 is %+v, known %v", i+1, p, ok)
			}
			d.again(t)
		}
	}
}
