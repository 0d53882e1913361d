package gate

import (
	"errors"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// FirstRunParams says what the four questions start with.
type FirstRunParams struct {
	Env *kit.Env
	// Packs are the embedded town packs: name and how it reads.
	Packs []kit.PickItem
	// Dir is where the file is kept unless the user says otherwise.
	Dir string
	// Work runs a function off the UI goroutine.
	Work func(func())
	// Words turns an error into a sentence.
	Words func(error) string
	// Make makes the store; it runs off the UI goroutine.
	Make func(room.InitParams) error
	// Done goes on once the store is there.
	Done func()
}

// operatorLines is how many operators the first start asks for; more are added in the settings.
const operatorLines = 4

// FirstRun is the page of the first start.
type FirstRun struct {
	p       FirstRunParams
	answers Answers
	ops     []*operatorLine
	fault   *kit.Para
	send    *kit.Button
	first   *kit.Entry
	root    fyne.CanvasObject
	busy    bool
}

type operatorLine struct {
	name, pin *kit.Entry
	login     string
	role      incident.Role
}

// NewFirstRun returns the page.
func NewFirstRun(p FirstRunParams) *FirstRun {
	f := &FirstRun{p: p, fault: kit.NewPara("", kit.Body, kit.Crit)}
	f.fault.Hide()
	f.answers = Answers{Seat: p.Env.T("gate.seat.default"), SeatNo: "1", Dir: p.Dir}
	if len(p.Packs) > 0 {
		f.answers.Pack = p.Packs[0].Key
	}
	f.send = kit.NewButton(kit.Primary, "", p.Env.T("gate.begin"), p.Env.Keys.Cap(kit.CmdConfirm), f.Confirm)
	form := kit.VBox(20, kit.VBox(4, kit.NewLabel(p.Env.T("gate.welcome"), kit.Title, kit.T1), kit.NewPara(p.Env.T("gate.welcome.note"), kit.Body, kit.T2)),
		f.packQuestion(), f.seatQuestion(), f.operatorQuestion(), f.dirQuestion(), f.fault,
		kit.HBox(12, f.send, kit.NewLabel(p.Env.T("gate.tab"), kit.Small, kit.T3)))
	card := container.NewStack(kit.NewFrame(kit.Surface, kit.Line2, kit.RadiusDialog), kit.Pad(kit.Fixed(form, 640, 0), 28, 40, 28, 40))
	f.root = container.NewStack(kit.NewBox(kit.Bg), container.NewVScroll(container.NewCenter(kit.Pad(card, 24, 0, 24, 0))))
	return f
}

// Content is the page.
func (f *FirstRun) Content() fyne.CanvasObject { return f.root }

// First is the field that the caret starts in.
func (f *FirstRun) First() fyne.Focusable { return f.first.Focusable() }

func (f *FirstRun) question(n int, content fyne.CanvasObject) fyne.CanvasObject {
	no := strconv.Itoa(n)
	head := kit.HBox(8, kit.NewCountPill(no, kit.Acc, kit.Accbg), kit.NewLabel(f.p.Env.T("gate.question."+no), kit.Body.Heavy(), kit.T1))
	return kit.VBox(6, head, kit.NewPara(f.p.Env.T("gate.question_note."+no), kit.Small, kit.T3), content)
}

// entry returns a field that keeps what is typed in one answer.
func entry(hint, text string, keep *string) *kit.Entry {
	e := kit.NewEntry(hint)
	e.SetText(text)
	e.OnChanged = func(s string) { *keep = s }
	return e
}

func (f *FirstRun) packQuestion() fyne.CanvasObject {
	folder := ""
	own := kit.NewEntry(f.p.Env.T("gate.pack.folder"))
	sel := kit.NewSelect(f.p.Env, kit.PickerParams{Items: f.p.Packs, Chosen: []string{f.answers.Pack}, Width: 300}, func(keys []string) {
		f.answers.Pack = keys[0]
		own.SetText("")
	})
	own.OnChanged = func(s string) {
		if folder = strings.TrimSpace(s); folder != "" {
			f.answers.Pack = folder
		}
	}
	return f.question(1, kit.HBox(12, kit.Fixed(sel, 300, kit.InputHeight), kit.Fixed(own, 328, kit.InputHeight)))
}

func (f *FirstRun) seatQuestion() fyne.CanvasObject {
	f.first = entry("", f.answers.Seat, &f.answers.Seat)
	no := entry("1–26", f.answers.SeatNo, &f.answers.SeatNo)
	return f.question(2, kit.HBox(12, kit.Fixed(f.first, 300, kit.InputHeight), kit.Fixed(no, 80, kit.InputHeight)))
}

func (f *FirstRun) operatorQuestion() fyne.CanvasObject {
	t := f.p.Env.T
	roles := []incident.Role{incident.RoleShift, incident.RoleOperator, incident.RoleDirector, incident.RoleTown}
	lines := kit.VBox(8)
	for i := range operatorLines {
		line := &operatorLine{name: kit.NewEntry(t("gate.name")), pin: kit.NewSecret(t("gate.pin.new")), login: "op" + strconv.Itoa(i+1), role: roles[i]}
		items := make([]kit.PickItem, len(roles))
		for j, r := range roles {
			items[j] = kit.PickItem{Key: string(r), Text: t("role." + string(r))}
		}
		role := kit.NewSelect(f.p.Env, kit.PickerParams{Items: items, Chosen: []string{string(roles[i])}, Width: 160}, func(keys []string) { line.role = incident.Role(keys[0]) })
		f.ops = append(f.ops, line)
		lines.Add(kit.HBox(12, kit.Fixed(line.name, 220, kit.InputHeight), kit.Fixed(role, 160, kit.InputHeight), kit.Fixed(line.pin, 160, kit.InputHeight)))
	}
	return f.question(3, lines)
}

func (f *FirstRun) dirQuestion() fyne.CanvasObject {
	return f.question(4, kit.Fixed(entry("", f.answers.Dir, &f.answers.Dir), 560, kit.InputHeight))
}

// operators are the lines that have a name.
func (f *FirstRun) operators() []room.Operator {
	var out []room.Operator
	for _, line := range f.ops {
		if name := strings.TrimSpace(line.name.Text()); name != "" {
			out = append(out, room.Operator{Login: incident.Login(line.login), Name: name, Role: line.role, PIN: line.pin.Text()})
		}
	}
	return out
}

// Confirm makes the store; what can't be taken is said above the button and everything typed stays.
func (f *FirstRun) Confirm() {
	if f.busy {
		return
	}
	f.answers.Operators = f.operators()
	params, err := f.answers.Params()
	if err != nil {
		f.say(err)
		return
	}
	f.busy = true
	f.send.Disable()
	f.p.Work(func() {
		err := f.p.Make(params)
		f.p.Env.Post(func() {
			f.busy = false
			f.send.Enable()
			if err != nil {
				f.say(err)
				return
			}
			f.p.Done()
		})
	})
}

func (f *FirstRun) say(err error) {
	var fault *Fault
	text := ""
	if errors.As(err, &fault) {
		text = f.p.Env.T(fault.Key, fault.Args...)
	} else {
		text = f.p.Words(err)
	}
	f.fault.Set(text, kit.Crit)
	f.fault.Show()
	f.root.Refresh()
}
