package session

import (
	"bytes"
	"context"
	"crypto/sha256"
	"maps"
	"slices"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/wire"
)

// The invariants I1 to I13, each named where it is checked; I6 is checked by the desk's store itself, I13 by when the rest is.

// bounds checks I11 on the hub's memory of each desk.
func (h *hubNode) bounds() {
	for _, c := range h.core.conns {
		given := 0
		for _, run := range c.given {
			given += int(runBytes(run))
		}
		if len(c.underWay) > feedsUnderWay || c.credit > wire.Credit+2*wire.MaxRunBytes || len(c.pushes) > 2*wire.MaxUnacked || given > wire.MaxBody {
			h.w.problem("I11: %d feeds of %d bytes, %d pushes, %d bytes given", len(c.underWay), c.credit, len(c.pushes), given)
		}
	}
}

// allIDs returns the facts that lines carry.
func allIDs(lines map[incident.Origin]*memLine, of func(incident.Origin) bool) map[incident.EntryID]bool {
	ids := map[incident.EntryID]bool{}
	for o, l := range lines {
		if of(o) {
			for _, item := range l.items {
				ids[item.ID] = true
			}
		}
	}
	return ids
}

func everything(incident.Origin) bool { return true }

// lose notes which facts no living store holds any more: only then may they be missing in the end.
func (w *world) lose() {
	have := w.hub.store.readable()
	for _, d := range w.desks {
		maps.Copy(have, allIDs(d.store.lines, everything))
	}
	for id := range w.facts {
		if !have[id] {
			w.gone[id] = true
		}
	}
}

// checkDown looks at what leaves the hub: nothing that is not durable, nothing outside of the desk's scope.
func (w *world) checkDown(l *link, m wire.Message) {
	switch m := m.(type) {
	case wire.Ack:
		c := w.hub.core.conns[l.id]
		if c == nil {
			return
		}
		line := w.hub.store.lines[c.line]
		if line == nil || line.head() < m.Seq {
			w.problem("I7: acknowledged %d of %x before it is durable", m.Seq, c.line)
		}
	case wire.Welcome:
		if m.Verdict == wire.VerdictStale && w.copies == 0 {
			w.problem("I9: %s is called stale, and no disk was ever copied", l.desk.name)
		}
	case wire.Feed:
		for _, run := range m.Runs {
			w.checkRun(l, run)
		}
	case wire.Give:
		w.checkRun(l, m.Run)
	case wire.Keys:
		for _, k := range m.Items {
			if !within(l.desk.scope, k.Scope) {
				w.problem("I10: %s is sent a key of %d", l.desk.name, k.Scope)
			}
		}
	case wire.Presence:
		if !within(l.desk.scope, m.Scope) {
			w.problem("I10: %s is told of somebody in %d", l.desk.name, m.Scope)
		}
	}
}

func (w *world) checkRun(l *link, run wire.Run) {
	if run.First > 0 {
		s := w.seats[deskOf(run.Origin)]
		if s == nil || !within(l.desk.scope, s.scope) {
			w.problem("I10: %s is sent a line of another scope", l.desk.name)
		}
		line := w.hub.store.lines[run.Origin]
		for i, e := range run.Entries {
			if seq := run.First + uint64(i); line == nil || seq > line.head() || !bytes.Equal(line.entries[seq-line.base-1], e) {
				w.problem("I7: %s is sent entry %d before it is durable", l.desk.name, seq)
			}
		}
	}
	for _, x := range run.Excerpts {
		r, err := w.entries.Decode(x.Entry)
		if err != nil || !slices.ContainsFunc(w.about[r.Incident], func(s incident.ScopeID) bool { return within(l.desk.scope, s) }) {
			w.problem("I10: %s is sent an excerpt that concerns %v (%v)", l.desk.name, w.about[r.Incident], err)
		}
	}
}

// checkUp looks at what leaves a desk.
func (w *world) checkUp(d *deskNode, m wire.Message) {
	if r, ok := m.(wire.Ready); ok {
		if d.store.batons[d.store.cur] != r.Baton || incarnationOf(d.store.cur) != r.Incarnation {
			w.problem("I7: %s is ready before its baton is durable", d.name)
		}
	}
}

// chains checks I3: every line of a store follows from its entries.
func (w *world) chains(who string, lines map[incident.Origin]*memLine) {
	for o, l := range lines {
		before := l.before
		if l.base == 0 && before != journal.Start(o) {
			begins := false
			for plain := range lines { // of which it is a branch
				begins = begins || len(l.entries) > 0 && before == journal.Start(plain) && wire.Branch(plain, l.hashes[0]) == o
			}
			if !begins {
				w.problem("I3: %s: line %x does not begin at its start", who, o)
			}
		}
		for i, e := range l.entries {
			before = journal.Next(before, sha256.Sum256(e))
			r, err := w.entries.Decode(e)
			if err != nil || r.Seq != l.base+uint64(i)+1 || before != l.hashes[i] {
				w.problem("I3: %s: line %x breaks at %d", who, o, l.base+uint64(i)+1)
				return
			}
		}
	}
}

// checkEnd checks what must hold once everybody has met: nothing lost, nothing double, everything equal.
func (w *world) checkEnd() {
	w.chains("hub", w.hub.store.lines)
	hub := w.hub.store.readable()
	for id := range w.facts {
		if !hub[id] && !w.gone[id] {
			w.problem("I1, I2: fact %x of %d is lost", id[:4], w.facts[id]-startsAt)
		}
	}
	for id := range hub {
		if _, ok := w.facts[id]; !ok {
			w.problem("I4: the hub counts %x, which nobody wrote", id[:4])
		}
	}
	for _, hole := range w.hub.store.holes {
		for _, d := range w.desks {
			if d.holds(w.hub.store, hole) {
				w.problem("I1: the hub did not get back %x from %d to %d, which %s holds", hole.Origin[14:20], hole.From, hole.To, d.name)
			}
		}
	}
	lives := map[incident.Origin]string{}
	for _, d := range w.desks {
		if d.lives > 0 {
			if other, twice := lives[d.store.cur]; twice {
				w.problem("I8: %s and %s write the same line", d.name, other)
			}
			lives[d.store.cur] = d.name
		}
		w.checkDesk(d, hub)
	}
	w.checkFolds()
}

func (w *world) checkDesk(d *deskNode, hub map[incident.EntryID]bool) {
	w.chains(d.name, d.store.lines)
	whole := func(o incident.Origin) bool { return within(d.scope, w.seats[deskOf(o)].scope) }
	for o, l := range w.hub.store.lines {
		if !whole(o) || len(l.entries) == 0 {
			continue
		}
		own := d.store.lines[o]
		theirs, _ := l.hashAt(l.head())
		if holed := slices.ContainsFunc(w.hub.store.holes, func(s wire.Span) bool { return s.Origin == o }); holed {
			continue // what nobody can give back, nobody gets
		}
		if own == nil {
			w.problem("I5: %s lacks line %x", d.name, o[14:20])
		} else if hash, _ := own.hashAt(own.head()); own.head() != l.head() || hash != theirs {
			w.problem("I5: %s has %d of line %x, the hub %d", d.name, own.head(), o[14:20], l.head())
		}
	}
	for o, l := range d.store.lines {
		if theirs := w.hub.store.lines[o]; len(l.entries) > 0 && theirs == nil {
			w.problem("I5: the hub lacks line %x, %d entries, of %s", o[14:20], len(l.entries), d.name)
		}
	}
	have := allIDs(d.store.lines, everything)
	for id := range d.store.excerpts {
		have[id] = true
	}
	for id, parties := range w.hub.store.parties {
		if len(parties) > 1 && !id.IsZero() && slices.Contains(parties, d.scope) {
			for _, p := range w.hub.store.of[id] {
				l := w.hub.store.lines[p.origin]
				if _, lost := w.hub.store.hole(p.origin, p.seq); lost {
					continue
				}
				if item := l.items[p.seq-l.base-1]; !have[item.ID] {
					w.problem("I2: %s lacks an entry of an incident that concerns it", d.name)
				}
			}
		}
	}
	for o, l := range w.hub.store.lines {
		for i, item := range l.items { // also what lies behind a hole that nobody can fill
			if _, lost := w.hub.store.hole(o, l.base+uint64(i)+1); !lost && whole(o) && !item.Incident.IsZero() && !have[item.ID] {
				w.problem("I2: %s lacks an entry of its scope", d.name)
			}
		}
	}
	w.checkKeys(d)
}

// holds says whether a desk has what the hub lost.
func (d *deskNode) holds(hub *memHub, hole wire.Span) bool {
	own, theirs := d.store.lines[hole.Origin], hub.lines[hole.Origin]
	if own == nil || own.head() < hole.To || own.base >= hole.From {
		return false
	}
	a, _ := own.hashAt(hole.To)
	b, _ := theirs.hashAt(hole.To)
	return a == b
}

// checkKeys compares the keys of a desk with the hub's.
func (w *world) checkKeys(d *deskNode) {
	theirs := map[incident.KeyID]int{}
	keys, err := w.hub.store.List(context.Background(), prefixKey)
	if err != nil {
		w.problem("keys: %v", err)
	}
	for _, k := range keys {
		var item wire.KeyItem
		if _, err := get(context.Background(), w.hub.store, k, &item); err != nil {
			w.problem("keys: %v", err)
		}
		if within(d.scope, item.Scope) {
			theirs[item.ID] = len(item.Key)
		}
	}
	own := map[incident.KeyID]int{}
	for id, i := range d.store.keyAt {
		own[id] = len(d.store.keys[i].Key)
	}
	if !maps.Equal(own, theirs) {
		w.problem("keys: %s has %d, the hub %d of its scope", d.name, len(own), len(theirs))
	}
}

// checkFolds checks I5 and I12: desks of one township make the same of everything, conflicts included.
func (w *world) checkFolds() {
	first := map[incident.ScopeID]map[incident.IncidentID][]byte{}
	for _, d := range w.desks {
		folds := w.folds(d.store)
		if other, ok := first[d.scope]; !ok {
			first[d.scope] = folds
		} else if !maps.EqualFunc(other, folds, bytes.Equal) {
			w.problem("I5, I12: %s shows other incidents than the other desks of %d", d.name, d.scope)
		}
	}
}

func (w *world) folds(store *memDesk) map[incident.IncidentID][]byte {
	sets := map[incident.IncidentID]map[incident.EntryID]incident.Entry{}
	add := func(raw []byte, origin incident.Origin, id incident.EntryID) {
		r, err := w.entries.Decode(raw)
		if err == nil {
			r, origin, err = w.entries.Unwrap(r, origin)
		}
		if err != nil || r.Incident.IsZero() {
			return
		}
		if sets[r.Incident] == nil {
			sets[r.Incident] = map[incident.EntryID]incident.Entry{}
		}
		if _, ok := sets[r.Incident][id]; !ok {
			e := w.entries.Entry(r, origin, id)
			if _, branch := store.plain[origin]; branch {
				e.Origin = store.plain[origin]
			}
			sets[r.Incident][id] = e
		}
	}
	for o, l := range store.lines {
		for i, e := range l.entries {
			add(e, o, l.items[i].ID)
		}
	}
	hub := w.hub.store.readable()
	for id, x := range store.excerpts {
		if hub[id] { // what only an excerpt has kept is not given back yet
			add(x.Entry, x.Origin, id)
		}
	}
	folds := map[incident.IncidentID][]byte{}
	for id, set := range sets {
		if id[0]%4 != 0 || len(set) > 60 { // a sample: the sets are compared whole
			continue
		}
		st := incident.Fold(slices.Collect(maps.Values(set)))
		b, err := w.entries.EncodeState(&st)
		if err != nil {
			w.problem("fold: %v", err)
		}
		folds[id] = b
	}
	return folds
}
