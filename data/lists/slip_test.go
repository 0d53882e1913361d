package lists_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/data/lists"
)

func slipParams(t testing.TB, lang string) lists.SlipParams {
	t.Helper()
	rules := townRules(t)
	return lists.SlipParams{Town: rules.Town(), Rules: rules, Words: words(t, lang), MadeAt: stamp(t, "2026-08-28", 20, 0), Version: 1}
}

func slipCase(st incident.State) lists.SlipCase {
	mask := func(text string) string { return intake.MaskFor(text, st.Reporter) }
	return lists.SlipCase{State: st, Title: mask(st.Title), Content: mask(st.Content), Mask: mask}
}

// before is what was known of all incidents before a moment, by number.
func (d *desk) before(at incident.Stamp) []lists.SlipCase {
	var out []lists.SlipCase
	for _, ref := range slices.Sorted(maps.Keys(d.refs)) {
		if past := incident.AsOf(d.entries[d.refs[ref]], at); len(past) > 0 {
			out = append(out, slipCase(incident.Fold(past)))
		}
	}
	return out
}

// opened writes a slip and reads it back.
func opened(t testing.TB, s lists.Slip) *excelize.File {
	t.Helper()
	var b bytes.Buffer
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func TestSlips_Golden(t *testing.T) {
	d := august(t, "acts-2026-08.jsonl")
	p := slipParams(t, "zh-Hans")
	at := stamp(t, "2026-08-28", 20, 0)
	cases := d.before(at)
	st := incident.Fold(incident.AsOf(d.entries[d.refs["a380"]], at))
	supervised, err := lists.Supervise(p, slipCase(st))
	if err != nil {
		t.Fatal(err)
	}
	st.Supervisions = nil
	order, err := lists.Supervise(p, slipCase(st))
	if err != nil {
		t.Fatal(err)
	}
	notice, err := lists.Notice(p, "农业农村办", stamp(t, "2026-08-01", 0, 0), at, cases)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, s := range []lists.Slip{supervised, order, lists.Handle(p, slipCase(st)), lists.Handover(p, stamp(t, "2026-08-28", 8, 0), at, cases), notice} {
		f := opened(t, s)
		fmt.Fprintf(&b, "[%s]\n", strings.Join(f.GetSheetList(), " "))
		rows, err := f.GetRows(s.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			fmt.Fprintln(&b, strings.Join(slices.DeleteFunc(row, func(c string) bool { return c == "" }), " | "))
		}
	}
	const golden = "testdata/slips.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// reported is an incident whose texts tell who reported it, and one of whose texts looks like a formula.
func reported(t testing.TB) incident.State {
	t.Helper()
	pl := invented(t, func(pl *lists.Placement) {
		st := &pl.State
		st.Title, st.Content = "=1+1 路灯不亮", "童心怡 13800005678 来电：路灯不亮"
		st.Reporter = &incident.Reporter{Name: "童心怡", Phone: "13800005678", IDNo: "330825199001011234"}
		st.Supervisions = []incident.Supervision{{Level: 3, At: stamp(t, "2026-08-15", 9, 0), ReplyDue: "2026-08-20", Text: "请回复童心怡 13800005678"}}
		st.Log = []incident.LogLine{
			{Kind: incident.KindRegistered, At: st.ReceivedAt, Actor: "op1", Role: incident.RoleOperator, Fact: &incident.Fact{}},
			{Kind: incident.KindNoted, At: st.ReceivedAt, Actor: "op1", Role: incident.RoleOperator, Late: true, Fact: &incident.Fact{Fields: incident.Fields{Text: "童心怡的号码 13800005678"}}},
			{Kind: incident.KindReturned, At: st.ReceivedAt, Actor: "un", Role: incident.RoleUnit, Unit: "建设办", Undone: true, Fact: &incident.Fact{Fields: incident.Fields{Reason: "RT02", Basis: "童心怡说的"}}},
			{Kind: incident.KindUnsealed, At: st.ReceivedAt, Actor: "op9", Role: incident.RoleOperator, Fact: &incident.Fact{}},
			{Kind: 999, At: st.ReceivedAt, Actor: "op1"},
		}
	})
	return pl.State
}

func all(s lists.Slip) string {
	var b strings.Builder
	for _, r := range s.Rows {
		for _, c := range r.Cells {
			b.WriteString(c.Text + "\n")
		}
	}
	return b.String()
}

func TestSlips_TellNobodysNameAndNumber(t *testing.T) {
	for _, lang := range []string{"zh-Hans", "en"} {
		p := slipParams(t, lang)
		c := slipCase(reported(t))
		c.Mask = nil // a slip masks of itself
		supervised, err := lists.Supervise(p, c)
		if err != nil {
			t.Fatal(err)
		}
		notice, err := lists.Notice(p, "建设办", 0, stamp(t, "2026-09-28", 8, 0), []lists.SlipCase{c})
		if err != nil {
			t.Fatal(err)
		}
		handle := lists.Handle(p, c)
		for _, s := range []lists.Slip{supervised, handle, lists.Handover(p, 0, p.MadeAt, []lists.SlipCase{c}), notice} {
			text := all(s)
			for _, secret := range []string{"童心怡", "13800005678", "330825199001011234", "op9"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s tells %s: %s", s.Name, secret, text)
				}
			}
			if strings.Contains(text, "slip.") {
				t.Errorf("%s has a key without a text: %s", s.Name, text)
			}
			for i, r := range s.Rows {
				n := 0
				for _, cell := range r.Cells {
					n += cell.Span
				}
				if n != lists.SlipColumns {
					t.Errorf("%s: row %d spans %d columns", s.Name, i+1, n)
				}
			}
		}
		if text := all(handle); !strings.Contains(text, "童** 138****5678") {
			t.Errorf("the sheet hides the reporter altogether: %s", text)
		}
		for shield, want := range map[string]string{"confidential": intake.Secret, "protected": intake.Protected} {
			c.State.Shield = shield
			if text := all(lists.Handle(p, c)); !strings.Contains(text, want) || strings.Contains(text, "童** 138") {
				t.Errorf("%s: %s", shield, text)
			}
		}
	}
}

func TestSupervise_AsksTheUnitAndTheReceiptBearsTheSameCode(t *testing.T) {
	p := slipParams(t, "zh-Hans")
	c := slipCase(reported(t))
	s, err := lists.Supervise(p, c)
	if err != nil {
		t.Fatal(err)
	}
	text := all(s)
	for _, want := range []string{"塔督〔2026〕　　号\n", "建设办", "2026-08-20", "●红", "=1+1 路灯不亮"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	if n := strings.Count(text, s.Check); s.Check == "" || n != 2 {
		t.Errorf("code %q stands %d times", s.Check, n)
	}
	p.Version = 2
	again, err := lists.Supervise(p, c)
	if err != nil || again.Check != s.Check {
		t.Errorf("the next print has the code %s, want %s, %v", again.Check, s.Check, err)
	}
	c.State.LeadUnit = ""
	if _, err := lists.Supervise(p, c); !errors.Is(err, lists.ErrNoUnit) {
		t.Errorf("without a unit: %v", err)
	}
}

func TestSlip_PageIsPortraitOneWideAndTextsStayTexts(t *testing.T) {
	s, err := lists.Supervise(slipParams(t, "zh-Hans"), slipCase(reported(t)))
	if err != nil {
		t.Fatal(err)
	}
	f := opened(t, s)
	page, err := f.GetPageLayout(s.Name)
	if err != nil {
		t.Fatal(err)
	}
	if *page.Size != 9 || *page.Orientation != "portrait" || *page.FitToWidth != 1 || *page.FitToHeight != 0 {
		t.Errorf("paper %d %s, %d wide, %d high", *page.Size, *page.Orientation, *page.FitToWidth, *page.FitToHeight)
	}
	margins, err := f.GetPageMargins(s.Name)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(*margins.Left*2.54-1.5) > 0.01 || math.Abs(*margins.Top*2.54-1.8) > 0.01 {
		t.Errorf("margins %v %v inches", *margins.Left, *margins.Top)
	}
	rows, err := f.GetRows(s.Name)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		for j, text := range row {
			cell, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if formula, err := f.GetCellFormula(s.Name, cell); err != nil || formula != "" {
				t.Errorf("%s %q holds the formula %q, %v", cell, text, formula, err)
			}
			if kind, err := f.GetCellType(s.Name, cell); err != nil || text != "" && kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
				t.Errorf("%s %q is of type %v, %v", cell, text, kind, err)
			}
		}
	}
}

func TestSlip_LongTextGoesOnInTheNextRows(t *testing.T) {
	st := reported(t)
	st.Content = strings.Repeat("路灯不亮，夜里走路看不见。\n", 90)
	s := lists.Handle(slipParams(t, "zh-Hans"), slipCase(st))
	rows := 0
	for _, r := range s.Rows {
		if text := r.Cells[len(r.Cells)-1].Text; strings.Contains(text, "夜里走路") {
			rows++
			if n := strings.Count(text, "\n") + 1; n > 20 {
				t.Errorf("a row of %d lines", n)
			}
		}
	}
	if n := strings.Count(all(s), "夜里走路看不见。"); rows != 5 || n != 90 {
		t.Errorf("%d sentences in %d rows", n, rows)
	}
}

func TestNotice_NeedsSomethingOverdueOrReturned(t *testing.T) {
	p := slipParams(t, "zh-Hans")
	c := slipCase(reported(t))
	if _, err := lists.Notice(p, "派出所", 0, p.MadeAt, []lists.SlipCase{c}); !errors.Is(err, lists.ErrNothingDue) {
		t.Errorf("a unit that has nothing: %v", err)
	}
	c.State.Status, c.State.Tasks, c.State.Log[2].Undone = incident.Accepted, nil, false
	c.State.LeadUnit = ""
	s, err := lists.Notice(p, "建设办", 0, stamp(t, "2026-08-14", 9, 30), []lists.SlipCase{c})
	if err != nil || !strings.HasSuffix(s.Title, "提醒通知单") || !strings.Contains(all(s), "退单 1 件") {
		t.Errorf("a unit that returned one: %s %v %s", s.Title, err, all(s))
	}
}

func TestHandover_EachOpenIncidentStandsOnce(t *testing.T) {
	at := stamp(t, "2026-08-28", 20, 0)
	cases := august(t, "acts-2026-08.jsonl").before(at)
	text := all(lists.Handover(slipParams(t, "zh-Hans"), stamp(t, "2026-08-28", 8, 0), at, cases))
	open := 0
	for _, c := range cases {
		if !c.State.Status.Open() {
			continue
		}
		open++
		if n := strings.Count(text, c.State.No+"\n"+c.Title+"\n"); n != 1 {
			t.Errorf("%s stands %d times", c.State.No, n)
		}
	}
	if open == 0 || !strings.Contains(text, fmt.Sprintf("在办 %d 件", open)) {
		t.Errorf("%d open: %s", open, text)
	}
}
