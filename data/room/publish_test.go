package room

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zw110/data/incident"
	"zw110/data/lists"
	"zw110/data/store"
)

const firstDay = incident.Day("2026-09-01")

// listed registers and accepts an incident, so that it stands on the daily list.
func (d *desk) listed(t testing.TB, source, title string) incident.IncidentID {
	t.Helper()
	act := report("op1", source)
	act.Title = title
	id := d.must(t, act).Incident
	d.must(t, on("op1", incident.Respond, id, incident.Fields{}))
	d.must(t, on("op1", incident.Accept, id, incident.Fields{}))
	return id
}

func (d *desk) publish(t testing.TB, reason string) Issue {
	t.Helper()
	d.clock.set(d.Now() + 1000)
	i, err := d.PublishList(t.Context(), "sl1", incident.ListDaily, firstDay, reason)
	if err != nil {
		t.Fatal(err)
	}
	d.clock.set(d.Now() + 1000)
	return i
}

func TestPublish_AnIssueStaysAsItWas(t *testing.T) {
	d := newDesk(t, false)
	d.clock.set(moment(t, "2026-09-01T09:00:00+08:00"))
	id := d.listed(t, "JJ20260901001", "晒谷场积水")
	gone := d.listed(t, "JJ20260901002", "树枝断落")
	first := d.publish(t, "")
	before, err := d.IssueSheet(t.Context(), first)
	if err != nil || first.Version != 1 || first.Check != before.Check() || len(first.Rows) != 2 {
		t.Fatalf("issue %+v, %v", first, err)
	}
	dir := t.TempDir()
	file, err := d.ExportIssue(t.Context(), first, dir)
	if err != nil || filepath.Base(file) != "塔石镇_每日清单_20260901_发布v1.xlsx" {
		t.Fatalf("file %s, %v", file, err)
	}
	wrote, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	// What comes later is in no issue of before: a new text, a new row, a row that leaves, another title, and an act told late of an earlier time.
	d.must(t, on("op1", incident.Edit, id, incident.Fields{Title: "晒谷场和机耕路积水"}))
	d.listed(t, "JJ20260901003", "路灯不亮")
	d.must(t, on("sl1", incident.VoidIt, gone, incident.Fields{Reason: "mistake", Text: "误报", ConfirmedBy: "rd"}))
	if err := d.SetSetting(t.Context(), "rd", "town", []byte(strings.Replace(townSetting(t, d), "{day}日", "{day}号", 1))); err != nil {
		t.Fatal(err)
	}
	d.again(t)
	if now, err := d.ListSheet(t.Context(), incident.ListDaily, firstDay); err != nil || now.Title == before.Title {
		t.Fatalf("title %q stayed, %v", now.Title, err)
	}
	second := d.publish(t, "补录一件")
	after, err := d.IssueSheet(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	moves := map[lists.RowMove]int{}
	for _, c := range lists.Diff(before, after) {
		moves[c.Move]++
	}
	if moves[lists.RowIn] != 1 || moves[lists.RowOut] != 1 || moves[lists.RowChanged] != 1 {
		t.Errorf("between the versions %v, want one row in, one out, one changed", moves)
	}
	history, err := d.Issues(incident.ListDaily, firstDay)
	if err != nil || len(history) != 2 || history[1].Reason != "补录一件" || history[1].Login != "sl1" || history[0].Twice || history[1].Version != 2 {
		t.Fatalf("history %+v, %v", history, err)
	}
	again, err := d.ExportIssue(t.Context(), history[0], filepath.Join(dir, "later.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(again); err != nil || string(got) != string(wrote) {
		t.Errorf("version 1 written later differs (%d bytes, %d before), %v", len(got), len(wrote), err)
	}
	if same, err := d.ExportIssue(t.Context(), history[0], dir); err != nil || same != file {
		t.Errorf("version 1 written once more as %s, %v; want the file that is there", same, err)
	}
}

// townSetting is the setting of the town as it reads now.
func townSetting(t testing.TB, d *desk) string {
	t.Helper()
	raw, err := d.Setting("town")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestPublish_WhoWhenAndWhy(t *testing.T) {
	d := newDesk(t, false)
	d.clock.set(moment(t, "2026-09-01T09:00:00+08:00"))
	d.listed(t, "JJ20260901001", "晒谷场积水")
	for _, c := range []struct {
		by   incident.Login
		list incident.List
		day  incident.Day
		key  string
	}{
		{"op1", incident.ListDaily, firstDay, "publish_role"},
		{"un_jsb", incident.ListDaily, firstDay, "publish_role"},
		{"sl1", incident.ListMonthly, firstDay, "publish_role"},
		{"nobody", incident.ListDaily, firstDay, "actor"},
		{"sl1", incident.ListDaily, "2026-09-02", "publish_early"},
	} {
		_, err := d.PublishList(t.Context(), c.by, c.list, c.day, "")
		refused(t, err, c.key)
	}
	d.publish(t, "")
	_, err := d.PublishList(t.Context(), "sl1", incident.ListDaily, firstDay, " ")
	refused(t, err, "publish_reason")
	_, err = d.PublishList(t.Context(), "sl1", incident.ListDaily, firstDay, "再发")
	refused(t, err, "publish_same")
	if other, err := d.Issues(incident.ListDaily, "2026-09-02"); err != nil || len(other) != 0 {
		t.Errorf("another day has %d issues, %v", len(other), err)
	}
	week, err := d.PublishList(t.Context(), "rd", incident.ListJoint, firstDay, "")
	if err != nil || week.Period != "2026-W36" {
		t.Errorf("joint list: %+v, %v", week, err)
	}
	if history, err := d.Issues(incident.ListJoint, "2026-09-06"); err != nil || len(history) != 1 {
		t.Errorf("the Sunday of the week has %d issues, %v", len(history), err)
	}
}

func TestPublish_WhoWroteMeanwhileIsSeen(t *testing.T) {
	d := newDesk(t, false)
	heads, err := d.store.Heads()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.unmoved(heads); err != nil {
		t.Fatal(err)
	}
	d.must(t, report("op1", "JJ20260901001"))
	if err := d.unmoved(heads); !errors.Is(err, errMoved) {
		t.Errorf("after an act: %v", err)
	}
	if err := d.unmoved([]store.Head{}); !errors.Is(err, errMoved) {
		t.Errorf("with a new line: %v", err)
	}
}

// What can't be made again is not written as if it were.
func TestPublish_WhatTheJournalNoLongerGivesIsRefused(t *testing.T) {
	d := newDesk(t, false)
	d.clock.set(moment(t, "2026-09-01T09:00:00+08:00"))
	d.listed(t, "JJ20260901001", "晒谷场积水")
	i := d.publish(t, "")
	i.Hash[0]++
	i.Rows[0].Digest[0]++
	out := filepath.Join(t.TempDir(), "x.xlsx")
	_, err := d.ExportIssue(t.Context(), i, out)
	var unlike *Unlike
	if !errors.As(err, &unlike) || len(unlike.Rows) != 1 {
		t.Fatalf("got %v, want one row that differs", err)
	}
	if key, args := Explain(err); key != "room.issue.unlike" || len(args) != 4 {
		t.Errorf("told as %s %v", key, args)
	}
	if _, err := os.Stat(out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file is there: %v", err)
	}
}

func TestPublish_TwoDesksApartGiveTheSameVersion(t *testing.T) {
	a, b := newSeat(t, 1), newSeat(t, 2)
	heard := make(chan Change, 64)
	for n, d := range []*desk{a, b} {
		d.clock.set(moment(t, "2026-09-01T09:00:00+08:00").Add(time.Duration(n) * time.Minute))
		d.listed(t, "JJ2026090100"+string(rune('1'+n)), "晒谷场积水")
		if _, err := d.PublishList(t.Context(), "rd", incident.ListDaily, firstDay, ""); err != nil {
			t.Fatal(err)
		}
	}
	defer b.Subscribe(func(c Change) { heard <- c })()
	takeAll(t, a, b)
	for c := range heard {
		if c.Lists {
			break
		}
	}
	history, err := b.Issues(incident.ListDaily, firstDay)
	if err != nil || len(history) != 2 || !history[0].Twice || !history[1].Twice || history[0].Own || !history[1].Own {
		t.Fatalf("history %+v, %v", history, err)
	}
	b.clock.set(b.Now() + 1000)
	third, err := b.PublishList(t.Context(), "rd", incident.ListDaily, firstDay, "两席重号")
	if err != nil || third.Version != 2 {
		t.Errorf("the next is version %d, %v", third.Version, err)
	}
}
