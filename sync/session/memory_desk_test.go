package session

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"slices"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/wire"
)

// memDesk is a desk's store in memory, with the same word on durability as memHub. copy is an image of the disk.
type memDesk struct {
	id       wire.DeskID
	key      ed25519.PrivateKey
	codec    *journal.Codec
	mint     func() wire.Incarnation
	cur      incident.Origin
	lines    map[incident.Origin]*memLine
	plain    map[incident.Origin]incident.Origin // of a branch
	acked    map[incident.Origin]uint64
	batons   map[incident.Origin]wire.Baton
	cursor   *wire.Cursor
	excerpts map[incident.EntryID]wire.Excerpt
	hlc      incident.HLC
	full     bool

	keys    []wire.KeyItem
	keyAt   map[incident.KeyID]int // place of the newest
	marks   KeyMarks
	blobs   map[wire.BlobID]*memBlob
	sent    map[wire.BlobID]bool
	wanted  map[wire.BlobID]bool
	problem error // what the store itself saw go wrong: I3, I6
}

var errFull = errors.New("the disk is full")

func newMemDesk(id wire.DeskID, key ed25519.PrivateKey, codec *journal.Codec, mint func() wire.Incarnation) *memDesk {
	d := &memDesk{
		id: id, key: key, codec: codec, mint: mint, lines: map[incident.Origin]*memLine{}, plain: map[incident.Origin]incident.Origin{},
		acked: map[incident.Origin]uint64{}, batons: map[incident.Origin]wire.Baton{}, excerpts: map[incident.EntryID]wire.Excerpt{},
		keyAt: map[incident.KeyID]int{}, blobs: map[wire.BlobID]*memBlob{}, sent: map[wire.BlobID]bool{}, wanted: map[wire.BlobID]bool{},
	}
	d.cur = lineOf(id, mint())
	d.lines[d.cur] = &memLine{before: journal.Start(d.cur)}
	return d
}

func (d *memDesk) copy() *memDesk {
	n := *d
	n.lines = map[incident.Origin]*memLine{}
	for o, l := range d.lines {
		n.lines[o] = l.copy()
	}
	n.plain, n.acked, n.batons, n.excerpts = maps.Clone(d.plain), maps.Clone(d.acked), maps.Clone(d.batons), maps.Clone(d.excerpts)
	if d.cursor != nil {
		c := *d.cursor
		n.cursor = &c
	}
	n.keys, n.keyAt = slices.Clip(d.keys), maps.Clone(d.keyAt)
	n.sent, n.wanted = maps.Clone(d.sent), maps.Clone(d.wanted)
	n.blobs = map[wire.BlobID]*memBlob{}
	for id, b := range d.blobs {
		n.blobs[id] = &memBlob{b.manifest, maps.Clone(b.chunks), b.whole}
	}
	return &n
}

// write adds an entry to the own line and returns its ID.
func (d *memDesk) write(r journal.Record, now incident.Stamp) (incident.EntryID, error) {
	if d.full {
		return incident.EntryID{}, errFull
	}
	return d.put(r, Item{Incident: r.Incident, Scope: r.Scope, Kind: r.Kind}, now)
}

// put appends a record; the item of a moved entry has its ID and Before already.
func (d *memDesk) put(r journal.Record, item Item, now incident.Stamp) (incident.EntryID, error) {
	l := d.lines[d.cur]
	d.hlc = max(d.hlc+1, incident.HLC(now)<<16)
	r.Seq, r.HLC = l.head()+1, d.hlc
	b, err := d.codec.Encode(r)
	if err != nil {
		return incident.EntryID{}, err
	}
	before, _ := l.hashAt(l.head())
	hash := journal.Next(before, journal.DigestOf(b))
	if item.ID == (incident.EntryID{}) {
		item.ID, item.Before = hash, before
	}
	l.entries, l.hashes, l.items = append(l.entries, b), append(l.hashes, hash), append(l.items, item)
	return item.ID, nil
}

func (d *memDesk) Line(context.Context) (Line, error) {
	l := d.lines[d.cur]
	hash, _ := l.hashAt(l.head())
	line := Line{Head: wire.Head{Origin: d.cur, Seq: l.head(), Hash: hash}, Acked: d.acked[d.cur], Baton: d.batons[d.cur]}
	if d.cursor != nil {
		c := *d.cursor
		line.Cursor = &c
	}
	for o, l := range d.lines {
		line.Older = line.Older || deskOf(o) == d.id && o != d.cur && l.head() > d.acked[o]
	}
	return line, nil
}

func (d *memDesk) Heads(context.Context) ([]wire.Head, error) {
	var heads []wire.Head
	for o, l := range d.lines {
		if len(l.entries) > 0 {
			hash, _ := l.hashAt(l.head())
			heads = append(heads, wire.Head{Origin: o, Seq: l.head(), Hash: hash})
		}
	}
	slices.SortFunc(heads, func(a, b wire.Head) int { return bytes.Compare(a.Origin[:], b.Origin[:]) })
	return heads, nil
}

func (d *memDesk) Own(_ context.Context, after uint64) (journal.Run, error) {
	return d.sealed(d.cur, after+1, d.lines[d.cur].head()), nil
}

// sealed returns a piece of a line of this desk, signed at its end.
func (d *memDesk) sealed(o incident.Origin, from, to uint64) journal.Run {
	l := d.lines[o]
	run := l.piece(o, from, to, wire.MaxRunBytes, true)
	if len(run.Entries) > 0 {
		hash, _ := l.hashAt(run.Last())
		under := o
		if p, ok := d.plain[o]; ok {
			under = p
		}
		run.Seal = journal.Seal(d.key, under, run.Last(), hash)
	}
	return run
}

func (d *memDesk) Give(_ context.Context, o incident.Origin, from, to uint64) (journal.Run, error) {
	l := d.lines[o]
	if l == nil || max(from, l.base+1) > l.head() {
		return journal.Run{}, nil
	}
	if deskOf(o) == d.id {
		return d.sealed(o, from, to), nil
	}
	return l.piece(o, from, to, wire.MaxRunBytes, false), nil
}

func (d *memDesk) HashAt(_ context.Context, o incident.Origin, seq uint64) (journal.Hash, error) {
	l := d.lines[o]
	if l == nil {
		return journal.Hash{}, ErrNotFound
	}
	h, ok := l.hashAt(seq)
	if !ok {
		return h, ErrNotFound
	}
	return h, nil
}

func (d *memDesk) SaveBaton(_ context.Context, b wire.Baton, acked uint64) error {
	if d.full {
		return errFull
	}
	d.batons[d.cur], d.acked[d.cur] = b, acked
	return nil
}

func (d *memDesk) SetAcked(_ context.Context, o incident.Origin, seq uint64) error {
	if d.full {
		return errFull
	}
	d.acked[o] = max(d.acked[o], seq)
	return nil
}

func (d *memDesk) MoveTail(_ context.Context, fork uint64, b wire.Baton) (incident.Origin, error) {
	if d.full {
		return incident.Origin{}, errFull
	}
	old, l := d.cur, d.lines[d.cur]
	at := fork - l.base
	entries, items := l.entries[at:], l.items[at:]
	d.lines[old] = l.upTo(fork)
	d.cur = lineOf(d.id, d.mint())
	d.lines[d.cur] = &memLine{before: journal.Start(d.cur)}
	d.acked[old], d.batons[d.cur], d.cursor = min(d.acked[old], fork), b, nil
	for i, raw := range entries {
		r, err := d.codec.Decode(raw)
		if err != nil {
			return old, err
		}
		if r.Kind != incident.KindMoved {
			if r, err = d.codec.WrapMoved(old, raw); err != nil {
				return old, err
			}
		}
		r.Parents = nil
		if _, err := d.put(r, items[i], 0); err != nil {
			return old, err
		}
	}
	return d.cur, nil
}

// upTo is a line without what comes after a sequence.
func (l *memLine) upTo(seq uint64) *memLine {
	n := l.copy()
	at := seq - l.base
	n.entries, n.hashes, n.items = slices.Clip(n.entries[:at]), slices.Clip(n.hashes[:at]), slices.Clip(n.items[:at])
	n.seals = slices.DeleteFunc(slices.Clone(n.seals), func(s memSeal) bool { return s.seq > seq })
	return n
}

func (d *memDesk) Branch(_ context.Context, o incident.Origin, fork uint64) error {
	if d.full {
		return errFull
	}
	l := d.lines[o]
	plain, derived := d.plain[o]
	if !derived {
		plain = o
	} else if fork <= l.base {
		return nil
	}
	for at := max(fork, l.base); at < l.head(); {
		first, _ := l.hashAt(at + 1)
		name := wire.Branch(plain, first)
		there := d.lines[name]
		if there == nil || len(there.entries) == 0 {
			there = &memLine{base: at}
			there.before, _ = l.hashAt(at)
		}
		next := at
		for next < l.head() && next < there.head() {
			own, _ := l.hashAt(next + 1)
			if other, _ := there.hashAt(next + 1); other != own {
				break
			}
			next++
		}
		if next < there.head() { // they part, or this one is the shorter
			at = next
			continue
		}
		from := next - l.base
		there.entries = append(slices.Clip(there.entries), l.entries[from:]...)
		there.hashes = append(slices.Clip(there.hashes), l.hashes[from:]...)
		there.items = append(slices.Clip(there.items), l.items[from:]...)
		for _, s := range l.seals {
			if s.seq > next {
				there.seals = append(slices.Clip(there.seals), s)
			}
		}
		d.lines[name], d.plain[name] = there, plain
		break
	}
	d.lines[o] = l.upTo(fork)
	d.acked[o] = min(d.acked[o], fork)
	d.cursor = nil
	return nil
}

func (d *memDesk) AppendFeed(_ context.Context, runs []wire.Run, cursor *wire.Cursor) error {
	if d.full {
		return errFull
	}
	fresh := map[incident.Origin]*memLine{}
	plain := map[incident.Origin]incident.Origin{}
	var excerpts []wire.Excerpt
	for _, run := range runs {
		if run.First == 0 {
			excerpts = append(excerpts, run.Excerpts...)
			continue
		}
		if err := d.addRun(fresh, plain, run); err != nil {
			return err
		}
	}
	maps.Copy(d.lines, fresh)
	maps.Copy(d.plain, plain)
	for _, x := range excerpts {
		d.excerpts[journal.Next(x.Before, journal.DigestOf(x.Entry))] = x
	}
	if cursor != nil {
		if d.cursor != nil && d.cursor.Epoch == cursor.Epoch && cursor.Pos < d.cursor.Pos {
			d.problem = fmt.Errorf("I6: cursor goes back from %d to %d", d.cursor.Pos, cursor.Pos)
		}
		c := *cursor
		d.cursor = &c
	}
	return nil
}

func (d *memDesk) addRun(fresh map[incident.Origin]*memLine, plain map[incident.Origin]incident.Origin, run wire.Run) error {
	o := run.Origin
	if o == d.cur {
		d.problem = fmt.Errorf("the feed brings the own line")
		return d.problem
	}
	l := fresh[o]
	if l == nil {
		if l = d.lines[o]; l != nil {
			l = l.copy()
		} else {
			l = &memLine{before: journal.Start(o)}
		}
	}
	if len(l.entries) == 0 && (run.First > 1 || run.Before != journal.Start(o)) {
		p, ok := d.parent(run)
		if !ok {
			return &GapError{Head: wire.Head{Origin: o}}
		}
		plain[o] = p
		l.base, l.before = run.First-1, run.Before
	}
	if run.First > l.head()+1 || run.First <= l.base {
		return &GapError{Head: wire.Head{Origin: o, Seq: l.head()}}
	}
	before, _ := l.hashAt(run.First - 1)
	if before != run.Before {
		return &ForkError{o}
	}
	m := moves{run: journal.Run{Origin: o, OldBefore: run.OldBefore}}
	for i, e := range run.Entries {
		hash := journal.Next(before, journal.DigestOf(e))
		r, err := d.codec.Decode(e)
		if err != nil {
			return err
		}
		item := Item{Incident: r.Incident, Scope: r.Scope, Kind: r.Kind, ID: hash, Before: before}
		if r.Kind == incident.KindMoved {
			if err := d.moved(&m, i, r, &item); err != nil {
				return err
			}
		}
		if seq := run.First + uint64(i); seq <= l.head() {
			if held, _ := l.hashAt(seq); held != hash {
				return &ForkError{o}
			}
		} else {
			l.entries, l.hashes, l.items = append(l.entries, e), append(l.hashes, hash), append(l.items, item)
		}
		before = hash
	}
	if last := run.First + uint64(len(run.Entries)) - 1; len(run.Seal) > 0 && (len(l.seals) == 0 || l.seals[len(l.seals)-1].seq < last) {
		l.seals = append(l.seals, memSeal{last, run.Seal})
	}
	fresh[o] = l
	return nil
}

func (d *memDesk) moved(m *moves, i int, r journal.Record, item *Item) error {
	mv, err := d.codec.DecodeMoved(r)
	if err != nil {
		return err
	}
	old := lineOf(deskOf(m.run.Origin), mv.Incarnation)
	before := m.run.OldBefore
	if m.old == old && m.seq+1 == mv.Seq {
		before = m.hash
	} else if i > 0 {
		d.problem = fmt.Errorf("a moved entry in the middle of a run does not follow its neighbour")
	}
	item.ID, item.Before = journal.Next(before, journal.DigestOf(mv.Raw)), before
	m.old, m.seq, m.hash = old, mv.Seq, item.ID
	return nil
}

// parent finds the line that a branch parted from.
func (d *memDesk) parent(run wire.Run) (incident.Origin, bool) {
	first := journal.Next(run.Before, journal.DigestOf(run.Entries[0]))
	for o := range d.lines {
		if deskOf(o) == deskOf(run.Origin) && wire.Branch(o, first) == run.Origin {
			return o, true
		}
	}
	return incident.Origin{}, false
}

func (d *memDesk) FoldDigest(context.Context) ([]byte, error) { return nil, nil }

func (d *memDesk) addKey(k wire.KeyItem) {
	if i, ok := d.keyAt[k.ID]; ok && (len(d.keys[i].Key) == 0 || len(k.Key) > 0) {
		return
	}
	d.keys = append(d.keys, k)
	d.keyAt[k.ID] = len(d.keys) - 1
}

func (d *memDesk) Keys(_ context.Context, after uint64, limit int) ([]wire.KeyItem, uint64, error) {
	to := min(uint64(len(d.keys)), after+uint64(limit))
	if after >= to {
		return nil, after, nil
	}
	return slices.Clone(d.keys[after:to]), to, nil
}

func (d *memDesk) Marks(context.Context) (KeyMarks, error) { return d.marks, nil }

func (d *memDesk) SetMarks(_ context.Context, m KeyMarks) error {
	if d.full {
		return errFull
	}
	d.marks = m
	return nil
}

func (d *memDesk) PutKeys(_ context.Context, items []wire.KeyItem) (uint64, uint64, error) {
	if d.full {
		return 0, 0, errFull
	}
	before := uint64(len(d.keys))
	for _, k := range items {
		d.addKey(k)
	}
	return before, uint64(len(d.keys)), nil
}

func (d *memDesk) addBlob(manifest []byte, chunks map[uint32][]byte) wire.BlobID {
	id := wire.BlobID(journal.DigestOf(manifest))
	d.blobs[id] = &memBlob{manifest, chunks, true}
	return id
}

func (d *memDesk) Unsent(context.Context) ([]byte, error) {
	var ids []wire.BlobID
	for id, b := range d.blobs {
		if b.whole && !d.sent[id] {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	slices.SortFunc(ids, func(a, b wire.BlobID) int { return bytes.Compare(a[:], b[:]) })
	return d.blobs[ids[0]].manifest, nil
}

func (d *memDesk) Sent(_ context.Context, id wire.BlobID) error { d.sent[id] = true; return nil }

func (d *memDesk) Lacking(context.Context) (wire.BlobID, []byte, bool, error) {
	for id := range d.wanted {
		b := d.blobs[id]
		if b == nil {
			return id, nil, true, nil
		}
		if !b.whole {
			return id, bitmap(b.chunks), true, nil
		}
	}
	return wire.BlobID{}, nil, false, nil
}

func (d *memDesk) beginBlob(manifest []byte) *memBlob {
	id := wire.BlobID(journal.DigestOf(manifest))
	if d.blobs[id] == nil {
		d.blobs[id] = &memBlob{manifest: manifest, chunks: map[uint32][]byte{}}
	}
	return d.blobs[id]
}

func (d *memDesk) Begin(_ context.Context, manifest []byte) ([]byte, error) {
	return bitmap(d.beginBlob(manifest).chunks), nil
}

func (d *memDesk) PutChunk(_ context.Context, id wire.BlobID, i uint32, chunk []byte) ([]byte, bool, error) {
	b := d.blobs[id]
	b.chunks[i] = chunk
	codec, err := wire.NewCodec()
	if err != nil {
		return nil, false, err
	}
	m, _, err := codec.Manifest(b.manifest)
	if err != nil {
		return nil, false, err
	}
	if b.whole = len(b.chunks) == len(m.Chunks); b.whole {
		d.sent[id] = true
	}
	return bitmap(b.chunks), b.whole, nil
}

func (d *memDesk) Chunk(_ context.Context, id wire.BlobID, i uint32) ([]byte, error) {
	return d.blobs[id].chunks[i], nil
}
