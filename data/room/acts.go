package room

import (
	"context"
	"fmt"
	"slices"
	"time"

	"zw110/data/incident"
)

// undoWindow is how long the last act can be taken back.
const undoWindow = 10 * time.Second

// undoable reports whether an act may be taken back with one key. Looking at personal data, erasing it and taking back cannot.
func undoable(verb incident.Verb) bool {
	return verb != incident.Unseal && verb != incident.ErasePerson && verb != incident.Undo
}

// Do takes one act. A refusal comes as *incident.Refusal; then nothing was written. When Do returns an outcome, the act is on the
// disk and the read models show it.
func (r *Room) Do(ctx context.Context, act incident.Act) (Outcome, error) {
	j := &job{acts: []incident.Act{act}}
	if err := r.submit(ctx, j, nil); err != nil {
		return Outcome{}, fmt.Errorf("%s: %w", act.Do, err)
	}
	if err := j.results[0].err; err != nil {
		return Outcome{}, err
	}
	return j.results[0].out, nil
}

// Done is the answer to one act of a batch.
type Done struct {
	Outcome
	Err error // *incident.Refusal when the rules refused it
}

// DoAll takes a batch of acts in order, up to 512 in one transaction. Acts may name incidents by ref, by number or by ID. A refusal
// affects only its own act. The answers are parallel to the acts; with an error, those of the acts that were reached.
func (r *Room) DoAll(ctx context.Context, acts []incident.Act, progress func(done, total int)) ([]Done, error) {
	out := make([]Done, 0, len(acts))
	refs := map[string]incident.IncidentID{}
	for part := range slices.Chunk(acts, chunk) {
		j := &job{acts: part, refs: refs}
		if err := r.submit(ctx, j, nil); err != nil {
			return out, fmt.Errorf("batch after %d acts: %w", len(out), err)
		}
		for _, res := range j.results {
			out = append(out, Done{Outcome: res.out, Err: res.err})
		}
		if progress != nil {
			progress(len(out), len(acts))
		}
	}
	return out, nil
}

// Undo takes the last act of an outcome back, if ten seconds have not passed, nothing has left the desk and nobody acted since.
func (r *Room) Undo(ctx context.Context, by incident.Login, of Outcome) error {
	if len(of.Entries) == 0 {
		return refusal(incident.Undo, "nothing")
	}
	touched, err := r.touchedBy(of)
	if err != nil {
		return err
	}
	act := incident.Act{By: by, Do: incident.Undo, ID: of.Incident, Fields: incident.Fields{Undoes: touched[0].entries}}
	j := &job{acts: []incident.Act{act}, check: func() error { return r.mayUndo(of, touched) }}
	if err := r.submit(ctx, j, nil); err != nil {
		return err
	}
	return j.results[0].err
}

// touchedEntries are an outcome's entries on one incident.
type touchedEntries struct {
	id      incident.IncidentID
	entries []incident.EntryID
}

// touchedBy sorts an outcome's entries by incident, its own first: a merge leaves some on its master, too.
func (r *Room) touchedBy(of Outcome) ([]touchedEntries, error) {
	f, err := r.file(of.Incident)
	if err != nil {
		return nil, err
	}
	ids := []incident.IncidentID{of.Incident}
	for _, e := range f.entries {
		if slices.Contains(of.Entries, e.ID) && e.Fact != nil && !e.Fact.Other.IsZero() && !slices.Contains(ids, e.Fact.Other) {
			ids = append(ids, e.Fact.Other)
		}
	}
	var out []touchedEntries
	for _, id := range ids {
		f, err := r.file(id)
		if err != nil {
			return nil, err
		}
		t := touchedEntries{id: id}
		for _, e := range f.entries {
			if slices.Contains(of.Entries, e.ID) {
				t.entries = append(t.entries, e.ID)
			}
		}
		if len(t.entries) > 0 {
			out = append(out, t)
		}
	}
	if len(out) == 0 || out[0].id != of.Incident {
		return nil, refusal(incident.Undo, "nothing")
	}
	return out, nil
}

// mayUndo asks on the committer whether the outcome is still the last word.
func (r *Room) mayUndo(of Outcome, touched []touchedEntries) error {
	if of.UndoUntil == 0 || r.Now() > of.UndoUntil {
		return refusal(incident.Undo, "late")
	}
	for _, t := range touched {
		f, err := r.file(t.id)
		if err != nil {
			return err
		}
		for _, e := range f.entries[len(f.entries)-len(t.entries):] {
			acked, err := r.store.Acked(e.Origin)
			if err != nil {
				return fmt.Errorf("look into the outbox: %w", err)
			}
			if e.Seq <= acked {
				return refusal(incident.Undo, "left_desk")
			}
		}
		if !slices.Contains(f.state.Heads, t.entries[len(t.entries)-1].Ref()) || len(f.state.Heads) != 1 {
			return refusal(incident.Undo, "not_last")
		}
	}
	return nil
}
