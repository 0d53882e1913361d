package session

import (
	"context"

	"zw110/sync/wire"
)

// keysAtOnce is how many keys one message carries.
const keysAtOnce = 256

// sendKeys sends the keys that the hub lacks when nothing of the own line waits: what they open is there before them.
func (d *DeskCore) sendKeys() {
	if d.phase != phaseLive || !d.keysReady || d.keysBusy || d.keysSent || d.stopped {
		return
	}
	d.keysBusy = true
	type batch struct {
		items []wire.KeyItem
		to    uint64
	}
	after := d.keyMark
	must(d, func(ctx context.Context) (b batch, err error) {
		b.items, b.to, err = d.p.Keys.Keys(ctx, after, keysAtOnce)
		return b, err
	}, func(b batch) {
		d.keysBusy = false
		if len(b.items) > 0 && after == d.keyMark {
			d.keysSent = true
			d.send(wire.Keys{Items: b.items, Mark: b.to})
		}
	})
}

// takeKeys stores what the hub sends and says so. Without items the hub only says how many it has from here.
func (d *DeskCore) takeKeys(m wire.Keys) {
	if len(m.Items) == 0 {
		d.keyMark, d.keysReady, d.keysSent = m.Mark, true, false
		d.sendKeys()
		return
	}
	type span struct{ before, after uint64 }
	must(d, func(ctx context.Context) (s span, err error) {
		s.before, s.after, err = d.p.Keys.PutKeys(ctx, m.Items)
		return s, err
	}, func(s span) {
		if s.before == d.keyMark && d.keysReady && !d.keysSent { // the hub need not get its own back
			d.keyMark = s.after
			d.send(wire.Keys{Mark: s.after})
			return
		}
		d.send(wire.Keys{})
	})
}

// deskBlobs is the attachment on its way up and the one on its way down.
type deskBlobs struct {
	up, down         wire.BlobID // zero: none
	manifest         wire.Manifest
	busy             bool
	noneUp, noneDown bool // nothing more until the store is stirred
}

func (d *DeskCore) sendLow(m wire.Message) {
	d.lastSent = d.now
	d.out = append(d.out, Send{Message: m, Low: true})
}

// nextBlob begins with the next attachment each way once the entries are through.
func (d *DeskCore) nextBlob() {
	b := &d.blobs
	if d.phase != phaseLive || b.busy || len(d.inflight) > 0 || d.appending || d.stopped {
		return
	}
	switch {
	case b.up == wire.BlobID{} && !b.noneUp:
		b.busy = true
		must(d, d.p.Blobs.Unsent, func(manifest []byte) {
			b.busy = false
			m, id, err := d.p.Codec.Manifest(manifest)
			if b.noneUp = manifest == nil || err != nil; b.noneUp {
				return
			}
			b.up, b.manifest = id, m
			d.sendLow(wire.BlobOffer{Manifest: manifest})
		})
	case b.down == wire.BlobID{} && !b.noneDown && d.caught:
		type lack struct {
			id    wire.BlobID
			have  []byte
			found bool
		}
		b.busy = true
		must(d, func(ctx context.Context) (l lack, err error) {
			l.id, l.have, l.found, err = d.p.Blobs.Lacking(ctx)
			return l, err
		}, func(l lack) {
			b.busy, b.noneDown = false, !l.found
			if l.found {
				b.down = l.id
				d.sendLow(wire.BlobNeed{Blob: l.id, Have: l.have})
			}
		})
	}
}

func (d *DeskCore) blob(m wire.Message) {
	b := &d.blobs
	switch m := m.(type) {
	case wire.BlobNeed: // of what goes up
		i, missing := firstMissing(m.Have, len(b.manifest.Chunks))
		if m.Blob != b.up || !missing {
			return
		}
		must(d, func(ctx context.Context) ([]byte, error) { return d.p.Blobs.Chunk(ctx, m.Blob, i) }, func(chunk []byte) {
			d.sendLow(wire.BlobChunk{Blob: m.Blob, Index: i, Bytes: chunk})
		})
	case wire.BlobDone:
		if m.Blob == b.up {
			d.sentBlob()
		}
	case wire.BlobOffer: // of what was asked for
		if _, id, err := d.p.Codec.Manifest(m.Manifest); err != nil || id != b.down {
			return
		}
		must(d, func(ctx context.Context) ([]byte, error) { return d.p.Blobs.Begin(ctx, m.Manifest) }, func(have []byte) {
			d.sendLow(wire.BlobNeed{Blob: b.down, Have: have})
		})
	case wire.BlobChunk:
		if m.Blob == b.down {
			d.putChunk(m)
		}
	}
}

func (d *DeskCore) putChunk(m wire.BlobChunk) {
	type state struct {
		have  []byte
		whole bool
	}
	must(d, func(ctx context.Context) (s state, err error) {
		s.have, s.whole, err = d.p.Blobs.PutChunk(ctx, m.Blob, m.Index, m.Bytes)
		return s, err
	}, func(s state) {
		if !s.whole {
			d.sendLow(wire.BlobNeed{Blob: m.Blob, Have: s.have})
			return
		}
		d.blobs.down = wire.BlobID{}
		d.sendLow(wire.BlobDone{Blob: m.Blob})
		d.nextBlob()
	})
}

func (d *DeskCore) sentBlob() {
	id := d.blobs.up
	must(d, func(ctx context.Context) (nothing, error) { return nothing{}, d.p.Blobs.Sent(ctx, id) }, func(nothing) {
		d.blobs.up = wire.BlobID{}
		d.nextBlob()
	})
}

// blobFault gives an attachment up until the store is stirred or the next connection.
func (d *DeskCore) blobFault(f wire.Fault) {
	if f.About == wire.TypeBlobNeed {
		d.blobs.down, d.blobs.noneDown = wire.BlobID{}, true
	} else {
		d.blobs.up, d.blobs.noneUp = wire.BlobID{}, true
	}
}

// firstMissing returns the first of n chunks whose bit is not set.
func firstMissing(have []byte, n int) (uint32, bool) {
	for i := range n {
		if i/8 >= len(have) || have[i/8]&(1<<(i%8)) == 0 {
			return uint32(i), true
		}
	}
	return 0, false
}
