package forms

import (
	"context"
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// registerDialog is the dialog of registration: text and what was read from it at the left, likely duplicates at the right.
type registerDialog struct {
	f       *Forms
	env     *kit.Env
	model   *Register
	in      *inputs
	banner  *banner
	risk    *banner
	shield  *banner
	likely  *fyne.Container
	dialog  *kit.Dialog
	send    *kit.Button
	calm    func() // calls the next reading off
	pending bool
	sent    bool
	closed  bool
}

// registerWidth is the width of the registration dialog, likelyWidth that of its right part.
const (
	registerWidth float32 = 960
	likelyWidth   float32 = 300
)

// OpenRegister opens an empty registration, or the kept draft; text is put in as if typed.
func (f *Forms) OpenRegister(text string) {
	model, err := NewRegister(f.params(incident.Register, nil), f.Desk)
	if err != nil {
		f.sayError(err)
		return
	}
	w := &registerDialog{f: f, env: f.Env, model: model, banner: newBanner(), risk: newBanner(), shield: newBanner(), likely: kit.VBox(8), calm: func() {}}
	w.in = newInputs(f, model.Form, w.changed)
	if draft := f.loadDraft(draftName(incident.Register, incident.IncidentID{})); len(draft) > 0 && text == "" {
		model.Restore(draft)
		w.banner.hint(f.Env.T("forms.draft_back"))
	}
	w.build()
	if text != "" {
		w.model.Set("content", text)
	}
	w.read()
	w.in.dialog, f.taking = w.dialog, w.in
	w.dialog.Open()
	w.in.focus("content", false)
}

func (w *registerDialog) build() {
	t := w.env.T
	w.send = kit.NewButton(kit.Primary, "plus", t("verb.register"), w.env.Keys.Cap(kit.CmdConfirm), w.confirm)
	left := kit.VBox(12, w.risk.box, w.shield.box)
	for _, o := range w.in.boxes("content", "title") {
		left.Add(o)
	}
	left.Add(pair(w.in.boxes("village", "place")))
	left.Add(pair(w.in.boxes("category", "channel")))
	left.Add(kit.VBox(0, w.in.boxes("urgency")...))
	left.Add(pair(w.in.boxes("name", "phone", "source_no", "due_src")))
	left.Add(kit.VBox(0, w.in.boxes(attachField)...))
	left.Add(kit.HBox(16, w.in.boxes("accept_now", "confidential", "protected", "emergency")...))
	right := container.NewStack(kit.NewBox(kit.Surface2), kit.Fixed(container.NewVScroll(kit.Pad(w.likely, 16, 16, 16, 16)), likelyWidth, 0))
	body := kit.Edges(nil, nil, nil, right, w.f.body(w.banner.above(), kit.Pad(left, 16, 24, 16, 24), kit.VBox(0)))
	w.dialog = kit.NewDialog(w.env, kit.DialogParams{
		Name: string(incident.Register), Title: t("forms.register_title"), Body: body, Width: registerWidth,
		Hints:   []kit.Hint{{Cap: "Tab", Text: t("forms.next_field")}, {Cap: w.env.Keys.Cap(kit.CmdSave), Text: t("forms.keep_draft")}, {Cap: "Esc", Text: t("forms.keep_and_leave")}},
		Actions: []fyne.CanvasObject{w.send}, OnKey: w.key, OnConfirm: w.confirm,
		OnClose: func() {
			w.calm()
			if w.closed = true; !w.sent {
				w.keep("")
			}
		},
	})
}

// pair puts fields side by side.
func pair(boxes []fyne.CanvasObject) *fyne.Container {
	return container.New(&columns{gap: 16}, boxes...)
}

// columns lays objects out in columns of one width.
type columns struct{ gap float32 }

func (c *columns) MinSize(objs []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objs {
		size = size.Max(o.MinSize())
	}
	return fyne.NewSize(size.Width*float32(len(objs)), size.Height)
}

func (c *columns) Layout(objs []fyne.CanvasObject, size fyne.Size) {
	n := float32(max(1, len(objs)))
	w := (size.Width - c.gap*(n-1)) / n
	for i, o := range objs {
		move(o, float32(i)*(w+c.gap), 0, w, o.MinSize().Height)
	}
}

// changed reads the text anew once typing rests.
func (w *registerDialog) changed(key string) {
	if w.closed && !w.sent {
		w.keep("") // a file that was still being stored
		return
	}
	if !w.pending && w.banner.box.Visible() {
		w.banner.bad("")
		w.dialog.Refresh()
	}
	switch key {
	case "content", "phone", "channel", "village", "category", "place":
		w.calm()
		w.calm = w.env.After(readDelay, w.read)
	}
}

// read proposes fields and shows likely duplicates.
func (w *registerDialog) read() {
	w.model.Read()
	w.in.fill()
	w.risk.bad("")
	if words := w.model.RiskWords(); len(words) > 0 {
		w.risk.bad(w.env.T("forms.risk", strings.Join(words, w.env.T("forms.comma"))))
	}
	w.shield.hint("")
	if words := w.model.ShieldWords(); len(words) > 0 {
		w.shield.hint(w.env.T("forms.shield_hint", strings.Join(words, w.env.T("forms.comma"))))
	}
	w.likely.Objects = w.likelyRows()
	w.likely.Refresh()
	w.dialog.Refresh()
}

func (w *registerDialog) likelyRows() []fyne.CanvasObject {
	t := w.env.T
	out := []fyne.CanvasObject{kit.NewLabel(t("forms.likely"), kit.Small, kit.T2)}
	if len(w.model.Likely) == 0 {
		return append(out, kit.NewPara(t("forms.likely_none"), kit.Small, kit.T3))
	}
	for i, l := range w.model.Likely {
		if i == 5 {
			break
		}
		out = append(out, likelyCard(w.env, l))
	}
	return append(out, kit.NewPara(t("forms.likely_note"), kit.Caption, kit.T3))
}

// likelyCard shows one likely duplicate: number, score, title and why.
func likelyCard(env *kit.Env, l board.Likely) fyne.CanvasObject {
	token := kit.T2
	if l.Score >= 70 {
		token = kit.Urg
	}
	head := kit.HBox(6, kit.NewIcon("copy", 14, token), kit.NewLabel(l.Row.ShortNo, kit.Small.Heavy(), kit.T1), kit.StateMark(env, l.Row.Stage), kit.Spacer(),
		kit.NewLabel(env.T("forms.score", l.Score), kit.Small, token))
	return container.NewStack(kit.NewFrame(kit.Surface, kit.Line, kit.RadiusCard),
		kit.Pad(kit.VBox(4, head, kit.NewPara(l.Row.Title, kit.Body, kit.T1), kit.NewPara(reasonList(env, l.Reasons), kit.Caption, kit.T3)), 8, 10, 8, 10))
}

// reasonList writes the reasons of a score.
func reasonList(env *kit.Env, reasons []string) string {
	names := make([]string, len(reasons))
	for i, r := range reasons {
		names[i] = env.Text.Short(r, r)
	}
	return strings.Join(names, "·")
}

func (w *registerDialog) key(p kit.Press) bool {
	if p.Command == kit.CmdSave {
		w.keep("forms.draft_kept")
		return true
	}
	return w.in.attachKey(p)
}

func (w *registerDialog) keep(key string) {
	if w.model.Dirty() {
		w.f.saveDraft(draftName(incident.Register, incident.IncidentID{}), w.model.Form.Draft(), key)
	}
}

// confirm registers and, when ticked and complete, answers and accepts in the same go.
func (w *registerDialog) confirm() {
	if w.pending {
		return
	}
	w.calm()
	w.read()
	stampNow(w.model.Form, w.f.Desk.Now())
	act, err := w.model.Act()
	if err == nil {
		err = w.in.settled()
	}
	if err != nil {
		w.refuse(err)
		return
	}
	w.pending = true
	w.send.Disable()
	by := w.f.Who().Login
	w.f.Work(func() {
		ctx := context.Background()
		out, err := w.f.Desk.Do(ctx, act)
		outcomes := []room.Outcome{out}
		var later error
		if err == nil {
			for _, next := range w.model.Then(out.Incident, out.No) {
				more, err := w.f.Desk.Do(ctx, next)
				if err != nil {
					later = err
					break
				}
				outcomes = append(outcomes, more)
			}
		}
		w.env.Post(func() {
			if err != nil {
				w.refuse(err)
				return
			}
			w.sent = true
			w.f.saveDraft(draftName(incident.Register, incident.IncidentID{}), nil, "")
			w.dialog.Close()
			w.f.taken(incident.Register, outcomes, later, by)
		})
	})
}

func (w *registerDialog) refuse(err error) {
	w.pending = false
	w.send.Enable()
	w.banner.bad(w.f.Words(err))
	w.dialog.Refresh()
	var fault *Fault
	if errors.As(err, &fault) {
		w.in.focus(fault.Field, true)
	}
}
