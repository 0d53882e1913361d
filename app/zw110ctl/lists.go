package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"zw110/data/incident"
	"zw110/data/lists"
	"zw110/data/room"
)

// listsCmd writes a list as a workbook, publishes it, or tells what was published.
type listsCmd struct {
	store
	List    string `help:"${ctl_help_list}" required:"" placeholder:"daily|joint|monthly"`
	Date    string `help:"${ctl_help_date}" required:"" placeholder:"2026-08-15"`
	Out     string `help:"${ctl_help_out}" placeholder:"FILE.xlsx"`
	Publish bool   `help:"${ctl_help_publish}" xor:"how"`
	By      string `help:"${ctl_help_by}" placeholder:"sl1"`
	Reason  string `help:"${ctl_help_publish_reason}" placeholder:"TEXT"`
	History bool   `help:"${ctl_help_history}" xor:"how"`
	Version int    `help:"${ctl_help_version}" placeholder:"N"`
	Since   int    `help:"${ctl_help_since}" placeholder:"N" xor:"how"`
	JSON    bool   `name:"json" help:"${ctl_help_json}"`

	Unmasked   bool   `help:"${ctl_help_unmasked}" xor:"how"`
	ApprovedBy string `name:"approved-by" help:"${ctl_help_approved_by}" placeholder:"rd"`
	PINFile    string `name:"pin-file" help:"${ctl_help_pin_file}" placeholder:"FILE"`
	Exports    bool   `help:"${ctl_help_exports}" xor:"how"`

	Template string   `help:"${ctl_help_template}" placeholder:"FILE.xlsx"`
	Map      []string `help:"${ctl_help_map}" placeholder:"G=办理情况"`
}

// which checks the flags.
func (c *listsCmd) which() (incident.List, incident.Day, error) {
	list, day := incident.List(c.List), incident.Day(c.Date)
	if _, err := day.Start(); err != nil {
		return list, day, wrong("usage.date", "--date", c.Date)
	}
	if !slices.Contains([]incident.List{incident.ListDaily, incident.ListJoint, incident.ListMonthly}, list) {
		return list, day, wrong("ctl.lists.unknown", c.List)
	}
	for _, need := range []struct {
		flag    string
		missing bool
	}{
		{"--out", c.Out == "" && !c.Publish && !c.History && !c.Exports && c.Since == 0 && c.Template == ""},
		{"--by", c.By == "" && (c.Publish || c.Unmasked)},
		{"--approved-by", c.ApprovedBy == "" && c.Unmasked},
		{"--pin-file", c.PINFile == "" && c.Unmasked},
	} {
		if need.missing {
			return list, day, wrong("ctl.lists.needs", need.flag)
		}
	}
	return list, day, nil
}

// Run writes the list as of the end of its period, or an issue of it. A file that stands there already is kept: the next version gets a new name.
func (c *listsCmd) Run(ctx context.Context, out *output) (err error) {
	list, day, err := c.which()
	if err != nil {
		return err
	}
	r, err := c.open(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	switch {
	case c.Template != "":
		return c.fill(ctx, out, r, list, day)
	case c.Publish:
		return c.publish(ctx, out, r, list, day)
	case c.History:
		return c.history(out, r, list, day)
	case c.Unmasked:
		return c.unmasked(ctx, out, r, list, day)
	case c.Exports:
		return c.exports(out, r, list, day)
	case c.Since > 0:
		return c.since(ctx, out, r, list, day)
	case c.Version > 0:
		i, err := issueOf(out, r, list, day, c.Version)
		if err != nil {
			return err
		}
		return c.export(ctx, out, r, i)
	}
	file, err := r.ExportList(ctx, list, day, c.Out)
	if err != nil {
		return err
	}
	return out.say("ctl.lists.done", file)
}

func (c *listsCmd) publish(ctx context.Context, out *output, r *room.Room, list incident.List, day incident.Day) error {
	i, err := r.PublishList(ctx, incident.Login(c.By), list, day, c.Reason)
	if err != nil {
		return err
	}
	if c.JSON {
		err = out.json(issueLineOf(i))
	} else {
		err = out.say("ctl.lists.published", i.Period, i.Version, i.Check, len(i.Rows))
	}
	if err != nil || c.Out == "" {
		return err
	}
	return c.export(ctx, out, r, i)
}

func (c *listsCmd) export(ctx context.Context, out *output, r *room.Room, i room.Issue) error {
	file, err := r.ExportIssue(ctx, i, c.Out)
	if err != nil || c.JSON {
		return err
	}
	return out.say("ctl.lists.done", file)
}

// issueLine is the fixed shape of an issue in `lists --json`.
type issueLine struct {
	Period      string         `json:"period"`
	Version     int            `json:"version"`
	Check       string         `json:"check"`
	PublishedAt incident.Stamp `json:"published_at"`
	AsOf        incident.Stamp `json:"as_of"`
	By          incident.Login `json:"by"`
	Role        incident.Role  `json:"role"`
	Seat        string         `json:"seat"`
	Reason      string         `json:"reason"`
	Rows        int            `json:"rows"`
	Twice       bool           `json:"twice"`
}

func issueLineOf(i room.Issue) issueLine {
	return issueLine{
		Period: i.Period, Version: i.Version, Check: i.Check, PublishedAt: i.Issue.At, AsOf: i.AsOf,
		By: i.Login, Role: i.Role, Seat: i.Seat, Reason: i.Reason, Rows: len(i.Rows), Twice: i.Twice,
	}
}

func (c *listsCmd) history(out *output, r *room.Room, list incident.List, day incident.Day) error {
	issues, err := r.Issues(list, day)
	if err != nil {
		return err
	}
	if c.JSON {
		all := make([]issueLine, len(issues))
		for n, i := range issues {
			all[n] = issueLineOf(i)
		}
		return out.json(all)
	}
	if len(issues) == 0 {
		return out.say("ctl.lists.no_issue")
	}
	for _, i := range issues {
		key := "ctl.lists.issue"
		if i.Twice {
			key = "ctl.lists.issue_twice"
		}
		line := out.say(key, i.Period, i.Version, i.Issue.At.Time().In(incident.Local).Format("2006-01-02 15:04"), string(i.Login), i.Seat, i.Check, len(i.Rows), i.Reason)
		err = errors.Join(err, line)
	}
	return err
}

// issueOf finds an issue by its version; of two that two desks gave alike, the earlier.
func issueOf(out *output, r *room.Room, list incident.List, day incident.Day, version int) (room.Issue, error) {
	issues, err := r.Issues(list, day)
	if err != nil {
		return room.Issue{}, err
	}
	at := slices.IndexFunc(issues, func(i room.Issue) bool { return i.Version == version })
	if at < 0 {
		out.complain(out.texts.T("ctl.lists.no_version", version))
		return room.Issue{}, errBad
	}
	return issues[at], nil
}

// sheetOf is a published version of a list, or for 0 the list as it is now.
func sheetOf(ctx context.Context, out *output, r *room.Room, list incident.List, day incident.Day, version int) (lists.Sheet, error) {
	if version == 0 {
		return r.ListSheet(ctx, list, day)
	}
	i, err := issueOf(out, r, list, day, version)
	if err != nil {
		return lists.Sheet{}, err
	}
	return r.IssueSheet(ctx, i)
}

// moveLine is the fixed shape of a row in `lists --since N --json`.
type moveLine struct {
	Incident string          `json:"incident"`
	Unit     incident.UnitID `json:"unit"`
	Move     lists.RowMove   `json:"move"`
	Cells    []cellLine      `json:"cells"`
}

type cellLine struct {
	Column string `json:"column"`
	Was    string `json:"was"`
	Is     string `json:"is"`
}

// since tells what moved from one version to another, or to now.
func (c *listsCmd) since(ctx context.Context, out *output, r *room.Room, list incident.List, day incident.Day) error {
	old, err := sheetOf(ctx, out, r, list, day, c.Since)
	if err != nil {
		return err
	}
	now, err := sheetOf(ctx, out, r, list, day, c.Version)
	if err != nil {
		return err
	}
	rows := []moveLine{}
	for _, d := range lists.Diff(old, now) {
		l := moveLine{Incident: d.Key.No, Unit: d.Key.Unit, Move: d.Move, Cells: []cellLine{}}
		for _, cell := range d.Cells {
			l.Cells = append(l.Cells, cellLine(cell))
		}
		rows = append(rows, l)
	}
	if c.JSON {
		return out.json(rows)
	}
	for _, l := range rows {
		line := out.say("ctl.lists.row."+string(l.Move), l.Incident, string(l.Unit))
		for _, cell := range l.Cells {
			line = errors.Join(line, out.say("ctl.lists.cell", out.texts.T("lists.col."+cell.Column), cell.Was, cell.Is))
		}
		err = errors.Join(err, line)
	}
	return errors.Join(err, out.say("ctl.lists.moved", len(rows)))
}

// unmasked writes the list in clear text, if the director's PIN is right.
func (c *listsCmd) unmasked(ctx context.Context, out *output, r *room.Room, list incident.List, day incident.Day) error {
	var pin []byte
	var err error
	if c.PINFile == "-" {
		pin, err = io.ReadAll(io.LimitReader(os.Stdin, 64))
	} else {
		pin, err = os.ReadFile(c.PINFile)
	}
	if err != nil {
		return fmt.Errorf("read the PIN: %w", err)
	}
	file, err := r.ExportClear(ctx, room.ClearExport{
		List: list, Day: day, By: incident.Login(c.By), Approver: incident.Login(c.ApprovedBy), PIN: strings.TrimSpace(string(pin)), Reason: c.Reason, Out: c.Out,
	})
	if err != nil {
		return err
	}
	return out.say("ctl.lists.done", file)
}

// clearLine is the fixed shape of `lists --exports --json`.
type clearLine struct {
	At         incident.Stamp `json:"at"`
	Day        incident.Day   `json:"day"`
	By         incident.Login `json:"by"`
	Seat       string         `json:"seat"`
	ApprovedBy incident.Login `json:"approved_by"`
	Vouched    bool           `json:"vouched"`
	Reason     string         `json:"reason"`
	Rows       int            `json:"rows"`
	Check      string         `json:"check"`
}

func (c *listsCmd) exports(out *output, r *room.Room, list incident.List, day incident.Day) error {
	entries, err := r.ClearExports(list, day)
	if err != nil {
		return err
	}
	all := make([]clearLine, len(entries))
	for i, e := range entries {
		all[i] = clearLine{e.At, e.Day, e.Login, e.Seat, e.Approver, e.Vouched != nil, e.Reason, e.Rows, e.Check}
	}
	if c.JSON {
		return out.json(all)
	}
	if len(all) == 0 {
		return out.say("ctl.lists.no_clear")
	}
	for _, l := range all {
		at := l.At.Time().In(incident.Local).Format("2006-01-02 15:04")
		err = errors.Join(err, out.say("ctl.lists.clear", at, string(l.By), l.Seat, string(l.ApprovedBy), l.Rows, l.Check, l.Reason))
	}
	return err
}
