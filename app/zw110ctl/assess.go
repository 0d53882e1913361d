package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"zw110/data/assess"
	"zw110/data/incident"
	"zw110/data/room"
)

// assessCmd computes the measures of a period.
type assessCmd struct {
	store
	From    string   `help:"${ctl_help_from}" required:"" placeholder:"2026-08-01"`
	To      string   `help:"${ctl_help_to}" required:"" placeholder:"2026-08-31"`
	By      string   `help:"${ctl_help_assess_by}" placeholder:"unit|village|channel|category|town"`
	JSON    bool     `name:"json" help:"${ctl_help_json}" xor:"how"`
	Out     string   `help:"${ctl_help_out}" placeholder:"FILE.xlsx" xor:"how"`
	Measure string   `help:"${ctl_help_measure}" placeholder:"on_time" xor:"how"`
	Without []string `help:"${ctl_help_without}" placeholder:"2026-08-12,2026-08-13"`
	CutOff  string   `name:"cut-off" help:"${ctl_help_cut_off}" placeholder:"17:30"`
}

// params checks the flags.
func (c *assessCmd) params() (assess.Params, error) {
	p := assess.Params{From: incident.Day(c.From), To: incident.Day(c.To)}
	if _, err := assess.PeriodOf(p.From, p.To); err != nil {
		return p, wrong("usage.period", "--from", "--to")
	}
	for _, d := range c.Without {
		if _, err := incident.Day(d).Start(); err != nil {
			return p, wrong("usage.date", "--without", d)
		}
		p.Without = append(p.Without, incident.Day(d))
	}
	if c.CutOff != "" {
		t, err := time.Parse("15:04", c.CutOff)
		if err != nil {
			return p, wrong("usage.time", "--cut-off", c.CutOff)
		}
		p.CutOff = 60*t.Hour() + t.Minute()
	}
	if c.By != "" && !slices.Contains(assess.Dimensions(), assess.Dimension(c.By)) {
		return p, oneOf("--by", assess.Dimensions(), c.By)
	}
	if c.Measure != "" && !slices.Contains(assess.Keys(), assess.Key(c.Measure)) {
		return p, oneOf("--measure", assess.Keys(), c.Measure)
	}
	return p, nil
}

// Run writes the figures as of the end of the last day.
func (c *assessCmd) Run(ctx context.Context, out *output) (err error) {
	p, err := c.params()
	if err != nil {
		return err
	}
	r, err := c.open(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	a, err := r.Assess(ctx, p, nil)
	if err != nil {
		return err
	}
	by := assess.Dimension(c.By)
	switch {
	case c.JSON:
		dimensions := []assess.Dimension{assess.ByUnit, assess.ByChannel, assess.ByVillage}
		if by != "" {
			dimensions = []assess.Dimension{by}
		}
		raw, err := a.JSON(dimensions...)
		if err != nil {
			return err
		}
		return out.raw(raw)
	case c.Out != "":
		file, err := r.ExportAssessment(&a, by, c.Out)
		if err != nil {
			return err
		}
		return out.say("ctl.lists.done", file)
	case c.Measure != "":
		return out.measure(&a, assess.Key(c.Measure))
	case by != "":
		return out.breakdown(&a, by)
	}
	return out.measures(&a)
}

// measures writes one line for each measure.
func (o *output) measures(a *assess.Assessment) error {
	b := a.Balance
	err := o.say("assess.balance", b.CarriedIn, b.New, b.Back, b.Closed, b.OpenAtEnd, b.X1, b.X2, b.X3, b.X4)
	for _, m := range a.Total.Measures {
		before := a.Before.Total.Measure(m.Key)
		err = errors.Join(err, o.say("ctl.assess.line", o.texts.T("assess.measure."+string(m.Key)), string(m.Key), room.MeasureText(m),
			room.MeasureText(before), assess.Change(m, before)))
	}
	median, p90 := a.Total.Duration.Hours()
	err = errors.Join(err, o.say("ctl.assess.figure", o.texts.T("assess.measure.duration"), median+" / "+p90),
		o.say("ctl.assess.figure", o.texts.T("assess.measure.score"), a.Score(a.Total)))
	for _, f := range a.Findings {
		err = errors.Join(err, o.say("ctl.assess.finding", o.texts.T("assess.finding."+string(f.Kind)), string(f.Unit), string(f.By), strings.Join(f.Incidents, " ")))
	}
	for _, p := range a.Appeals {
		err = errors.Join(err, o.say("ctl.assess.appeal", p.No, o.texts.T("assess.measure."+string(p.Measure)), p.Incident, o.texts.T("assess.appeal."+string(p.Decision))))
	}
	return err
}

// breakdown writes one line for each row of a dimension.
func (o *output) breakdown(a *assess.Assessment, by assess.Dimension) error {
	var err error
	for _, name := range slices.Sorted(maps.Keys(a.By[by])) {
		f := a.By[by][name]
		err = errors.Join(err, o.say("ctl.assess.row", name, f.Received, f.Rateable, room.MeasureText(f.Measure(assess.SignInTime)),
			room.MeasureText(f.Measure(assess.SameDay)), room.MeasureText(f.Measure(assess.OnTime)), room.MeasureText(f.Measure(assess.Satisfaction)), a.Score(f)))
	}
	return err
}

// measure writes what stands behind one measure: first what pulls it down, each with its clock, then n, N and what is left out.
func (o *output) measure(a *assess.Assessment, key assess.Key) error {
	m := a.Total.Measure(key)
	err := o.say("ctl.assess.figure", o.texts.T("assess.measure."+string(key)), room.MeasureText(m))
	for _, p := range m.Faults() {
		err = errors.Join(err, o.say("ctl.assess.fault", p.No, string(p.Unit), p.Title(), a.Line(p, o.texts)))
	}
	for _, p := range m.Parts {
		where := o.texts.T("ctl.assess.in_of")
		switch {
		case p.Count > 0 && p.Why == "":
			where = o.texts.T("ctl.assess.in_n")
		case p.Why != "":
			where = o.texts.T("ctl.assess.left_out", o.texts.T("assess.reason."+string(p.Why)))
		}
		err = errors.Join(err, o.say("ctl.assess.part", where, p.No, string(p.Unit), p.Title()))
	}
	return err
}

// raw writes JSON that is made already.
func (o *output) raw(line []byte) error {
	o.clear()
	if _, err := fmt.Fprintf(o.std, "%s\n", line); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}
