package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/data/room"
)

// intakeCmd registers what a channel sent.
type intakeCmd struct {
	store
	Channel string   `help:"${ctl_help_channel}" required:"" placeholder:"CHANNEL"`
	JSON    bool     `name:"json" help:"${ctl_help_json}"`
	DryRun  bool     `help:"${ctl_help_dry_run}"`
	By      string   `help:"${ctl_help_by}" default:"system"`
	Files   []string `arg:"" name:"file" help:"${ctl_help_intake_files}"`
}

// channelNames are the channels as the command line writes them.
var channelNames = map[string]incident.Channel{
	"12345": incident.Channel12345, "110": incident.Channel110, "spt": incident.ChannelSPT, "wg": incident.ChannelGrid,
	"yjld": incident.ChannelLink, "sj": incident.ChannelVest, "lyt": incident.ChannelLYT, "ck": incident.ChannelWindow,
	"dh": incident.ChannelPhone, "ps": incident.ChannelLeader, "auto": "",
}

// intakeReport is the fixed shape of `intake --json`, one for each file.
type intakeReport struct {
	File   string       `json:"file"`
	New    int          `json:"new"`
	Exact  int          `json:"exact_duplicate"`
	Likely []likelyRow  `json:"likely_duplicate"`
	Bad    []badRow     `json:"bad"`
	Items  []intakeItem `json:"items"`
}

type likelyRow struct {
	Row     int      `json:"row"`
	Of      string   `json:"of"`
	Score   int      `json:"score"`
	Reasons []string `json:"reasons"`
}

type badRow struct {
	Row    int    `json:"row"`
	Reason string `json:"reason"`
}

type intakeItem struct {
	Row       int              `json:"row"`
	SourceNo  string           `json:"source_no"`
	Incident  string           `json:"incident"`
	Category  string           `json:"category"`
	Village   string           `json:"village"`
	Urgency   incident.Urgency `json:"urgency"`
	Lead      incident.UnitID  `json:"lead"`
	RiskWords []string         `json:"risk_words"`
}

// Run reads each file, registers what is new and tells what is not. Bad rows are kept in the store; with any the exit code is 1.
func (c *intakeCmd) Run(ctx context.Context, out *output) (err error) {
	ch, ok := channelNames[strings.ToLower(c.Channel)]
	if !ok {
		return oneOf("--channel", slices.Sorted(maps.Keys(channelNames)), c.Channel)
	}
	r, err := c.open(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	bad := false
	for _, file := range c.Files {
		rep, err := c.file(ctx, r, out, file, ch)
		if err != nil {
			out.complain(filepath.Base(file) + ": " + out.words(err))
			bad = true
			continue
		}
		bad = bad || len(rep.Bad) > 0
		for _, b := range rep.Bad {
			out.complain(out.texts.T("ctl.intake.bad", rep.File, b.Row, badReason(out, b.Reason)))
		}
		if c.JSON {
			err = out.json(rep)
		} else {
			err = out.say("ctl.intake.done", rep.File, rep.New, rep.Exact, len(rep.Likely), len(rep.Bad))
		}
		if err != nil {
			return err
		}
	}
	if bad {
		return errBad
	}
	return nil
}

func badReason(out *output, reason string) string {
	if key := "bad." + reason; out.texts.Has(key) {
		return out.texts.T(key)
	}
	return reason
}

// load reads a file, of one that is too large no more than shows that it is.
func load(file string) (content []byte, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if content, err = io.ReadAll(io.LimitReader(f, intake.MaxFile+1)); err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	return content, nil
}

// file takes one file, or only looks at it.
func (c *intakeCmd) file(ctx context.Context, r *room.Room, out *output, file string, ch incident.Channel) (intakeReport, error) {
	content, err := load(file)
	if err != nil {
		return intakeReport{}, err
	}
	p, err := r.Preview(ctx, filepath.Base(file), content, ch, out.progress("ctl.intake.reading"))
	if err != nil {
		return intakeReport{}, err
	}
	took := make([]room.Outcome, len(p.Items))
	if !c.DryRun {
		if took, err = r.Take(ctx, incident.Login(c.By), p, out.progress("ctl.intake.writing")); err != nil {
			return intakeReport{}, err
		}
	}
	return c.report(r, p, took), nil
}

func (c *intakeCmd) report(r *room.Room, p room.Preview, took []room.Outcome) intakeReport {
	rep := intakeReport{File: p.File, Likely: []likelyRow{}, Bad: []badRow{}, Items: []intakeItem{}}
	noOfRow := map[int]string{}
	for i, item := range p.Items {
		noOfRow[item.Report.Row] = took[i].No
		if item.Kind == room.KindExact {
			rep.Exact++
			continue
		}
		if len(took[i].Entries) == 0 && !c.DryRun {
			rep.Bad = append(rep.Bad, badRow{Row: item.Report.Row, Reason: "refused"})
			continue
		}
		rep.New++
		if item.Kind == room.KindLikely {
			rep.Likely = append(rep.Likely, likelyRow{Row: item.Report.Row, Of: duplicateOf(p.File, item, noOfRow), Score: item.Score, Reasons: list(item.Why)})
		}
		f := item.Report.Fields
		rep.Items = append(rep.Items, intakeItem{
			Row: item.Report.Row, SourceNo: f.SourceNo, Incident: took[i].No, Category: f.Category, Village: f.Village, Urgency: f.Urgency,
			Lead: leadOf(r, f), RiskWords: list(f.RiskWords),
		})
	}
	for _, b := range p.Bad {
		rep.Bad = append(rep.Bad, badRow{Row: b.Row, Reason: b.Reason})
	}
	return rep
}

// duplicateOf names what an item is likely a duplicate of: an incident's number, or file#row while nothing is written.
func duplicateOf(file string, item room.PreviewItem, noOfRow map[int]string) string {
	if item.OfRow < 0 {
		return item.OfNo
	}
	if no := noOfRow[item.OfRow]; no != "" {
		return no
	}
	return fmt.Sprintf("%s#%d", file, item.OfRow)
}

// leadOf is the unit that the room would propose as lead.
func leadOf(r *room.Room, f incident.Fields) incident.UnitID {
	for _, s := range r.Suggest(f) {
		if s.Lead {
			return s.Unit
		}
	}
	return ""
}

// list makes an empty list of none, so that JSON has [] and not null.
func list(words []string) []string {
	if words == nil {
		return []string{}
	}
	return words
}
