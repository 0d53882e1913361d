package room

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"zw110/data/incident"
)

func TestLink_KeyThatComesLaterOpensTheReporter(t *testing.T) {
	a, b := newSeat(t, 1), newSeat(t, 2)
	id := a.must(t, report("op1", "JJ20260901001")).Incident
	heard := make(chan Change, 16)
	defer b.Subscribe(func(c Change) { heard <- c })()
	takeAll(t, a, b)
	<-heard
	if det := detail(t, b, id); det.State.Reporter != nil {
		t.Fatalf("read without a key: %+v", det.State.Reporter)
	}
	giveKeys(t, a, b)
	if c := <-heard; !slices.Contains(c.Incidents, id) || len(c.By) != 0 {
		t.Errorf("heard %+v", c)
	}
	if det := detail(t, b, id); det.State.Reporter == nil || det.State.Reporter.Name != "舒金根" {
		t.Errorf("after the key came: %+v", det.State.Reporter)
	}
	if hits := b.Search("023686", 5); len(hits) != 1 {
		t.Errorf("%d hits by the telephone number", len(hits))
	}
}

// Both desks report on the incident while they are apart, each under a key of its own; the director erases the person at one of them.
func TestErasePerson_GoneAtEveryDeskForEver(t *testing.T) {
	rng := rngOf(t)
	a, b := newSeat(t, 1), newSeat(t, 2)
	id := a.must(t, report("op1", "JJ20260901001")).Incident
	takeAll(t, a, b) // no key: b makes one of its own
	b.clock.set(a.Now())
	b.must(t, on("op2", incident.Edit, id, incident.Fields{Reporter: &incident.Reporter{Name: "舒金根", Phone: "16856029999"}}))
	a.must(t, on("rd", incident.ErasePerson, id, incident.Fields{Text: "本人申请删除"}))
	keys, _, err := b.Link().Keys(0, 99)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d keys at the second desk, error %v", len(keys), err)
	}
	give(t, a, b, rng)
	give(t, b, a, rng)
	giveKeys(t, a, b)
	if refused, err := a.Link().TakeKeys(t.Context(), keys); err != nil || len(refused) > 0 { // as it was before the erasure
		t.Errorf("late key: refused %v, error %v", refused, err)
	}
	check := func(when string) {
		t.Helper()
		for i, d := range []*desk{a, b} {
			f, err := d.file(id)
			if err != nil {
				t.Fatal(err)
			}
			if f.state.Reporter != nil {
				t.Errorf("%s desk %d still knows %+v", when, i+1, f.state.Reporter)
			}
			for _, e := range f.entries {
				if e.Fact.Reporter != nil {
					t.Errorf("%s desk %d reads an entry of kind %d", when, i+1, e.Kind)
				}
			}
			for _, part := range []string{"023686", "029999"} {
				if hits := d.Search(part, 5); len(hits) != 0 {
					t.Errorf("%s desk %d finds the number %s", when, i+1, part)
				}
			}
			if rep, err := d.Verify(t.Context(), nil); err != nil || len(rep.Faults) > 0 {
				t.Errorf("%s desk %d: report %+v, error %v", when, i+1, rep, err)
			}
		}
	}
	check("at once")
	wantSame(t, a, b)
	a.again(t)
	b.again(t)
	check("after a restart")
	_, err = a.Unmask(t.Context(), id, "rd", "核实")
	refused(t, err, "no_reporter")
	_, err = a.Do(t.Context(), on("rd", incident.ErasePerson, id, incident.Fields{Text: "再次"}))
	refused(t, err, "erase.no_person")
}

// What was erased is erased even if the program dies between the act and the erasure.
func TestErasePerson_FinishedAtTheNextStart(t *testing.T) {
	d := newSeat(t, 1)
	id := d.must(t, report("op1", "JJ20260901001")).Incident
	if err := d.saveAll(); err != nil {
		t.Fatal(err)
	}
	f, err := d.file(id)
	if err != nil {
		t.Fatal(err)
	}
	b := d.newBatch()
	facts, err := incident.Decide(&f.state, &incident.Act{
		At: d.Now(), By: "rd", Do: incident.ErasePerson, ID: id, Actor: incident.Actor{Login: "rd", Role: incident.RoleDirector},
		Fields: incident.Fields{Text: "本人申请删除"},
	}, incident.Env{Rules: d.rules.Load(), World: b})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.open(id, false); err != nil {
		t.Fatal(err)
	}
	b.add(&facts[0], &incident.Act{By: "rd", At: d.Now()}, answer{&job{results: make([]result, 1)}, 0})
	if _, err := d.store.Append(b.drafts); err != nil { // and nothing of what follows
		t.Fatal(err)
	}
	copied := d.cfg // the disk as a power cut would leave it
	copied.Dir, copied.ConfigDir = filepath.Join(t.TempDir(), "copy"), ""
	if err := os.CopyFS(copied.Dir, os.DirFS(d.cfg.Dir)); err != nil {
		t.Fatal(err)
	}
	r, err := Open(copied)
	if err != nil {
		t.Fatal(err)
	}
	if erased, err := r.store.Erased(f.entries[0].Fact.KeyID); err != nil || !erased {
		t.Errorf("erased %v, error %v", erased, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

// Two desks write down another telephone number under the same key: nobody's number vanishes unseen, and the choice holds at both.
func TestLink_TwoReportersUnderOneKeyAreAConflict(t *testing.T) {
	rng := rngOf(t)
	a, b := newSeat(t, 1), newSeat(t, 2)
	id := a.must(t, report("op1", "JJ20260901001")).Incident
	give(t, a, b, rng)
	b.clock.set(a.Now() + 500)
	phone := func(by incident.Login, no string) incident.Act {
		return on(by, incident.Edit, id, incident.Fields{Reporter: &incident.Reporter{Name: "舒金根", Phone: no}})
	}
	a.must(t, phone("op1", "16856020001"))
	b.must(t, phone("op2", "16856020002"))
	give(t, a, b, rng)
	give(t, b, a, rng)
	det := detail(t, b, id)
	if len(det.Clashes) != 1 || det.Clashes[0].Rule != "two_values" {
		t.Fatalf("conflicts %+v", det.State.Conflicts)
	}
	b.must(t, on("sl1", incident.Settle, id, incident.Fields{Conflict: det.Clashes[0].ID, Choice: "settle.pick_b"}))
	give(t, b, a, rng)
	wantSame(t, a, b)
	f, err := a.file(id)
	if err != nil || f.state.Reporter == nil || f.state.Reporter.Phone != "16856020002" || len(f.state.Conflicts) > 0 {
		t.Errorf("settled as %+v, %d conflicts, error %v", f.state.Reporter, len(f.state.Conflicts), err)
	}
}
