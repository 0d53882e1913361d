package courier

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// Peer is what a desk knows of another one from the files that came from there.
type Peer struct {
	_     struct{} `cbor:",toarray"`
	Seat  string
	Made  incident.Stamp // of the newest file
	Heads []wire.Head    // what it holds
	Given uint64         // up to where it has got this desk's keys
	Taken uint64         // up to where this desk has got its keys
}

// Peers keeps what is known of other desks.
type Peers interface {
	Peers(ctx context.Context) (map[wire.DeskID]Peer, error)
	SetPeer(ctx context.Context, id wire.DeskID, p Peer) error
}

// Params says who writes and reads. KeyOf returns the public key that a line's seals are verified with; ok is false for a desk that was
// never heard of.
type Params struct {
	Journal session.DeskJournal
	Keys    session.DeskKeys
	Peers   Peers
	KeyOf   func(ctx context.Context, origin incident.Origin) (key ed25519.PublicKey, ok bool, err error)
	Hub     wire.HubID
	Scope   incident.ScopeID // of this desk
	Secret  [32]byte         // for Scope
	Seat    string
	Key     ed25519.PrivateKey
	Now     incident.Stamp
}

// Report says what a file held and what of it was new.
type Report struct {
	From    wire.DeskID
	Seat    string
	Made    incident.Stamp
	Entries uint64 // written out, or new here
	Lines   int    // of whose journals
	Keys    int
	// Upto is where the writer's own line ended.
	Upto uint64
	// Receipt says how much of this desk's own line the other one holds, as of Made.
	Receipt uint64
}

const keysPerRead = 4096

// Out writes a file for the desks of a township: all that another desk may lack. What a desk is known to hold from its own file is left
// out if every desk that is known holds it; with no other desk known, it is what the county hasn't confirmed.
func Out(ctx context.Context, p Params, scope incident.ScopeID, w io.Writer) (Report, error) {
	var rep Report
	c, err := newCoder()
	if err != nil {
		return rep, err
	}
	secret, ok := p.secretOf(scope)
	if !ok {
		return rep, fmt.Errorf("a file for %d: %w", scope, ErrForeign)
	}
	line, err := p.Journal.Line(ctx)
	if err != nil {
		return rep, fmt.Errorf("read the journal: %w", err)
	}
	peers, err := p.Peers.Peers(ctx)
	if err != nil {
		return rep, fmt.Errorf("read what other desks hold: %w", err)
	}
	k := content{From: line.Head.Origin, Seat: p.Seat, Made: p.Now}
	if k.Heads, err = p.Journal.Heads(ctx); err != nil {
		return rep, fmt.Errorf("read the journals' heads: %w", err)
	}
	for _, h := range k.Heads {
		after := known(peers, h)
		if len(peers) == 0 {
			after = h.Seq
			if h.Origin == line.Head.Origin {
				after = line.Acked
			}
		}
		if err := p.runs(ctx, &k, h, after); err != nil {
			return rep, err
		}
	}
	if err := p.keys(ctx, &k, peers); err != nil {
		return rep, err
	}
	for id, peer := range peers {
		k.Got = append(k.Got, got{Desk: id, Mark: peer.Taken})
	}
	if err := c.sign(p.Key, &k); err != nil {
		return rep, err
	}
	rep = Report{From: deskOf(k.From), Seat: k.Seat, Made: k.Made, Keys: len(k.Keys), Upto: line.Head.Seq}
	rep.Entries, rep.Lines = count(k.Runs)
	return rep, c.write(w, secret, p.Hub, scope, &k)
}

func (p Params) secretOf(scope incident.ScopeID) ([32]byte, bool) {
	if scope == p.Scope {
		return p.Secret, true
	}
	if scope/1000 == p.Scope { // a desk of the county reads its townships' files
		return wire.CourierSecret(p.Secret, scope), true
	}
	return [32]byte{}, false
}

// known returns up to where every known desk holds a line. The line's own desk holds it anyway.
func known(peers map[wire.DeskID]Peer, h wire.Head) uint64 {
	least := uint64(math.MaxUint64)
	for id, peer := range peers {
		if id == deskOf(h.Origin) {
			continue
		}
		i := slices.IndexFunc(peer.Heads, func(o wire.Head) bool { return o.Origin == h.Origin })
		if i < 0 {
			return 0
		}
		least = min(least, peer.Heads[i].Seq)
	}
	return min(least, h.Seq)
}

// runs puts a line's entries after a sequence into the file.
func (p Params) runs(ctx context.Context, k *content, h wire.Head, after uint64) error {
	for after < h.Seq {
		if err := ctx.Err(); err != nil {
			return err
		}
		run, err := p.Journal.Give(ctx, h.Origin, after+1, h.Seq)
		if err != nil {
			return fmt.Errorf("read the journal %x: %w", h.Origin, err)
		}
		if len(run.Entries) == 0 || run.Last() <= after {
			return nil // not here any more: the reader will say what it lacks
		}
		k.Runs = append(k.Runs, wire.Run{
			Origin: run.Origin, First: run.First, Before: run.Before, Entries: run.Entries, Seal: run.Seal, OldBefore: run.OldBefore,
		})
		after = run.Last()
	}
	return nil
}

func (p Params) keys(ctx context.Context, k *content, peers map[wire.DeskID]Peer) error {
	after := uint64(math.MaxUint64)
	for _, peer := range peers {
		after = min(after, peer.Given)
	}
	if len(peers) == 0 {
		after = 0
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		items, to, err := p.Keys.Keys(ctx, after, keysPerRead)
		if err != nil {
			return fmt.Errorf("read the keys of personal fields: %w", err)
		}
		k.Keys, k.KeysTo = append(k.Keys, items...), max(to, k.KeysTo)
		if len(items) == 0 || to <= after {
			k.KeysTo = max(k.KeysTo, after)
			return nil
		}
		after = to
	}
}

// In reads a file and takes all of it or nothing. What is here already is passed over, so a file may be read again and in any order.
func In(ctx context.Context, p Params, r io.Reader) (Report, error) {
	var rep Report
	c, err := newCoder()
	if err != nil {
		return rep, err
	}
	k, _, err := c.read(r, p.Hub, p.secretOf)
	if err != nil {
		return rep, err
	}
	line, err := p.Journal.Line(ctx)
	if err != nil {
		return rep, fmt.Errorf("read the journal: %w", err)
	}
	if deskOf(k.From) == deskOf(line.Head.Origin) {
		return rep, ErrOwn
	}
	if err := p.trust(ctx, c, &k); err != nil {
		return rep, err
	}
	before, err := p.held(ctx)
	if err != nil {
		return rep, err
	}
	if err := ctx.Err(); err != nil {
		return rep, err
	}
	var gap *session.GapError
	runs := foreign(k.Runs, line.Head.Origin)
	var cursor *wire.Cursor
	if slices.ContainsFunc(runs, func(r wire.Run) bool { return r.First+uint64(len(r.Entries))-1 > before[r.Origin] }) {
		cursor = &wire.Cursor{} // of no epoch: at the next connection the hub is told all that is here
	}
	switch err := p.Journal.AppendFeed(ctx, runs, cursor); {
	case errors.As(err, &gap):
		return rep, fmt.Errorf("%w: of %x, %d are here", ErrBefore, gap.Head.Origin, gap.Head.Seq)
	case err != nil:
		return rep, fmt.Errorf("take the courier file: %w", err)
	}
	if _, _, err := p.Keys.PutKeys(ctx, k.Keys); err != nil {
		return rep, fmt.Errorf("take the keys of personal fields: %w", err)
	}
	after, err := p.held(ctx)
	if err != nil {
		return rep, err
	}
	rep = Report{From: deskOf(k.From), Seat: k.Seat, Made: k.Made, Keys: len(k.Keys)}
	for origin, seq := range after {
		if n := seq - before[origin]; n > 0 {
			rep.Entries += n
			rep.Lines++
		}
	}
	rep.Receipt, err = p.note(ctx, &k, line)
	return rep, err
}

// foreign leaves out what is this desk's own.
func foreign(runs []wire.Run, own incident.Origin) []wire.Run {
	return slices.DeleteFunc(slices.Clone(runs), func(r wire.Run) bool { return r.Origin == own })
}

// trust checks that a desk of this county wrote the file, and that every run in it was sealed by whom it names. The hub's line, which
// tells the desks' keys, may be in the file itself.
func (p Params) trust(ctx context.Context, c coder, k *content) error {
	key, ok, err := p.KeyOf(ctx, k.From)
	if err != nil {
		return fmt.Errorf("look for the desk's key: %w", err)
	}
	if !ok {
		return ErrUnknown
	}
	good, err := c.signedBy(key, k)
	if err != nil {
		return err
	}
	if !good {
		return fmt.Errorf("%w: the signature is not good", ErrDamaged)
	}
	codec, err := journal.NewCodec()
	if err != nil {
		return err
	}
	for i, run := range k.Runs {
		if err := p.sealed(ctx, codec, run, i+1 == len(k.Runs) || k.Runs[i+1].Origin != run.Origin); err != nil {
			return err
		}
	}
	return nil
}

// sealed checks one run's chain and, where it carries one, its seal; the last run of a line must carry one.
func (p Params) sealed(ctx context.Context, codec *journal.Codec, run wire.Run, last bool) error {
	if run.First == 0 || len(run.Entries) == 0 {
		return fmt.Errorf("%w: an empty run", ErrDamaged)
	}
	_, hashes, err := codec.Records(journal.Run{Origin: run.Origin, First: run.First, Before: run.Before, Entries: run.Entries})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if len(run.Seal) == 0 {
		if last {
			return fmt.Errorf("%w: %x", ErrSeal, run.Origin)
		}
		return nil // the next run of the line proves this one
	}
	key, ok, err := p.KeyOf(ctx, run.Origin)
	if err != nil {
		return fmt.Errorf("look for a desk's key: %w", err)
	}
	if !ok {
		return ErrUnknown
	}
	seq := run.First + uint64(len(run.Entries)) - 1
	if err := journal.VerifySeal(key, run.Origin, seq, hashes[len(hashes)-1], run.Seal); err != nil {
		return fmt.Errorf("%w: %w", ErrSeal, err)
	}
	return nil
}

// note keeps what the file says of the desk it is from, and returns how much of this desk's line that one holds.
func (p Params) note(ctx context.Context, k *content, line session.Line) (receipt uint64, err error) {
	peers, err := p.Peers.Peers(ctx)
	if err != nil {
		return 0, fmt.Errorf("read what other desks hold: %w", err)
	}
	own, from := deskOf(line.Head.Origin), deskOf(k.From)
	peer := peers[from]
	peer.Taken = max(peer.Taken, k.KeysTo)
	for _, g := range k.Got {
		if g.Desk == own {
			peer.Given = max(peer.Given, g.Mark)
		}
	}
	if k.Made >= peer.Made { // an older file tells nothing new of what its desk holds
		peer.Seat, peer.Made, peer.Heads = k.Seat, k.Made, k.Heads
	}
	for _, h := range peer.Heads {
		if h.Origin == line.Head.Origin {
			receipt = h.Seq
		}
	}
	if err := p.Peers.SetPeer(ctx, from, peer); err != nil {
		return receipt, fmt.Errorf("note what the other desk holds: %w", err)
	}
	return receipt, nil
}

func (p Params) held(ctx context.Context) (map[incident.Origin]uint64, error) {
	heads, err := p.Journal.Heads(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the journals' heads: %w", err)
	}
	held := make(map[incident.Origin]uint64, len(heads))
	for _, h := range heads {
		held[h.Origin] = h.Seq
	}
	return held, nil
}

func count(runs []wire.Run) (entries uint64, lines int) {
	seen := map[incident.Origin]bool{}
	for _, r := range runs {
		entries += uint64(len(r.Entries))
		seen[r.Origin] = true
	}
	return entries, len(seen)
}

func deskOf(o incident.Origin) (id wire.DeskID) {
	copy(id[:], o[:])
	return id
}
