package incident_test

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"zw110/assets"
	"zw110/data/duty"
	"zw110/data/incident"
)

// town is the sample town; its grid workers stand for their own village.
type town struct {
	*duty.Directory
	villages map[incident.Login]string
}

func (t town) Person(login incident.Login) (incident.Actor, bool) {
	a, ok := t.Directory.Person(login)
	a.Village = t.villages[login]
	return a, ok
}

// rulesOf loads the sample town.
func rulesOf(t testing.TB) town {
	t.Helper()
	pack, err := assets.Pack("330825111")
	if err != nil {
		t.Fatal(err)
	}
	holidays, err := assets.Holidays()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := duty.Load(pack, holidays)
	if err != nil {
		t.Fatal(err)
	}
	villages := map[incident.Login]string{}
	for _, p := range rules.People() {
		villages[p.Login] = p.Village
	}
	return town{rules, villages}
}

// desk is a journal in memory with one writer: it decides, numbers the entries, and folds.
type desk struct {
	rules   incident.Rules
	origin  incident.Origin
	seq     uint64
	hlc     incident.HLC
	entries map[incident.IncidentID][]incident.Entry
	source  map[string]incident.IncidentID
	refs    map[string]incident.IncidentID
	made    uint64
	stands  incident.List // where an incident stands by the rules of the lists
}

func newDesk(rules incident.Rules) *desk {
	return &desk{
		rules: rules, origin: incident.Origin{1}, entries: map[incident.IncidentID][]incident.Entry{},
		source: map[string]incident.IncidentID{}, refs: map[string]incident.IncidentID{},
	}
}

func (d *desk) BySource(ch incident.Channel, no string) (incident.IncidentID, bool) {
	id, ok := d.source[string(ch)+" "+no]
	return id, ok
}

func (d *desk) State(id incident.IncidentID) (incident.State, bool) {
	es, ok := d.entries[id]
	if !ok {
		return incident.State{}, false
	}
	return incident.Fold(es), true
}

func (d *desk) of(ref string) incident.State {
	st, _ := d.State(d.refs[ref])
	return st
}

// do decides an act and journals what it leaves.
func (d *desk) do(a incident.Act) error {
	if p, ok := d.rules.Person(a.By); ok {
		a.Actor = p
	}
	if a.Do == incident.Register {
		d.made++
		binary.BigEndian.PutUint64(a.ID[8:], d.made)
		binary.BigEndian.PutUint64(a.ID[:8], uint64(a.At)<<16)
	} else {
		a.ID = d.refs[a.Ref]
	}
	if a.Into != "" {
		a.Other = d.refs[a.Into]
	}
	st, _ := d.State(a.ID)
	facts, err := incident.Decide(&st, &a, incident.Env{Rules: d.rules, World: d, Stands: d.stands})
	if err != nil {
		return err
	}
	if len(facts) == 0 {
		return errors.New("accepted, and nothing left")
	}
	for _, f := range facts {
		d.write(f, a.By)
	}
	if a.Do == incident.Register {
		d.refs[a.Ref] = a.ID
		if a.SourceNo != "" {
			d.source[string(a.Channel)+" "+a.SourceNo] = a.ID
		}
	}
	return nil
}

func (d *desk) write(f incident.Fact, by incident.Login) incident.Entry {
	d.seq++
	d.hlc = max(d.hlc+1, incident.HLC(f.At)<<16)
	e := incident.Entry{
		Origin: d.origin, Seq: d.seq, HLC: d.hlc, Scope: 330825111, Incident: f.Incident, Actor: by, Kind: f.Kind, Ver: 1, Fact: &f,
		ID: sha256.Sum256(fmt.Appendf(nil, "%x %d", d.origin, d.seq)),
	}
	e.Parents = incident.Fold(d.entries[f.Incident]).Heads
	d.entries[f.Incident] = append(d.entries[f.Incident], e)
	return e
}

// catalogues are the texts of both languages, read once.
var catalogues = sync.OnceValues(func() ([]*assets.Catalogue, error) {
	var all []*assets.Catalogue
	for _, lang := range assets.Languages {
		c, err := assets.LoadCatalogue(lang)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
})

// refusalOf returns the refusal in err. Every refusal must have a text in each language, with all its places filled.
func refusalOf(t testing.TB, err error) *incident.Refusal {
	t.Helper()
	var r *incident.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("not a refusal: %v", err)
	}
	all, err := catalogues()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		args := make([]any, len(r.Args))
		for i, a := range r.Args {
			args[i] = a
		}
		if text := c.T(r.Key, args...); !c.Has(r.Key) || len(args) < 4 && strings.Contains(text, fmt.Sprintf("{%d}", len(args))) {
			t.Errorf("%s text of %s: %q", c.Lang(), r.Key, text)
		}
	}
	return r
}
