package session

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/wire"
)

// What the hub's two ends of storage answer beyond plain failures. Everything else that a store returns means: try again later.
var (
	ErrFork        = errors.New("the run contradicts what is stored")
	ErrUnavailable = errors.New("the hub's store is not available")
	ErrDamaged     = errors.New("a file of the hub's store is damaged: restore it from the last backup")
	ErrRevision    = errors.New("somebody else changed the record")
	ErrNotFound    = errors.New("not in the hub's store")
	ErrBlob        = errors.New("the attachment is not what its manifest says")
)

// GapError says that a run doesn't begin after the head of its origin.
type GapError struct{ Head wire.Head }

func (e *GapError) Error() string {
	return fmt.Sprintf("the journal of %x stands at %d", e.Head.Origin, e.Head.Seq)
}

// HubRun is one run as a hub stores it: whole, verified by the session, with what the session knows about it. The seal is kept with the
// run: a desk that gives it back after the hub lost it needs the proof. A run without a seal is proved by a later one of its origin.
type HubRun struct {
	Run   journal.Run
	Scope incident.ScopeID // of the origin's desk
	// Root says that the run begins a branch: nothing is stored under its origin yet, and its Before is the hash of the plain line at
	// First-1, which may be 0. HashAt then answers First-1 with Before, and Range begins at First.
	Root bool
	// Last is the hash after the last entry, Ids the incidents (zero for desk-level) and kinds of the entries, so that a store needs no codec.
	Last  journal.Hash
	Items []Item
	HLC   incident.HLC // of the last entry
	Flags uint8        // of the stamp
}

// Item is what a hub's store must know of an entry: which incident it concerns, its township, its ID, and the hash before it in the
// chain it was first written to. The last two differ from the run's chain for a moved entry.
type Item struct {
	Incident incident.IncidentID
	Scope    incident.ScopeID
	Kind     incident.Kind
	ID       incident.EntryID
	Before   journal.Hash
}

// HubRecord is a run with its stamp, as the feed and Range give it.
type HubRecord struct {
	HubRun
	Stamp wire.Stamp
	// Check is the chain over the feed up to and with this record: first 8 bytes of SHA-256(check before ‖ origin ‖ first ‖ last hash).
	Check [8]byte
}

// HubHead is an origin as the hub knows it.
type HubHead struct {
	wire.Head
	Scope incident.ScopeID
	Seal  []byte
	// LastHLC is the hybrid time of the last entry, for the stamp's clock flags.
	LastHLC incident.HLC
}

// Journal stores runs and gives every hub process the same feed. A county is its division code of six digits. Append is all or
// nothing for each run and returns only when all that it stamped is durable; a run that is stored already, byte for byte, is stamped
// with its old stamp. A run that fills a hole (a record found damaged or lost) exactly is taken, too, and comes again at the feed's end.
// It returns one stamp and one error for each run (*GapError, ErrFork, ErrUnavailable).
type Journal interface {
	Append(ctx context.Context, county incident.ScopeID, runs []HubRun) ([]wire.Stamp, []error)
	// Heads returns every origin, in order.
	Heads(ctx context.Context, county incident.ScopeID) ([]HubHead, error)
	// Head returns one origin, zero sequence if it never wrote.
	Head(ctx context.Context, county incident.ScopeID, origin incident.Origin) (HubHead, error)
	// Feed returns up to limit records after a position and the position it read up to; End returns the last position and its check.
	Feed(ctx context.Context, county incident.ScopeID, after uint64, limit int) (records []HubRecord, to uint64, err error)
	End(ctx context.Context, county incident.ScopeID) (pos uint64, check [8]byte, err error)
	// CheckAt returns the check value at a position; ErrNotFound beyond the end.
	CheckAt(ctx context.Context, county incident.ScopeID, pos uint64) ([8]byte, error)
	// Range returns the entries from one sequence to another as one run, at most wire.MaxRunEntries and as far as they fit into maxBytes,
	// at least one entry. It ends where a seal is held if there is one in reach, and then carries it. A moved entry whose neighbour in
	// its old chain is not the entry before it begins a run of its own, with its Item's Before as OldBefore.
	// ErrNotFound if the first entry is not there.
	Range(ctx context.Context, county incident.ScopeID, origin incident.Origin, from, to uint64, maxBytes int) (journal.Run, error)
	// HashAt returns the chain's hash after an entry, ErrNotFound if it is not there. The hash after a hole is there.
	HashAt(ctx context.Context, county incident.ScopeID, origin incident.Origin, seq uint64) (journal.Hash, error)
	// Holes returns the parts of lines that were stored and were found damaged or lost since, as far as anybody has read.
	Holes(ctx context.Context, county incident.ScopeID) ([]wire.Span, error)
	// Incident returns all entries of an incident, each once (by ID), as excerpts in order of (origin, sequence), Before as in their
	// Items. Parties returns the townships (or the county) that the incident concerns: the scopes of its entries and of those who
	// wrote them. Shared returns the incidents of more than one party of which this one is a part.
	Incident(ctx context.Context, county incident.ScopeID, id incident.IncidentID) ([]wire.Excerpt, error)
	Parties(ctx context.Context, county incident.ScopeID, id incident.IncidentID) ([]incident.ScopeID, error)
	Shared(ctx context.Context, county, party incident.ScopeID) ([]incident.IncidentID, error)
	// Bell rings (coalesced) whenever there may be more to read; it is closed when ctx ends.
	Bell(ctx context.Context, county incident.ScopeID) <-chan struct{}
}

// Registry stores desks, batons, codes, holds, personal-field keys and the hub's identity. Put is a compare-and-set: revision 0 means
// the key must not exist; ErrRevision if it is not as expected. A value of nil deletes. Durable when it returns.
type Registry interface {
	Get(ctx context.Context, key string) (value []byte, revision uint64, err error) // ErrNotFound
	Put(ctx context.Context, key string, value []byte, revision uint64) (uint64, error)
	List(ctx context.Context, prefix string) ([]string, error)
}

// EpochKey is the registry's key of a county's epoch, 16 bytes. The journal writes a new one when its store was made, restored or
// recreated; the hub does when a desk proves that the store was rewound.
func EpochKey(county incident.ScopeID) string { return fmt.Sprintf("epoch/%d", county) }

// Blobs stores attachments. Finish is durable when it returns and checks every chunk against the manifest. What PutChunk took may be
// lost with the process until then; Have never claims what was lost. ErrBlob for a manifest or chunk that is none of its attachment.
type Blobs interface {
	Have(ctx context.Context, county incident.ScopeID, id wire.BlobID) (bitmap []byte, whole bool, err error)
	Begin(ctx context.Context, county incident.ScopeID, manifest []byte) (wire.BlobID, error)
	PutChunk(ctx context.Context, county incident.ScopeID, id wire.BlobID, index uint32, chunk []byte) error
	Finish(ctx context.Context, county incident.ScopeID, id wire.BlobID) error
	Manifest(ctx context.Context, county incident.ScopeID, id wire.BlobID) ([]byte, error)
	Chunk(ctx context.Context, county incident.ScopeID, id wire.BlobID, index uint32) ([]byte, error)
}

// Desk is a seat as the registry keeps it.
type Desk struct {
	ID      wire.DeskID
	Scope   incident.ScopeID
	Name    string
	Key     ed25519.PublicKey
	Revoked bool
	Held    bool
}
