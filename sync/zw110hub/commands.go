package main

import (
	"context"
	"encoding/json"
	"fmt"

	"zw110/data/incident"
	"zw110/sync/hub"
)

type seatCmd struct {
	place
	Scope incident.ScopeID `help:"${hub_help_scope}"`
	Name  string           `help:"${hub_help_name}"`
	Desk  string           `help:"${hub_help_desk}"`
	Long  bool             `help:"${hub_help_long}"`
}

// Run makes a one-time code for a seat.
func (c *seatCmd) Run(ctx context.Context, out *output) error {
	var a hub.SeatAnswer
	if err := c.ask(ctx, out, "seat", hub.SeatRequest{Scope: c.Scope, Name: c.Name, Desk: c.Desk, Long: c.Long}, &a); err != nil {
		return err
	}
	return out.say("hub.seat", a.Code, a.Hours)
}

type personCmd struct {
	place
	Login incident.Login `help:"${hub_help_login}" required:""`
	Name  string         `help:"${hub_help_name}" required:""`
}

// Run makes an administrator, or gives an old one a new password.
func (c *personCmd) Run(ctx context.Context, out *output) error {
	password, err := out.password()
	if err != nil {
		return err
	}
	if err := c.ask(ctx, out, "person", hub.PersonRequest{Login: c.Login, Name: c.Name, Password: password}, &struct{}{}); err != nil {
		return err
	}
	return out.say("hub.person", c.Name)
}

// order is what hold, release and revoke share.
type order struct {
	place
	Desk   string         `help:"${hub_help_desk}" required:""`
	By     incident.Login `help:"${hub_help_by}" required:""`
	Reason string         `help:"${hub_help_reason}" required:""`
}

type (
	holdCmd    struct{ order }
	releaseCmd struct{ order }
	revokeCmd  struct{ order }
)

// Run holds a desk: what it pushes is kept and hidden. It takes two persons.
func (c *holdCmd) Run(ctx context.Context, out *output) error { return c.give(ctx, out, hub.OrderHold) }

// Run shows what a held desk pushed. It takes two persons.
func (c *releaseCmd) Run(ctx context.Context, out *output) error {
	return c.give(ctx, out, hub.OrderRelease)
}

// Run takes a desk its seat.
func (c *revokeCmd) Run(ctx context.Context, out *output) error {
	return c.give(ctx, out, hub.OrderRevoke)
}

func (c *order) give(ctx context.Context, out *output, o hub.Order) error {
	password, err := out.password()
	if err != nil {
		return err
	}
	var a hub.OrderAnswer
	if err := c.ask(ctx, out, "order", hub.OrderRequest{Order: o, Desk: c.Desk, By: c.By, Password: password, Reason: c.Reason}, &a); err != nil {
		return err
	}
	if !a.InForce {
		return out.say("hub.order.second", a.Seat)
	}
	return out.say("hub.order."+string(o), a.Seat)
}

type statusCmd struct {
	place
	JSON bool `help:"${hub_help_json}"`
}

// Run tells how the hub stands.
func (c *statusCmd) Run(ctx context.Context, out *output) error {
	var s hub.Status
	if err := c.ask(ctx, out, "status", struct{}{}, &s); err != nil {
		return err
	}
	if c.JSON {
		if err := json.NewEncoder(out.std).Encode(s); err != nil {
			return fmt.Errorf("write JSON: %w", err)
		}
		return nil
	}
	if err := out.say("hub.status", s.County, s.Hub, s.Epoch, s.Pos, len(s.Desks)); err != nil {
		return err
	}
	for _, hole := range s.Holes {
		if err := out.say("hub.hole", hole.Line, hole.From, hole.To); err != nil {
			return err
		}
	}
	for _, d := range s.Desks {
		state := "hub.desk.away"
		switch {
		case d.Revoked:
			state = "hub.desk.revoked"
		case d.Held:
			state = "hub.desk.held"
		case d.Connected:
			state = "hub.desk.connected"
		}
		if err := out.say("hub.desk", d.Desk[:8], d.Scope, d.Seat, out.texts.T(state)); err != nil {
			return err
		}
	}
	return nil
}

type backupCmd struct {
	place
	File string `help:"${hub_help_file}" required:""`
}

// Run copies the store while the hub runs.
func (c *backupCmd) Run(ctx context.Context, out *output) error {
	file, err := absolute(c.File)
	if err != nil {
		return err
	}
	if err := c.ask(ctx, out, "backup", hub.FileRequest{File: file}, &struct{}{}); err != nil {
		return err
	}
	return out.say("hub.backup", file)
}

type verifyCmd struct {
	place
	JSON bool `help:"${hub_help_json}"`
}

// Run reads every run of the store.
func (c *verifyCmd) Run(ctx context.Context, out *output) error {
	var a hub.VerifyAnswer
	if err := c.ask(ctx, out, "verify", struct{}{}, &a); err != nil {
		return err
	}
	if c.JSON {
		if err := json.NewEncoder(out.std).Encode(a); err != nil {
			return fmt.Errorf("write JSON: %w", err)
		}
	} else if err := out.say("hub.verify", a.Entries, len(a.Faults)); err != nil {
		return err
	}
	for _, f := range a.Faults {
		out.complain(f)
	}
	if len(a.Faults) > 0 {
		return errBad
	}
	return nil
}

type restoreCmd struct {
	place
	File   string `help:"${hub_help_file}" required:""`
	LogDir string `help:"${hub_help_log_dir}"`
}

// Run makes a store from a backup, and from what was written since if its stream is given. The hub must not run.
func (c *restoreCmd) Run(ctx context.Context, out *output) error {
	if err := restore(ctx, c.place, c.File, c.LogDir); err != nil {
		return err
	}
	return out.say("hub.restore", c.Dir)
}
