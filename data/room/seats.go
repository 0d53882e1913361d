package room

import (
	"encoding/hex"
	"slices"
	"sync"

	"zw110/data/incident"
)

// seats knows the names and townships of the desks whose entries are here: from their sessions, and from the county's enrolments.
type seats struct {
	mu     sync.Mutex // guards all below
	own    string
	byDesk map[[16]byte]string
	at     map[[16]byte]incident.HLC // of the entry that told
	homes  map[[16]byte]incident.ScopeID
}

// learn takes names out of entries about desks; the latest one counts.
func (s *seats) learn(entries []incident.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byDesk == nil {
		s.byDesk, s.at, s.homes = map[[16]byte]string{}, map[[16]byte]incident.HLC{}, map[[16]byte]incident.ScopeID{}
	}
	for _, e := range entries {
		if e.Fact == nil {
			continue
		}
		desk, name := [16]byte(e.Origin[:16]), ""
		switch e.Kind {
		case incident.KindSessionOpened:
			name = e.Fact.Text
			s.homes[desk] = e.Scope
		case incident.KindDeskEnrolled:
			raw, err := hex.DecodeString(e.Fact.Question)
			if err != nil || len(raw) != len(desk) {
				continue
			}
			desk, name = [16]byte(raw), e.Fact.Title
		}
		if name != "" && e.HLC >= s.at[desk] {
			s.byDesk[desk], s.at[desk] = name, e.HLC
		}
	}
}

func (s *seats) name(origin incident.Origin) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byDesk[[16]byte(origin[:16])]
}

// ownName returns the name of this desk's seat.
func (s *seats) ownName() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.own
}

func (s *seats) setOwn(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.own = name
}

// home returns the township or county of a desk; zero when it never said.
func (s *seats) home(origin incident.Origin) incident.ScopeID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.homes[[16]byte(origin[:16])]
}

// author says who wrote an entry, and where.
func (r *Room) author(e *incident.Entry) Author {
	a := Author{Login: e.Actor, Seat: r.seats.name(e.Origin), At: e.HLC.Stamp()}
	if e.Fact != nil {
		a.Role, a.At = e.Fact.ActorRole, e.Fact.At
	}
	own, err := r.store.Wrote(e.Origin)
	if a.Own = own && err == nil; a.Own && a.Seat == "" {
		a.Seat = r.seats.ownName()
	}
	return a
}

// tellSides fills in who wrote what where, what waits for the county, and both sides of every open conflict.
func (r *Room) tellSides(d *Detail, f *file) {
	d.Authors = make(map[incident.EntryID]Author, len(f.entries))
	for i := range f.entries {
		d.Authors[f.entries[i].ID] = r.author(&f.entries[i])
	}
	d.OnTheWay = d.State.Pending
	d.Outbox, d.Unsent = r.outbox.of(d.State.ID)
	for _, c := range d.State.Conflicts {
		d.Clashes = append(d.Clashes, Clash{Conflict: c, A: r.side(d, c.Sides[0]), B: r.side(d, c.Sides[1])})
	}
}

func (r *Room) side(d *Detail, id incident.EntryID) Side {
	s := Side{Entry: id, Author: d.Authors[id]}
	at := slices.IndexFunc(d.State.Log, func(l incident.LogLine) bool { return l.Entry == id })
	if at >= 0 {
		l := d.State.Log[at]
		s.Kind, s.Unit, s.Fact = l.Kind, l.Unit, l.Fact
	}
	if s.Fact != nil && !s.Fact.Other.IsZero() {
		if row, ok := r.board.Row(s.Fact.Other); ok {
			s.Other = row.ShortNo
		}
	}
	if s.Fact != nil && s.Fact.Category != "" {
		s.Category, _ = r.rules.Load().Category(s.Fact.Category, s.At)
	}
	return s
}
