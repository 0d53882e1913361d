package room

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"maps"
	"time"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/data/store"
)

type (
	// Incoming is what came from the county in one message.
	Incoming = store.Incoming
	// Excerpt is an entry out of a line that isn't held here.
	Excerpt = store.Excerpt
	// KeyItem is the key of a report's personal fields, or says that it was erased.
	KeyItem = store.KeyItem
	// Line is one of the desk's own lines.
	Line = store.Line
	// Head is the end of a line.
	Head = store.Head
	// Fork says where the own line and the county's version of it part.
	Fork = store.Fork
	// TailFork says the same of another desk's line.
	TailFork = store.TailFork
)

// The errors of a run that doesn't fit.
var (
	ErrGap  error = store.ErrGap
	ErrFork error = store.ErrFork
)

// recordEnrolled says in the hub's records that the desk has a seat in a county.
const recordEnrolled = "enrolled"

// Link is the door of whoever connects this desk with the county. Its writes go through the committer, so that the read models show
// what was stored when a method returns.
type Link struct{ r *Room }

// Link returns the door of the sync layer.
func (r *Room) Link() *Link { return &Link{r} }

// Bell rings, coalesced, whenever there may be more to send: entries or keys.
func (l *Link) Bell() <-chan struct{} { return l.r.link.bell }

// Scope returns the desk's town or county.
func (l *Link) Scope() incident.ScopeID { return l.r.rules.Load().Scope() }

// Origin returns the line that the desk writes now.
func (l *Link) Origin() incident.Origin { return l.r.store.Origin() }

// Lines returns the own lines, the current one last; an older one with Acked below Seq has entries that the county may lack.
func (l *Link) Lines() ([]Line, error) { return l.r.store.Lines() }

// Heads returns the end of every line that is held whole.
func (l *Link) Heads() ([]Head, error) { return l.r.store.Heads() }

// Range returns the entries of a line after one sequence up to another, as far as they fit into maxBytes, at least one.
func (l *Link) Range(line incident.Origin, after, to uint64, maxBytes int) (journal.Run, error) {
	return l.r.store.Range(line, after, to, maxBytes)
}

// HashAt returns the chain's hash after an entry; ErrGap if it is not here.
func (l *Link) HashAt(line incident.Origin, seq uint64) (journal.Hash, error) {
	return l.r.store.HashAt(line, seq)
}

// DeskEntries returns all entries that concern no incident: settings, sessions, and what the county ordered about desks.
func (l *Link) DeskEntries() ([]incident.Entry, error) { return l.r.store.DeskEntries() }

// Root returns the plain line of a branch, which its seals name, or the line itself.
func (l *Link) Root(line incident.Origin) (incident.Origin, error) { return l.r.store.Root(line) }

// Seal signs an own line at any sequence; Sign signs any labelled message with the desk's key, PublicKey is what it is verified with.
func (l *Link) Seal(line incident.Origin, seq uint64, hash journal.Hash) []byte {
	return l.r.store.SealNow(line, seq, hash)
}

// Sign signs a message that begins with a label of its own.
func (l *Link) Sign(message []byte) []byte { return l.r.store.Sign(message) }

// PublicKey returns the key that seals and signatures of this desk are verified with.
func (l *Link) PublicKey() ed25519.PublicKey { return l.r.store.PublicKey() }

// Cursor reads where a feed stands; nil if it never did.
func (l *Link) Cursor(feed string) ([]byte, error) { return l.r.store.Cursor(feed) }

// Record and SetRecord keep what the link must know of the hub, by name; nil: nothing, or remove it.
func (l *Link) Record(name string) ([]byte, error) { return l.r.store.HubRecord(name) }

// SetRecord writes what Record reads.
func (l *Link) SetRecord(name string, value []byte) error { return l.r.store.SetHubRecord(name, value) }

// Baton returns what the hub passed to a line last; nil if it never did.
func (l *Link) Baton(line incident.Origin) ([]byte, error) { return l.r.store.Baton(line) }

// SaveBaton keeps what the hub passed to a line; it is durable when it returns.
func (l *Link) SaveBaton(line incident.Origin, baton []byte) error {
	return l.r.store.SaveBaton(line, baton)
}

// Welcomed keeps the baton of a line and how far the hub says it has it, which may be less than it once acknowledged.
func (l *Link) Welcomed(line incident.Origin, baton []byte, acked uint64) error {
	if err := l.r.store.Welcome(line, baton, acked); err != nil {
		return err
	}
	if err := l.r.alone(l.r.ctx, func() error { return l.r.outbox.load(l.r.store) }); err != nil {
		return err
	}
	l.r.feed.send(Change{Sync: true})
	return nil
}

// Key returns the key that signs for this desk.
func (l *Link) Key() ed25519.PrivateKey { return l.r.store.SigningKey() }

// KeyMark returns the mark after the newest key of personal fields.
func (l *Link) KeyMark() (uint64, error) { return l.r.store.KeyMark() }

// Keys returns keys of personal fields and erasures in order of arrival, and the mark to go on from.
func (l *Link) Keys(mark uint64, limit int) ([]KeyItem, uint64, error) {
	return l.r.store.KeysAfter(mark, limit)
}

// Take stores what came from the county and shows it. It returns how many entries were new. ErrGap and ErrFork say that nothing was
// stored.
func (l *Link) Take(ctx context.Context, in Incoming) (n int, err error) {
	err = l.r.alone(ctx, func() error {
		fresh, err := l.r.store.AppendIncoming(in)
		if err != nil {
			return err
		}
		n = len(fresh)
		l.r.poured.Store(true)
		l.r.came(fresh)
		return l.r.ackOwn(in.Runs)
	})
	if err != nil {
		return 0, fmt.Errorf("take what the county sent: %w", err)
	}
	return n, nil
}

// ackOwn takes older own entries that came back from the county out of the outbox.
func (r *Room) ackOwn(runs []journal.Run) error {
	for _, run := range runs {
		own, err := r.store.Wrote(run.Origin)
		if err != nil {
			return err
		}
		if own {
			r.feed.send(Change{Sync: true, Incidents: r.outbox.acked(run.Origin, run.Last())})
		}
	}
	return nil
}

// TakeKeys stores keys of other desks and erasures, opens what can be opened now, and returns the keys that were refused because they
// contradict what is here.
func (l *Link) TakeKeys(ctx context.Context, items []KeyItem) (refused []incident.KeyID, err error) {
	_, _, refused, err = l.PutKeys(ctx, items)
	return refused, err
}

// PutKeys is TakeKeys and also returns the marks before and after what was stored: nothing else came between them.
func (l *Link) PutKeys(ctx context.Context, items []KeyItem) (before, after uint64, refused []incident.KeyID, err error) {
	err = l.r.alone(ctx, func() (err error) { // no act, whose key would come between, is written meanwhile
		if before, err = l.r.store.KeyMark(); err != nil {
			return err
		}
		var changed []incident.IncidentID
		if changed, refused, err = l.r.store.PutKeys(items); err != nil {
			return err
		}
		if after, err = l.r.store.KeyMark(); err != nil {
			return err
		}
		l.r.reopen(changed)
		return nil
	})
	if err != nil {
		return 0, 0, nil, fmt.Errorf("take keys: %w", err)
	}
	return before, after, refused, nil
}

// reopen shows incidents whose personal fields can be read now, or not any more. Their entries may come later than their keys.
func (r *Room) reopen(ids []incident.IncidentID) {
	var here []incident.IncidentID
	for _, id := range ids {
		if _, ok := r.board.Row(id); ok {
			here = append(here, id)
		}
	}
	r.refresh(here, nil)
}

// Acked notes that the county has an own line up to a sequence.
func (l *Link) Acked(line incident.Origin, seq uint64) error {
	if err := l.r.store.SetAcked(line, seq); err != nil {
		return fmt.Errorf("note what the county has: %w", err)
	}
	l.r.feed.send(Change{Sync: true, Incidents: l.r.outbox.acked(line, seq)})
	return nil
}

// MoveTail does what the verdicts rewound, forked and stale ask for, and returns the new line.
func (l *Link) MoveTail(ctx context.Context, fork Fork) (line incident.Origin, err error) {
	err = l.r.alone(ctx, func() error {
		done, err := l.r.store.MoveTail(fork)
		if err != nil {
			return err
		}
		line = done.Line
		l.r.came(done.Fresh)
		return l.r.outbox.load(l.r.store)
	})
	if err != nil {
		return line, fmt.Errorf("go on with a new line: %w", err)
	}
	l.r.link.ring()
	l.r.feed.send(Change{Sync: true})
	return line, nil
}

// BranchTail keeps what is held of another desk's line after a fork under a branch's name, and takes the county's version.
func (l *Link) BranchTail(ctx context.Context, fork TailFork) (branch incident.Origin, err error) {
	err = l.r.alone(ctx, func() error {
		name, fresh, err := l.r.store.BranchTail(fork)
		if err != nil {
			return err
		}
		branch = name
		l.r.came(fresh)
		return nil
	})
	if err != nil {
		return branch, fmt.Errorf("keep a branch: %w", err)
	}
	return branch, nil
}

// Seat is what the county gave at enrolment.
type Seat struct {
	Desk     [16]byte
	Scope    incident.ScopeID
	Name     string            // of the seat
	Records  map[string][]byte // who the hub is, for Record
	Baton    []byte
	Progress func(done, total int)
}

// Enrol makes the desk the seat's: everything it wrote so far goes to the county under the seat's name. A seat of another town or county
// is refused.
func (l *Link) Enrol(ctx context.Context, seat Seat) (line incident.Origin, err error) {
	if own := l.Scope(); seat.Scope != own {
		return line, refusal("enrol", "scope", fmt.Sprint(seat.Scope), fmt.Sprint(own))
	}
	records := maps.Clone(seat.Records)
	if records == nil {
		records = map[string][]byte{}
	}
	records[recordEnrolled] = []byte{1}
	err = l.r.alone(ctx, func() error {
		done, err := l.r.store.Enrol(store.Seat{Desk: seat.Desk, Records: records, Baton: seat.Baton, Progress: seat.Progress})
		if err != nil {
			return err
		}
		line = done.Line
		if err := l.r.nameSeat(seat.Name); err != nil {
			return err
		}
		return l.r.outbox.load(l.r.store)
	})
	if err == nil {
		err = l.r.introduce(ctx)
	}
	if err != nil {
		return line, fmt.Errorf("enrol: %w", err)
	}
	l.r.link.ring()
	l.r.feed.send(Change{Sync: true})
	return line, nil
}

// nameSeat takes the name that the county gave to the seat.
func (r *Room) nameSeat(name string) error {
	if name == "" {
		return nil
	}
	var seat seatInfo
	if err := r.Local(localSeat, &seat); err != nil {
		return err
	}
	seat.Name = name
	r.seats.setOwn(name)
	return r.SetLocal(localSeat, seat)
}

// introduce tells the town's other desks who signs in here.
func (r *Room) introduce(ctx context.Context) error {
	facts, err := tellOperators(r.Now(), incident.RoleSystem, r.rules.Load().accounts...)
	if err != nil || len(facts) == 0 {
		return err
	}
	return r.submit(ctx, &job{desk: facts, by: SystemLogin}, nil)
}

// Contact notes that the hub was heard, what the session may do, and how far the hub's clock is ahead as measured at a Welcome.
func (l *Link) Contact(mode Mode, ahead time.Duration) error {
	s := l.r.link
	s.mu.Lock()
	changed, moved := s.state.Mode != mode, s.state.Ahead != ahead
	s.state.Mode, s.state.Ahead, s.state.LastContact = mode, ahead, l.r.Now()
	s.mu.Unlock()
	if moved && !l.r.drill { // a store for practice keeps its own time
		if err := l.r.store.SetClockOffset(ahead); err != nil {
			return fmt.Errorf("note the hub's clock: %w", err)
		}
	}
	if changed {
		l.r.feed.send(Change{Sync: true})
	}
	return nil
}

// Lost notes that there is no connection any more.
func (l *Link) Lost() {
	s := l.r.link
	s.mu.Lock()
	changed := s.state.Mode != ModeOffline
	s.state.Mode = ModeOffline
	s.mu.Unlock()
	if changed {
		l.r.feed.send(Change{Sync: true})
	}
}

// Received notes when the hub got the last entries of a township.
func (l *Link) Received(town incident.ScopeID, at incident.Stamp) {
	s := l.r.link
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received[town] = max(s.received[town], at)
}

// UnsentBlob returns the manifest of an attachment that the hub lacks, nil if there is none.
func (l *Link) UnsentBlob() ([]byte, error) { return l.r.store.UnsentBlob() }

// BlobSent notes that the hub has an attachment, or does not want it.
func (l *Link) BlobSent(id [32]byte) error { return l.r.store.BlobSent(id) }

// LackingBlob returns the next attachment after one that is not whole here, and the bits of the chunks that are.
func (l *Link) LackingBlob(after [32]byte) (id [32]byte, have []byte, found bool, err error) {
	return l.r.store.LackingBlob(after)
}

// BeginBlob takes the manifest of an attachment that is wanted here.
func (l *Link) BeginBlob(manifest []byte) (have []byte, err error) {
	return l.r.store.BeginBlob(manifest)
}

// PutBlobChunk stores a chunk of it; whole says that it was the last one.
func (l *Link) PutBlobChunk(id [32]byte, index uint32, chunk []byte) (have []byte, whole bool, err error) {
	have, whole, err = l.r.store.PutBlobChunk(id, index, chunk)
	if whole {
		l.r.feed.send(Change{Attachments: true})
	}
	return have, whole, err
}

// BlobChunk returns a chunk of an attachment that is whole here.
func (l *Link) BlobChunk(id [32]byte, index uint32) ([]byte, error) {
	return l.r.store.BlobChunk(id, index)
}
