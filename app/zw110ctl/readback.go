package main

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"zw110/data/incident"
	"zw110/data/room"
)

// readbackCmd reads an edited list back.
type readbackCmd struct {
	store
	File   string `arg:"" help:"${ctl_help_readback}" placeholder:"FILE.xlsx"`
	By     string `help:"${ctl_help_readback_by}" required:"" placeholder:"op1"`
	Editor string `help:"${ctl_help_readback_editor}" placeholder:"NAME"`
	DryRun bool   `name:"dry-run" help:"${ctl_help_readback_dry}"`
	Accept []int  `help:"${ctl_help_readback_accept}" placeholder:"N,M"`
	Mine   bool   `help:"${ctl_help_readback_mine}" aliases:"conflicts" xor:"rest"`
	Theirs bool   `help:"${ctl_help_readback_theirs}" xor:"rest"`
	JSON   bool   `name:"json" help:"${ctl_help_json}"`
}

// backReport is the fixed shape of `readback --json`.
type backReport struct {
	File    string        `json:"file"`
	List    incident.List `json:"list"`
	Day     incident.Day  `json:"day"`
	Version int           `json:"version"`
	Editor  string        `json:"editor"`
	Rows    int           `json:"rows"`
	Gone    int           `json:"gone"`
	Items   []backLine    `json:"items"`
	Loose   []looseLine   `json:"loose"`
}

type backLine struct {
	N        int              `json:"n"` // from 1
	Place    string           `json:"place"`
	Incident string           `json:"incident"`
	Unit     incident.UnitID  `json:"unit"`
	Column   string           `json:"column"`
	Was      string           `json:"was"`
	Is       string           `json:"is"`
	Now      string           `json:"now"`
	Verdict  room.BackVerdict `json:"verdict"`
	Conflict bool             `json:"conflict"`
	Entered  bool             `json:"entered"`
	Refusal  string           `json:"refusal,omitempty"`
}

type looseLine struct {
	Place string `json:"place"`
	Text  string `json:"text"`
}

// Run tells every change and enters those that can be entered. The exit code is 1 when something was left out that a person has to look at.
func (c *readbackCmd) Run(ctx context.Context, out *output) (err error) {
	content, err := load(c.File)
	if err != nil {
		return err
	}
	r, err := c.open(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	back, err := r.ReadBack(filepath.Base(c.File), content, incident.Login(c.By), c.Editor)
	if err != nil {
		return err
	}
	for _, n := range c.Accept {
		if n < 1 || n > len(back.Items) || back.Items[n-1].Verdict != room.BackConflict {
			return wrong("ctl.readback.accept", n)
		}
	}
	rep := backReport{
		File: back.File, List: back.List, Day: back.Day, Version: back.Version, Editor: back.Editor, Rows: back.Rows, Gone: len(back.Gone),
		Items: []backLine{}, Loose: []looseLine{},
	}
	var chosen []room.BackItem
	var at []int
	left := len(back.Loose) > 0
	for i, it := range back.Items {
		l := backLine{
			N: i + 1, Place: it.Place, Incident: it.Row.No, Unit: it.UnitOf(), Column: it.Column, Was: it.Was, Is: it.Is, Now: it.Now,
			Verdict: it.Verdict, Conflict: it.Conflict,
		}
		if it.Why != nil {
			l.Refusal = out.words(it.Why)
		}
		rep.Items = append(rep.Items, l)
		switch enter, settled := c.choose(i+1, &it); {
		case c.DryRun:
		case enter:
			chosen, at = append(chosen, it), append(at, i)
		default:
			left = left || !settled
		}
	}
	for _, l := range back.Loose {
		args := make([]any, len(l.Args))
		for i, a := range l.Args {
			if args[i] = a; out.texts.Has(a) {
				args[i] = out.texts.T(a)
			}
		}
		rep.Loose = append(rep.Loose, looseLine{Place: l.Place, Text: out.texts.T(l.Key, args...)})
	}
	done, err := r.EnterBack(ctx, chosen)
	for i, d := range done {
		l := &rep.Items[at[i]]
		if l.Entered = d.Err == nil; d.Err != nil {
			l.Verdict, l.Refusal, left = room.BackRefused, out.words(d.Err), true
		}
	}
	if err = errors.Join(err, c.tell(out, rep)); err != nil {
		return err
	}
	if left {
		return errBad
	}
	return nil
}

// choose says whether an item is entered, and else whether that is settled: somebody keeps what the store says, or it says so already.
func (c *readbackCmd) choose(n int, it *room.BackItem) (enter, settled bool) {
	switch it.Verdict {
	case room.BackSame:
		return false, true
	case room.BackChange:
		return true, true
	case room.BackConflict:
		enter = c.Mine || slices.Contains(c.Accept, n)
		return enter, enter || c.Theirs
	}
	return false, false
}

func (c *readbackCmd) tell(out *output, rep backReport) error {
	if c.JSON {
		return out.json(rep)
	}
	err := out.say("ctl.readback.head", rep.File, rep.Version, rep.Rows, len(rep.Items))
	entered := 0
	for _, l := range rep.Items {
		head := out.texts.T("lists.col." + l.Column)
		if l.Entered {
			entered++
		}
		switch l.Verdict {
		case room.BackChange:
			err = errors.Join(err, out.say("ctl.readback.change", l.Place, l.Incident, head, l.Was, l.Is))
		case room.BackSame:
			err = errors.Join(err, out.say("ctl.readback.same", l.Place, l.Incident, head, l.Is))
		case room.BackConflict:
			err = errors.Join(err, out.say("ctl.readback.conflict", l.Place, l.Incident, head, l.Is, l.Now, l.N))
		case room.BackRefused:
			key := "ctl.readback.refused"
			if l.Conflict {
				key = "ctl.readback.refused_conflict"
			}
			err = errors.Join(err, out.say(key, l.Place, l.Incident, head, l.Is, l.Refusal, l.Now))
		}
	}
	for _, l := range rep.Loose {
		err = errors.Join(err, out.say("ctl.readback.loose", l.Place, l.Text))
	}
	if rep.Gone > 0 {
		err = errors.Join(err, out.say("ctl.readback.gone", rep.Gone))
	}
	return errors.Join(err, out.say("ctl.readback.done", entered))
}
