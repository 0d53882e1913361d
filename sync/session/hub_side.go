package session

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"zw110/data/incident"
	"zw110/sync/wire"
)

// hubKeys is how far a desk has the keys of its scope, and the hub those of the desk.
type hubKeys struct {
	stated bool // the hub's marks are on their way to the desk
	ready  bool // the desk has answered
	marks  keyMarks
	sent   uint64 // mark after the keys on their way; 0: none are
	busy   bool

	writing, again, tell bool // of the marks
}

type keyMarks struct {
	_    struct{} `cbor:",toarray"`
	Down uint64   // in the log of the desk's scope
	Up   uint64   // in the order of the desk's store
}

// keyRef names a key in the log of a scope.
type keyRef struct {
	_     struct{} `cbor:",toarray"`
	Scope incident.ScopeID
	ID    incident.KeyID
}

func (h *HubCore) startKeys(c *conn) {
	line := c.line
	hubTask(h, c, func(ctx context.Context) (marks keyMarks, err error) {
		if _, err = get(ctx, h.p.Registry, lineKey(prefixMark, line), &marks); errors.Is(err, ErrNotFound) {
			err = nil
		}
		return marks, err
	}, func(marks keyMarks, err error) {
		if err != nil {
			h.unavailable(c, wire.TypeKeys, err)
			return
		}
		c.keys.marks, c.keys.stated = marks, true
		h.send(c, wire.Keys{Mark: marks.Up, Log: marks.Down})
	})
}

// sendKeys sends the next keys of the desk's scope once it has the entries that they open.
func (h *HubCore) sendKeys(c *conn) {
	k := &c.keys
	if !k.ready || !c.caught || k.busy || k.sent > 0 {
		return
	}
	k.busy = true
	mark := k.marks.Down
	type batch struct {
		items []wire.KeyItem
		to    uint64
	}
	bulkTask(h, c, func(ctx context.Context) (b batch, err error) {
		b.items, b.to, err = h.readKeys(ctx, c.desk.Scope, mark)
		return b, err
	}, func(b batch, err error) {
		k.busy = false
		if err != nil {
			h.unavailable(c, wire.TypeKeys, err)
			return
		}
		if len(b.items) > 0 && k.marks.Down == mark {
			k.sent = b.to
			h.send(c, wire.Keys{Items: b.items, Log: b.to})
		}
	})
}

// readKeys reads one page of a scope's log at most.
func (h *HubCore) readKeys(ctx context.Context, scope incident.ScopeID, mark uint64) (items []wire.KeyItem, to uint64, err error) {
	var refs []keyRef
	_, err = get(ctx, h.p.Registry, logKey(scope, mark/keyPage), &refs)
	if errors.Is(err, ErrNotFound) || err == nil && uint64(len(refs)) <= mark%keyPage {
		return nil, mark, nil
	}
	if err != nil {
		return nil, mark, err
	}
	refs = refs[mark%keyPage:]
	for _, ref := range refs {
		var item wire.KeyItem
		if _, err := get(ctx, h.p.Registry, keyKey(ref), &item); err != nil {
			return nil, mark, err
		}
		items = append(items, item)
	}
	return items, mark + uint64(len(refs)), nil
}

func logKey(scope incident.ScopeID, page uint64) string {
	return fmt.Sprintf("%s%d/%016x", prefixLog, scope, page)
}

func keyKey(ref keyRef) string {
	return fmt.Sprintf("%s%d/%s", prefixKey, ref.Scope, hex.EncodeToString(ref.ID[:]))
}

// keysCame stores what a desk sends, or notes that it has what was sent to it.
func (h *HubCore) keysCame(c *conn, m wire.Keys) {
	k := &c.keys
	switch {
	case !k.stated || !k.ready && len(m.Items) > 0:
		h.protocol(c, wire.TypeKeys)
		return
	case !k.ready: // where both begin
		k.ready = true
		k.marks = keyMarks{Down: min(k.marks.Down, m.Log), Up: min(k.marks.Up, m.Mark)}
		h.sendKeys(c)
		return
	case len(m.Items) == 0:
		if k.sent > 0 {
			k.marks.Down, k.sent = k.sent, 0
			k.marks.Up = max(k.marks.Up, m.Mark)
			h.markKeys(c, false)
		}
		return
	}
	scope := c.desk.Scope
	if c.stopped || len(m.Items) > keysAtOnce || slices.ContainsFunc(m.Items, func(i wire.KeyItem) bool {
		return !within(scope, i.Scope) || len(i.Key) != 0 && len(i.Key) != 32
	}) {
		h.protocol(c, wire.TypeKeys)
		return
	}
	type span struct{ before, after uint64 }
	hubTask(h, c, func(ctx context.Context) (s span, err error) {
		s.before, s.after, err = h.storeKeys(ctx, scope, m.Items)
		return s, err
	}, func(s span, err error) {
		if err != nil {
			h.unavailable(c, wire.TypeKeys, err)
			return
		}
		k.marks.Up = max(k.marks.Up, m.Mark)
		if s.before == k.marks.Down && k.sent == 0 { // it need not get its own back
			k.marks.Down = s.after
		}
		h.markKeys(c, true)
		for _, o := range h.sorted() {
			if o != c && o.phase == hubLive {
				h.sendKeys(o)
			}
		}
	})
}

// markKeys writes down how far both ends are, and tells the desk that what it sent is stored.
func (h *HubCore) markKeys(c *conn, tell bool) {
	k := &c.keys
	k.tell = k.tell || tell
	if k.writing {
		k.again = true
		return
	}
	k.writing, k.again = true, false
	line, marks := c.line, k.marks
	hubTask(h, c, func(ctx context.Context) (nothing, error) {
		var old keyMarks
		rev, err := get(ctx, h.p.Registry, lineKey(prefixMark, line), &old)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nothing{}, err
		}
		err = put(ctx, h.p.Registry, lineKey(prefixMark, line), marks, rev)
		if errors.Is(err, ErrRevision) {
			err = nil // a newer connection of the line
		}
		return nothing{}, err
	}, func(_ nothing, err error) {
		k.writing = false
		if err != nil {
			h.unavailable(c, wire.TypeKeys, err)
			return
		}
		if k.again {
			h.markKeys(c, false)
			return
		}
		if k.tell {
			k.tell = false
			h.send(c, wire.Keys{Mark: marks.Up, Log: marks.Down})
		}
		h.sendKeys(c)
	})
}

// storeKeys puts keys and erasures and returns the marks of the sender's scope before and after. An erased key never comes back.
func (h *HubCore) storeKeys(ctx context.Context, scope incident.ScopeID, items []wire.KeyItem) (before, after uint64, err error) {
	if before, err = h.logEnd(ctx, scope); err != nil {
		return 0, 0, err
	}
	changed, err := h.storeAll(ctx, items)
	if err != nil {
		return 0, 0, err
	}
	fresh, known := map[incident.ScopeID][]keyRef{}, map[incident.ScopeID][]keyRef{}
	for i, item := range items {
		ref, into := keyRef{Scope: item.Scope, ID: item.ID}, known
		if changed[i] {
			into = fresh
		}
		into[item.Scope] = append(into[item.Scope], ref)
		if item.Scope != h.p.County {
			into[h.p.County] = append(into[h.p.County], ref)
		}
	}
	// A key may be there and not in the log, if the hub died in between, or its disk was full.
	for s, refs := range known {
		left, err := h.unlogged(ctx, s, refs)
		if err != nil {
			return 0, 0, err
		}
		fresh[s] = append(fresh[s], left...)
	}
	for _, s := range slices.Sorted(maps.Keys(fresh)) {
		if err := h.logKeys(ctx, s, fresh[s]); err != nil {
			return 0, 0, err
		}
	}
	after, err = h.logEnd(ctx, scope)
	if err == nil && after != before+uint64(len(fresh[scope])) {
		before = after + 1 // somebody else's came in between: the desk gets them all
	}
	return before, after, err
}

// storeAll stores keys side by side, so that a registry may put them down together: one after the other each would wait for the disk.
func (h *HubCore) storeAll(ctx context.Context, items []wire.KeyItem) ([]bool, error) {
	changed, errs := make([]bool, len(items)), make([]error, len(items))
	var all sync.WaitGroup
	for i, item := range items {
		all.Go(func() { changed[i], errs[i] = h.storeKey(ctx, item) })
	}
	all.Wait()
	return changed, errors.Join(errs...)
}

func (h *HubCore) storeKey(ctx context.Context, item wire.KeyItem) (changed bool, err error) {
	key := keyKey(keyRef{Scope: item.Scope, ID: item.ID})
	for range putAttempts {
		var old wire.KeyItem
		rev, err := get(ctx, h.p.Registry, key, &old)
		switch {
		case errors.Is(err, ErrNotFound):
		case err != nil:
			return false, err
		case len(old.Key) == 0 || len(item.Key) > 0: // erased, or there
			return false, nil
		}
		if err := put(ctx, h.p.Registry, key, item, rev); !errors.Is(err, ErrRevision) {
			return true, err
		}
	}
	return false, ErrRevision
}

// unlogged returns those of some keys that a scope's log doesn't name.
func (h *HubCore) unlogged(ctx context.Context, scope incident.ScopeID, refs []keyRef) ([]keyRef, error) {
	left := slices.Clone(refs)
	for page := uint64(0); len(left) > 0; page++ {
		var logged []keyRef
		_, err := get(ctx, h.p.Registry, logKey(scope, page), &logged)
		if errors.Is(err, ErrNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		left = slices.DeleteFunc(left, func(r keyRef) bool { return slices.Contains(logged, r) })
	}
	return left, nil
}

// logEnd finds the end of a scope's log by doubling and halving, since a registry has no order to walk.
func (h *HubCore) logEnd(ctx context.Context, scope incident.ScopeID) (uint64, error) {
	size := func(page uint64) (uint64, error) {
		var refs []keyRef
		_, err := get(ctx, h.p.Registry, logKey(scope, page), &refs)
		if errors.Is(err, ErrNotFound) {
			err = nil
		}
		return uint64(len(refs)), err
	}
	full, empty := uint64(0), uint64(1) // pages before full are full, those from empty on are not there
	for {
		n, err := size(empty)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			break
		}
		full, empty = empty, 2*empty
	}
	for full+1 < empty {
		mid := full + (empty-full)/2
		n, err := size(mid)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			empty = mid
		} else {
			full = mid
		}
	}
	n, err := size(full)
	return full*keyPage + n, err
}

func (h *HubCore) logKeys(ctx context.Context, scope incident.ScopeID, refs []keyRef) error {
	for attempt := 0; len(refs) > 0; {
		end, err := h.logEnd(ctx, scope)
		if err != nil {
			return err
		}
		key := logKey(scope, end/keyPage)
		var page []keyRef
		rev, err := get(ctx, h.p.Registry, key, &page)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		n := min(len(refs), keyPage-len(page))
		err = put(ctx, h.p.Registry, key, append(page, refs[:n]...), rev)
		if errors.Is(err, ErrRevision) {
			if attempt++; attempt < putAttempts {
				continue
			}
		}
		if err != nil {
			return err
		}
		refs = refs[n:]
	}
	return nil
}

// presence passes on who has an incident open, to the desks that may read it.
func (h *HubCore) presence(c *conn, m wire.Presence) {
	if m.Desk != c.desk.ID || !within(c.desk.Scope, m.Scope) {
		h.protocol(c, wire.TypePresence)
		return
	}
	for _, o := range h.sorted() {
		if o != c && o.phase == hubLive && o.feeding && within(o.desk.Scope, m.Scope) {
			h.send(o, m)
		}
	}
}

// hubBlob is the attachment that comes from a desk.
type hubBlob struct {
	id       wire.BlobID
	manifest wire.Manifest
	busy     bool
}

func (h *HubCore) sendLow(c *conn, m wire.Message) {
	c.lastSent = h.now
	h.out = append(h.out, Send{Conn: c.id, Message: m, Low: true})
}

// named says whether an entry that the desk may read names the attachment.
func (h *HubCore) named(ctx context.Context, scope incident.ScopeID, id wire.BlobID) (bool, error) {
	if scope < countyDigits {
		_, _, err := h.p.Blobs.Have(ctx, h.p.County, id)
		if err == nil {
			return true, nil
		}
	}
	_, _, err := h.p.Registry.Get(ctx, fmt.Sprintf("%s%d/%s", PrefixBlob, scope, hex.EncodeToString(id[:])))
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// errRefused says that an attachment is not taken or not given.
var errRefused = errors.New("the attachment is not for this desk")

func (h *HubCore) blobCame(c *conn, m wire.Message) {
	if c.blob.busy {
		return // one at a time
	}
	var work func(context.Context) (wire.Message, error)
	switch m := m.(type) {
	case wire.BlobOffer:
		manifest, id, err := h.p.Codec.Manifest(m.Manifest)
		if err != nil {
			h.protocol(c, wire.TypeBlobOffer)
			return
		}
		c.blob.id, c.blob.manifest = id, manifest
		work = func(ctx context.Context) (wire.Message, error) { return h.offered(ctx, c, id, m.Manifest) }
	case wire.BlobChunk:
		if m.Blob != c.blob.id || len(m.Bytes) != c.blob.manifest.ChunkLen(m.Index) || len(m.Bytes) == 0 {
			h.protocol(c, wire.TypeBlobChunk)
			return
		}
		work = func(ctx context.Context) (wire.Message, error) {
			if err := h.p.Blobs.PutChunk(ctx, h.p.County, m.Blob, m.Index, m.Bytes); err != nil {
				return nil, err
			}
			return h.blobState(ctx, m.Blob, len(c.blob.manifest.Chunks))
		}
	case wire.BlobNeed:
		work = func(ctx context.Context) (wire.Message, error) { return h.needed(ctx, c, m) }
	default:
		return // BlobDone: the desk has it
	}
	c.blob.busy = true
	hubTask(h, c, work, func(answer wire.Message, err error) {
		c.blob.busy = false
		switch {
		case errors.Is(err, errRefused):
			h.sendLow(c, wire.Fault{Code: wire.CodeScope, About: m.Type()})
		case err != nil:
			h.sendLow(c, wire.Fault{Code: wire.CodeUnavailable, About: m.Type(), RetryAfter: retryAfter})
		default:
			h.sendLow(c, answer)
		}
	})
}

func (h *HubCore) offered(ctx context.Context, c *conn, id wire.BlobID, manifest []byte) (wire.Message, error) {
	ok, err := h.named(ctx, c.desk.Scope, id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errRefused
	}
	if _, err := h.p.Blobs.Begin(ctx, h.p.County, manifest); err != nil {
		return nil, err
	}
	return h.blobState(ctx, id, len(c.blob.manifest.Chunks))
}

// blobState says which chunks are here, or that the attachment is whole and durable.
func (h *HubCore) blobState(ctx context.Context, id wire.BlobID, chunks int) (wire.Message, error) {
	have, whole, err := h.p.Blobs.Have(ctx, h.p.County, id)
	if err != nil {
		return nil, err
	}
	if _, missing := firstMissing(have, chunks); !whole && !missing {
		err, whole = h.p.Blobs.Finish(ctx, h.p.County, id), true
	}
	if whole {
		return wire.BlobDone{Blob: id}, err
	}
	return wire.BlobNeed{Blob: id, Have: have}, nil
}

// needed gives a desk the manifest, or the first chunk that it lacks.
func (h *HubCore) needed(ctx context.Context, c *conn, m wire.BlobNeed) (wire.Message, error) {
	ok, err := h.named(ctx, c.desk.Scope, m.Blob)
	if err != nil {
		return nil, err
	}
	_, whole, err := h.p.Blobs.Have(ctx, h.p.County, m.Blob)
	if !ok || errors.Is(err, ErrNotFound) || err == nil && !whole {
		return nil, errRefused
	}
	if err != nil {
		return nil, err
	}
	manifest, err := h.p.Blobs.Manifest(ctx, h.p.County, m.Blob)
	if err != nil {
		return nil, err
	}
	if len(m.Have) == 0 {
		return wire.BlobOffer{Manifest: manifest}, nil
	}
	parsed, _, err := h.p.Codec.Manifest(manifest)
	if err != nil {
		return nil, err
	}
	i, missing := firstMissing(m.Have, len(parsed.Chunks))
	if !missing {
		return wire.BlobDone{Blob: m.Blob}, nil
	}
	chunk, err := h.p.Blobs.Chunk(ctx, h.p.County, m.Blob, i)
	return wire.BlobChunk{Blob: m.Blob, Index: i, Bytes: chunk}, err
}
