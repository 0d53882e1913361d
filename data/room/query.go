package room

import (
	"errors"
	"fmt"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/intake"
)

// ErrNotFound says that there is no such incident.
var ErrNotFound = errors.New("no such incident")

// file returns an incident folded, from the cache or the store.
func (r *Room) file(id incident.IncidentID) (*file, error) {
	if f, ok := r.files.get(id); ok {
		return f, nil
	}
	version := r.files.version()
	entries, err := r.store.Entries(id)
	if err != nil {
		return nil, fmt.Errorf("read incident %s: %w", id, err)
	}
	if len(entries) == 0 {
		return nil, ErrNotFound
	}
	f := &file{entries: entries, state: incident.Fold(entries)}
	r.files.keep(id, f, version)
	return f, nil
}

// ByNo finds an incident by its full or short number; a short one means the latest year that has it.
func (r *Room) ByNo(no string) (incident.IncidentID, error) {
	id, ok := r.board.ByNo(no)
	if !ok {
		return id, fmt.Errorf("number %q: %w", no, ErrNotFound)
	}
	return id, nil
}

// Snapshot returns one view at this moment.
func (r *Room) Snapshot(f board.Filter) board.Snapshot { return r.board.Snapshot(f) }

// Count counts the rows of a view.
func (r *Room) Count(f board.Filter) int { return r.board.Count(f) }

// Counters returns the figures of the top bar.
func (r *Room) Counters() board.Counters { return r.board.Counters(r.Now()) }

// CountersOf returns the figures of the top bar for what fits a filter, such as one township of a county.
func (r *Room) CountersOf(f board.Filter) board.Counters { return r.board.CountersOf(f, r.Now()) }

// SearchIn is Search among what fits a filter.
func (r *Room) SearchIn(f board.Filter, words string, limit int) []board.Hit {
	return r.board.SearchIn(f, words, limit)
}

// Search finds incidents by words, numbers, pinyin initials or part of a phone, newest first.
func (r *Room) Search(words string, limit int) []board.Hit { return r.board.Search(words, limit) }

// Rules returns the settings in force.
func (r *Room) Rules() incident.Rules { return r.rules.Load() }

// Propose fills a draft from free text.
func (r *Room) Propose(text string, ch incident.Channel) intake.Report {
	rules := r.rules.Load()
	rep := rules.reader.Propose(text, ch)
	rules.placeNamed(&rep)
	return rep
}
