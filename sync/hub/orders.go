package hub

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// Order is what the county may order about a desk.
type Order string

// The orders. Each is journalled in the hub's own line when it comes into force.
const (
	OrderHold    Order = "hold"    // what it pushes is kept and hidden
	OrderRelease Order = "release" // what was hidden is shown
	OrderRevoke  Order = "revoke"  // it may no longer connect
)

// ErrSamePerson says that the second person of an order must not be the first.
var ErrSamePerson = errors.New("another person must confirm")

// ErrReason says that an order needs a reason in words.
var ErrReason = errors.New("an order needs a reason")

// pendingLife is how long an order waits for its second person.
const pendingLife = 24 * time.Hour

// pending is the first half of an order.
type pending struct {
	_      struct{} `cbor:",toarray"`
	Order  Order
	By     incident.Login
	Reason string
	At     int64 // Unix seconds
}

// kinds says under which kind an order is journalled.
var kinds = map[Order]incident.Kind{
	OrderHold: incident.KindDeskHeld, OrderRelease: incident.KindDeskReleased, OrderRevoke: incident.KindDeskRevoked,
}

// Give gives an order in the name of an administrator, whose password the caller has checked. The first person's word waits up to a day for a
// second person, who gives the same order; inForce reports whether it is done. Revoking needs one person only: it protects.
func (h *Hub) Give(ctx context.Context, order Order, id wire.DeskID, by incident.Login, reason string) (inForce bool, err error) {
	if kinds[order] == 0 {
		return false, fmt.Errorf("unknown order %q", order)
	}
	if strings.TrimSpace(reason) == "" {
		return false, ErrReason
	}
	desk, err := h.Seats.Desk(ctx, id)
	if err != nil {
		return false, err
	}
	second := incident.Login("")
	if order != OrderRevoke {
		first, done, err := h.second(ctx, order, id, by, reason)
		if err != nil || !done {
			return false, err
		}
		by, second = first, by
	}
	if err := h.carryOut(ctx, order, id); err != nil {
		return false, fmt.Errorf("%s desk: %w", order, err)
	}
	return true, h.write(ctx, kinds[order], desk, by, second, reason)
}

func (h *Hub) carryOut(ctx context.Context, order Order, id wire.DeskID) error {
	switch order {
	case OrderHold:
		lines, err := h.lines(ctx, id)
		if err != nil {
			return err
		}
		for _, line := range lines {
			if err := session.HoldLine(ctx, h.reg, line); err != nil {
				return err
			}
		}
		h.rim.notify(id, wire.Notice{Code: wire.NoticeHeld}, session.CloseDone)
	case OrderRelease:
		held, err := session.HeldLines(ctx, h.reg)
		if err != nil {
			return err
		}
		for line := range held {
			if deskOf(line) != id {
				continue
			}
			var epoch wire.Epoch
			if _, err := io.ReadFull(h.cfg.Rand, epoch[:]); err != nil {
				return fmt.Errorf("make an epoch: %w", err)
			}
			if err := session.ReleaseLine(ctx, h.reg, h.cfg.County, line, epoch); err != nil {
				return err
			}
		}
		h.rim.notify(wire.DeskID{}, wire.Notice{Code: wire.NoticeEpoch, Window: releaseTime}, session.CloseDrain)
	case OrderRevoke:
		if err := h.Seats.revoke(ctx, id); err != nil {
			return err
		}
		h.rim.notify(id, wire.Notice{Code: wire.NoticeRevoked}, session.CloseRevoked)
	}
	return nil
}

// releaseTime is in how many milliseconds the desks come back to see what was released.
const releaseTime = 10_000

// lines returns the lines of a desk that the journal knows.
func (h *Hub) lines(ctx context.Context, id wire.DeskID) ([]incident.Origin, error) {
	heads, err := h.cfg.Journal.Heads(ctx, h.cfg.County)
	if err != nil {
		return nil, fmt.Errorf("read the heads: %w", err)
	}
	var lines []incident.Origin
	for _, head := range heads {
		if deskOf(head.Origin) == id {
			lines = append(lines, head.Origin)
		}
	}
	return lines, nil
}

func deskOf(o incident.Origin) (id wire.DeskID) {
	copy(id[:], o[:])
	return id
}

// second takes the word of one person and reports whether two have now spoken; it returns the first.
func (h *Hub) second(ctx context.Context, order Order, id wire.DeskID, by incident.Login, reason string) (first incident.Login, done bool, err error) {
	key := keyPending + hex.EncodeToString(id[:])
	for {
		var p pending
		revision, err := get(ctx, h.reg, key, &p)
		if err != nil && !errors.Is(err, session.ErrNotFound) {
			return "", false, err
		}
		waiting := err == nil && p.Order == order && h.cfg.Now().Sub(time.Unix(p.At, 0)) < pendingLife
		if waiting && p.By == by {
			return "", false, ErrSamePerson
		}
		if waiting {
			_, err = h.reg.Put(ctx, key, nil, revision)
			first, done = p.By, true
		} else {
			err = put(ctx, h.reg, key, pending{Order: order, By: by, Reason: reason, At: h.cfg.Now().Unix()}, revision)
		}
		if !errors.Is(err, session.ErrRevision) {
			return first, done && err == nil, err
		}
	}
}

// origin is the line under which the hub journals its own orders about a township's desks (or the county's): every scope has one of its
// own, so that nobody reads of others, and every epoch.
func (h *Hub) origin(ctx context.Context, scope incident.ScopeID) (o incident.Origin, err error) {
	epoch, err := session.EpochOf(ctx, h.reg, h.cfg.County)
	if err != nil {
		return o, err
	}
	sum := sha256.Sum256(binary.BigEndian.AppendUint32(epoch[:], uint32(scope)))
	copy(o[:len(h.id.Hub)], h.id.Hub[:])
	copy(o[len(h.id.Hub):], sum[:])
	return o, nil
}

// write journals an order, an enrolment or an alarm in the hub's own line.
func (h *Hub) write(ctx context.Context, kind incident.Kind, desk session.Desk, by, second incident.Login, reason string) error {
	id := h.Identity()
	now := incident.StampOf(h.cfg.Now())
	origin, err := h.origin(ctx, desk.Scope)
	if err != nil {
		return err
	}
	payload, err := h.entries.EncodeFact(&incident.Fact{Kind: kind, At: now, ActorRole: incident.RoleCounty, Fields: incident.Fields{
		Title: desk.Name, Text: reason, Question: hex.EncodeToString(desk.ID[:]), Basis: hex.EncodeToString(desk.Key), Second: second,
	}})
	if err != nil {
		return err
	}
	for {
		head, err := h.cfg.Journal.Head(ctx, id.County, origin)
		if err != nil {
			return fmt.Errorf("journal the county's order: %w", err)
		}
		run, err := h.own(id, origin, head, journal.Record{Scope: desk.Scope, Actor: by, Kind: kind, Ver: journal.PayloadVersion, Payload: payload}, now)
		if err != nil {
			return err
		}
		_, errs := h.cfg.Journal.Append(ctx, id.County, []session.HubRun{run})
		var gap *session.GapError
		if errors.As(errs[0], &gap) || errors.Is(errs[0], session.ErrFork) {
			continue // another process of the cluster wrote first
		}
		if errs[0] != nil {
			return fmt.Errorf("journal the county's order: %w", errs[0])
		}
		return nil
	}
}

// relearn takes up again what the hub had ordered before its store was put back: seats that were given since, and seats that were
// revoked. What the store knows already stays as it is.
func (h *Hub) relearn(ctx context.Context, orders []journal.Record) error {
	for _, r := range orders {
		fact, err := h.entries.Fact(r)
		if err != nil || fact == nil {
			continue
		}
		raw, err := hex.DecodeString(fact.Question)
		if err != nil || len(raw) != len(wire.DeskID{}) {
			continue
		}
		id := wire.DeskID(raw)
		switch r.Kind {
		case incident.KindDeskEnrolled:
			key, err := hex.DecodeString(fact.Basis)
			if err != nil || len(key) != ed25519.PublicKeySize {
				continue
			}
			err = session.PutDesk(ctx, h.reg, session.Desk{ID: id, Scope: r.Scope, Name: fact.Title, Key: key}, 0)
			if err != nil && !errors.Is(err, session.ErrRevision) {
				return fmt.Errorf("take up a seat again: %w", err)
			}
		case incident.KindDeskRevoked:
			if err := h.Seats.revoke(ctx, id); err != nil && !errors.Is(err, session.ErrNotFound) {
				return fmt.Errorf("revoke a seat again: %w", err)
			}
		}
	}
	return nil
}

// own makes a run of one entry that goes on where the hub's line stands.
func (h *Hub) own(id Identity, origin incident.Origin, head session.HubHead, r journal.Record, now incident.Stamp) (session.HubRun, error) {
	before := head.Hash
	if head.Seq == 0 {
		before = journal.Start(origin)
	}
	clock := journal.Clock{Last: head.LastHLC}
	r.Seq, r.HLC = head.Seq+1, clock.Next(now)
	raw, err := h.entries.Encode(r)
	if err != nil {
		return session.HubRun{}, err
	}
	last := journal.Next(before, journal.DigestOf(raw))
	return session.HubRun{
		Run: journal.Run{
			Origin: origin, First: r.Seq, Before: before, Entries: [][]byte{raw}, Seal: journal.Seal(id.Key(), origin, r.Seq, last),
		},
		Scope: r.Scope, Last: last, Items: []session.Item{{Scope: r.Scope, Kind: r.Kind, ID: last, Before: before}}, HLC: r.HLC,
	}, nil
}
