package desk

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"zw110/data/incident"
	"zw110/sync/courier"
	"zw110/sync/wire"
)

// CourierOut writes a courier file for the desks of a township; scope 0 means the own one.
func (d *Desk) CourierOut(ctx context.Context, scope incident.ScopeID, w io.Writer) (courier.Report, error) {
	p, err := d.courier()
	if err != nil {
		return courier.Report{}, err
	}
	if scope == 0 {
		scope = p.Scope
	}
	return courier.Out(ctx, p, scope, w)
}

// CourierIn takes what is in a courier file, all or nothing.
func (d *Desk) CourierIn(ctx context.Context, r io.Reader) (courier.Report, error) {
	p, err := d.courier()
	if err != nil {
		return courier.Report{}, err
	}
	return courier.In(ctx, p, r)
}

// Peers returns what is known of other desks from their courier files.
func (d *Desk) Peers(ctx context.Context) (map[wire.DeskID]courier.Peer, error) {
	return peers{d}.Peers(ctx)
}

func (d *Desk) courier() (courier.Params, error) {
	seat, err := d.Seat()
	if err != nil {
		return courier.Params{}, err
	}
	return courier.Params{
		Journal: d.bridge, Keys: d.bridge, Peers: peers{d}, KeyOf: func(_ context.Context, origin incident.Origin) (ed25519.PublicKey, bool, error) {
			return d.keyOf(seat, origin)
		},
		Hub: seat.Hub, Scope: seat.Scope, Secret: seat.Courier, Seat: seat.Name, Key: d.cfg.Link.Key(), Now: incident.StampOf(d.cfg.Now()),
	}, nil
}

// keyOf returns the key of a line's desk: the hub's own, this desk's, or what the hub journalled at an enrolment, the latest one.
func (d *Desk) keyOf(seat Seat, origin incident.Origin) (key ed25519.PublicKey, ok bool, err error) {
	var id wire.DeskID
	copy(id[:], origin[:])
	switch id {
	case wire.DeskID(seat.Hub):
		return seat.HubKey, true, nil
	case seat.Desk:
		return d.cfg.Link.PublicKey(), true, nil
	}
	entries, err := d.cfg.Link.DeskEntries()
	if err != nil {
		return nil, false, err
	}
	name := hex.EncodeToString(id[:])
	var newest incident.HLC
	for _, e := range entries {
		if wire.HubID(e.Origin[:len(seat.Hub)]) != seat.Hub || e.Kind != incident.KindDeskEnrolled || e.Fact == nil ||
			e.Fact.Question != name || e.HLC < newest {
			continue
		}
		raw, err := hex.DecodeString(e.Fact.Basis)
		if err != nil || len(raw) != ed25519.PublicKeySize {
			continue
		}
		key, ok, newest = raw, true, e.HLC
	}
	return key, ok, nil
}

// peers keeps what is known of other desks in the link's records.
type peers struct{ d *Desk }

// Peers implements courier.Peers.
func (p peers) Peers(context.Context) (map[wire.DeskID]courier.Peer, error) {
	all := map[wire.DeskID]courier.Peer{}
	raw, err := p.d.cfg.Link.Record(recordPeers)
	if err != nil || len(raw) == 0 {
		return all, err
	}
	if err := cbor.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("read what other desks hold: %w", err)
	}
	return all, nil
}

// SetPeer implements courier.Peers.
func (p peers) SetPeer(ctx context.Context, id wire.DeskID, peer courier.Peer) error {
	all, err := p.Peers(ctx)
	if err != nil {
		return err
	}
	all[id] = peer
	raw, err := cbor.Marshal(all)
	if err != nil {
		return fmt.Errorf("encode what other desks hold: %w", err)
	}
	return p.d.cfg.Link.SetRecord(recordPeers, raw)
}

// receiptSuffix names the file that says what was taken.
const receiptSuffix = ".receipt"

// IsReceipt reports whether a file is one that ReadCourier left as the answer to another.
func IsReceipt(file string) bool { return strings.HasSuffix(file, receiptSuffix) }

// Written says what was written and where it ended.
type Written struct {
	courier.Report
	Bytes int64
	Sum   [sha256.Size]byte // of the file
}

// syncEvery is how much is written to a stick before it must be on it: so that progress is true, and a cancelled file ends soon.
const syncEvery = 1 << 20

// WriteCourier writes a courier file beside its name and renames it when it is whole and on the disk. It tells, if told is not nil, how many bytes
// are on the disk of how many. A cancelled file leaves nothing.
func WriteCourier(ctx context.Context, d *Desk, scope incident.ScopeID, file string, told func(done, total int64)) (w Written, err error) {
	tmp := file + ".new"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return w, fmt.Errorf("write the courier file: %w", err)
	}
	out := &stick{ctx: ctx, file: f, told: told, sum: sha256.New()}
	w.Report, err = d.CourierOut(ctx, scope, out)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp, file)
	}
	if err != nil {
		return w, fmt.Errorf("write the courier file: %w", errors.Join(err, os.Remove(tmp)))
	}
	w.Bytes = out.done
	out.sum.Sum(w.Sum[:0])
	return w, nil
}

// stick writes a file piece by piece, each on the disk before the next.
type stick struct {
	ctx  context.Context
	file *os.File
	told func(done, total int64)
	sum  hash.Hash
	done int64
}

// Write implements io.Writer.
func (s *stick) Write(b []byte) (n int, err error) {
	total := s.done + int64(len(b))
	for n < len(b) {
		if err := s.ctx.Err(); err != nil {
			return n, err
		}
		part := b[n:min(len(b), n+syncEvery)]
		m, err := s.file.Write(part)
		s.sum.Write(part[:m])
		n, s.done = n+m, s.done+int64(m)
		if err == nil {
			err = s.file.Sync()
		}
		if err != nil {
			return n, err
		}
		if s.told != nil {
			s.told(s.done, total)
		}
	}
	return n, nil
}

// ReadCourier takes a courier file, and writes the own one beside it as the receipt; an empty name for it means that the stick
// could not be written. It tells, if told is not nil, how many bytes were read of how many; what is cancelled is not taken.
func ReadCourier(ctx context.Context, d *Desk, file string, told func(done, total int64)) (rep courier.Report, receipt string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return rep, "", fmt.Errorf("read the courier file: %w", err)
	}
	in := &reading{ctx: ctx, file: f, told: told}
	if info, serr := f.Stat(); serr == nil {
		in.total = info.Size()
	}
	rep, err = d.CourierIn(ctx, in)
	if cerr := f.Close(); err == nil && cerr != nil {
		err = fmt.Errorf("read the courier file: %w", cerr)
	}
	if err != nil || IsReceipt(file) {
		return rep, "", err
	}
	receipt = file + receiptSuffix
	if _, err := WriteCourier(ctx, d, 0, receipt, nil); err != nil {
		d.cfg.Log.WithError(err).Info("no receipt on the stick")
		return rep, "", nil
	}
	return rep, receipt, nil
}

// reading reads a file and tells how far.
type reading struct {
	ctx         context.Context
	file        *os.File
	told        func(done, total int64)
	done, total int64
}

// Read implements io.Reader.
func (r *reading) Read(b []byte) (n int, err error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err = r.file.Read(b)
	if r.done += int64(n); r.told != nil && n > 0 {
		r.told(r.done, r.total)
	}
	return n, err
}
