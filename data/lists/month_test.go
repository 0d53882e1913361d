package lists_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"zw110/assets"
	"zw110/data/duty"
	"zw110/data/incident"
	"zw110/data/lists"
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

// desk decides and folds a month of acts in memory.
type desk struct {
	rules   incident.Rules
	entries map[incident.IncidentID][]incident.Entry
	refs    map[string]incident.IncidentID
	seq     uint64
}

func (d *desk) BySource(incident.Channel, string) (incident.IncidentID, bool) {
	return incident.IncidentID{}, false
}

func (d *desk) State(id incident.IncidentID) (incident.State, bool) {
	es, ok := d.entries[id]
	return incident.Fold(es), ok
}

// track folds what was recorded before a moment.
func (d *desk) track(id incident.IncidentID) lists.Track {
	es := d.entries[id]
	return lists.Track{StateAt: func(asOf incident.Stamp) incident.State {
		n := slices.IndexFunc(es, func(e incident.Entry) bool { return e.Fact.At >= asOf })
		if n < 0 {
			n = len(es)
		}
		if n == 0 {
			return incident.State{}
		}
		return incident.Fold(es[:n])
	}}
}

func (d *desk) do(t testing.TB, a incident.Act) {
	t.Helper()
	a.Actor, _ = d.rules.Person(a.By)
	if a.Do == incident.Register {
		binary.BigEndian.PutUint64(a.ID[:8], uint64(len(d.refs)+1))
		d.refs[a.Ref] = a.ID
		a.No = fmt.Sprintf("%s-%03d", strings.ReplaceAll(string(incident.DayOf(a.At)), "-", ""), len(d.refs))
	}
	a.ID, a.Other = d.refs[a.Ref], d.refs[a.Into]
	st, _ := d.State(a.ID)
	facts, err := incident.Decide(&st, &a, incident.Env{Rules: d.rules, World: d})
	if err != nil {
		t.Fatalf("%s %s: %v", a.Do, a.Ref, err)
	}
	for _, f := range facts {
		d.seq++
		e := incident.Entry{Seq: d.seq, HLC: incident.HLC(f.At) << 16, Incident: f.Incident, Actor: a.By, Kind: f.Kind, Ver: 1, Fact: &f}
		binary.BigEndian.PutUint64(e.ID[:8], d.seq)
		e.Parents = incident.Fold(d.entries[f.Incident]).Heads
		d.entries[f.Incident] = append(d.entries[f.Incident], e)
	}
}

func august(t testing.TB, files ...string) *desk {
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
	d := &desk{rules: townRules(t), entries: map[incident.IncidentID][]incident.Entry{}, refs: map[string]incident.IncidentID{}}
	for _, a := range acts {
		d.do(t, a)
	}
	return d
}

type wantLists struct {
	Daily, Joint, Monthly struct {
		Date            incident.Day
		Listed, Settled int
		Refs            []string
		FollowupOverdue int `json:"followup_overdue"`
	}
}

// TestFollow_TheDrillMonth compares three lists of August with what another program computed from the same acts.
func TestFollow_TheDrillMonth(t *testing.T) {
	raw, err := os.ReadFile("testdata/lists-2026-08.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]wantLists
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	for name, files := range map[string][]string{
		"lists": {"acts-2026-08.jsonl"}, "lists_with_rechecks": {"acts-2026-08.jsonl", "rechecks-2026-08.jsonl"},
	} {
		t.Run(name, func(t *testing.T) {
			d := august(t, files...)
			w := want[name]
			if len(w.Daily.Refs) == 0 || len(w.Daily.Refs) != w.Daily.Listed || len(w.Joint.Refs) != w.Joint.Listed || len(w.Monthly.Refs) != w.Monthly.Listed {
				t.Fatal("the expected lists are not whole")
			}
			same(t, "daily", d.on(t, incident.ListDaily, w.Daily.Date), w.Daily.Refs, w.Daily.Settled)
			same(t, "joint", d.on(t, incident.ListJoint, "2026-08-12"), w.Joint.Refs, w.Joint.Settled)
			same(t, "monthly", d.on(t, incident.ListMonthly, w.Monthly.Date), w.Monthly.Refs, 0)
		})
	}
}

// on returns the placements on a list by ref.
func (d *desk) on(t testing.TB, list incident.List, day incident.Day) map[string]lists.Placement {
	t.Helper()
	out := map[string]lists.Placement{}
	for ref, id := range d.refs {
		follow := lists.Follow
		if list == incident.ListJoint {
			follow = lists.FollowWeek
		}
		p, err := follow(d.track(id), d.rules, day, 0)
		if err != nil {
			t.Fatal(err)
		}
		if p.List == list && (list != incident.ListMonthly || !p.Settled) {
			out[ref] = p
		}
	}
	return out
}

func same(t *testing.T, list string, got map[string]lists.Placement, want []string, settled int) {
	t.Helper()
	n := 0
	for _, ref := range slices.Sorted(maps.Keys(got)) {
		if got[ref].Settled {
			n++
		}
		if len(got[ref].Reasons) == 0 {
			t.Errorf("%s: %s has no reason", list, ref)
		}
		if !slices.Contains(want, ref) {
			t.Errorf("%s: %s too much, %s %v settled %v", list, ref, got[ref].State.Status, got[ref].Reasons, got[ref].Settled)
		}
	}
	for _, ref := range want {
		if _, ok := got[ref]; !ok {
			t.Errorf("%s: %s is missing", list, ref)
		}
	}
	if n != settled {
		t.Errorf("%s: %d settled, want %d", list, n, settled)
	}
}
