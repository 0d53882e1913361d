package room

import (
	"testing"

	"zw110/data/incident"
)

// TestAllowed_NeverForbidsWhatIsThenAccepted walks through samples act by act: what the rules take must have been allowed before.
func TestAllowed_NeverForbidsWhatIsThenAccepted(t *testing.T) {
	for _, file := range []string{months + "acts-2026-07.jsonl", "testdata/refusals.jsonl"} {
		d := newDesk(t, true)
		refs := map[string]incident.IncidentID{}
		tried := map[incident.Verb]int{}
		for i, l := range readBatch(t, file) {
			act := l.act
			if act.Do != incident.Register {
				if tried[act.Do]++; tried[act.Do] > 12 && i%9 != 0 && act.Do == incident.Progress {
					continue // one of many of its kind, which nothing later depends on
				}
				act.ID, act.Ref = refs[act.Ref], ""
				if act.Into != "" {
					act.Into = d.noOf(refs[act.Into])
				}
			}
			var before map[incident.Verb]*incident.Refusal
			if f, err := d.file(act.ID); err == nil {
				actor, _ := d.rules.Load().Person(act.By)
				before = allowed(&f.state, actor, d.rules.Load(), probeWorld{world{d.Room}, &f.state}, act.At)
			}
			out, err := d.Do(t.Context(), act)
			if err != nil {
				continue
			}
			if act.Do == incident.Register {
				refs[l.act.Ref] = out.Incident
				continue
			}
			if r := before[act.Do]; r != nil {
				t.Errorf("%s line %d: %s by %s was accepted and not allowed before: %v", file, i+1, act.Do, act.By, r)
			}
		}
	}
}
