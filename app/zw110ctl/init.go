package main

import (
	"strings"

	"zw110/data/incident"
	"zw110/data/room"
)

// initCmd makes a new store.
type initCmd struct {
	store
	Pack   string `help:"${ctl_help_pack}" required:"" placeholder:"PACK"`
	Seat   string `help:"${ctl_help_seat}" default:"指挥室1"`
	SeatNo int    `help:"${ctl_help_seat_no}" default:"1"`
	Drill  bool   `help:"${ctl_help_drill}"`
}

// drillPIN is the PIN of all operators of a store for practice.
const drillPIN = "110110"

// Run makes the store. One for practice gets operators who can sign in at once.
func (c *initCmd) Run(out *output) error {
	if c.SeatNo < 1 || c.SeatNo > 26 {
		return wrong("usage.one_of", "--seat-no", "1–26", c.SeatNo)
	}
	if strings.TrimSpace(c.Seat) == "" {
		return wrong("usage.no_value", "--seat")
	}
	p := room.InitParams{Dir: c.Dir, Pack: c.Pack, Seat: c.Seat, SeatNo: c.SeatNo, Drill: c.Drill}
	if c.Drill {
		for _, o := range []struct {
			login incident.Login
			role  incident.Role
		}{{"op1", incident.RoleOperator}, {"op2", incident.RoleOperator}, {"sl1", incident.RoleShift}, {"rd", incident.RoleDirector}, {"tl1", incident.RoleTown}} {
			name := out.texts.T("room.drill_operator", out.texts.T("role."+string(o.role)))
			p.Operators = append(p.Operators, room.Operator{Login: o.login, Name: name, Role: o.role, PIN: drillPIN})
		}
	}
	r, err := room.Init(room.Config{Dir: c.Dir, Ticks: never(), Text: out.texts.T}, p)
	if err != nil {
		return err
	}
	code, warnings := r.RecoveryCode(), r.Warnings()
	if err := r.Close(); err != nil {
		return err
	}
	for _, key := range warnings {
		out.complain(out.texts.T(key))
	}
	if c.Drill {
		return out.say("ctl.init.drill", c.Dir, drillPIN)
	}
	return out.say("ctl.init.done", c.Dir, code)
}
