package forms

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/views/kit"
)

// inputs shows a form's fields, each with its caption, its control, and a line below for where a proposed value came from or what a typed day
// means. Controls are made once and kept, so that typing survives fields coming and going.
type inputs struct {
	f       *Forms
	env     *kit.Env
	form    *Form
	dialog  *kit.Dialog // what is dropped on it is attached
	made    map[string]*control
	filling bool
	// changed is told of each value of a person.
	changed func(key string)
}

// control is one field on the screen.
type control struct {
	field Field
	box   *fyne.Container
	note  *kit.Label
	entry *kit.Entry
	sel   *kit.Select
	few   *choices
	tick  *kit.Check
	files *attachBox
}

func newInputs(f *Forms, form *Form, changed func(key string)) *inputs {
	return &inputs{f: f, env: f.Env, form: form, made: map[string]*control{}, changed: changed}
}

// get returns the control of a field, made on first use.
func (in *inputs) get(f Field) *control {
	if c, ok := in.made[f.Key]; ok {
		return c
	}
	c := &control{field: f, note: kit.NewCutLabel("", kit.Caption, kit.T3)}
	in.made[f.Key] = c
	caption := in.env.T("field." + f.Key)
	if f.Required {
		caption += " *"
	}
	if f.Kind == Check {
		c.tick = kit.NewCheck(in.env.T("field."+f.Key), in.form.Value(f.Key) != "", func(on bool) { in.set(f.Key, map[bool]string{true: "1"}[on]) })
		c.box = kit.VBox(0, kit.HBox(0, c.tick))
		return c
	}
	head := kit.HBox(8, kit.NewLabel(caption, kit.Small, kit.T2), c.note)
	c.box = kit.VBox(4, head, in.object(c))
	return c
}

// object makes the control itself.
func (in *inputs) object(c *control) fyne.CanvasObject {
	f := c.field
	switch f.Kind {
	case Choice:
		if len(f.Options(in.form)) == 0 {
			return kit.NewLabel(in.env.T("forms.no_options"), kit.Body, kit.T3)
		}
		c.few = newChoices(f.Options(in.form), in.form.Value(f.Key), func(v string) { in.set(f.Key, v) })
		return c.few
	case Pick, Picks:
		c.sel = kit.NewSelect(in.env, kit.PickerParams{
			Items: pickItems(f.Options(in.form)), Chosen: in.form.Values(f.Key), Multi: f.Kind == Picks, Hint: in.env.T("forms.pick_hint"), Width: 280,
		}, func(keys []string) { in.set(f.Key, strings.Join(keys, "\n")) })
		return c.sel
	case Files:
		c.files = newAttachBox(in)
		return c.files.object()
	case Area:
		c.entry = kit.NewArea(in.hint(f), 3)
	default:
		c.entry = kit.NewEntry(in.hint(f))
	}
	c.entry.SetText(in.form.Value(f.Key))
	c.entry.OnChanged = func(v string) { in.set(f.Key, v) }
	c.entry.OnOverfull = func(length, most int) { c.note.Set(in.env.T("forms.overfull", length, most), kit.Crit) }
	return c.entry
}

// hint returns the grey words of an empty field: "hint.<key>", else how its kind is written.
func (in *inputs) hint(f Field) string {
	switch key := "hint." + f.Key; {
	case in.env.Text.Has(key):
		return in.env.T(key)
	case f.Kind == Date:
		return in.env.T("forms.day_hint")
	case f.Kind == Moment:
		return in.env.T("forms.moment_hint")
	}
	return ""
}

func pickItems(options []Option) []kit.PickItem {
	out := make([]kit.PickItem, len(options))
	for i, o := range options {
		out[i] = kit.PickItem{Key: o.Value, Text: o.Name, Hint: o.Hint}
	}
	return out
}

// set takes a person's value, unless a control is only being filled.
func (in *inputs) set(key, value string) {
	if in.filling {
		return
	}
	in.form.Set(key, value)
	if c := in.made[key]; c != nil {
		in.bad(c, false)
		in.describe(c)
	}
	in.changed(key)
}

func (in *inputs) bad(c *control, bad bool) {
	if c.entry != nil {
		c.entry.SetBad(bad)
	}
}

// fill puts the form's values into all controls: proposals, options that depend on others, a restored draft.
func (in *inputs) fill() {
	in.filling = true
	for _, c := range in.made {
		value := in.form.Value(c.field.Key)
		switch {
		case c.few != nil:
			c.few.setOptions(c.field.Options(in.form), value)
		case c.sel != nil:
			c.sel.SetItems(pickItems(c.field.Options(in.form)))
			c.sel.SetChosen(in.form.Values(c.field.Key))
		case c.tick != nil:
			c.tick.Set(value != "")
		case c.files != nil:
			c.files.paint()
		case c.entry != nil && c.entry.Text() != value:
			c.entry.SetText(value)
		}
		in.describe(c)
	}
	in.filling = false
}

// describe writes the line beside a caption.
func (in *inputs) describe(c *control) {
	text, token := "", kit.T3
	value := in.form.Value(c.field.Key)
	if words := in.form.Origin(c.field.Key); words != "" {
		text, token = in.env.T("forms.origin", words), kit.Acc
	} else if value != "" {
		text = in.reading(c.field.Kind, value)
	}
	c.note.Set(text, token)
}

// reading tells how a typed day or moment was understood.
func (in *inputs) reading(kind Kind, value string) string {
	switch kind {
	case Date:
		if d, err := ParseDay(value, in.form.Now); err == nil && string(d) != value {
			return "→ " + string(d)
		}
	case Moment:
		if s, err := ParseMoment(value, in.form.Now); err == nil && FormatMoment(s) != value {
			return "→ " + FormatMoment(s)
		}
	}
	return ""
}

// boxes returns the controls of the fields that show now, those of keys alone when any are given.
func (in *inputs) boxes(keys ...string) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	fields := map[string]Field{}
	var order []string
	for _, f := range in.form.Fields() {
		fields[f.Key] = f
		order = append(order, f.Key)
	}
	if len(keys) == 0 {
		keys = order
	}
	for _, k := range keys {
		if f, shows := fields[k]; shows {
			out = append(out, in.get(f).box)
		}
	}
	return out
}

// rows returns the fields that show now, one below the other; the telephone record stands in one line.
func (in *inputs) rows() []fyne.CanvasObject {
	var out []fyne.CanvasObject
	var record *fyne.Container
	for _, f := range in.form.Fields() {
		box := in.get(f).box
		switch {
		case !strings.HasPrefix(f.Key, "proxy_"):
			out = append(out, box)
		case record == nil:
			record = pair([]fyne.CanvasObject{box})
			out = append(out, record)
		default:
			record.Add(box)
		}
	}
	return out
}

// focus moves the caret to a field and, for a fault, marks it.
func (in *inputs) focus(key string, bad bool) {
	c := in.made[key]
	if c == nil {
		return
	}
	in.bad(c, bad)
	if target := c.focusable(); target != nil {
		in.env.Host.Canvas().Focus(target)
	}
}

func (c *control) focusable() fyne.Focusable {
	switch {
	case c.few != nil:
		return c.few
	case c.sel != nil:
		return c.sel
	case c.tick != nil:
		return c.tick
	case c.files != nil:
		return c.files.add
	case c.entry != nil:
		return c.entry.Focusable()
	}
	return nil
}

// first returns the key of the first field that has no value, else the first field.
func (in *inputs) first() string {
	fields := in.form.Fields()
	for _, f := range fields {
		if in.form.Value(f.Key) == "" && f.Required {
			return f.Key
		}
	}
	if len(fields) > 0 {
		return fields[0].Key
	}
	return ""
}

// clamp lets content scroll when it is higher than a limit.
type clamp struct {
	content fyne.CanvasObject
	limit   func() float32
}

// clamped returns content in a scroller as high as it needs, up to the limit.
func clamped(content fyne.CanvasObject, limit func() float32) *fyne.Container {
	scroll := container.NewVScroll(content)
	return container.New(&clamp{content, limit}, scroll)
}

func (c *clamp) MinSize([]fyne.CanvasObject) fyne.Size {
	min := c.content.MinSize()
	if limit := c.limit(); min.Height > limit {
		min.Height = limit
	}
	return min
}

func (c *clamp) Layout(objs []fyne.CanvasObject, size fyne.Size) {
	// Paragraphs and choices know their height only at their width.
	c.content.Resize(fyne.NewSize(size.Width, c.content.MinSize().Height))
	objs[0].Resize(size)
}

// banner is the tinted line inside a dialog that says why something was not done, or what should be known first.
type banner struct {
	box   *fyne.Container
	outer *fyne.Container // box with its margins, where it stands alone
	text  *kit.Para
	fill  *kit.Box
}

func newBanner() *banner {
	b := &banner{text: kit.NewPara("", kit.Body, kit.Crit), fill: kit.NewFrame(kit.Critbg, kit.None, kit.Radius)}
	b.fill.Width = 0
	b.box = container.NewStack(b.fill, kit.Pad(b.text, 8, 12, 8, 12))
	b.box.Hide()
	return b
}

// above returns the banner for a place above everything else of a dialog.
func (b *banner) above() fyne.CanvasObject {
	b.outer = kit.Pad(b.box, 12, 24, 0, 24)
	b.outer.Hidden = true
	return b.outer
}

// bad says why something was not done; hint says what should be known; both replace what stood there.
func (b *banner) bad(text string) { b.show(text, kit.Crit, kit.Critbg) }

func (b *banner) hint(text string) { b.show(text, kit.Urg, kit.Urgbg) }

func (b *banner) show(text string, token, fill kit.Token) {
	b.fill.Set(fill, kit.None, 0)
	b.text.Set(text, token)
	if b.outer != nil {
		b.outer.Hidden = text == ""
	}
	if text == "" {
		b.box.Hide()
		return
	}
	b.box.Show()
}

// resized lays the dialog out anew after a control grew or shrank.
func (in *inputs) resized() {
	if in.dialog != nil {
		in.dialog.Refresh()
	}
}

// attachments returns the control of photos and files, nil when the form has none.
func (in *inputs) attachments() *attachBox {
	if c := in.made[attachField]; c != nil {
		return c.files
	}
	return nil
}

// settled faults a form whose files are not all stored.
func (in *inputs) settled() error {
	if box := in.attachments(); box != nil && len(box.storing) > 0 {
		return &Fault{Field: attachField, Key: "forms.attach_wait", Args: []any{box.storing[0]}}
	}
	return nil
}

// attachKey opens the choice of a file; false for another key or a form that takes none.
func (in *inputs) attachKey(p kit.Press) bool {
	box := in.attachments()
	if p.Command != kit.CmdAttach || box == nil {
		return false
	}
	box.choose()
	return true
}

// stampNow brings a form's clock to the moment of sending.
func stampNow(f *Form, now incident.Stamp) { f.Now = now }
