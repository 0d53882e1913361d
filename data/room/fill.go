package room

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/data/store"
)

// The sizes of steps when many incidents are read or written at once.
const (
	fillStep = 1024    // incidents given to the board at once
	saveStep = 512     // cached states in one transaction
	saveFrom = 4096    // changed incidents that are worth a save while running
	saveMost = 1 << 16 // of them while the county's feed pours in: each would be saved again and again
)

// filler gathers incidents for the board while the store is read.
type filler struct {
	r      *Room
	now    incident.Stamp
	inputs []board.Input
	shares map[incident.IncidentID]share // what the cached states count, to be replaced by newer ones
}

// fill brings the read models up to date: cached states first, then every incident with entries after them.
func (r *Room) fill() error {
	f := &filler{r: r, now: r.Now(), shares: map[incident.IncidentID]share{}}
	mark, err := r.store.Folds(incident.FoldVersion, f.cached)
	if err != nil {
		return fmt.Errorf("read cached states: %w", err)
	}
	changed := map[incident.IncidentID]struct{}{}
	err = r.store.Tail(mark, func(e incident.Entry) error { changed[e.Incident] = struct{}{}; return nil })
	if err == nil {
		err = r.store.Touched(mark, func(id incident.IncidentID) error { changed[id] = struct{}{}; return nil })
	}
	delete(changed, incident.IncidentID{}) // about the desk
	if err != nil {
		return fmt.Errorf("read the journal after the cached states: %w", err)
	}
	for id := range changed {
		if err := f.folded(id); err != nil {
			return err
		}
		r.unsaved.add(id)
		r.unsummed.add(id)
	}
	f.flush()
	for _, s := range f.shares {
		r.standing.move(share{}, s)
	}
	return nil
}

// cached takes one state of the cache. One that cannot be read is left out; it would have been written by another version, and the
// mark of the cache tells versions apart.
func (f *filler) cached(id incident.IncidentID, value []byte) error {
	last, st, err := decodeFold(f.r.codec, value)
	if err != nil {
		return fmt.Errorf("cached state: %w", err)
	}
	if err := f.r.store.Unseal(&st.Fields); err != nil {
		return err
	}
	f.r.digest.put(id, value)
	return f.add(&st, last)
}

// folded reads one incident from the journal.
func (f *filler) folded(id incident.IncidentID) error {
	entries, err := f.r.entriesOf(id)
	if err != nil || len(entries) == 0 {
		return err
	}
	st := incident.Fold(entries)
	for _, e := range entries {
		if e.Kind == incident.KindRegistered && e.Fact != nil {
			f.r.numbers.reserve(e.Fact.No)
		}
	}
	return f.add(&st, "")
}

func (f *filler) add(st *incident.State, last incident.Login) error {
	f.r.numbers.reserve(st.No)
	f.shares[st.ID] = shareOf(st)
	in := f.r.input(st)
	if last != "" {
		in.LastBy = last
	}
	f.inputs = append(f.inputs, in)
	if len(f.inputs) >= fillStep {
		f.flush()
	}
	return nil
}

func (f *filler) flush() {
	f.r.board.Apply(f.inputs, f.now)
	f.inputs = nil
}

// input is what the board gets of an incident. The number of somebody who must not be known is kept out of the search.
func (r *Room) input(st *incident.State) board.Input {
	in := board.Input{State: st}
	if rep := st.Reporter; rep != nil && !rep.Confidential && !rep.Protected {
		in.Phone = rep.Phone
	}
	return in
}

// refold gives the board everything open again, after the rules changed.
func (r *Room) refold() error {
	now := r.Now()
	open := r.board.Snapshot(board.Filter{})
	for from := 0; from < open.Len(); from += fillStep {
		var inputs []board.Input
		for i := from; i < min(from+fillStep, open.Len()); i++ {
			f, err := r.file(open.Row(i).ID)
			if err != nil {
				return err
			}
			inputs = append(inputs, r.input(&f.state))
		}
		r.board.Apply(inputs, now)
	}
	return nil
}

// idSet are incidents that changed since something was done with all of them.
type idSet struct {
	mu  sync.Mutex // guards ids
	ids map[incident.IncidentID]struct{}
}

func newIDSet() *idSet { return &idSet{ids: map[incident.IncidentID]struct{}{}} }

func (u *idSet) add(ids ...incident.IncidentID) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, id := range ids {
		u.ids[id] = struct{}{}
	}
}

func (u *idSet) count() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.ids)
}

func (u *idSet) take() []incident.IncidentID {
	u.mu.Lock()
	defer u.mu.Unlock()
	ids := slices.Collect(maps.Keys(u.ids))
	clear(u.ids)
	return ids
}

// saveSome caches states while the room runs, so that a start after a crash has little to fold.
func (r *Room) saveSome(ctx context.Context) error {
	if !r.worthSaving() {
		return nil
	}
	var mark store.Mark
	var ids []incident.IncidentID
	// Mark and list are taken between two commits: no entry up to the mark belongs to an incident outside of the list.
	err := r.submit(ctx, &job{check: func() (err error) {
		if mark, err = r.store.Mark(); err == nil {
			ids = r.unsaved.take()
		}
		return err
	}}, nil)
	if err != nil {
		return err
	}
	return r.save(mark, ids)
}

// worthSaving says whether enough has changed since the last save. While the county's feed pours in that is much more.
func (r *Room) worthSaving() bool {
	least := saveFrom
	if r.poured.Swap(false) {
		least = saveMost
	}
	return r.unsaved.count() >= least
}

// saveAll caches what is left when the room closes and nothing commits any more.
func (r *Room) saveAll() error {
	mark, err := r.store.Mark()
	if err != nil {
		return fmt.Errorf("cache states: %w", err)
	}
	return r.save(mark, r.unsaved.take())
}

// save caches the states of incidents, all of which hold at least what stands in the journal up to the mark.
func (r *Room) save(mark store.Mark, ids []incident.IncidentID) (err error) {
	defer func() {
		if err != nil {
			r.unsaved.add(ids...)
			err = fmt.Errorf("cache states: %w", err)
		}
	}()
	for part := range slices.Chunk(ids, saveStep) {
		folds := make([]store.Fold, 0, len(part))
		for _, id := range part {
			f, err := r.file(id)
			if err != nil {
				return err
			}
			value, err := encodeFold(r.codec, &f.state)
			if err != nil {
				return err
			}
			folds = append(folds, store.Fold{Incident: id, Value: value})
		}
		if err := r.store.PutFolds(incident.FoldVersion, nil, folds); err != nil {
			return err
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return r.store.PutFolds(incident.FoldVersion, mark, nil)
}

// encodeFold writes a cached state: the length of a login, the login that acted last, the state.
func encodeFold(codec *journal.Codec, st *incident.State) ([]byte, error) {
	raw, err := codec.EncodeState(st)
	if err != nil {
		return nil, err
	}
	last := ""
	if n := len(st.Log); n > 0 {
		last = string(st.Log[n-1].Actor)
	}
	last = last[:min(len(last), 255)]
	return slices.Concat([]byte{byte(len(last))}, []byte(last), raw), nil
}

// errFold says that a cached state is cut short.
var errFold = errors.New("cut short")

func decodeFold(codec *journal.Codec, value []byte) (incident.Login, incident.State, error) {
	if len(value) == 0 || len(value) < 1+int(value[0]) {
		return "", incident.State{}, errFold
	}
	n := 1 + int(value[0])
	st, err := codec.DecodeState(value[n:])
	return incident.Login(value[1:n]), st, err
}
