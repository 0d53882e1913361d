package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"zw110/data/incident"
	"zw110/data/lists"
	"zw110/data/room"
)

// slipCmd writes a paper as a workbook.
type slipCmd struct {
	store
	Kind     string `help:"${ctl_help_slip_kind}" required:"" placeholder:"supervise|handle|handover|notice|report"`
	Incident string `help:"${ctl_help_incident}" placeholder:"NO"`
	Unit     string `help:"${ctl_help_slip_unit}" placeholder:"U"`
	From     string `help:"${ctl_help_slip_from}" placeholder:"2026-08-01"`
	To       string `help:"${ctl_help_slip_to}" placeholder:"2026-08-31"`
	Out      string `help:"${ctl_help_out}" required:"" placeholder:"FILE.xlsx"`
}

// request checks the flags.
func (c *slipCmd) request() (room.SlipRequest, error) {
	want := room.SlipRequest{Kind: lists.SlipKind(c.Kind), No: c.Incident, Unit: incident.UnitID(c.Unit)}
	needs := func(flag, value string) error {
		if value != "" {
			return nil
		}
		return wrong("ctl.slip.needs", "--kind "+c.Kind, flag)
	}
	var err error
	switch want.Kind {
	case lists.SlipSupervise, lists.SlipHandle:
		err = needs("--incident", c.Incident)
	case lists.SlipNotice:
		err = needs("--unit", c.Unit)
	case lists.SlipReport:
		err = needs("--from", c.From)
	default:
		if !slices.Contains(lists.SlipKinds(), want.Kind) {
			err = oneOf("--kind", lists.SlipKinds(), c.Kind)
		}
	}
	if err != nil {
		return want, err
	}
	if want.From, err = moment(c.From, 0); err != nil {
		return want, wrong("usage.date", "--from", c.From)
	}
	if want.To, err = moment(c.To, 24*time.Hour); err != nil || want.To != 0 && want.To <= want.From {
		return want, wrong("usage.date", "--to", c.To)
	}
	return want, nil
}

// moment reads a day, to which after is added, or a time of day in Beijing; empty is zero.
func moment(text string, after time.Duration) (incident.Stamp, error) {
	if text == "" {
		return 0, nil
	}
	if day, err := incident.Day(text).Start(); err == nil {
		return day.Add(after), nil
	}
	t, err := time.ParseInLocation("2006-01-02T15:04", text, incident.Local)
	if err != nil {
		t, err = time.Parse(time.RFC3339, text)
	}
	if err != nil {
		return 0, fmt.Errorf("read time: %w", err)
	}
	return incident.StampOf(t), nil
}

// Run writes the paper. A file that stands there already is kept: the next version gets a new name.
func (c *slipCmd) Run(ctx context.Context, out *output) (err error) {
	want, err := c.request()
	if err != nil {
		return err
	}
	r, err := c.open(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	file, err := r.ExportSlip(ctx, want, c.Out)
	if err != nil {
		return err
	}
	return out.say("ctl.lists.done", file)
}
