package desk

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
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

// WriteCourier writes a courier file beside its name and renames it when it is whole and on the disk.
func WriteCourier(ctx context.Context, d *Desk, scope incident.ScopeID, file string) (rep courier.Report, err error) {
	tmp := file + ".new"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return rep, fmt.Errorf("write the courier file: %w", err)
	}
	rep, err = d.CourierOut(ctx, scope, f)
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
		return rep, fmt.Errorf("write the courier file: %w", errors.Join(err, os.Remove(tmp)))
	}
	return rep, nil
}

// ReadCourier takes a courier file, and writes the own one beside it as the receipt; an empty name for it means that the stick
// could not be written.
func ReadCourier(ctx context.Context, d *Desk, file string) (rep courier.Report, receipt string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return rep, "", fmt.Errorf("read the courier file: %w", err)
	}
	rep, err = d.CourierIn(ctx, f)
	if cerr := f.Close(); err == nil && cerr != nil {
		err = fmt.Errorf("read the courier file: %w", cerr)
	}
	if err != nil || IsReceipt(file) {
		return rep, "", err
	}
	receipt = file + receiptSuffix
	if _, err := WriteCourier(ctx, d, 0, receipt); err != nil {
		d.cfg.Log.WithError(err).Info("no receipt on the stick")
		return rep, "", nil
	}
	return rep, receipt, nil
}
