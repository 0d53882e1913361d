package room

import (
	"container/list"
	"sync"

	"zw110/data/incident"
)

// file is one incident as read from the journal. It is never changed: a commit replaces it. Only the committer appends to the entries, to those of the
// newest file, so that successive files share one array and whoever holds an older one sees no more than it had.
type file struct {
	entries []incident.Entry
	state   incident.State
}

// files keeps the most recently used incidents folded, so that the next act need not read the store.
type files struct {
	mu    sync.Mutex // guards byID, order and puts
	limit int
	puts  uint64 // commits seen
	byID  map[incident.IncidentID]*list.Element
	order *list.List // of keyed, most recent first
}

type keyed struct {
	id   incident.IncidentID
	file *file
}

func newFiles(limit int) *files {
	return &files{limit: limit, byID: map[incident.IncidentID]*list.Element{}, order: list.New()}
}

func (f *files) get(id incident.IncidentID) (*file, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e, ok := f.byID[id]
	if !ok {
		return nil, false
	}
	f.order.MoveToFront(e)
	k, ok := e.Value.(keyed)
	return k.file, ok
}

// put replaces what is kept of an incident.
func (f *files) put(id incident.IncidentID, v *file) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.puts++
	f.set(id, v)
}

func (f *files) set(id incident.IncidentID, v *file) {
	if e, ok := f.byID[id]; ok {
		e.Value = keyed{id, v}
		f.order.MoveToFront(e)
		return
	}
	f.byID[id] = f.order.PushFront(keyed{id, v})
	for f.order.Len() > f.limit {
		last := f.order.Back()
		if k, ok := last.Value.(keyed); ok {
			delete(f.byID, k.id)
		}
		f.order.Remove(last)
	}
}

// version grows with each put.
func (f *files) version() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.puts
}

// keep takes an incident that somebody folded from the store, if nothing was committed since the version was asked: what was read
// may be older than a commit otherwise.
func (f *files) keep(id incident.IncidentID, v *file, version uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.puts == version {
		f.set(id, v)
	}
}
