package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/sync/desk"
)

// version is told to the hub.
const version = "zw110ctl 0.2"

// county opens a store together with its end of sync.
func (s store) county(out *output) (*room.Room, *desk.Desk, error) {
	r, err := s.open(out)
	if err != nil {
		return nil, nil, err
	}
	d, err := desk.New(desk.Config{Link: r.Link(), App: version})
	if err != nil {
		return nil, nil, errors.Join(err, r.Close())
	}
	return r, d, nil
}

// enrolCmd makes the store a seat of a county.
type enrolCmd struct {
	store
	Hub   string `help:"${ctl_help_hub}" required:"" placeholder:"wss://HOST"`
	Code  string `help:"${ctl_help_code}" required:""`
	Relay bool   `help:"${ctl_help_relay}"`
}

// Run asks the hub for the seat that the code stands for.
func (c *enrolCmd) Run(ctx context.Context, out *output) (err error) {
	r, d, err := c.county(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	host, err := os.Hostname()
	if err != nil {
		host = ""
	}
	seat, err := d.Enrol(ctx, desk.Address{URL: c.Hub, Relay: c.Relay}, c.Code, host, out.progress("ctl.enrol.progress"))
	if err != nil {
		return err
	}
	return out.say("ctl.enrol.done", seat.Name, seat.Scope)
}

// syncCmd lets desk and county have all of each other.
type syncCmd struct {
	store
	Once bool `help:"${ctl_help_once}" required:""`
	JSON bool `name:"json" help:"${ctl_help_json}"`
}

// syncAnswer is what sync --json prints.
type syncAnswer struct {
	Pending int    `json:"pending"`
	Mode    string `json:"mode"`
	Alarm   string `json:"alarm"`
}

// Run connects once.
func (c *syncCmd) Run(ctx context.Context, out *output) (err error) {
	r, d, err := c.county(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	err = d.Once(ctx)
	state, status := r.SyncState(), d.Status()
	if status.Alarm != "" {
		out.complain(out.texts.T(status.Alarm))
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return out.json(syncAnswer{Pending: state.Pending.Count, Mode: string(status.Mode), Alarm: status.Alarm})
	}
	return out.say("ctl.sync.done", state.Pending.Count)
}

// courierCmd carries journals in a file.
type courierCmd struct {
	Out courierOutCmd `cmd:"" help:"${ctl_help_courier_out}"`
	In  courierInCmd  `cmd:"" help:"${ctl_help_courier_in}"`
}

type courierOutCmd struct {
	store
	File  string           `help:"${ctl_help_courier_file}" required:"" placeholder:"F"`
	Scope incident.ScopeID `help:"${ctl_help_courier_scope}"`
}

// Run writes a courier file beside and renames it when it is whole.
func (c *courierOutCmd) Run(ctx context.Context, out *output) (err error) {
	r, d, err := c.county(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	rep, err := desk.WriteCourier(ctx, d, c.Scope, c.File, nil)
	if err != nil {
		return err
	}
	return out.say("ctl.courier.out", filepath.Base(c.File), rep.Entries, rep.Lines)
}

type courierInCmd struct {
	store
	File string `help:"${ctl_help_courier_file}" required:"" placeholder:"F"`
}

// Run takes a courier file and leaves the receipt beside it, if the stick can be written.
func (c *courierInCmd) Run(ctx context.Context, out *output) (err error) {
	r, d, err := c.county(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	rep, receipt, err := desk.ReadCourier(ctx, d, c.File, nil)
	if err != nil {
		return err
	}
	if err := out.say("ctl.courier.in", rep.Seat, rep.Entries, rep.Lines, rep.Receipt); err != nil {
		return err
	}
	switch {
	case receipt != "":
		return out.say("ctl.courier.receipt", filepath.Base(receipt))
	case desk.IsReceipt(c.File):
		return nil
	}
	return out.say("ctl.courier.no_receipt")
}

// syncWords puts an error of the sync layer into words.
func (o *output) syncWords(err error) (string, bool) {
	if key, ok := desk.ErrorKey(err); ok {
		return o.texts.T(key), true
	}
	return fmt.Sprint(err), false
}
