package forms

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/data/room"
	"zw110/views/kit"
)

// fakeDesk takes every act, unless refuse says no, and remembers drafts.
type fakeDesk struct {
	fakeAdvice
	detail room.Detail
	// allowed overrules what the detail allows, by login.
	allowed map[incident.Login]map[incident.Verb]*incident.Refusal
	rules   incident.Rules
	refuse  func(incident.Act) error
	acts    []incident.Act
	undone  []room.Outcome
	undoBy  incident.Login
	drafts  map[string]map[string]string
	read    room.Preview
	taken   room.Preview
	// takenUnder is the context of the last taking.
	takenUnder context.Context
	previewed  []byte
	// refuseFile is the answer to every attachment.
	refuseFile error
}

func (d *fakeDesk) Do(_ context.Context, act incident.Act) (room.Outcome, error) {
	if d.refuse != nil {
		if err := d.refuse(act); err != nil {
			return room.Outcome{}, err
		}
	}
	d.acts = append(d.acts, act)
	return room.Outcome{Incident: act.ID, No: "2026-0818-029", UndoUntil: at(14, 9).Add(10 * time.Second)}, nil
}

func (d *fakeDesk) Undo(_ context.Context, by incident.Login, of room.Outcome) error {
	d.undone, d.undoBy = append(d.undone, of), by
	return nil
}

func (d *fakeDesk) Detail(_ incident.IncidentID, by incident.Login) (room.Detail, error) {
	detail := d.detail
	if allowed, ok := d.allowed[by]; ok {
		detail.Allowed = maps.Clone(allowed)
	}
	return detail, nil
}
func (d *fakeDesk) ByNo(string) (incident.IncidentID, error) { return incident.IncidentID{}, nil }
func (d *fakeDesk) Unmask(context.Context, incident.IncidentID, incident.Login, string) (incident.Reporter, error) {
	return incident.Reporter{Name: "祝小燕"}, nil
}
func (d *fakeDesk) Rules() incident.Rules { return d.rules }
func (d *fakeDesk) Now() incident.Stamp   { return at(14, 9) }
func (d *fakeDesk) Preview(_ context.Context, _ string, content []byte, _ incident.Channel, _ func(int, int)) (room.Preview, error) {
	d.previewed = content
	return d.read, nil
}

func (d *fakeDesk) Take(ctx context.Context, _ incident.Login, p room.Preview, _ func(int, int)) ([]room.Outcome, error) {
	d.taken, d.takenUnder = p, ctx
	return []room.Outcome{{}}, nil
}

func (d *fakeDesk) PutAttachment(_ context.Context, name string, content io.Reader) (room.Attached, error) {
	b, err := io.ReadAll(content)
	if err != nil || d.refuseFile != nil {
		return room.Attached{}, errors.Join(err, d.refuseFile)
	}
	id := incident.AttachmentID(sha256.Sum256(b))
	a := room.Attached{Attachment: incident.Attachment{Preview: id, Whole: id}, Size: int64(len(b))}
	if strings.HasSuffix(name, ".jpg") {
		a.Preview[0]++
	}
	return a, nil
}

func (d *fakeDesk) Thumbnail(incident.Attachment) ([]byte, error) {
	var out bytes.Buffer
	err := jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, 8, 6)), nil)
	return out.Bytes(), err
}

func (d *fakeDesk) Local(name string, into any) error {
	if to, ok := into.(*map[string]string); ok {
		*to = d.drafts[name]
	}
	return nil
}

func (d *fakeDesk) SetLocal(name string, value any) error {
	if draft, ok := value.(map[string]string); ok {
		d.drafts[name] = draft
	}
	return nil
}

// fakeHost keeps dialogs as the window does, and hears messages.
type fakeHost struct {
	window fyne.Window
	stack  []*kit.Dialog
	said   []kit.Message
}

func (h *fakeHost) Open(d *kit.Dialog) {
	h.stack = append(h.stack, d)
	h.window.Canvas().Overlays().Add(d)
}

func (h *fakeHost) Close(d *kit.Dialog) {
	if i := slices.Index(h.stack, d); i >= 0 {
		h.stack = slices.Delete(h.stack, i, i+1)
		h.window.Canvas().Overlays().Remove(d)
		d.Closed()
	}
}
func (h *fakeHost) Say(m kit.Message)   { h.said = append(h.said, m) }
func (h *fakeHost) Run(kit.Command)     {}
func (h *fakeHost) Canvas() fyne.Canvas { return h.window.Canvas() }

func (h *fakeHost) key(c kit.Command) { h.stack[len(h.stack)-1].HandleKey(kit.Press{Command: c}) }

// window opens the dialogs over a fake room; everything runs at once, on the test's goroutine.
func window(t *testing.T, role incident.Role) (*Forms, *fakeDesk, *fakeHost) {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(kit.NewTheme(kit.Light))
	words, err := kit.NewText("zh-Hans")
	if err != nil {
		t.Fatal(err)
	}
	host := &fakeHost{window: test.NewTempWindow(t, nil)}
	host.window.Resize(fyne.NewSize(1366, 768))
	desk := &fakeDesk{detail: *handled(), rules: townRules(t), drafts: map[string]map[string]string{}}
	atOnce := func(f func()) { f() }
	env := &kit.Env{
		Text: words, Keys: kit.NewKeymap(), Post: atOnce, Work: atOnce, Host: host, Now: desk.Now,
		After: func(_ time.Duration, f func()) func() { f(); return func() {} },
	}
	f := New(Config{Env: env, Desk: desk, Book: book, Who: func() incident.Actor { return incident.Actor{Login: "op1", Role: role} }})
	return f, desk, host
}

func TestDialog_RefusalStandsInItAndTheTextStays(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	desk.refuse = func(incident.Act) error { return &incident.Refusal{Rule: "T14", Key: "refuse.t14.text"} }
	f.Run(VerbCommand(incident.Progress), desk.detail.State.ID)
	w := topForm(t, f, host)
	w.in.get(field(t, w, "text")).entry.SetText("正在核实情况")
	host.key(kit.CmdConfirm)
	if len(host.stack) != 1 || !w.banner.box.Visible() || w.form.Value("text") != "正在核实情况" || w.send.Disabled() {
		t.Fatalf("open %d, banner %v, text %q", len(host.stack), w.banner.box.Visible(), w.form.Value("text"))
	}
	desk.refuse = nil
	host.key(kit.CmdConfirm)
	if len(host.stack) != 0 || len(desk.acts) != 1 || desk.acts[0].Fields.Text != "正在核实情况" || desk.acts[0].Unit != "农业农村办" {
		t.Fatalf("open %d, acts %+v", len(host.stack), desk.acts)
	}
}

// topForm returns the form dialog on top; tests of this package reach it through the last one built.
func topForm(t *testing.T, f *Forms, host *fakeHost) *formDialog {
	t.Helper()
	if len(host.stack) == 0 || f.top == nil {
		t.Fatalf("no form is open; said %v", host.said)
	}
	return f.top
}

func field(t *testing.T, w *formDialog, key string) Field {
	t.Helper()
	for _, f := range w.form.Fields() {
		if f.Key == key {
			return f
		}
	}
	t.Fatalf("%s has no field %s", w.form.Verb, key)
	return Field{}
}

func TestDialog_MissingFieldIsMarkedAndNothingSent(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	f.Run(VerbCommand(incident.Progress), desk.detail.State.ID)
	host.key(kit.CmdConfirm)
	if w := topForm(t, f, host); len(desk.acts) != 0 || !w.banner.box.Visible() {
		t.Fatalf("acts %v", desk.acts)
	}
}

func TestDialog_EscKeepsTheDraftAndItComesBack(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	id := desk.detail.State.ID
	f.Run(VerbCommand(incident.Progress), id)
	w := topForm(t, f, host)
	w.in.get(field(t, w, "text")).entry.SetText("写了一半")
	host.key(kit.CmdBack)
	if len(host.stack) != 0 || desk.drafts[draftName(incident.Progress, id)]["text"] != "写了一半" {
		t.Fatalf("drafts %v", desk.drafts)
	}
	f.Run(VerbCommand(incident.Progress), id)
	if got := topForm(t, f, host).form.Value("text"); got != "写了一半" {
		t.Fatalf("came back as %q", got)
	}
	host.key(kit.CmdConfirm)
	if len(desk.drafts[draftName(incident.Progress, id)]) != 0 {
		t.Fatal("the draft outlives what was sent")
	}
}

func TestDialog_KeysChangeBetweenTheVerbsOfAGroup(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	f.Run(kit.CmdNote, desk.detail.State.ID)
	w := topForm(t, f, host)
	if w.form.Verb != incident.Feedback {
		t.Fatalf("opens with %s", w.form.Verb)
	}
	host.key(kit.CmdNextTab)
	if w.form.Verb != incident.Progress || w.tabs.Chosen() != 1 {
		t.Fatalf("next is %s", w.form.Verb)
	}
	host.key(kit.CmdPrevTab)
	host.key(kit.CmdPrevTab)
	if w.form.Verb != incident.Note {
		t.Fatalf("before the first is %s", w.form.Verb)
	}
}

func TestDialog_KeysTypedWhileOneOpensOpenNoOther(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	var jobs []func()
	f.Work = func(job func()) { jobs = append(jobs, job) }
	f.Run(kit.CmdNote, desk.detail.State.ID)
	f.Run(kit.CmdReturn, desk.detail.State.ID)
	f.Run(kit.CmdDispatch, desk.detail.State.ID)
	for _, job := range jobs {
		job()
	}
	if len(host.stack) != 1 || topForm(t, f, host).form.Verb != incident.Feedback {
		t.Fatalf("%d dialogs are open", len(host.stack))
	}
	host.key(kit.CmdBack)
	jobs = nil
	f.Run(kit.CmdReturn, desk.detail.State.ID)
	for _, job := range jobs {
		job()
	}
	if len(host.stack) != 1 {
		t.Fatalf("after the first had closed %d dialogs open", len(host.stack))
	}
}

func TestDialog_UndoTakesBackWhatWasDoneForTenSeconds(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	f.Run(kit.CmdUrge, incident.IncidentID{1}, incident.IncidentID{2})
	if len(desk.acts) != 2 || len(host.said) != 1 || host.said[0].Undo == nil {
		t.Fatalf("acts %v, said %v", desk.acts, host.said)
	}
	host.said[0].Undo()
	if len(desk.undone) != 2 || desk.undone[0].Incident != (incident.IncidentID{2}) || desk.undoBy != "op1" {
		t.Fatalf("undone %v by %s", desk.undone, desk.undoBy)
	}
	f.UndoLast()
	if len(desk.undone) != 2 {
		t.Fatal("taken back twice")
	}
}

func TestDialog_SeveralIncidentsTellWhichWereRefused(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	desk.refuse = func(a incident.Act) error {
		if a.ID == (incident.IncidentID{2}) {
			return &incident.Refusal{Key: "refuse.t29.state"}
		}
		return nil
	}
	f.Run(kit.CmdUrge, incident.IncidentID{1}, incident.IncidentID{2}, incident.IncidentID{3})
	if len(desk.acts) != 2 || !host.said[0].Bad {
		t.Fatalf("acts %d, said %+v", len(desk.acts), host.said)
	}
}

func TestDialog_WhoMayStepsInWithThePIN(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	f.CheckPIN = func(_ context.Context, _ incident.Login, pin string) error {
		if pin != "1234" {
			return errors.New("wrong")
		}
		return nil
	}
	f.Standing = func() []Person { return []Person{{Login: "sl1", Name: "王某", Role: incident.RoleShift}} }
	desk.refuse = func(a incident.Act) error {
		if a.By != "sl1" {
			return &incident.Refusal{Rule: "T27", Key: "refuse.t27.role"}
		}
		return nil
	}
	f.Run(VerbCommand(incident.VoidIt), desk.detail.State.ID)
	w := topForm(t, f, host)
	w.form.Set("reason", "test")
	w.form.Set("text", "演练测试")
	host.key(kit.CmdConfirm)
	if len(host.stack) != 2 {
		t.Fatalf("nobody is asked to step in: %d dialogs", len(host.stack))
	}
	host.key(kit.CmdConfirm)
	if len(host.stack) != 2 || len(desk.acts) != 0 {
		t.Fatal("a wrong PIN let somebody in")
	}
	test.Type(host.window.Canvas().Focused(), "1234")
	host.key(kit.CmdConfirm)
	if len(host.stack) != 0 || len(desk.acts) != 1 || desk.acts[0].By != "sl1" {
		t.Fatalf("open %d, acts %+v", len(host.stack), desk.acts)
	}
}

func TestDialog_NobodyIsOfferedToStepInForWhatTheStateForbids(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	f.CheckPIN = func(context.Context, incident.Login, string) error { return nil }
	f.Standing = func() []Person { return []Person{{Login: "rd", Name: "张某", Role: incident.RoleDirector}} }
	role, state := &incident.Refusal{Rule: "T12", Key: "refuse.t12.role"}, &incident.Refusal{Rule: "T12", Key: "refuse.t12.state"}
	mine := map[incident.Verb]*incident.Refusal{}
	for _, v := range []incident.Verb{incident.Return, incident.Reassign, incident.Dispute} {
		mine[v] = &incident.Refusal{Rule: "T9", Key: "refuse.t9.state"}
	}
	mine[incident.Rule] = role
	desk.allowed = map[incident.Login]map[incident.Verb]*incident.Refusal{"op1": mine, "rd": {incident.Rule: state}}
	f.Run(kit.CmdReturn, desk.detail.State.ID)
	if len(host.stack) != 0 || len(host.said) != 1 || !host.said[0].Bad {
		t.Fatalf("%d dialogs, said %+v", len(host.stack), host.said)
	}
	desk.allowed["rd"] = map[incident.Verb]*incident.Refusal{}
	f.Run(kit.CmdReturn, desk.detail.State.ID)
	if len(host.stack) != 1 || topForm(t, f, host).form.Verb != incident.Rule {
		t.Fatalf("%d dialogs, said %+v", len(host.stack), host.said)
	}
}

func TestDialog_PastedTextWithoutRowsBecomesARegistration(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	f.ReadClipboard = func() string { return "塔石村路灯不亮" }
	f.Run(CmdPaste)
	if len(host.stack) != 1 {
		t.Fatalf("%d dialogs", len(host.stack))
	}
	host.key(kit.CmdConfirm)
	if len(desk.acts) != 1 || desk.acts[0].Do != incident.Register || desk.acts[0].Content != "塔石村路灯不亮" {
		t.Fatalf("acts %+v", desk.acts)
	}
}

func TestDialog_PastedTextTooLongForARegistrationIsSaid(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	f.ReadClipboard = func() string { return strings.Repeat("灯", kit.MostInArea+1) }
	f.Run(CmdPaste)
	if len(host.stack) != 1 || host.stack[0].Name() != "import" {
		t.Fatalf("%d dialogs", len(host.stack))
	}
	host.key(kit.CmdConfirm)
	if len(desk.acts) != 0 || len(host.stack) != 1 {
		t.Errorf("acts %+v, %d dialogs", desk.acts, len(host.stack))
	}
}

func TestDialog_ImportTakesTheTickedRows(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	desk.read = room.Preview{Items: []room.PreviewItem{{Kind: KindNew}, {Kind: KindExact}, {Kind: KindLikely}}, Bad: []intake.BadRow{{Reason: "no_number"}}}
	f.OpenImport("a.xlsx", nil, "")
	host.key(kit.CmdDown)
	host.key(kit.CmdDown)
	host.key(kit.CmdPeek)
	host.key(kit.CmdConfirm)
	if len(host.stack) != 0 || !desk.taken.Items[0].Take || desk.taken.Items[1].Take || !desk.taken.Items[2].Take {
		t.Fatalf("open %d, taken %+v", len(host.stack), desk.taken.Items)
	}
}

func TestDialog_ImportTellsItsProgressWithoutFloodingTheWindow(t *testing.T) {
	f, _, host := window(t, incident.RoleOperator)
	var posted []func()
	post := func(job func()) { posted = append(posted, job) }
	f.Env.Post = post
	w := &importDialog{f: f, env: f.Env, name: "a.csv", cancel: func() {}, banner: newBanner(), model: &Import{}, names: names{f.Book(), f.Env.T}}
	w.build()
	w.busy(true)
	if w.counted.Text != f.Env.T("forms.reading") || !w.counted.Visible() {
		t.Errorf("before the first row it says %q", w.counted.Text)
	}
	for i := range 10000 {
		w.report(i+1, 10000)
	}
	if len(posted) != 1 {
		t.Fatalf("%d updates wait for the window", len(posted))
	}
	posted[0]()
	w.report(9999, 10000)
	posted[1]()
	if w.counted.Text != "9999 / 10000" || len(host.stack) != 0 {
		t.Errorf("it says %q", w.counted.Text)
	}
}

// dropWindow keeps what is to happen with dropped files.
type dropWindow struct {
	fyne.Window
	drop func(fyne.Position, []fyne.URI)
}

func (w *dropWindow) SetOnDropped(f func(fyne.Position, []fyne.URI)) { w.drop = f }

func TestAttach_ADroppedFileOpensItsPreview(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	desk.read = room.Preview{Items: []room.PreviewItem{{Kind: KindNew}}}
	w := &dropWindow{Window: host.window}
	f.Attach(w)
	dir := t.TempDir()
	file := filepath.Join(dir, "来件.csv")
	if err := os.WriteFile(file, []byte("信件号,内容\n1,路灯不亮\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.drop(fyne.Position{}, nil)
	w.drop(fyne.Position{}, []fyne.URI{storage.NewFileURI(filepath.Join(dir, "no.csv"))})
	if len(host.stack) != 0 || len(host.said) != 1 || !host.said[0].Bad {
		t.Fatalf("of a file that isn't there: %d dialogs, said %+v", len(host.stack), host.said)
	}
	w.drop(fyne.Position{}, []fyne.URI{storage.NewFileURI(file)})
	if len(host.stack) != 1 || !strings.Contains(string(desk.previewed), "路灯不亮") {
		t.Fatalf("%d dialogs, previewed %q, said %+v", len(host.stack), desk.previewed, host.said)
	}
	w.drop(fyne.Position{}, []fyne.URI{storage.NewFileURI(file)})
	if len(host.stack) != 1 {
		t.Error("a drop on an open dialog opens another")
	}
}

func TestAttach_OfSeveralDroppedFilesTheRestIsTold(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	desk.read = room.Preview{Items: []room.PreviewItem{{Kind: KindNew}}}
	w := &dropWindow{Window: host.window}
	f.Attach(w)
	w.drop(fyne.Position{}, files(t, "一.csv", "二.csv", "三.csv"))
	if len(host.stack) != 1 || string(desk.previewed) != "一.csv" {
		t.Fatalf("%d dialogs, previewed %q", len(host.stack), desk.previewed)
	}
	if len(host.said) != 1 || !strings.Contains(host.said[0].Text, "一.csv") || !strings.Contains(host.said[0].Text, "2") {
		t.Errorf("said %+v", host.said)
	}
}

func TestDialog_ImportIsCalledOffWhole(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	desk.read = room.Preview{Items: []room.PreviewItem{{Kind: KindNew}}}
	f.OpenImport("a.csv", nil, "")
	var jobs []func()
	f.Work = func(job func()) { jobs = append(jobs, job) }
	host.key(kit.CmdConfirm)
	host.key(kit.CmdBack)
	jobs[0]()
	if desk.takenUnder == nil || desk.takenUnder.Err() == nil {
		t.Error("leaving the dialog doesn't call the import off")
	}
}

func TestDialog_DispatchByKeysAlone(t *testing.T) {
	f, desk, host := window(t, incident.RoleShift)
	desk.detail = *toDispatch()
	f.Run(kit.CmdDispatch, desk.detail.State.ID)
	for _, c := range []kit.Command{kit.CmdDown, kit.CmdDown, kit.CmdPeek, kit.CmdLead, kit.CmdOption1, kit.CmdConfirm} {
		host.key(c)
	}
	if len(desk.acts) != 1 {
		t.Fatalf("acts %v, said %v", desk.acts, host.said)
	}
	if a := desk.acts[0]; a.Lead != "建设办" || a.List != incident.ListJoint || !slices.Equal(a.Co, []incident.UnitID{"农业农村办", "派出所"}) {
		t.Fatalf("lead %s co %v list %s", a.Lead, a.Co, a.List)
	}
}

func TestChoices_DigitsAndArrows(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(kit.NewTheme(kit.Light))
	var got []string
	c := newChoices([]Option{{Value: "a", Name: "甲"}, {Value: "b", Name: "乙"}, {Value: "c", Name: "丙"}}, "", func(v string) { got = append(got, v) })
	c.TypedRune('2')
	c.TypedRune('9')
	c.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	c.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	c.TypedKey(&fyne.KeyEvent{Name: fyne.KeyLeft})
	if !slices.Equal(got, []string{"b", "c", "b"}) {
		t.Fatalf("chosen %v", got)
	}
}

// An incident without a title is called by its number, not by nothing behind a colon.
func TestDialog_NamesAnIncidentWithoutATitle(t *testing.T) {
	d := handled()
	if got := called(d); got != d.State.Title {
		t.Errorf("with a title it is called %q", got)
	}
	d.State.Title, d.State.No = " ", "2026-0818-029"
	if got := called(d); got != d.State.No {
		t.Errorf("without a title it is called %q", got)
	}
}
