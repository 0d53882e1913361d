package session

import (
	"context"
	"errors"
	"slices"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/wire"
)

// push sends the next run of the own line, as long as the window is open. The first entry after a pause goes at once.
func (d *DeskCore) push() {
	if d.phase != phaseLive || d.reading || d.stopped || d.retryAt > 0 || len(d.inflight) >= wire.MaxUnacked {
		return
	}
	d.reading = true
	gen, after := d.pushGen, d.sent
	must(d, func(ctx context.Context) (journal.Run, error) { return d.p.Journal.Own(ctx, after) }, func(run journal.Run) {
		if gen != d.pushGen {
			return
		}
		d.reading = false
		if len(run.Entries) == 0 {
			d.sendKeys()
			return
		}
		d.sent = run.Last()
		d.inflight = append(d.inflight, d.sent)
		d.send(wire.Push{First: run.First, Before: run.Before, Entries: run.Entries, Seal: run.Seal, OldBefore: run.OldBefore})
		d.push()
	})
}

func (d *DeskCore) ack(a wire.Ack) {
	d.inflight = slices.DeleteFunc(d.inflight, func(last uint64) bool { return last <= a.Seq })
	d.acked = max(d.acked, a.Seq)
	d.note()
	d.push()
}

// note stores how far the hub has the own line, one write at a time.
func (d *DeskCore) note() {
	if d.noting || d.acked == d.noted {
		return
	}
	d.noting = true
	seq, origin := d.acked, d.origin()
	must(d, func(ctx context.Context) (nothing, error) { return nothing{}, d.p.Journal.SetAcked(ctx, origin, seq) }, func(nothing) {
		d.noting, d.noted = false, seq
		d.note()
	})
}

// vector tells the hub all that is held whole; the hub answers with what is lacking here, and asks for what it lacks.
func (d *DeskCore) vector() {
	if d.vectors++; d.vectors > maxVectors {
		d.alarm(AlarmTangled, nil)
		d.close(CloseDone, 0)
		return
	}
	d.comparing, d.dirty = true, false
	clear(d.skip)
	must(d, d.p.Journal.Heads, func(heads []wire.Head) { d.send(wire.Vector{Heads: heads}) })
}

// take stores what has come, everything that waits in one transaction, and gives the credit back.
func (d *DeskCore) take() {
	if d.appending || len(d.feeds) == 0 {
		return
	}
	d.appending = true
	feeds := d.feeds
	d.feeds = nil
	d.store(feeds)
}

func (d *DeskCore) store(feeds []wire.Feed) {
	var runs []wire.Run
	pos, check := d.pos, [8]byte{}
	for _, f := range feeds {
		if f.After > pos {
			continue // of before a comparison
		}
		for _, run := range f.Runs {
			if d.skip[run.Origin] {
				d.dirty = true
				continue
			}
			runs = append(runs, run)
		}
		if f.To > pos {
			pos, check = f.To, f.Check
		}
	}
	var cursor *wire.Cursor
	if pos > d.pos && !d.dirty {
		cursor = &wire.Cursor{Epoch: d.epoch, Pos: pos, Check: check}
	}
	task(d, func(ctx context.Context) (nothing, error) {
		for _, run := range runs {
			if run.First == 0 {
				if err := d.p.Codec.VerifyExcerpts(d.p.HubKey, run.Excerpts, run.Seal); err != nil {
					return nothing{}, err
				}
			}
		}
		if len(runs) == 0 && cursor == nil {
			return nothing{}, nil
		}
		return nothing{}, d.p.Journal.AppendFeed(ctx, runs, cursor)
	}, func(_ nothing, err error) {
		var gap *GapError
		var fork *ForkError
		switch {
		case errors.As(err, &gap):
			d.leaveOut(gap.Head.Origin)
			d.store(feeds)
		case errors.As(err, &fork):
			d.leaveOut(fork.Origin)
			d.forked(fork.Origin)
			d.store(feeds)
		case err != nil:
			d.fail(err)
		default:
			d.stored(feeds, cursor)
		}
	})
}

func (d *DeskCore) leaveOut(origin incident.Origin) {
	d.skip[origin], d.dirty = true, true
}

func (d *DeskCore) stored(feeds []wire.Feed, cursor *wire.Cursor) {
	d.appending = false
	if cursor != nil && !d.dirty {
		d.pos = cursor.Pos
	}
	for _, f := range feeds {
		d.send(wire.FeedAck{Pos: f.To})
		if d.comparing && !f.More && f.After == 0 {
			d.comparing = false
		}
		d.caught = !f.More
	}
	if d.caught && !d.dirty {
		d.out = append(d.out, Caught{d.pos})
	}
	d.take()
	d.settle()
}

// forked notes a line of which the hub has another version.
func (d *DeskCore) forked(origin incident.Origin) {
	d.dirty = true
	if !slices.Contains(d.forks, origin) {
		d.forks = append(d.forks, origin)
	}
}

// settle gives each forked line its branch, one after the other, and compares again when something was left out.
func (d *DeskCore) settle() {
	if d.phase != phaseLive || d.search != nil || d.appending || !d.dirty {
		return
	}
	if len(d.forks) == 0 {
		if !d.comparing {
			d.vector()
		}
		return
	}
	origin := d.forks[0]
	must(d, d.p.Journal.Heads, func(heads []wire.Head) {
		i := slices.IndexFunc(heads, func(h wire.Head) bool { return h.Origin == origin })
		if i < 0 || d.search != nil || d.appending || len(d.forks) == 0 || d.forks[0] != origin {
			return
		}
		d.find(origin, heads[i].Seq, func(fork uint64) { d.part(origin, fork, heads[i].Seq) })
	})
}

// part moves the own version of a line out of the way, unless the hub's has turned out to be a longer or shorter copy of it.
func (d *DeskCore) part(origin incident.Origin, fork, head uint64) {
	d.appending = true // nothing is stored meanwhile
	must(d, func(ctx context.Context) (nothing, error) {
		if fork == head {
			return nothing{}, nil
		}
		return nothing{}, d.p.Journal.Branch(ctx, origin, fork)
	}, func(nothing) {
		d.appending = false
		d.pos = 0
		d.forks = slices.DeleteFunc(d.forks, func(o incident.Origin) bool { return o == origin })
		d.take()
		d.settle()
	})
}

// compare looks at a hash that the hub told unasked: that it has an own older line, that it has something else than is held here, or
// that a line of which it had lost a part goes on.
func (d *DeskCore) compare(theirs wire.HashIs) {
	task(d, func(ctx context.Context) (journal.Hash, error) {
		return d.p.Journal.HashAt(ctx, theirs.Origin, theirs.Seq)
	},
		func(own journal.Hash, err error) {
			switch {
			case errors.Is(err, ErrNotFound):
				if !d.comparing && !d.dirty {
					d.vector()
				}
			case err != nil:
				d.fail(err)
			case string(own[:]) != string(theirs.Hash):
				d.forked(theirs.Origin)
				d.settle()
			case deskOf(theirs.Origin) == d.p.Desk && theirs.Origin != d.origin():
				must(d, func(ctx context.Context) (nothing, error) {
					return nothing{}, d.p.Journal.SetAcked(ctx, theirs.Origin, theirs.Seq)
				}, func(nothing) {})
			}
		})
}

// give answers each span with one run, without entries if nothing of it is here.
func (d *DeskCore) give(w wire.Want) {
	for _, span := range w.Spans {
		must(d, func(ctx context.Context) (journal.Run, error) {
			return d.p.Journal.Give(ctx, span.Origin, span.From, span.To)
		}, func(run journal.Run) {
			d.send(wire.Give{Run: wire.Run{
				Origin: span.Origin, First: run.First, Before: run.Before, Entries: run.Entries, Seal: run.Seal, OldBefore: run.OldBefore,
			}})
		})
	}
}

// sendBeat says that the desk lives, and how its journals stand.
func (d *DeskCore) sendBeat() {
	d.lastSent = d.now // one at a time
	pos := d.pos
	type state struct {
		heads []wire.Head
		fold  []byte
	}
	must(d, func(ctx context.Context) (s state, err error) {
		if s.heads, err = d.p.Journal.Heads(ctx); err != nil {
			return s, err
		}
		if s.fold, err = d.p.Journal.FoldDigest(ctx); err != nil {
			return s, err
		}
		after, err := d.p.Journal.Heads(ctx)
		if wire.VectorDigest(after) != wire.VectorDigest(s.heads) {
			s.fold = nil // something came or was written between the two
		}
		return s, err
	}, func(s state) {
		if d.appending || d.pos != pos {
			s.fold = nil
		}
		d.send(wire.Beat{
			Time: int64(d.now), Pos: d.pos, Vector: wire.VectorDigest(s.heads), Fold: s.fold, Queue: uint64(len(d.inflight)),
		})
	})
}

// beat compares the hub's digest when both ends should be equal: the hub sends one only then.
func (d *DeskCore) beat(b wire.Beat) {
	if d.phase != phaseLive || d.comparing || d.dirty || d.appending || b.Pos != d.pos || b.Vector == [32]byte{} {
		return
	}
	must(d, d.p.Journal.Heads, func(heads []wire.Head) {
		if idle := len(d.inflight) == 0 && !d.reading && d.sent == d.acked; !idle || d.comparing || b.Pos != d.pos {
			return
		}
		if wire.VectorDigest(heads) != b.Vector {
			d.vector()
		} else {
			d.vectors = 0
		}
	})
}

// Settled reports whether both ends have all of each other, as far as this end knows: nothing is under way in either direction.
func (d *DeskCore) Settled() bool {
	return d.phase == phaseLive && d.caught && !d.dirty && !d.comparing && !d.appending && len(d.feeds) == 0 &&
		!d.reading && len(d.inflight) == 0 && d.acked == d.sent && !d.noting &&
		d.keysReady && !d.keysBusy && !d.keysSent
}
