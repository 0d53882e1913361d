// Package assesstest replays the sample months in memory for tests that count. Only tests import it.
package assesstest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"zw110/assets"
	"zw110/data/assess"
	"zw110/data/duty"
	"zw110/data/incident"
)

// Rules are those of the sample town.
func Rules(t testing.TB) *duty.Directory {
	t.Helper()
	pack, err := assets.Pack("330825111")
	if err != nil {
		t.Fatal(err)
	}
	holidays, err := assets.Holidays()
	if err != nil {
		t.Fatal(err)
	}
	d, err := duty.Load(pack, holidays)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Desk decides acts in memory; incidents are named by their ref.
type Desk struct {
	Rules   incident.Rules
	Entries map[incident.IncidentID][]incident.Entry
	States  map[incident.IncidentID]incident.State
	Refs    map[string]incident.IncidentID
	seq     uint64
}

// New returns a desk without incidents.
func New(rules incident.Rules) *Desk {
	return &Desk{
		Rules: rules, Entries: map[incident.IncidentID][]incident.Entry{}, States: map[incident.IncidentID]incident.State{},
		Refs: map[string]incident.IncidentID{},
	}
}

// BySource finds nothing: the sample months hold no order twice.
func (d *Desk) BySource(incident.Channel, string) (incident.IncidentID, bool) {
	return incident.IncidentID{}, false
}

// State returns an incident's state.
func (d *Desk) State(id incident.IncidentID) (incident.State, bool) {
	st, ok := d.States[id]
	return st, ok
}

// Do decides an act and keeps what it says.
func (d *Desk) Do(a incident.Act) error {
	a.Actor, _ = d.Rules.Person(a.By)
	if a.Do == incident.Register {
		binary.BigEndian.PutUint64(a.ID[:8], uint64(len(d.Refs)+1))
		d.Refs[a.Ref] = a.ID
		a.No = a.Ref
	}
	a.ID, a.Other = d.Refs[a.Ref], d.Refs[a.Into]
	st := d.States[a.ID]
	facts, err := incident.Decide(&st, &a, incident.Env{Rules: d.Rules, World: d})
	if err != nil {
		return err
	}
	for _, f := range facts {
		d.seq++
		e := incident.Entry{Seq: d.seq, HLC: incident.HLC(f.At) << 16, Incident: f.Incident, Actor: a.By, Kind: f.Kind, Ver: 1, Fact: &f}
		binary.BigEndian.PutUint64(e.ID[:8], d.seq)
		e.Parents = d.States[f.Incident].Heads
		d.Entries[f.Incident] = append(d.Entries[f.Incident], e)
		d.States[f.Incident] = incident.Fold(d.Entries[f.Incident])
	}
	return nil
}

// All yields the incidents in no order.
func (d *Desk) All() iter.Seq[assess.Incident] {
	return func(yield func(assess.Incident) bool) {
		for ref, id := range d.Refs {
			if !yield(assess.Incident{No: ref, Entries: d.Entries[id]}) {
				return
			}
		}
	}
}

// Month replays files of assets/drill/month in order of time.
func Month(t testing.TB, files ...string) *Desk {
	t.Helper()
	root, err := filepath.Abs(".")
	for err == nil && root != filepath.Dir(root) {
		if _, none := os.Stat(filepath.Join(root, "go.mod")); none == nil {
			break
		}
		root = filepath.Dir(root)
	}
	if err != nil {
		t.Fatal(err)
	}
	var acts []incident.Act
	for _, file := range files {
		raw, err := os.ReadFile(filepath.Join(root, "assets", "drill", "month", file))
		if err != nil {
			t.Fatal(err)
		}
		for s := bufio.NewScanner(bytes.NewReader(raw)); s.Scan(); {
			a, err := incident.ParseAct(s.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			acts = append(acts, a)
		}
	}
	slices.SortStableFunc(acts, func(a, b incident.Act) int { return int(a.At - b.At) })
	d := New(Rules(t))
	for _, a := range acts {
		if err := d.Do(a); err != nil {
			t.Fatalf("%s %s: %v", a.Do, a.Ref, err)
		}
	}
	return d
}
