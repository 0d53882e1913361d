package session

import (
	"context"
	"fmt"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/wire"
)

// Line is where a desk's own current journal stands.
type Line struct {
	Head   wire.Head
	Acked  uint64     // how far the hub has it
	Baton  wire.Baton // zero: never got one
	Cursor *wire.Cursor
	// Older says that the desk holds older lines of its own which the hub has not confirmed whole.
	Older bool
}

// ForkError says that a run of an origin contradicts what a desk holds of it.
type ForkError struct{ Origin incident.Origin }

func (e *ForkError) Error() string { return fmt.Sprintf("two versions of the journal %x", e.Origin) }

// Unwrap makes errors.Is find ErrFork.
func (e *ForkError) Unwrap() error { return ErrFork }

// DeskJournal is what a desk's session asks of the desk's store. Everything that writes is one transaction and durable when it returns.
type DeskJournal interface {
	Line(ctx context.Context) (Line, error)
	// Heads returns every line held whole, the desk's own included: not excerpts, not what only an audit keeps.
	Heads(ctx context.Context) ([]wire.Head, error)
	// Own returns entries of the current line after a sequence, sealed at their end: at most wire.MaxRunEntries and
	// wire.MaxRunBytes, none if there are none. A moved entry whose old neighbour is not the entry before it begins a new run, with
	// OldBefore filled.
	Own(ctx context.Context, after uint64) (journal.Run, error)
	// Give returns entries of any line held whole, as Own; it ends where a seal is held if one is in reach. A branch begins at its
	// first entry, whatever from says. No entries if from is not here.
	Give(ctx context.Context, origin incident.Origin, from, to uint64) (journal.Run, error)
	// HashAt returns a chain's hash after an entry of a line held whole; ErrNotFound. For a branch it knows the hash before its first.
	HashAt(ctx context.Context, origin incident.Origin, seq uint64) (journal.Hash, error)
	// SaveBaton stores the current line's baton, and how far the hub has the line, which may be less than was noted before.
	SaveBaton(ctx context.Context, baton wire.Baton, acked uint64) error
	SetAcked(ctx context.Context, origin incident.Origin, seq uint64) error
	// MoveTail leaves the current line at fork: what comes after goes to the audit and, each entry wrapped as moved (one that was
	// moved before, as it was first written), to a new line, which is returned and has this baton. The old line up to fork is one
	// like any other from then on; the cursor is forgotten.
	MoveTail(ctx context.Context, fork uint64, baton wire.Baton) (incident.Origin, error)
	// Branch takes what another line holds after fork to wire.Branch of that line and its first entry there; of a branch that is there
	// the longer of two equal beginnings stays, and where they part the rest makes a branch of its own. What parts from a branch is
	// named after the plain line, too; before its first entry nothing can part from it. The cursor is forgotten.
	Branch(ctx context.Context, origin incident.Origin, fork uint64) error
	// AppendFeed stores runs (excerpts are those with First 0) and the cursor (nil leaves it). What is here already is passed over. A
	// run that does not begin where a fresh line does, on a line that is not here, is the beginning of a branch if a line held here,
	// wire.Branch and its first hash say so. *GapError and *ForkError name the line; then nothing is written.
	AppendFeed(ctx context.Context, runs []wire.Run, cursor *wire.Cursor) error
	// FoldDigest returns the digest of all folded incidents with the fold version, empty if it is not at hand.
	FoldDigest(ctx context.Context) ([]byte, error)
}

// KeyMarks is how far keys have been passed on: Up of those here, in their order of arrival, Down of the hub's log.
type KeyMarks struct{ Up, Down uint64 }

// DeskKeys is a desk's store of the keys of personal fields, in order of arrival.
type DeskKeys interface {
	// Keys returns up to limit keys and erasures after a mark, and the mark after them.
	Keys(ctx context.Context, after uint64, limit int) (items []wire.KeyItem, to uint64, err error)
	Marks(ctx context.Context) (KeyMarks, error)
	SetMarks(ctx context.Context, m KeyMarks) error
	// PutKeys stores keys and erasures, and returns the last mark before and after. What is erased stays so; another key for a KeyID
	// that is here is passed over.
	PutKeys(ctx context.Context, items []wire.KeyItem) (before, after uint64, err error)
}

// DeskBlobs is a desk's store of attachments.
type DeskBlobs interface {
	// Unsent returns the manifest of an attachment that is whole here and not yet at the hub, nil if there is none; Sent notes that the
	// hub has it, or does not want it.
	Unsent(ctx context.Context) ([]byte, error)
	Sent(ctx context.Context, id wire.BlobID) error
	// Lacking returns an attachment that an entry names and that is not whole here, and the chunks that are here; found is false if
	// there is none. Chunks are durable when PutChunk returns; whole says that the attachment is complete and right.
	Lacking(ctx context.Context) (id wire.BlobID, have []byte, found bool, err error)
	Begin(ctx context.Context, manifest []byte) (have []byte, err error)
	PutChunk(ctx context.Context, id wire.BlobID, index uint32, chunk []byte) (have []byte, whole bool, err error)
	Chunk(ctx context.Context, id wire.BlobID, index uint32) ([]byte, error)
}
