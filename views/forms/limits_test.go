package forms

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"zw110/assets"
	"zw110/data/duty"
	"zw110/data/incident"
	"zw110/views/kit"
)

// townRules are those of the sample town, where an urgent order is signed within 15 min, on scene within 30 and first reported on within 2 h.
func townRules(t *testing.T) incident.Rules {
	t.Helper()
	pack, err := assets.Pack("330825111")
	if err != nil {
		t.Fatal(err)
	}
	holidays, err := assets.Holidays()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := duty.Load(pack, holidays)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// openWithLimits opens the dialog's model on an urgent incident received at 14:00; it is 14:09.
func openWithLimits(t *testing.T) *Dispatch {
	t.Helper()
	subject := toDispatch()
	subject.State.Category, subject.State.ReceivedAt = "0601", at(14, 0)
	d, err := NewDispatch(Params{Verb: incident.Dispatch, Subject: subject, Who: incident.Actor{Login: "sl1", Role: incident.RoleShift}, Now: at(14, 9), Book: book(), Text: words}, townRules(t))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func natural(n int) incident.Limit { return incident.Limit{Kind: incident.NaturalTime, N: n} }

func TestParseLimit(t *testing.T) {
	for text, want := range map[string]incident.Limit{
		"20": natural(20), "20 分": natural(20), "20分钟": natural(20), "20 min": natural(20), "2 时": natural(120), "2小时": natural(120), "2h": natural(120),
		"2 时（工作时）": {Kind: incident.WorkTime, N: 120}, "3wh": {Kind: incident.WorkTime, N: 180}, "1 工作日": {Kind: incident.WorkDays, N: 1},
		"2 wd": {Kind: incident.WorkDays, N: 2}, "2 workdays": {Kind: incident.WorkDays, N: 2}, "3 天": {Kind: incident.DayCount, N: 3}, "3 days": {Kind: incident.DayCount, N: 3},
		"14:30": natural(21), "15:09": natural(60),
	} {
		if got, ok := ParseLimit(text, at(14, 9)); !ok || got != want {
			t.Errorf("%q is %+v, %v; want %+v", text, got, ok, want)
		}
	}
	for _, text := range []string{"0", "很快", "-5", "14:00", "25:00", "1.5 时", "999999", "分"} {
		if got, ok := ParseLimit(text, at(14, 9)); ok {
			t.Errorf("%q is taken as %+v", text, got)
		}
	}
}

func TestDispatch_LimitsAreTheRulesUntilSomebodySetsOne(t *testing.T) {
	d := openWithLimits(t)
	cells := d.Limits()
	if len(cells) != 4 || cells[0].Limit != natural(15) || cells[1].Limit != natural(30) || cells[2].Limit != natural(120) || cells[3].Due == 0 {
		t.Fatalf("cells %+v", cells)
	}
	acts, err := d.Acts()
	if err != nil || acts[0].Terms != nil || acts[0].Reason != "" {
		t.Fatalf("acts %+v, %v", acts, err)
	}
	d.SetLimit("sign", "10")
	d.SetLimit("first", "15:00")
	d.SetLimit("settle", "17:30")
	acts, err = d.Acts()
	if err != nil || *acts[0].Terms != (incident.Terms{Sign: natural(10), First: natural(51), SettleBy: at(17, 30)}) {
		t.Fatalf("terms %+v, %v", acts[0].Terms, err)
	}
	if text := d.TaskText(); !strings.Contains(text, "forms.task_by_sign14:19") || !strings.Contains(text, "forms.task_by_settle17:30") {
		t.Errorf("the units read %q", text)
	}
	for _, key := range []string{"sign", "first", "settle"} {
		d.SetLimit(key, " ")
	}
	if acts, err = d.Acts(); err != nil || acts[0].Terms != nil {
		t.Errorf("emptied fields leave %+v, %v", acts[0].Terms, err)
	}
}

func TestDispatch_ALongerLimitAsksForItsReason(t *testing.T) {
	d := openWithLimits(t)
	d.SetLimit("arrive", "45")
	var fault *Fault
	if _, err := d.Acts(); !errors.As(err, &fault) || fault.Field != "limit_why" {
		t.Fatalf("without a reason: %v", err)
	}
	d.Why = "塌方绕行"
	acts, err := d.Acts()
	if err != nil || acts[0].Terms.Arrive != natural(45) || acts[0].Reason != "塌方绕行" {
		t.Fatalf("acts %+v, %v", acts, err)
	}
	d.SetLimit("arrive", "20")
	if acts, err = d.Acts(); err != nil || acts[0].Reason != "" {
		t.Errorf("a shorter limit keeps the reason %q, %v", acts[0].Reason, err)
	}
	for key, text := range map[string]string{"sign": "很快", "settle": "明年"} {
		d.SetLimit(key, text)
		if _, err := d.Acts(); !errors.As(err, &fault) || fault.Field != "limit_"+key || fault.Key != "forms.no_limit" {
			t.Errorf("%s %q: %v", key, text, err)
		}
		d.SetLimit(key, "")
	}
	d.SetLimit("settle", "8-25 17:30")
	if _, err := d.Acts(); !errors.As(err, &fault) || fault.Key != "forms.settle_later" {
		t.Errorf("settled later than the rule: %v", err)
	}
}

func TestDispatch_DraftKeepsLimitsAndDelivery(t *testing.T) {
	d := openWithLimits(t)
	d.SetLimit("arrive", "45")
	d.Why = "塌方绕行"
	d.SetWay(incident.BySlip, false)
	d.SetWay(incident.ByPhone, true)
	again := openWithLimits(t)
	again.RestoreDispatch(d.DispatchDraft())
	acts, err := again.Acts()
	if err != nil || acts[0].Terms == nil || acts[0].Terms.Arrive != natural(45) || acts[0].Reason != "塌方绕行" || !slices.Equal(acts[0].Delivery, []incident.Delivery{incident.ByPhone}) {
		t.Fatalf("acts %+v, %v", acts, err)
	}
}

func TestDispatch_DeliveryFollowsTheNetwork(t *testing.T) {
	d := openWithLimits(t)
	if !slices.Equal(d.Ways(), []incident.Delivery{incident.BySlip}) || slices.Contains(d.Offered(), incident.ByInbox) {
		t.Fatalf("without a network: %v of %v", d.Ways(), d.Offered())
	}
	d.RestoreWays("inbox\nphone")
	if !slices.Equal(d.Ways(), []incident.Delivery{incident.ByPhone}) {
		t.Errorf("an inbox without a network: %v", d.Ways())
	}
	d.Link(true)
	if !slices.Equal(d.Ways(), []incident.Delivery{incident.ByInbox, incident.ByDing}) {
		t.Fatalf("with a network: %v", d.Ways())
	}
	d.SetWay(incident.ByInbox, false)
	d.SetWay(incident.ByDing, false)
	var fault *Fault
	if _, err := d.Acts(); !errors.As(err, &fault) || fault.Key != "forms.no_delivery" {
		t.Errorf("by no way at all: %v", err)
	}
}

func TestDispatch_UnitsReadNoNumberUnlessSomebodyWritesIt(t *testing.T) {
	d := openWithLimits(t)
	d.Subject.State.Content = "祝小燕 13800005678 反映"
	if text := d.TaskText(); strings.Contains(text, "13800005678") || strings.Contains(text, "祝小燕") {
		t.Errorf("the units read %q", text)
	}
	if d.Private() {
		t.Error("a composed text warns")
	}
	d.EditText("到场后打 13800005678")
	if !d.Private() {
		t.Error("nobody is warned of a number written by hand")
	}
}

func TestDialog_DispatchLimitTypedByKeys(t *testing.T) {
	f, desk, host := window(t, incident.RoleShift)
	desk.detail, desk.rules = *toDispatch(), townRules(t)
	desk.detail.State.Category, desk.detail.State.ReceivedAt = "0601", at(14, 0)
	var copied, printed string
	f.Copy = func(text string) { copied = text }
	f.PrintSlip = func(_ incident.IncidentID, text string) { printed = text }
	f.Run(kit.CmdDispatch, desk.detail.State.ID)
	w := limitsOf(t, f)
	w.cells[1].entry.SetText("45")
	host.key(kit.CmdConfirm)
	if len(desk.acts) != 0 || !w.whyRow.Visible() || !w.why.HasFocus() {
		t.Fatalf("acts %d, reason asked %v", len(desk.acts), w.whyRow.Visible())
	}
	test.Type(host.window.Canvas().Focused(), "塌方绕行")
	host.key(kit.CmdConfirm)
	if len(desk.acts) != 1 || desk.acts[0].Terms.Arrive != natural(45) || desk.acts[0].Reason != "塌方绕行" || len(host.stack) != 0 {
		t.Fatalf("acts %+v, open %d", desk.acts, len(host.stack))
	}
	if printed == "" || copied != "" || !strings.Contains(printed, "14:54") {
		t.Errorf("printed %q, copied %q", printed, copied)
	}
	if ways := desk.drafts[lastWays]["ways"]; ways != "slip" {
		t.Errorf("ways kept for the next time: %q", ways)
	}
}

// limitsOf returns the limits of the dispatch dialog opened last.
func limitsOf(t *testing.T, f *Forms) *limitFoot {
	t.Helper()
	if f.dispatching == nil {
		t.Fatal("no dispatch dialog is open")
	}
	return f.dispatching.limits
}

func TestDialog_PlusTicksTheFirstSuggestion(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	desk.detail.Suggest = toDispatch().Suggest
	desk.detail.Suggest[1].Unit = "建设办"
	f.Run(kit.CmdAddSuggested, desk.detail.State.ID)
	host.key(kit.CmdConfirm)
	if len(desk.acts) != 1 || desk.acts[0].Do != incident.AddCo || desk.acts[0].Unit != "建设办" {
		t.Fatalf("acts %+v, said %v", desk.acts, host.said)
	}
	desk.acts = nil
	f.Run(kit.CmdDispatch, desk.detail.State.ID)
	host.key(kit.CmdAddSuggested)
	host.key(kit.CmdAddSuggested) // nothing is left to suggest
	host.key(kit.CmdConfirm)
	if len(desk.acts) != 1 || desk.acts[0].Unit != "建设办" {
		t.Fatalf("in the dialog: acts %+v", desk.acts)
	}
}

func returning(t *testing.T, f *Forms, host *fakeHost, desk *fakeDesk) {
	t.Helper()
	f.Run(VerbCommand(incident.Return), desk.detail.State.ID)
	w := topForm(t, f, host)
	for key, value := range map[string]string{"reason": "RT02", "basis": "职责清单未列", "confirmed_by": "sl1", "proxy_name": "陈某", "proxy_number": "05700000002"} {
		w.form.Set(key, value)
	}
	host.key(kit.CmdConfirm)
}

func TestDialog_TheOtherPersonGivesThePINWhoHasOneHere(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	f.CheckPIN = func(_ context.Context, login incident.Login, pin string) error {
		if login != "sl1" || pin != "1234" {
			return errors.New("wrong")
		}
		return nil
	}
	f.Standing = func() []Person { return []Person{{Login: "sl1", Name: "王某", Role: incident.RoleShift}} }
	returning(t, f, host, desk)
	if len(host.stack) != 2 || len(desk.acts) != 0 {
		t.Fatalf("%d dialogs, acts %v", len(host.stack), desk.acts)
	}
	host.key(kit.CmdBack) // left without a PIN: nothing is done and everything typed stays
	if len(host.stack) != 1 || len(desk.acts) != 0 || topForm(t, f, host).form.Value("basis") == "" {
		t.Fatalf("%d dialogs, acts %v", len(host.stack), desk.acts)
	}
	host.key(kit.CmdConfirm)
	test.Type(host.window.Canvas().Focused(), "1234")
	host.key(kit.CmdConfirm)
	if len(host.stack) != 0 || len(desk.acts) != 1 || desk.acts[0].ConfirmedBy != "sl1" || desk.acts[0].By != "op1" || desk.acts[0].Vouched != nil {
		t.Fatalf("open %d, acts %+v", len(host.stack), desk.acts)
	}
}

func TestDialog_TheOtherPersonElsewhereIsAskedByTelephone(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	f.CheckPIN = func(context.Context, incident.Login, string) error { return errors.New("has no PIN here") }
	returning(t, f, host, desk)
	host.key(kit.CmdConfirm)
	if len(host.stack) != 2 || len(desk.acts) != 0 {
		t.Fatalf("without a number: %d dialogs, acts %v", len(host.stack), desk.acts)
	}
	test.Type(host.window.Canvas().Focused(), "05700000003")
	host.key(kit.CmdConfirm)
	want := incident.Proxy{Name: "王某", Number: "05700000003", Time: at(14, 9)}
	if len(host.stack) != 0 || len(desk.acts) != 1 || desk.acts[0].Vouched == nil || *desk.acts[0].Vouched != want {
		t.Fatalf("open %d, acts %+v", len(host.stack), desk.acts)
	}
}

func TestLimitFoot_SaysWhichRulesWereLeft(t *testing.T) {
	f, desk, host := window(t, incident.RoleShift)
	desk.detail, desk.rules = *toDispatch(), townRules(t)
	desk.detail.State.Category, desk.detail.State.ReceivedAt = "0601", at(14, 0)
	f.Run(kit.CmdDispatch, desk.detail.State.ID)
	w := limitsOf(t, f)
	w.cells[0].entry.SetText("10 分")
	if !strings.Contains(w.note.Text, "15 分") || w.cells[0].due.Text != "14:19" {
		t.Errorf("note %q, due %q", w.note.Text, w.cells[0].due.Text)
	}
	w.cells[0].entry.SetText("马上")
	if w.cells[0].due.Text == "14:19" || len(host.stack) != 1 {
		t.Errorf("what is no limit is due %q", w.cells[0].due.Text)
	}
	w.cells[0].entry.SetText("15 分")
	if strings.Contains(w.note.Text, "15 分") || w.model.typed["sign"] != "" {
		t.Errorf("the rule itself counts as set: %q", w.note.Text)
	}
	if got := at(14, 9).Add(15 * time.Minute); w.model.Limits()[0].Due != got {
		t.Errorf("due %v", w.model.Limits()[0].Due)
	}
}
