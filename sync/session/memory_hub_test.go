package session

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sort"
	"sync"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/wire"
)

// memHub is a hub's journal, registry and attachments in memory. What a method did is durable at once; the simulator decides when, and
// whether, a method is called before a crash. copy is a backup.
type memHub struct {
	lines   map[incident.Origin]*memLine
	feed    []HubRecord
	parties map[incident.IncidentID][]incident.ScopeID
	of      map[incident.IncidentID][]place
	reg     sync.Mutex // guards records and rev
	records map[string]memRecord
	rev     uint64
	blobs   map[wire.BlobID]*memBlob
	full    bool // the disk is
	holes   []wire.Span
	lost    map[uint64]bool // positions of records that can't be read
	now     func() incident.Stamp
}

type place struct {
	origin incident.Origin
	seq    uint64
}

// memLine is one origin; of a branch the entries begin after base.
type memLine struct {
	scope   incident.ScopeID
	base    uint64
	before  journal.Hash
	entries [][]byte
	hashes  []journal.Hash
	items   []Item
	seals   []memSeal
	lastHLC incident.HLC
}

type memSeal struct {
	seq  uint64
	seal []byte
}

type memRecord struct {
	value []byte
	rev   uint64
}

type memBlob struct {
	manifest []byte
	chunks   map[uint32][]byte
	whole    bool
}

func newMemHub(now func() incident.Stamp) *memHub {
	return &memHub{
		lines: map[incident.Origin]*memLine{}, parties: map[incident.IncidentID][]incident.ScopeID{},
		of: map[incident.IncidentID][]place{}, records: map[string]memRecord{}, blobs: map[wire.BlobID]*memBlob{}, now: now,
		lost: map[uint64]bool{},
	}
}

func (m *memHub) copy() *memHub {
	n := newMemHub(m.now)
	for o, l := range m.lines {
		n.lines[o] = l.copy()
	}
	n.feed = slices.Clip(m.feed)
	for id, p := range m.parties {
		n.parties[id] = slices.Clip(p)
	}
	for id, p := range m.of {
		n.of[id] = slices.Clip(p)
	}
	n.records, n.rev = maps.Clone(m.records), m.rev
	n.holes, n.lost = slices.Clone(m.holes), maps.Clone(m.lost)
	for id, b := range m.blobs {
		n.blobs[id] = &memBlob{b.manifest, maps.Clone(b.chunks), b.whole}
	}
	return n
}

func (l *memLine) copy() *memLine {
	n := *l
	n.entries, n.hashes, n.items, n.seals = slices.Clip(l.entries), slices.Clip(l.hashes), slices.Clip(l.items), slices.Clip(l.seals)
	return &n
}

func (l *memLine) head() uint64 { return l.base + uint64(len(l.entries)) }

func (l *memLine) hashAt(seq uint64) (journal.Hash, bool) {
	switch {
	case seq == l.base:
		return l.before, true
	case seq < l.base || seq > l.head():
		return journal.Hash{}, false
	}
	return l.hashes[seq-l.base-1], true
}

// piece is Range, Own and Give: entries after the line's base from one sequence to another, cut where moved entries part and where a seal is.
func (l *memLine) piece(origin incident.Origin, from, to uint64, maxBytes int, sealHere bool) journal.Run {
	from = max(from, l.base+1)
	run := journal.Run{Origin: origin, First: from}
	run.Before, _ = l.hashAt(from - 1)
	size := 0
	for seq := from; seq <= min(to, l.head()) && len(run.Entries) < wire.MaxRunEntries; seq++ {
		i := seq - l.base - 1
		item, moved := l.items[i], l.items[i].ID != l.hashes[i]
		if size += len(l.entries[i]); size > maxBytes && len(run.Entries) > 0 {
			break
		}
		if moved && len(run.Entries) > 0 && (item.Before != l.items[i-1].ID) {
			break
		}
		if moved && len(run.Entries) == 0 {
			run.OldBefore = item.Before
		}
		run.Entries = append(run.Entries, l.entries[i])
	}
	if sealHere || len(run.Entries) == 0 {
		return run
	}
	for i := len(l.seals) - 1; i >= 0; i-- {
		if s := l.seals[i]; s.seq >= from && s.seq <= run.Last() {
			run.Entries, run.Seal = run.Entries[:s.seq-from+1], s.seal
			break
		}
	}
	return run
}

// rot makes a record unreadable.
func (m *memHub) rot(pos uint64) wire.Span {
	run := m.feed[pos-1].Run
	span := wire.Span{Origin: run.Origin, From: run.First, To: run.Last()}
	m.lost[pos] = true
	m.holes = append(m.holes, span)
	return span
}

// hole returns the hole that an entry is in.
func (m *memHub) hole(o incident.Origin, seq uint64) (wire.Span, bool) {
	i := slices.IndexFunc(m.holes, func(s wire.Span) bool { return s.Origin == o && s.From <= seq && seq <= s.To })
	if i < 0 {
		return wire.Span{}, false
	}
	return m.holes[i], true
}

// readable returns the facts that are not in holes.
func (m *memHub) readable() map[incident.EntryID]bool {
	if len(m.holes) == 0 {
		return allIDs(m.lines, everything)
	}
	ids := map[incident.EntryID]bool{}
	for o, l := range m.lines {
		for i, item := range l.items {
			if _, lost := m.hole(o, l.base+uint64(i)+1); !lost {
				ids[item.ID] = true
			}
		}
	}
	return ids
}

func (m *memHub) Holes(context.Context, incident.ScopeID) ([]wire.Span, error) {
	return slices.Clone(m.holes), nil
}

// mend takes a run that fills a hole exactly.
func (m *memHub) mend(hr HubRun, hole wire.Span) (wire.Stamp, error) {
	l := m.lines[hr.Run.Origin]
	if hr.Run.First != hole.From || hr.Run.Last() != hole.To {
		return wire.Stamp{}, m.gap(hr.Run.Origin, l)
	}
	for i, e := range hr.Run.Entries {
		if at := hr.Run.First + uint64(i) - l.base - 1; !bytes.Equal(l.entries[at], e) || l.items[at] != hr.Items[i] {
			return wire.Stamp{}, ErrFork
		}
	}
	m.holes = slices.DeleteFunc(m.holes, func(s wire.Span) bool { return s == hole })
	return m.put(hr), nil
}

func (m *memHub) Append(_ context.Context, _ incident.ScopeID, runs []HubRun) ([]wire.Stamp, []error) {
	stamps, errs := make([]wire.Stamp, len(runs)), make([]error, len(runs))
	for i, hr := range runs {
		if stamps[i], errs[i] = m.append(hr); errs[i] != nil {
			for j := i + 1; j < len(runs); j++ {
				errs[j] = errs[i]
			}
			break
		}
	}
	return stamps, errs
}

func (m *memHub) append(hr HubRun) (wire.Stamp, error) {
	if m.full {
		return wire.Stamp{}, ErrUnavailable
	}
	run := hr.Run
	l := m.lines[run.Origin]
	if l == nil {
		l = &memLine{scope: hr.Scope, before: journal.Start(run.Origin)}
		if hr.Root {
			l.base, l.before = run.First-1, run.Before
		}
	}
	if run.First > l.head()+1 || run.First <= l.base {
		return wire.Stamp{}, m.gap(run.Origin, l)
	}
	if run.First <= l.head() {
		if hole, ok := m.hole(run.Origin, run.First); ok {
			return m.mend(hr, hole)
		}
		for i, e := range run.Entries {
			if at := run.First + uint64(i); at <= l.head() && !bytes.Equal(l.entries[at-l.base-1], e) {
				return wire.Stamp{}, ErrFork
			}
		}
		for _, rec := range m.feed {
			if rec.Run.Origin == run.Origin && !m.lost[rec.Stamp.Pos] && rec.Run.First == run.First && len(rec.Run.Entries) == len(run.Entries) {
				return rec.Stamp, nil
			}
		}
		return wire.Stamp{}, m.gap(run.Origin, l)
	}
	if before, _ := l.hashAt(run.First - 1); before != run.Before {
		return wire.Stamp{}, ErrFork
	}
	m.lines[run.Origin] = l
	before := run.Before
	for i, e := range run.Entries {
		before = journal.Next(before, journal.DigestOf(e))
		l.entries, l.hashes = append(l.entries, e), append(l.hashes, before)
		item := hr.Items[i]
		m.of[item.Incident] = append(m.of[item.Incident], place{run.Origin, run.First + uint64(i)})
		for _, scope := range []incident.ScopeID{item.Scope, hr.Scope} {
			if !slices.Contains(m.parties[item.Incident], scope) {
				m.parties[item.Incident] = append(m.parties[item.Incident], scope)
			}
		}
	}
	l.items = append(l.items, hr.Items...)
	l.lastHLC = hr.HLC
	if len(run.Seal) > 0 {
		l.seals = append(l.seals, memSeal{run.Last(), run.Seal})
	}
	return m.put(hr), nil
}

// put adds a record to the feed.
func (m *memHub) put(hr HubRun) wire.Stamp {
	check := [8]byte{}
	if len(m.feed) > 0 {
		check = m.feed[len(m.feed)-1].Check
	}
	rec := HubRecord{
		HubRun: hr, Stamp: wire.Stamp{Pos: uint64(len(m.feed)) + 1, ReceivedAt: m.now(), Flags: hr.Flags},
		Check: wire.NextCheck(check, hr.Run.Origin, hr.Run.First, hr.Last),
	}
	m.feed = append(m.feed, rec)
	return rec.Stamp
}

func (m *memHub) gap(origin incident.Origin, l *memLine) error {
	hash, _ := l.hashAt(l.head())
	head := wire.Head{Origin: origin, Seq: l.head(), Hash: hash}
	if len(l.entries) == 0 {
		head.Seq = 0
	}
	return &GapError{Head: head}
}

func (m *memHub) Heads(ctx context.Context, county incident.ScopeID) ([]HubHead, error) {
	var heads []HubHead
	for o := range m.lines {
		h, _ := m.Head(ctx, county, o)
		heads = append(heads, h)
	}
	slices.SortFunc(heads, func(a, b HubHead) int { return bytes.Compare(a.Origin[:], b.Origin[:]) })
	return heads, nil
}

func (m *memHub) Head(_ context.Context, _ incident.ScopeID, o incident.Origin) (HubHead, error) {
	l := m.lines[o]
	if l == nil {
		return HubHead{Head: wire.Head{Origin: o}}, nil
	}
	h := HubHead{Head: wire.Head{Origin: o, Seq: l.head()}, Scope: l.scope, LastHLC: l.lastHLC}
	h.Hash, _ = l.hashAt(l.head())
	return h, nil
}

func (m *memHub) Feed(_ context.Context, _ incident.ScopeID, after uint64, limit int) ([]HubRecord, uint64, error) {
	to := min(uint64(len(m.feed)), after+uint64(limit))
	if after >= to {
		return nil, after, nil
	}
	records := slices.DeleteFunc(slices.Clone(m.feed[after:to]), func(r HubRecord) bool { return m.lost[r.Stamp.Pos] })
	return records, to, nil
}

func (m *memHub) End(ctx context.Context, county incident.ScopeID) (uint64, [8]byte, error) {
	check, err := m.CheckAt(ctx, county, uint64(len(m.feed)))
	return uint64(len(m.feed)), check, err
}

func (m *memHub) CheckAt(_ context.Context, _ incident.ScopeID, pos uint64) ([8]byte, error) {
	switch {
	case pos > uint64(len(m.feed)):
		return [8]byte{}, ErrNotFound
	case pos == 0:
		return [8]byte{}, nil
	}
	return m.feed[pos-1].Check, nil
}

func (m *memHub) Range(_ context.Context, _ incident.ScopeID, o incident.Origin, from, to uint64, maxBytes int) (journal.Run, error) {
	l := m.lines[o]
	if l == nil || max(from, l.base+1) > l.head() {
		return journal.Run{}, ErrNotFound
	}
	if _, lost := m.hole(o, max(from, l.base+1)); lost {
		return journal.Run{}, ErrNotFound
	}
	for _, h := range m.holes {
		if h.Origin == o && h.From > from {
			to = min(to, h.From-1)
		}
	}
	return l.piece(o, from, to, maxBytes, false), nil
}

func (m *memHub) HashAt(_ context.Context, _ incident.ScopeID, o incident.Origin, seq uint64) (journal.Hash, error) {
	l := m.lines[o]
	if l == nil {
		if seq == 0 {
			return journal.Start(o), nil
		}
		return journal.Hash{}, ErrNotFound
	}
	h, ok := l.hashAt(seq)
	if hole, lost := m.hole(o, seq); !ok || lost && seq != hole.To {
		return h, ErrNotFound
	}
	if first, lost := m.hole(o, l.base+1); lost && seq == l.base && first.From == l.base+1 {
		return h, ErrNotFound // it stood in the first record
	}
	return h, nil
}

func (m *memHub) Incident(_ context.Context, _ incident.ScopeID, id incident.IncidentID) ([]wire.Excerpt, error) {
	places := slices.Clone(m.of[id])
	sort.Slice(places, func(i, j int) bool {
		if c := bytes.Compare(places[i].origin[:], places[j].origin[:]); c != 0 {
			return c < 0
		}
		return places[i].seq < places[j].seq
	})
	var out []wire.Excerpt
	seen := map[incident.EntryID]bool{}
	for _, p := range places {
		l := m.lines[p.origin]
		i := p.seq - l.base - 1
		if _, lost := m.hole(p.origin, p.seq); lost {
			continue
		}
		if item := l.items[i]; !seen[item.ID] {
			seen[item.ID] = true
			out = append(out, wire.Excerpt{Origin: p.origin, Seq: p.seq, Before: item.Before, Entry: l.entries[i]})
		}
	}
	return out, nil
}

func (m *memHub) Parties(_ context.Context, _ incident.ScopeID, id incident.IncidentID) ([]incident.ScopeID, error) {
	return m.parties[id], nil
}

func (m *memHub) Shared(_ context.Context, _, party incident.ScopeID) ([]incident.IncidentID, error) {
	var out []incident.IncidentID
	for id, parties := range m.parties {
		if !id.IsZero() && len(parties) > 1 && slices.Contains(parties, party) {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, func(a, b incident.IncidentID) int { return bytes.Compare(a[:], b[:]) })
	return out, nil
}

func (m *memHub) Bell(context.Context, incident.ScopeID) <-chan struct{} { return nil }

func (m *memHub) Get(_ context.Context, key string) ([]byte, uint64, error) {
	m.reg.Lock()
	defer m.reg.Unlock()
	r, ok := m.records[key]
	if !ok {
		return nil, 0, ErrNotFound
	}
	return r.value, r.rev, nil
}

func (m *memHub) Put(_ context.Context, key string, value []byte, rev uint64) (uint64, error) {
	if m.full {
		return 0, ErrUnavailable
	}
	m.reg.Lock()
	defer m.reg.Unlock()
	if m.records[key].rev != rev {
		return 0, ErrRevision
	}
	if value == nil {
		delete(m.records, key)
		return 0, nil
	}
	m.rev++
	m.records[key] = memRecord{value, m.rev}
	return m.rev, nil
}

func (m *memHub) List(_ context.Context, prefix string) ([]string, error) {
	var out []string
	for k := range m.records {
		if len(k) >= len(prefix) && k[:len(prefix)] == prefix {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out, nil
}

func (m *memHub) Have(_ context.Context, _ incident.ScopeID, id wire.BlobID) ([]byte, bool, error) {
	b := m.blobs[id]
	if b == nil {
		return nil, false, ErrNotFound
	}
	return bitmap(b.chunks), b.whole, nil
}

func bitmap(chunks map[uint32][]byte) []byte {
	have := []byte{0}
	for i := range chunks {
		for int(i/8) >= len(have) {
			have = append(have, 0)
		}
		have[i/8] |= 1 << (i % 8)
	}
	return have
}

func (m *memHub) Begin(_ context.Context, _ incident.ScopeID, manifest []byte) (wire.BlobID, error) {
	id := wire.BlobID(journal.DigestOf(manifest))
	if m.blobs[id] == nil {
		m.blobs[id] = &memBlob{manifest: manifest, chunks: map[uint32][]byte{}}
	}
	return id, nil
}

func (m *memHub) PutChunk(_ context.Context, _ incident.ScopeID, id wire.BlobID, i uint32, chunk []byte) error {
	if m.full {
		return ErrUnavailable
	}
	if m.blobs[id] == nil {
		return ErrNotFound
	}
	m.blobs[id].chunks[i] = chunk
	return nil
}

func (m *memHub) Finish(_ context.Context, _ incident.ScopeID, id wire.BlobID) error {
	m.blobs[id].whole = true
	return nil
}

func (m *memHub) Manifest(_ context.Context, _ incident.ScopeID, id wire.BlobID) ([]byte, error) {
	return m.blobs[id].manifest, nil
}

func (m *memHub) Chunk(_ context.Context, _ incident.ScopeID, id wire.BlobID, i uint32) ([]byte, error) {
	return m.blobs[id].chunks[i], nil
}
