package county

import (
	"context"
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// host is a window that holds what is opened.
type host struct {
	window  fyne.Window
	dialogs []*kit.Dialog
	said    []string
}

func (h *host) Open(d *kit.Dialog) {
	h.dialogs = append(h.dialogs, d)
	h.window.Canvas().Overlays().Add(d)
}

func (h *host) Close(d *kit.Dialog) {
	for i, have := range h.dialogs {
		if have == d {
			h.dialogs = append(h.dialogs[:i], h.dialogs[i+1:]...)
			h.window.Canvas().Overlays().Remove(d)
			d.Closed()
			return
		}
	}
}

func (h *host) Say(m kit.Message)   { h.said = append(h.said, m.Text) }
func (h *host) Run(kit.Command)     {}
func (h *host) Canvas() fyne.Canvas { return h.window.Canvas() }

// press gives a key to the dialog on top.
func (h *host) press(env *kit.Env, s kit.Stroke) {
	d := h.dialogs[len(h.dialogs)-1]
	d.HandleKey(kit.Press{Stroke: s, Command: env.Keys.Find(s, d.Scopes()...)})
}

func newEnv(t *testing.T) (*kit.Env, *host) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(kit.NewTheme(kit.Light))
	h := &host{window: test.NewTempWindow(t, container.NewStack())}
	h.window.Resize(fyne.NewSize(1440, 900))
	return &kit.Env{
		Text: words(t, "zh-Hans"), Keys: kit.NewKeymap(), Post: func(f func()) { f() }, Now: func() incident.Stamp { return testNow },
		Work: func(f func()) { f() }, Host: h,
	}, h
}

// texts are all words below an object.
func texts(o fyne.CanvasObject) string {
	var out []string
	for _, c := range test.LaidOutObjects(o) {
		switch v := c.(type) {
		case *kit.Para:
			out = append(out, v.Text())
		case *kit.Label:
			out = append(out, v.Text)
		case *kit.Button:
			out = append(out, v.Text())
		}
	}
	return strings.Join(out, "\n")
}

func clash(id, rule string, choices ...string) room.Clash {
	c := room.Clash{Conflict: incident.Conflict{ID: id, Rule: rule, Choices: choices}}
	c.A = room.Side{Author: room.Author{Login: "op1", Seat: "指挥室1", At: testNow.Add(-6e9), Own: true}, Kind: incident.KindDispatched, Fact: &incident.Fact{Fields: incident.Fields{Lead: "司法所"}}}
	c.B = room.Side{Author: room.Author{Login: "op2", Seat: "指挥室2", At: testNow}, Kind: incident.KindDispatched, Fact: &incident.Fact{Fields: incident.Fields{Lead: "派出所"}}}
	return c
}

// bench is a dialog of conflicts over details that a test changes.
type bench struct {
	*Settle
	host    *host
	env     *kit.Env
	details []room.Detail
	settled []string
	refuse  error
	edited  incident.IncidentID
}

func newBench(t *testing.T, clashes ...room.Clash) *bench {
	t.Helper()
	env, h := newEnv(t)
	b := &bench{host: h, env: env}
	for i, c := range clashes {
		id := incident.IncidentID{byte(i + 1)}
		b.details = append(b.details, room.Detail{State: incident.State{ID: id}, Row: board.Row{ID: id, ShortNo: "0818-028", Title: "滴水纠纷"}, Clashes: []room.Clash{c}})
	}
	b.Settle = OpenSettle(SettleParams{
		Env: env, Work: env.Work, Words: func(err error) string { return err.Error() }, Read: func() ([]room.Detail, error) { return b.details, nil },
		Settle: func(id incident.IncidentID, conflict, choice, text string, done func(error)) {
			if b.refuse == nil {
				b.settled = append(b.settled, conflict+" "+choice+" "+text)
				b.details = b.details[1:]
			}
			done(b.refuse)
		},
		Edit: func(id incident.IncidentID) { b.edited = id },
	})
	return b
}

func TestSettle_DigitsSettleAndTheLastOneClosesTheDialog(t *testing.T) {
	b := newBench(t, clash("a", "double_dispatch", "settle.keep_both", "settle.keep_a", "settle.keep_b"), clash("b", "closed_while_active", "settle.close_now", "settle.stay_open"))
	shown := texts(b.right)
	for _, want := range []string{"两处同时派单，单位不同", "本席·指挥室1", "指挥室2", "司法所", "派出所", "op2·14:09:21", "两处的单位都算已派", "保留甲，撤回乙"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not shown", want)
		}
	}
	b.host.press(b.env, kit.Stroke{Rune: '3'})
	b.host.press(b.env, kit.Stroke{Rune: '3'}) // the second one has but two choices
	b.host.press(b.env, kit.Stroke{Rune: '2'})
	if got := strings.Join(b.settled, ","); got != "a settle.keep_b ,b settle.stay_open " {
		t.Errorf("settled %q", got)
	}
	if len(b.host.dialogs) != 0 {
		t.Error("the dialog stays open with nothing to settle")
	}
}

func TestSettle_RefusalIsToldAndTheConflictStays(t *testing.T) {
	b := newBench(t, clash("a", "two_deadlines", "settle.pick_a", "settle.pick_b"))
	b.refuse = errors.New("只有值班长能定")
	b.host.press(b.env, kit.Stroke{Rune: '1'})
	if !strings.Contains(texts(b.right), "只有值班长能定") || len(b.host.dialogs) != 1 {
		t.Error("the refusal is not shown")
	}
}

func TestSettle_ThirdResultIsWrittenAndThirdValueIsEdited(t *testing.T) {
	b := newBench(t, clash("a", "two_results", "settle.pick_a", "settle.pick_b", "settle.third"), clash("b", ruleValues, "settle.pick_a", "settle.pick_b", "settle.third"))
	b.host.press(b.env, kit.Stroke{Rune: '3'})
	b.third.SetText(" 以第二次通话为准 ")
	b.host.press(b.env, kit.Stroke{Key: fyne.KeyReturn, Mod: fyne.KeyModifierShortcutDefault})
	if len(b.settled) != 1 || b.settled[0] != "a settle.third 以第二次通话为准" {
		t.Fatalf("settled %q", b.settled)
	}
	b.host.press(b.env, kit.Stroke{Rune: '3'})
	if b.edited != (incident.IncidentID{2}) {
		t.Error("the values are not edited")
	}
}

func TestSideLines_OfTwoEditsOnlyWhatDiffers(t *testing.T) {
	c := clash("a", ruleValues)
	c.A.Fact.Fields, c.B.Fact.Fields = incident.Fields{Title: "晒谷场积水", Village: "泽随"}, incident.Fields{Title: "村道积水", Village: "泽随"}
	got := SideLines(words(t, "zh-Hans"), c, c.A, c.B)
	if len(got) != 1 || got[0].Value != "晒谷场积水" {
		t.Errorf("got %v", got)
	}
}

func TestCatalogue_HasWordsForEveryRuleUntilSettled(t *testing.T) {
	for _, rule := range []string{
		"double_dispatch", "same_dispatch", "closed_while_active", "closed_and_reopened", "two_results", "two_owners", "merge_cycle", "merge_chain",
		"merged_while_active", "split_while_merging", "two_values", "two_deadlines", "withdrawn_while_active",
	} {
		if text := Until(words(t, "zh-Hans"), clash("", rule)); strings.HasPrefix(text, "county.") {
			t.Errorf("no words for %s", rule)
		}
	}
}

// fakeLink answers what a test puts in.
type fakeLink struct {
	state  State
	err    error
	parcel Parcel
	out    Outgoing
	half   func() // called in the middle of a file
	asked  []string
}

func (f *fakeLink) State() State { return f.state }
func (f *fakeLink) Enrol(_ context.Context, address, code string, relay bool, progress func(int, int)) (string, error) {
	f.asked = append(f.asked, address+" "+code)
	if f.err == nil {
		progress(1, 2)
		f.state.Mode = room.ModeFull
	}
	return "指挥室1", f.err
}

func (f *fakeLink) WriteCourier(ctx context.Context, file string, told func(done, total int64)) (Parcel, error) {
	return f.carry(ctx, "write "+file, told)
}

func (f *fakeLink) ReadCourier(ctx context.Context, file string, told func(done, total int64)) (Parcel, error) {
	return f.carry(ctx, "read "+file, told)
}

func (f *fakeLink) carry(ctx context.Context, what string, told func(done, total int64)) (Parcel, error) {
	f.asked = append(f.asked, what)
	told(512<<10, 1<<20)
	if f.half != nil {
		f.half()
	}
	if ctx.Err() != nil {
		return Parcel{}, ctx.Err()
	}
	return f.parcel, f.err
}

func (f *fakeLink) Outgoing() Outgoing { return f.out }
func (f *fakeLink) HandOver() {
	f.asked = append(f.asked, "hand over")
	f.out.Trip.Handed = testNow
}
func (f *fakeLink) Peers(context.Context) ([]Peer, error) { return nil, nil }

func newPanel(t *testing.T, f *fakeLink) *Panel {
	t.Helper()
	env, h := newEnv(t)
	p := NewPanel(PanelParams{Env: env, Link: f, Work: env.Work, Words: func(err error) string { return err.Error() }, Retry: func() {}})
	h.window.SetContent(p.Content())
	p.Refresh()
	return p
}

func TestPanel_EnrolmentTellsWhatIsWrongAndKeepsWhatWasTyped(t *testing.T) {
	f := &fakeLink{state: state(room.ModeAlone, 0, 0), err: errors.New("登记码不对")}
	p := newPanel(t, f)
	p.doEnrol()
	if p.told.Text() != "请填中枢地址和登记码。" || len(f.asked) != 0 {
		t.Errorf("empty fields: told %q, asked %v", p.told.Text(), f.asked)
	}
	p.address.SetText("wss://hub ")
	p.code.SetText("ABCDE-12345")
	p.doEnrol()
	if p.told.Text() != "登记码不对" || p.code.Text() != "ABCDE-12345" {
		t.Errorf("refused: told %q, kept %q", p.told.Text(), p.code.Text())
	}
	f.err = nil
	p.code.Focus()
	p.doEnrol()
	if p.p.Env.Host.Canvas().Focused() != nil {
		t.Error("the keys still go to a field that is gone")
	}
	if !strings.Contains(p.told.Text(), "已登记为「指挥室1」") || p.code.Text() != "" || p.form.Visible() || f.asked[1] != "wss://hub ABCDE-12345" {
		t.Errorf("taken: told %q, asked %v, form in view %v", p.told.Text(), f.asked, p.form.Visible())
	}
}

// A seat that was revoked, or whose hub has another certificate now, enrols again with a new code.
func TestPanel_EnrolsAgainWhereOnlyThatHelps(t *testing.T) {
	revoked, pinned := state(room.ModeOffline, 3, 0), state(room.ModeOffline, 3, 0)
	revoked.Alarm, pinned.Why = "sync.alarm.unknown", "sync.why.pin"
	for name, c := range map[string]struct {
		state State
		form  bool
	}{"revoked": {revoked, true}, "other certificate": {pinned, true}, "offline": {state(room.ModeOffline, 3, 0), false}, "synced": {state(room.ModeFull, 0, 0), false}} {
		f := &fakeLink{state: c.state}
		p := newPanel(t, f)
		if p.form.Visible() != c.form || !p.link.Visible() {
			t.Errorf("%s: form %v, facts %v", name, p.form.Visible(), p.link.Visible())
		}
		if c.form && !strings.Contains(texts(p.form), "重新登记") {
			t.Errorf("%s: the form says %q", name, texts(p.form))
		}
		env, h := newEnv(t)
		gone := false
		OpenStatus(StatusParams{Env: env, State: func() State { return c.state }, Retry: func() {}, Enrol: func() { gone = true }, Courier: func() {}})
		for _, o := range test.LaidOutObjects(h.dialogs[0]) {
			if b, ok := o.(*kit.Button); ok && b.Text() == "登记席位" {
				test.Tap(b)
			}
		}
		if gone != c.form {
			t.Errorf("%s: the dialog leads to enrolment: %v", name, gone)
		}
	}
}

func TestCourier_DialogFollowsTheLinkUntilItCloses(t *testing.T) {
	env, h := newEnv(t)
	f := &fakeLink{state: state(room.ModeOffline, 3, 0)}
	c := OpenCourier(PanelParams{Env: env, Link: f, Work: env.Work, Words: func(err error) string { return err.Error() }})
	f.state = state(room.ModeOffline, 4, 0)
	c.LinkMoved()
	if got := texts(c.root); !strings.Contains(got, "待传 4") {
		t.Errorf("shows %q", got)
	}
	h.press(env, kit.Stroke{Key: fyne.KeyEscape})
	f.state = state(room.ModeOffline, 5, 0)
	c.LinkMoved()
	if got := texts(c.root); strings.Contains(got, "待传 5") || len(h.dialogs) != 0 {
		t.Errorf("closed, it shows %q", got)
	}
}

func TestCourier_ReportsInWordsAndRefusesWithoutCounty(t *testing.T) {
	f := &fakeLink{state: state(room.ModeAlone, 0, 0)}
	p := newPanel(t, f)
	key := func(r rune) bool { return p.courier.HandleKey(kit.Press{Stroke: kit.Stroke{Rune: r}}) }
	if key('1') || len(f.asked) != 0 || !strings.Contains(texts(p.courier.root), "还没有在县里登记") {
		t.Error("a desk without a county writes courier files, or doesn't say why not")
	}
	f.state = state(room.ModeOffline, 3, 0)
	f.parcel = Parcel{File: "a.courier", Entries: 12, Lines: 2}
	key('1')
	if got := p.courier.report.Text(); got != "请填文件路径。" {
		t.Errorf("without a path: told %q", got)
	}
	p.courier.path.SetText("/stick/a.courier")
	key('1')
	if got := p.courier.report.Text(); got != "已写出 a.courier：12 条记录，来自 2 个席位。交给摆渡员。" {
		t.Errorf("told %q", got)
	}
	if got := p.courier.path.Text(); got != "" {
		t.Errorf("the path of what is written stays: %q", got)
	}
	p.courier.path.SetText("/stick/a.courier")
	f.err = errors.New("文件损坏")
	key('3')
	if got := p.courier.report.Text(); got != "文件损坏" || f.asked[1] != "read /stick/a.courier" {
		t.Errorf("told %q, asked %v", got, f.asked)
	}
	for receipt, want := range map[string]string{"": "没有留下回执", "a.courier.receipt": "回执已写在旁边：a.courier.receipt"} {
		if got := Report(words(t, "zh-Hans"), false, Parcel{Seat: "指挥室2", Made: testNow, Entries: 3, ReceiptFile: receipt}); !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
}

func TestCourier_TellsHowFarAndCancels(t *testing.T) {
	f := &fakeLink{state: state(room.ModeOffline, 3, 0), parcel: Parcel{File: "a.courier"}}
	p := newPanel(t, f)
	p.courier.path.SetText("/stick/a.courier")
	f.half = func() {
		if got := p.courier.report.Text(); got != "正在写出… 512 KB / 1.0 MB" || p.courier.running.Hidden {
			t.Errorf("midway: told %q, hidden %v", got, p.courier.running.Hidden)
		}
		p.courier.HandleKey(kit.Press{Stroke: kit.Stroke{Rune: '3'}}) // not two at once
		p.courier.Stop()
	}
	p.courier.Do(actWrite)
	if got := p.courier.report.Text(); !strings.Contains(got, "已取消") || !p.courier.running.Hidden || len(f.asked) != 1 {
		t.Errorf("cancelled: told %q, asked %v", got, f.asked)
	}
	f.half = nil
	p.courier.Do(actWrite) // the path stayed
	if got := p.courier.report.Text(); !strings.Contains(got, "已写出") {
		t.Errorf("again: told %q", got)
	}
}

func TestCourier_EachStepHasItsKeyWhenItsTurnHasCome(t *testing.T) {
	f := &fakeLink{state: state(room.ModeOffline, 3, 0)}
	p := newPanel(t, f)
	slips := 0
	p.courier.p.Slip = func() { slips++ }
	press := func(k kit.Press) { p.courier.HandleKey(k) }
	two, slip := kit.Press{Stroke: kit.Stroke{Rune: '2'}}, kit.Press{Command: kit.CmdPrint}
	press(two)
	press(slip)
	if len(f.asked) != 0 || slips != 0 {
		t.Errorf("nothing is written: asked %v, %d slips", f.asked, slips)
	}
	f.out.Trip = Trip{No: "0818-A", Made: testNow}
	press(slip)
	press(two)
	press(two)
	if len(f.asked) != 1 || f.asked[0] != "hand over" || slips != 1 {
		t.Errorf("asked %v, %d slips", f.asked, slips)
	}
}

func TestStatus_RetriesByKeyAndShowsWhatChanged(t *testing.T) {
	env, h := newEnv(t)
	s := state(room.ModeOffline, 2, 0)
	tries := 0
	open := OpenStatus(StatusParams{Env: env, State: func() State { return s }, Retry: func() { tries++ }, Enrol: func() {}, Courier: func() {}})
	h.press(env, kit.Stroke{Key: fyne.KeyR, Mod: fyne.KeyModifierShortcutDefault})
	if tries != 1 {
		t.Errorf("%d tries", tries)
	}
	s = state(room.ModeFull, 0, 0)
	open.Refresh()
	if got := texts(open.rows); !strings.Contains(got, "已同步") {
		t.Errorf("shows %q", got)
	}
}
