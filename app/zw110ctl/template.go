package main

import (
	"context"
	"fmt"
	"strings"

	"zw110/data/incident"
	"zw110/data/lists"
	"zw110/data/room"
)

// templateReport is the fixed shape of `lists --template --json`.
type templateReport struct {
	Sheet   string           `json:"sheet"`
	Header  int              `json:"header"`
	First   int              `json:"first"`
	Blank   int              `json:"blank"`
	Columns []templateColumn `json:"columns"`
	Missing []string         `json:"missing"`
	File    string           `json:"file"`
}

type templateColumn struct {
	Column string `json:"column"`
	Head   string `json:"head"`
	Holds  string `json:"holds"`
}

// fill writes the list into a town's own workbook, or without --out tells what each of its columns would hold. What --map says is remembered.
func (c *listsCmd) fill(ctx context.Context, out *output, r *room.Room, list incident.List, day incident.Day) error {
	content, err := load(c.Template)
	if err != nil {
		return err
	}
	t, err := r.ReadTemplate(list, content)
	if err != nil {
		return err
	}
	for _, m := range c.Map {
		column, holds, ok := strings.Cut(m, "=")
		if !ok {
			return wrong("ctl.lists.map", m)
		}
		if err := r.AssignTemplate(&t, strings.TrimSpace(column), strings.TrimSpace(holds)); err != nil {
			return err
		}
	}
	if len(c.Map) > 0 {
		if err := r.RememberTemplate(t); err != nil {
			return err
		}
	}
	rep := templateReport{Sheet: t.Sheet, Header: t.Header, First: t.First, Blank: t.Blank, Columns: []templateColumn{}, Missing: append([]string{}, t.Missing(out.texts)...)}
	for _, col := range t.Columns {
		rep.Columns = append(rep.Columns, templateColumn{col.Letter(), col.Head, col.Key})
	}
	if c.Out != "" {
		s, err := sheetOf(ctx, out, r, list, day, c.Version)
		if err != nil {
			return err
		}
		if rep.File, err = r.FillTemplate(s, content, t, c.Out); err != nil {
			return fmt.Errorf("fill %s: %w", c.Template, err)
		}
	}
	if c.JSON {
		return out.json(rep)
	}
	return tellTemplate(out, t, rep)
}

func tellTemplate(out *output, t lists.Template, rep templateReport) error {
	if err := out.say("ctl.lists.template", t.Sheet, t.Header, t.First, t.Blank); err != nil {
		return err
	}
	for _, col := range t.Columns {
		holds := out.texts.T("ctl.lists.column_none")
		if col.Key != "" {
			holds = out.texts.T("lists.col." + col.Key)
		}
		if err := out.say("ctl.lists.column", col.Letter(), col.Head, holds); err != nil {
			return err
		}
	}
	missing := make([]string, len(rep.Missing))
	for i, key := range rep.Missing {
		missing[i] = out.texts.T("lists.col." + key)
	}
	if len(missing) > 0 {
		if err := out.say("ctl.lists.column_missing", strings.Join(missing, "、")); err != nil {
			return err
		}
	}
	if rep.File == "" {
		return out.say("ctl.lists.template_look")
	}
	return out.say("ctl.lists.done", rep.File)
}
