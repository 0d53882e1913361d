package room

import (
	"context"
	"fmt"
	"slices"
	"time"

	"zw110/data/board"
	"zw110/data/incident"
)

// ringWithin is how old the news of another desk may be to ring here: what comes in bulk after days does not.
const ringWithin = 15 * time.Minute

// alone runs work on the committer, between two commits.
func (r *Room) alone(ctx context.Context, work func() error) error {
	return r.submit(ctx, &job{check: work}, nil)
}

// wrote follows the entries that were just written here.
func (r *Room) wrote(entries []incident.Entry) {
	r.outbox.add(entries)
	r.link.ring()
	var ids []incident.IncidentID
	for i := range entries {
		switch e := &entries[i]; e.Kind {
		case incident.KindPersonErased:
			ids = append(ids, e.Incident)
		case incident.KindSessionOpened:
			r.seats.learn(entries[i : i+1])
		}
	}
	if len(ids) > 0 {
		r.refresh(ids, nil)
	}
}

// came follows entries of other desks that were just stored. It runs on the committer.
func (r *Room) came(fresh []incident.Entry) {
	if len(fresh) == 0 {
		return
	}
	news := map[incident.IncidentID][]incident.Entry{}
	var ids []incident.IncidentID
	var about []incident.Entry // desks
	settings, issued := false, false
	for _, e := range fresh {
		if e.Incident.IsZero() {
			about = append(about, e)
			settings = settings || e.Kind == incident.KindSettingChanged
			issued = issued || e.Kind == incident.KindListPublished
			continue
		}
		if news[e.Incident] == nil {
			ids = append(ids, e.Incident)
		}
		news[e.Incident] = append(news[e.Incident], e)
	}
	r.seats.learn(about)
	r.refresh(ids, news)
	if settings {
		r.replayRules()
	}
	if issued {
		r.feed.send(Change{Lists: true})
	}
}

// replayRules applies all settings again, as one of another desk may belong between two that are in force.
func (r *Room) replayRules() {
	rules, err := r.loadRules()
	if err != nil {
		r.log.WithField("error", err.Error()).Error("replay settings of other desks")
		return
	}
	r.useRules(rules)
}

// refresh reads incidents anew and shows them. News are the entries of other desks that are the reason; without any, only what can be
// read of the incidents changed.
func (r *Room) refresh(ids []incident.IncidentID, news map[incident.IncidentID][]incident.Entry) {
	now := r.Now()
	changed := Change{By: map[incident.IncidentID]Author{}}
	inputs := make([]board.Input, 0, len(ids))
	for _, id := range ids {
		in, err := r.reread(id, news[id], now)
		if err != nil {
			r.log.WithField("incident", id.String()).WithField("error", err.Error()).Error("read what came from another desk")
			continue
		}
		inputs = append(inputs, in)
		changed.Incidents = append(changed.Incidents, id)
		if n := news[id]; len(n) > 0 {
			changed.By[id] = r.author(newest(n))
		}
	}
	for part := range slices.Chunk(inputs, applyStep) {
		r.board.Apply(part, now)
	}
	r.feed.send(changed)
}

// newest returns the entry that was written last.
func newest(entries []incident.Entry) *incident.Entry {
	last := &entries[0]
	for i := range entries {
		if entries[i].HLC > last.HLC {
			last = &entries[i]
		}
	}
	return last
}

// reread folds one incident from the store into the caches and returns it for the board.
func (r *Room) reread(id incident.IncidentID, news []incident.Entry, now incident.Stamp) (board.Input, error) {
	entries, err := r.entriesOf(id)
	if err != nil {
		return board.Input{}, err
	}
	if len(entries) == 0 {
		return board.Input{}, ErrNotFound
	}
	f := &file{entries: entries, state: incident.Fold(entries)}
	if len(news) > 0 {
		before := r.before(id, entries, news)
		r.standing.move(shareOf(&before), shareOf(&f.state))
		if now.Sub(newest(news).HLC.Stamp()) < ringWithin {
			r.bells.urgent(&before, &f.state, now)
		}
		for _, e := range news {
			if e.Kind == incident.KindRegistered && e.Fact != nil {
				r.numbers.reserve(e.Fact.No)
			}
		}
	}
	r.files.put(id, f)
	r.unsaved.add(id)
	r.unsummed.add(id)
	r.lookout.dirty.add(id)
	return r.input(&f.state), nil
}

// before returns an incident's state without what just came.
func (r *Room) before(id incident.IncidentID, entries, news []incident.Entry) incident.State {
	if f, ok := r.files.get(id); ok {
		return f.state
	}
	fresh := make(map[incident.EntryID]bool, len(news))
	for _, e := range news {
		fresh[e.ID] = true
	}
	old := slices.DeleteFunc(slices.Clone(entries), func(e incident.Entry) bool { return fresh[e.ID] })
	if len(old) == 0 {
		return incident.State{}
	}
	return incident.Fold(old)
}

// entriesOf reads an incident after erasing the keys that it orders to erase: whoever sees the order obeys it, whenever it came.
func (r *Room) entriesOf(id incident.IncidentID) ([]incident.Entry, error) {
	entries, err := r.store.Entries(id)
	if err != nil {
		return nil, fmt.Errorf("read incident %s: %w", id, err)
	}
	var left []incident.KeyID
	for _, k := range incident.ErasedKeys(entries) {
		gone, err := r.store.Erased(k)
		if err != nil {
			return nil, fmt.Errorf("read incident %s: %w", id, err)
		}
		if !gone {
			left = append(left, k)
		}
	}
	if len(left) == 0 {
		return entries, nil
	}
	if err := r.store.EraseKeys(entries[0].Scope, id, left...); err != nil {
		return nil, fmt.Errorf("erase the person of incident %s: %w", id, err)
	}
	r.link.ring()
	if entries, err = r.store.Entries(id); err != nil {
		return nil, fmt.Errorf("read incident %s: %w", id, err)
	}
	return entries, nil
}
