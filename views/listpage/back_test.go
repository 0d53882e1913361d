package listpage

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/data/lists"
	"zw110/data/room"
	"zw110/views/kit"
)

// host is a window that holds what is opened and remembers what is said.
type host struct {
	window  fyne.Window
	dialogs []*kit.Dialog
	said    []kit.Message
}

func (h *host) Open(d *kit.Dialog) {
	h.dialogs = append(h.dialogs, d)
	h.window.Canvas().Overlays().Add(d)
}

func (h *host) Close(d *kit.Dialog) {
	h.dialogs = slices.DeleteFunc(h.dialogs, func(have *kit.Dialog) bool { return have == d })
	h.window.Canvas().Overlays().Remove(d)
}
func (h *host) Say(m kit.Message)   { h.said = append(h.said, m) }
func (h *host) Run(kit.Command)     {}
func (h *host) Canvas() fyne.Canvas { return h.window.Canvas() }

// desk answers with lists and comparisons that a test prepares.
type desk struct {
	asked    []incident.List
	days     []incident.Day
	exported []incident.List
	sheet    lists.Sheet
	back     func(editor string) (room.Returned, error)
	editors  []string
	entered  []room.BackItem
	answer   func(room.BackItem) error
	presses
}

func (d *desk) ListSheet(_ context.Context, list incident.List, day incident.Day) (lists.Sheet, error) {
	d.asked, d.days = append(d.asked, list), append(d.days, day)
	return d.sheet, nil
}

func (d *desk) ExportList(_ context.Context, list incident.List, _ incident.Day, out string) (string, error) {
	d.exported = append(d.exported, list)
	return out, nil
}

func (d *desk) ReadBack(_ string, _ []byte, _ incident.Login, editor string) (room.Returned, error) {
	d.editors = append(d.editors, editor)
	return d.back(editor)
}

func (d *desk) EnterBack(_ context.Context, items []room.BackItem) ([]room.Done, error) {
	var out []room.Done
	for _, it := range items {
		d.entered = append(d.entered, it)
		var err error
		if d.answer != nil {
			err = d.answer(it)
		}
		out = append(out, room.Done{Err: err})
	}
	return out, nil
}
func (d *desk) Subscribe(func(room.Change)) func() { return func() {} }

// Now is Tuesday 2026-08-18, 14:05.
func (d *desk) Now() incident.Stamp {
	start, err := incident.Day("2026-08-18").Start()
	if err != nil {
		panic(err)
	}
	return start + incident.Stamp((14*60+5)*60_000)
}

// bench is the page in a window.
type bench struct {
	*Page
	desk     *desk
	host     *host
	file     string
	imported []string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(kit.NewTheme(kit.Light))
	b := &bench{desk: &desk{sheet: sheet()}, host: &host{window: test.NewTempWindow(t, container.NewStack())}, file: filepath.Join(t.TempDir(), "塔石镇_每日清单_20260818_v1.xlsx")}
	if err := os.WriteFile(b.file, []byte("清单"), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := kit.NewText("zh-Hans")
	if err != nil {
		t.Fatal(err)
	}
	env := &kit.Env{
		Text: text, Keys: kit.NewKeymap(), Post: func(f func()) { f() }, Now: b.desk.Now, Work: func(f func()) { f() }, Host: b.host,
	}
	b.Page = New(Params{
		Env: env, Desk: b.desk, Words: func(err error) string { return err.Error() }, Folder: func() string { return "文档" }, OpenFile: func(string) {},
		Who: func() incident.Login { return "op1" }, Browse: func(_ bool, _ string, chosen func(string)) { chosen(b.file) }, Apart: func(f func()) { f() }, Person: func(l incident.Login) string { return "值班长" + string(l) }, Approvers: func() []Approver { return b.desk.approvers },
		Import: func(name string, _ []byte) { b.imported = append(b.imported, name) },
	})
	b.host.window.SetContent(b.Content())
	b.host.window.Resize(fyne.NewSize(1366, 768))
	b.Shown()
	return b
}

// press gives a command's first key to what is on top.
func (b *bench) press(commands ...kit.Command) {
	for _, c := range commands {
		if n := len(b.host.dialogs); n > 0 {
			b.host.dialogs[n-1].HandleKey(kit.Press{Command: c})
			continue
		}
		b.HandleKey(kit.Press{Command: c})
	}
}

// change is one cell that somebody filled in.
func change(place, column, was, is, now string, v room.BackVerdict) room.BackItem {
	it := room.BackItem{Change: lists.Change{Place: place, Row: lists.RowKey{No: "2026-0818-00" + place[1:]}, Column: column, Was: was, Is: is}, Now: now, Verdict: v}
	if v == room.BackRefused {
		it.Why = errors.New("事项已办结")
	}
	return it
}

func returned(editor string) room.Returned {
	r := room.Returned{File: "清单.xlsx", Items: []room.BackItem{
		change("L5", "progress", "已派单", "灯已修好", "已派单", room.BackChange),
		change("L6", "progress", "已派单", "沟已清", "正在清沟", room.BackConflict),
		change("L7", "progress", "已派单", "墙已补", "已派单", room.BackRefused),
		change("P8", "signature", "", "王某", "王某", room.BackSame),
		change("P9", "signature", "", "李某", "", room.BackChange),
	}}
	r.List, r.Day, r.Editor, r.Back.Rows = incident.ListDaily, "2026-08-18", editor, 12
	r.Loose = []lists.Loose{{Place: "14", Key: "lists.back.loose.row", Args: []string{"新加的一行"}}}
	r.Gone = []lists.RowKey{{No: "2026-0818-010"}}
	return r
}

func named(r room.Returned) func(string) (room.Returned, error) {
	return func(editor string) (room.Returned, error) {
		if editor != "" {
			r.Editor = editor
		}
		return r, nil
	}
}

func places(items []room.BackItem) string {
	var out []string
	for _, it := range items {
		out = append(out, it.Place)
	}
	return strings.Join(out, " ")
}

func TestBack_ConflictsAreLeftToAPerson(t *testing.T) {
	b := newBack(returned("张某"))
	if got := b.taken(); !slices.Equal(got, []int{0, 4}) {
		t.Fatalf("ticked at first %v", got)
	}
	for i := range b.Rows {
		b.Toggle(i)
	}
	b.Toggle(-1)
	b.Toggle(len(b.Rows))
	if got := b.taken(); !slices.Equal(got, []int{1}) {
		t.Errorf("after toggling all: %v", got)
	}
	b.TickAll()
	if got := b.taken(); len(got) != 0 {
		t.Errorf("ticking all with one ticked leaves %v", got)
	}
	b.TickAll()
	if got := b.taken(); !slices.Equal(got, []int{0, 4}) {
		t.Errorf("ticking all ticks %v", got)
	}
}

func TestBack_AgainKeepsTicksUnlessTheStoreMoved(t *testing.T) {
	b := newBack(returned("张某"))
	b.Toggle(1)
	b.Toggle(4)
	if b.again(returned("李某")) || !slices.Equal(b.taken(), []int{0, 1}) || b.Editor != "李某" {
		t.Fatalf("nothing moved, but %v by %q", b.taken(), b.Editor)
	}
	next := returned("李某")
	next.Items[1].Now = "沟已清一半"
	next.Items[4].Verdict, next.Items[4].Now = room.BackConflict, "赵某" // not ticked: nobody needs to know
	if !b.again(next) || !slices.Equal(b.taken(), []int{0}) {
		t.Errorf("the store moved under a ticked conflict; ticked now %v", b.taken())
	}
	next = returned("李某")
	next.Items = next.Items[1:]
	if !b.again(next) {
		t.Error("a ticked row that is gone is passed over")
	}
}

func TestPage_KeysChooseTheList(t *testing.T) {
	b := newBench(t)
	b.press(kit.CmdByWeek, kit.CmdByMonth, kit.CmdNextTab, kit.CmdPrevTab, kit.CmdExport)
	want := []incident.List{incident.ListDaily, incident.ListJoint, incident.ListMonthly, incident.ListDaily, incident.ListMonthly}
	if !slices.Equal(b.desk.asked, want) || !slices.Equal(b.desk.exported, []incident.List{incident.ListMonthly}) {
		t.Errorf("asked %v, exported %v", b.desk.asked, b.desk.exported)
	}
	b.HandleKey(kit.Press{Stroke: kit.Stroke{Key: fyne.KeyLeft}})
	if day := b.desk.days[len(b.desk.days)-1]; day != "2026-07-31" || b.dayLabel.Text != "2026-07" {
		t.Errorf("a month back is %s, shown as %q", day, b.dayLabel.Text)
	}
}

func TestStepped_NeverBeyondToday(t *testing.T) {
	for _, c := range []struct {
		list incident.List
		day  incident.Day
		by   int
		want incident.Day
	}{
		{incident.ListDaily, "2026-08-18", 1, "2026-08-18"},
		{incident.ListDaily, "2026-08-17", 1, "2026-08-18"},
		{incident.ListDaily, "2026-03-01", -1, "2026-02-28"},
		{incident.ListJoint, "2026-08-18", 1, "2026-08-18"},
		{incident.ListJoint, "2026-08-14", 1, "2026-08-18"}, // Friday of the week before; the next Friday is to come
		{incident.ListJoint, "2026-08-18", -1, "2026-08-11"},
		{incident.ListMonthly, "2026-08-18", 1, "2026-08-18"},
		{incident.ListMonthly, "2026-08-18", -1, "2026-07-31"},
		{incident.ListMonthly, "2026-07-31", 1, "2026-08-18"},
		{incident.ListMonthly, "2026-03-31", -1, "2026-02-28"},
	} {
		if got := stepped(c.list, c.day, "2026-08-18", c.by); got != c.want {
			t.Errorf("%s list of %s by %d: %s, not %s", c.list, c.day, c.by, got, c.want)
		}
	}
	if got := periodText(incident.ListJoint, "2026-08-18"); got != "2026 W34 · 08-17 — 08-23" {
		t.Errorf("the week is %q", got)
	}
}

func TestBlocks_WholeCellsStandOnce(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(kit.NewTheme(kit.Light))
	s := lists.Sheet{Blocks: []int{3, 1}, Columns: []lists.Column{{Head: "事项", Width: 10, Whole: true}, {Head: "单位", Width: 10}}}
	long := strings.Repeat("路灯不亮", 30)
	s.Rows = [][]lists.Cell{{{Text: long}, {Text: "建设办"}}, {{}, {Text: "派出所"}}, {{}, {Text: "农业办"}}, {{Text: "短"}, {Text: "综合办"}}}
	blocks := blocksOf(s)
	if len(blocks) != 2 || blocks[0].rows != 3 || blocks[1].from != 3 {
		t.Fatalf("blocks %+v", blocks)
	}
	cols := []float32{120, 120}
	for i := range blocks {
		blocks[i].measure(s.Rows[blocks[i].from:blocks[i].from+blocks[i].rows], s.Columns, cols)
	}
	need := heightOf(s.Rows[0], cols, kit.Caption)
	if h := blocks[0].height(); h < need-0.5 || h > need+0.5 || blocks[1].height() != leastRow {
		t.Errorf("the block is %g high, its text needs %g; the next %g", h, need, blocks[1].height())
	}
	if h := blocks[0].heights; h[0]-h[1] > 0.5 || h[1]-h[0] > 0.5 {
		t.Errorf("equal rows are %v high", h)
	}
}

func TestReadBack_ByKeysAlone(t *testing.T) {
	b := newBench(t)
	b.desk.back = named(returned("张某"))
	b.press(kit.CmdReadBack, kit.CmdDown, kit.CmdPeek, kit.CmdDown, kit.CmdPeek, kit.CmdConfirm)
	if got := places(b.desk.entered); got != "L5 L6 P9" {
		t.Fatalf("entered %s; said %+v", got, b.host.said)
	}
	if len(b.host.dialogs) != 0 || !slices.Equal(b.desk.editors, []string{"", "张某"}) {
		t.Errorf("%d dialogs stay; read for %q", len(b.host.dialogs), b.desk.editors)
	}
	if last := b.host.said[len(b.host.said)-1]; last.Bad || last.Text != b.p.Env.T("listpage.back.done", 3, "张某") {
		t.Errorf("it says %+v", last)
	}
}

func TestReadBack_EscapeEntersNothing(t *testing.T) {
	b := newBench(t)
	b.desk.back = named(returned("张某"))
	b.press(kit.CmdReadBack, kit.CmdBack)
	if len(b.host.dialogs) != 0 || len(b.desk.entered) != 0 {
		t.Errorf("%d dialogs, entered %s", len(b.host.dialogs), places(b.desk.entered))
	}
}

func TestReadBack_AsksWhoFilledItIn(t *testing.T) {
	b := newBench(t)
	b.desk.back = func(editor string) (room.Returned, error) {
		if editor == "" {
			return room.Returned{}, &intake.Problem{Code: noEditor}
		}
		return returned(editor), nil
	}
	b.press(kit.CmdReadBack, kit.CmdConfirm)
	if len(b.desk.entered) != 0 || len(b.host.dialogs) != 1 {
		t.Fatalf("without a name it enters %s", places(b.desk.entered))
	}
	for _, c := range "王某" {
		b.host.Canvas().Focused().TypedRune(c)
	}
	b.press(kit.CmdConfirm)
	if places(b.desk.entered) != "L5 P9" || b.desk.editors[len(b.desk.editors)-1] != "王某" {
		t.Errorf("entered %s for %q", places(b.desk.entered), b.desk.editors)
	}
}

func TestReadBack_TheStoreMovesWhileAPersonReads(t *testing.T) {
	b := newBench(t)
	b.desk.back = named(returned("张某"))
	b.press(kit.CmdReadBack)
	next := returned("张某")
	next.Items[0].Verdict, next.Items[0].Now = room.BackConflict, "正在修"
	b.desk.back = named(next)
	b.press(kit.CmdConfirm)
	if len(b.desk.entered) != 0 || len(b.host.dialogs) != 1 {
		t.Fatalf("entered %s over what nobody has seen", places(b.desk.entered))
	}
	b.press(kit.CmdConfirm)
	if places(b.desk.entered) != "P9" {
		t.Errorf("then entered %s", places(b.desk.entered))
	}
}

func TestReadBack_ARefusalStaysInView(t *testing.T) {
	b := newBench(t)
	b.desk.back = named(returned("张某"))
	b.desk.answer = func(it room.BackItem) error {
		if it.Place == "P9" {
			return errors.New("别席先办结")
		}
		return nil
	}
	b.press(kit.CmdReadBack, kit.CmdConfirm)
	if len(b.host.dialogs) != 1 {
		t.Fatal("the dialog closes over a refusal")
	}
	b.press(kit.CmdConfirm)
	if places(b.desk.entered) != "L5 P9" {
		t.Errorf("what was entered or refused is entered again: %s", places(b.desk.entered))
	}
}

func TestReadBack_FilesThatAreNoList(t *testing.T) {
	b := newBench(t)
	b.desk.back = func(string) (room.Returned, error) {
		return room.Returned{}, &intake.Problem{Code: "lists.back.err.foreign"}
	}
	b.ReadBack(b.file, true)
	if !slices.Equal(b.imported, []string{filepath.Base(b.file)}) || len(b.host.dialogs) != 0 {
		t.Errorf("dropped: imported %v, %d dialogs", b.imported, len(b.host.dialogs))
	}
	b.ReadBack(b.file, false)
	if len(b.imported) != 1 || len(b.host.dialogs) != 1 {
		t.Errorf("chosen: imported %v, %d dialogs", b.imported, len(b.host.dialogs))
	}
	b.press(kit.CmdConfirm, kit.CmdBack)
	b.ReadBack(b.file+".pdf", false)
	if last := b.host.said[len(b.host.said)-1]; !last.Bad || len(b.host.dialogs) != 0 {
		t.Errorf("of a page it says %+v", last)
	}
}
