// Package slips owns the dialog of the papers (文书): order of supervision, case sheet, shift handover, notice to a unit and report in words, each
// saved as a workbook or handed to the spreadsheet program to print. What a paper says is room's.
package slips

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/data/lists"
	"zw110/data/room"
	"zw110/views/kit"
)

// Desk writes a paper to a file and returns the one it wrote.
type Desk interface {
	ExportSlip(ctx context.Context, want room.SlipRequest, out string) (string, error)
	Now() incident.Stamp
}

// Params says what the dialog works with.
type Params struct {
	Env  *kit.Env
	Desk Desk
	// Town begins the names of files.
	Town string
	// No is the incident under the cursor, Unit its lead; both may be empty.
	No   string
	Unit incident.UnitID
	// Units are those a notice may go to.
	Units []incident.UnitID
	// Kind is the paper to begin with; empty: the order of supervision where there is an incident, else the handover.
	Kind lists.SlipKind
	// Apart runs a job off the UI goroutine that may take seconds; Words turns an error into a sentence.
	Apart func(job func())
	Words func(error) string
	// Save lets a person choose where to write a file that begins with a name.
	Save func(name string, chosen func(path string))
	// PrintFolder is where a paper to print lies while the program runs; OpenFile shows it with the system's own program.
	PrintFolder func() (string, error)
	OpenFile    func(path string)
}

const (
	width     float32 = 640
	dayForm           = time.DateOnly
	timeForm          = "2006-01-02 15:04"
	fieldWide float32 = 284
)

// Dialog asks for one paper. Its methods belong to the UI goroutine.
type Dialog struct {
	p        Params
	kind     int // index into lists.SlipKinds
	tabs     *kit.Tabs
	no       *kit.Entry
	unit     *kit.Select
	from, to *kit.Entry
	fields   *fyne.Container
	note     *kit.Para
	dialog   *kit.Dialog
	stop     context.CancelFunc // ends the paper that is being written; nil when none is
}

// Open shows the dialog.
func Open(p Params) *Dialog {
	t := p.Env.T
	d := &Dialog{
		p: p, no: kit.NewEntry(t("slips.no")), from: kit.NewEntry(""), to: kit.NewEntry(""), fields: container.NewStack(), note: kit.NewPara("", kit.Small, kit.T2),
	}
	d.no.SetText(p.No)
	items := make([]kit.PickItem, 0, len(p.Units))
	for _, u := range p.Units {
		items = append(items, kit.PickItem{Key: string(u), Text: string(u)})
	}
	var chosen []string
	if p.Unit != "" {
		chosen = []string{string(p.Unit)}
	}
	d.unit = kit.NewSelect(p.Env, kit.PickerParams{Items: items, Chosen: chosen, Hint: t("slips.unit.hint"), Width: fieldWide}, func([]string) {})
	var tabs []kit.Tab
	for i, k := range lists.SlipKinds() {
		tabs = append(tabs, kit.Tab{Text: t("slips.kind." + string(k)), Count: -1})
		if k == p.Kind || p.Kind == "" && p.No == "" && k == lists.SlipHandover {
			d.kind = i
		}
	}
	d.tabs = kit.NewTabs(tabs, d.choose)
	head := container.NewStack(kit.Edges(nil, kit.Divider(), nil, nil, nil), kit.Pad(d.tabs, 0, 12, 0, 12))
	body := kit.VBox(0, head, kit.Pad(kit.VBox(16, kit.Fixed(d.fields, 0, 60), kit.Fixed(d.note, 0, 3*kit.Small.Line)), 16, 24, 16, 24))
	d.dialog = kit.NewDialog(p.Env, kit.DialogParams{
		Name: "papers", Title: t("cmd.papers"), Body: body, Width: width, OnKey: d.key, OnConfirm: d.save, OnClose: d.cancel,
		Hints: []kit.Hint{{Cap: "[ ]", Text: t("slips.other")}},
		Actions: []fyne.CanvasObject{
			kit.NewButton(kit.Secondary, "print", t("cmd.print"), p.Env.Keys.Cap(kit.CmdPrint), d.print),
			kit.NewButton(kit.Primary, "export", t("slips.save"), p.Env.Keys.Cap(kit.CmdConfirm), d.save),
		},
	})
	d.choose(d.kind)
	d.dialog.Open()
	return d
}

// slip is the paper that is chosen.
func (d *Dialog) slip() lists.SlipKind { return lists.SlipKinds()[d.kind] }

// choose shows the fields of another paper with what they usually say.
func (d *Dialog) choose(i int) {
	d.kind = i
	d.tabs.Choose(i)
	t := d.p.Env.T
	from, to := usual(d.slip(), d.p.Desk.Now())
	d.from.SetText(from)
	d.to.SetText(to)
	d.mark()
	span := kit.HBox(16, kit.Fixed(kit.Field(t("slips.from"), d.from), fieldWide/2, 0), kit.Fixed(kit.Field(t("slips.to"), d.to), fieldWide/2, 0))
	switch d.slip() {
	case lists.SlipSupervise, lists.SlipHandle:
		d.fields.Objects = []fyne.CanvasObject{kit.HBox(16, kit.Fixed(kit.Field(t("slips.no"), d.no), fieldWide, 0))}
	case lists.SlipNotice:
		d.fields.Objects = []fyne.CanvasObject{kit.HBox(16, kit.Fixed(kit.Field(t("slips.unit"), d.unit), fieldWide-60, 0), span)}
	default:
		d.fields.Objects = []fyne.CanvasObject{span}
	}
	d.fields.Refresh()
	d.note.Set(t("slips.note."+string(d.slip()))+t("slips.masked"), kit.T2)
}

// mark takes the marks of wrong fields away.
func (d *Dialog) mark() {
	for _, e := range []*kit.Entry{d.no, d.from, d.to} {
		e.SetBad(false)
	}
}

// usual is the time that a paper is mostly asked for: the shift that ends, the month until today, in its first days the month before.
func usual(kind lists.SlipKind, now incident.Stamp) (from, to string) {
	local := now.Time().In(incident.Local)
	switch kind {
	case lists.SlipHandover:
		// Shifts change at eight; who writes within the hour after it means the one that went.
		begun := local.Add(-time.Hour)
		start := time.Date(begun.Year(), begun.Month(), begun.Day(), 8, 0, 0, 0, begun.Location())
		switch hour := begun.Hour(); {
		case hour < 8:
			start = start.Add(-12 * time.Hour)
		case hour >= 20:
			start = start.Add(12 * time.Hour)
		}
		end := local
		if change := start.Add(12 * time.Hour); change.Before(end) {
			end = change
		}
		return start.Format(timeForm), end.Format(timeForm)
	case lists.SlipNotice, lists.SlipReport:
		first := time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, local.Location())
		if local.Day() <= 5 {
			return first.AddDate(0, -1, 0).Format(dayForm), first.AddDate(0, 0, -1).Format(dayForm)
		}
		return first.Format(dayForm), local.Format(dayForm)
	}
	return "", ""
}

// moment reads a day, to which after is added, or a day with a time, in Beijing.
func moment(text string, after time.Duration) (incident.Stamp, bool) {
	text = strings.TrimSpace(text)
	if at, err := time.ParseInLocation(timeForm, text, incident.Local); err == nil {
		return incident.StampOf(at), true
	}
	at, err := time.ParseInLocation(dayForm, text, incident.Local)
	return incident.StampOf(at).Add(after), err == nil
}

// request reads the fields; what is wrong with one is said and marked.
func (d *Dialog) request() (room.SlipRequest, bool) {
	want := room.SlipRequest{Kind: d.slip()}
	d.mark()
	wrong := func(e *kit.Entry, key string) (room.SlipRequest, bool) {
		if e != nil {
			e.SetBad(true)
			d.p.Env.Host.Canvas().Focus(e.Focusable())
		}
		d.p.Env.Host.Say(kit.Message{Text: d.p.Env.T(key), Bad: true})
		return want, false
	}
	switch want.Kind {
	case lists.SlipSupervise, lists.SlipHandle:
		if want.No = strings.TrimSpace(d.no.Text()); want.No == "" {
			return wrong(d.no, "slips.wrong.no")
		}
		return want, true
	case lists.SlipNotice:
		if len(d.unit.Chosen()) == 0 {
			return wrong(nil, "slips.wrong.unit")
		}
		want.Unit = incident.UnitID(d.unit.Chosen()[0])
	}
	var ok bool
	if want.From, ok = moment(d.from.Text(), 0); !ok {
		return wrong(d.from, "slips.wrong.time")
	}
	if want.To, ok = moment(d.to.Text(), 24*time.Hour); !ok {
		return wrong(d.to, "slips.wrong.time")
	}
	if want.To <= want.From {
		return wrong(d.to, "slips.wrong.order")
	}
	return want, true
}

// name is what the file of a paper is called.
func (d *Dialog) name(want room.SlipRequest) string {
	of := want.No
	if of == "" {
		of = want.From.Time().In(incident.Local).Format("20060102")
	}
	if want.Unit != "" {
		of = string(want.Unit) + "_" + of
	}
	return d.p.Town + "_" + d.p.Env.T("slips.kind."+string(want.Kind)) + "_" + of + ".xlsx"
}

// save asks where to, and writes the paper there.
func (d *Dialog) save() {
	want, ok := d.request()
	if !ok {
		return
	}
	d.p.Save(d.name(want), func(path string) {
		if !strings.EqualFold(path[max(0, len(path)-5):], ".xlsx") {
			path += ".xlsx"
		}
		d.write(want, func() (string, error) { return path, nil }, func(string) {})
	})
}

// print writes the paper where pages to print lie, and opens it in the spreadsheet program, which prints it.
func (d *Dialog) print() {
	want, ok := d.request()
	if !ok {
		return
	}
	name := d.name(want)
	d.write(want, func() (string, error) {
		folder, err := d.p.PrintFolder()
		return folder + "/" + name, err
	}, d.p.OpenFile)
}

// write makes the paper off the UI goroutine; closing the dialog ends it.
func (d *Dialog) write(want room.SlipRequest, where func() (string, error), then func(path string)) {
	if d.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	d.stop = stop
	d.p.Env.Host.Say(kit.Message{Text: d.p.Env.T("listpage.writing")})
	d.p.Apart(func() {
		file, err := where()
		if err == nil {
			file, err = d.p.Desk.ExportSlip(ctx, want, file)
		}
		d.p.Env.Post(func() {
			d.cancel()
			if err != nil {
				d.p.Env.Host.Say(kit.Message{Text: d.p.Words(err), Bad: true})
				return
			}
			d.p.Env.Host.Say(kit.Message{Text: d.p.Env.T("slips.done", file)})
			d.dialog.Close()
			then(file)
		})
	})
}

func (d *Dialog) cancel() {
	if d.stop != nil {
		d.stop()
		d.stop = nil
	}
}

func (d *Dialog) key(p kit.Press) bool {
	n := len(lists.SlipKinds())
	switch p.Command {
	case kit.CmdNextTab:
		d.choose((d.kind + 1) % n)
	case kit.CmdPrevTab:
		d.choose((d.kind + n - 1) % n)
	case kit.CmdPrint:
		d.print()
	default:
		return false
	}
	return true
}
