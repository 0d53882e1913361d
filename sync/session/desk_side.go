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
	after := d.keys.Up
	must(d, func(ctx context.Context) (b batch, err error) {
		b.items, b.to, err = d.p.Keys.Keys(ctx, after, keysAtOnce)
		return b, err
	}, func(b batch) {
		d.keysBusy = false
		if len(b.items) > 0 && after == d.keys.Up {
			d.keysSent = true
			d.send(wire.Keys{Items: b.items, Mark: b.to})
		}
	})
}

// takeKeys stores what the hub sends and says how far it is. What the hub says first is compared with what is remembered here.
func (d *DeskCore) takeKeys(m wire.Keys) {
	switch {
	case !d.keysReady:
		d.agreeKeys(m)
	case len(m.Items) == 0:
		d.keysSent = false
		d.markKeys(KeyMarks{Up: m.Mark, Down: d.keys.Down})
		d.sendKeys()
	default:
		type span struct{ before, after uint64 }
		must(d, func(ctx context.Context) (s span, err error) {
			s.before, s.after, err = d.p.Keys.PutKeys(ctx, m.Items)
			return s, err
		}, func(s span) {
			marks := KeyMarks{Up: d.keys.Up, Down: m.Log}
			if s.before == d.keys.Up && !d.keysSent { // the hub need not get its own back
				marks.Up = s.after
			}
			d.markKeys(marks)
			d.send(wire.Keys{Mark: marks.Up, Log: marks.Down})
			d.sendKeys()
		})
	}
}

// agreeKeys begins after the lesser of what both ends remember. A hub that was put back may have forgotten anything.
func (d *DeskCore) agreeKeys(m wire.Keys) {
	must(d, d.p.Keys.Marks, func(own KeyMarks) {
		if d.welcome.Verdict == wire.VerdictHubBehind {
			own = KeyMarks{}
		}
		d.keys, d.keysReady = KeyMarks{Up: min(own.Up, m.Mark), Down: min(own.Down, m.Log)}, true
		d.send(wire.Keys{Mark: d.keys.Up, Log: d.keys.Down})
		d.sendKeys()
	})
}

func (d *DeskCore) markKeys(marks KeyMarks) {
	if d.keys == marks {
		return
	}
	d.keys = marks
	if d.keysMarking {
		return
	}
	d.keysMarking = true
	must(d, func(ctx context.Context) (nothing, error) { return nothing{}, d.p.Keys.SetMarks(ctx, marks) }, func(nothing) {
		d.keysMarking = false
		if now := d.keys; now != marks {
			d.keys = marks
			d.markKeys(now)
		}
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
