package assess_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"iter"
	"os"
	"slices"
	"testing"

	"zw110/assets"
	"zw110/data/assess"
	"zw110/data/duty"
	"zw110/data/incident"
)

func townRules(t testing.TB) *duty.Directory {
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

// desk decides acts in memory; incidents are named by their ref.
type desk struct {
	rules   incident.Rules
	entries map[incident.IncidentID][]incident.Entry
	states  map[incident.IncidentID]incident.State
	refs    map[string]incident.IncidentID
	seq     uint64
}

func newDesk(rules incident.Rules) *desk {
	return &desk{
		rules: rules, entries: map[incident.IncidentID][]incident.Entry{}, states: map[incident.IncidentID]incident.State{},
		refs: map[string]incident.IncidentID{},
	}
}

func (d *desk) BySource(incident.Channel, string) (incident.IncidentID, bool) {
	return incident.IncidentID{}, false
}

func (d *desk) State(id incident.IncidentID) (incident.State, bool) {
	st, ok := d.states[id]
	return st, ok
}

func (d *desk) do(a incident.Act) error {
	a.Actor, _ = d.rules.Person(a.By)
	if a.Do == incident.Register {
		binary.BigEndian.PutUint64(a.ID[:8], uint64(len(d.refs)+1))
		d.refs[a.Ref] = a.ID
		a.No = a.Ref
	}
	a.ID, a.Other = d.refs[a.Ref], d.refs[a.Into]
	facts, err := incident.Decide(d.states[a.ID], a, incident.Env{Rules: d.rules, World: d})
	if err != nil {
		return err
	}
	for _, f := range facts {
		d.seq++
		e := incident.Entry{Seq: d.seq, HLC: incident.HLC(f.At) << 16, Incident: f.Incident, Actor: a.By, Kind: f.Kind, Ver: 1, Fact: &f}
		binary.BigEndian.PutUint64(e.ID[:8], d.seq)
		e.Parents = d.states[f.Incident].Heads
		d.entries[f.Incident] = append(d.entries[f.Incident], e)
		d.states[f.Incident] = incident.Fold(d.entries[f.Incident])
	}
	return nil
}

// all yields the incidents in no order.
func (d *desk) all() iter.Seq[assess.Incident] {
	return func(yield func(assess.Incident) bool) {
		for ref, id := range d.refs {
			if !yield(assess.Incident{No: ref, Entries: d.entries[id]}) {
				return
			}
		}
	}
}

func month(t testing.TB, files ...string) *desk {
	t.Helper()
	var acts []incident.Act
	for _, file := range files {
		raw, err := os.ReadFile("../../assets/drill/month/" + file)
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
	d := newDesk(townRules(t))
	for _, a := range acts {
		if err := d.do(a); err != nil {
			t.Fatalf("%s %s: %v", a.Do, a.Ref, err)
		}
	}
	return d
}
