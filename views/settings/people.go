package settings

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// operatorPane adds the people who sign in at this desk and changes their names, roles and PINs.
type operatorPane struct {
	p    Params
	rows *fyne.Container
	root *fyne.Container
}

func newOperatorPane(p Params) *operatorPane {
	o := &operatorPane{p: p, rows: kit.VBox(6)}
	add := kit.NewButton(kit.Secondary, "plus", p.Env.T("settings.add"), "Insert", func() { o.form(room.Operator{Role: incident.RoleOperator}) })
	o.root = container.NewStack(section(p.Env, "operators", container.NewVScroll(kit.Pad(kit.VBox(12, o.rows, kit.HBox(0, add)), 0, 24, 16, 24))))
	return o
}

func (o *operatorPane) content() fyne.CanvasObject { return o.root }

func (o *operatorPane) key(p kit.Press) bool {
	if p.Stroke.Key == fyne.KeyInsert {
		o.form(room.Operator{Role: incident.RoleOperator})
		return true
	}
	return false
}

func (o *operatorPane) shown() {
	o.rows.Objects = nil
	for _, op := range o.p.Desk.Operators() {
		change := kit.NewButton(kit.Secondary, "", o.p.Env.T("settings.key_edit"), "", func() { o.form(op) }).Small()
		o.rows.Add(kit.HBox(12, kit.Fixed(kit.NewCutLabel(string(op.Login), kit.Body, kit.T2), 100, kit.Body.Line),
			kit.Fixed(kit.NewCutLabel(op.Name, kit.Body.Heavy(), kit.T1), 160, kit.Body.Line),
			kit.Fixed(kit.NewLabel(o.p.Env.T("role."+string(op.Role)), kit.Body, kit.T2), 100, kit.Body.Line), change))
	}
	if len(o.rows.Objects) == 0 {
		o.rows.Add(kit.NewLabel(o.p.Env.T("settings.none"), kit.Body, kit.T3))
	}
	o.rows.Refresh()
}

// Roles are the roles of people who sit at a desk of the room.
func Roles() []incident.Role {
	return []incident.Role{incident.RoleOperator, incident.RoleShift, incident.RoleDirector, incident.RoleTown}
}

func (o *operatorPane) form(op room.Operator) {
	fresh := op.Login == ""
	t := o.p.Env.T
	login, name, pin := kit.NewEntry(t("settings.login_hint")), kit.NewEntry(""), kit.NewSecret(t("settings.pin_hint"))
	login.SetText(string(op.Login))
	name.SetText(op.Name)
	focus := login
	if !fresh {
		login.Disable()
		focus = name
	}
	items := make([]kit.PickItem, len(Roles()))
	for i, r := range Roles() {
		items[i] = kit.PickItem{Key: string(r), Text: t("role." + string(r))}
	}
	role := kit.NewSelect(o.p.Env, kit.PickerParams{Items: items, Chosen: []string{string(op.Role)}}, func(keys []string) { op.Role = incident.Role(keys[0]) })
	fault := kit.NewPara("", kit.Body, kit.Crit)
	var d *kit.Dialog
	save := func() {
		next := room.Operator{Login: incident.Login(strings.TrimSpace(login.Text())), Name: strings.TrimSpace(name.Text()), Role: op.Role, PIN: pin.Text()}
		by := o.p.Who().Login
		o.p.Work(func() {
			err := o.p.Desk.SetOperator(context.Background(), by, next)
			o.p.Env.Post(func() {
				if err != nil {
					fault.Set(o.p.Words(err), kit.Crit)
					d.Refresh()
					return
				}
				d.Close()
				o.shown()
				o.p.Env.Host.Say(kit.Message{Text: t("settings.saved", next.Name)})
			})
		})
	}
	title := t("settings.add")
	if !fresh {
		title = t("settings.edit", op.Name)
	}
	body := kit.VBox(12, fault, kit.Field(t("settings.col.login"), login), kit.Field(t("settings.col.name"), name), kit.Field(t("settings.col.role"), role), kit.Field("PIN", pin))
	d = kit.NewDialog(o.p.Env, kit.DialogParams{
		Title: title, Body: kit.Pad(body, 12, 24, 16, 24), Width: 440, OnConfirm: save, Focus: focus,
		Actions: []fyne.CanvasObject{kit.NewButton(kit.Primary, "", t("settings.save"), o.p.Env.Keys.Cap(kit.CmdConfirm), save)},
		Hints:   []kit.Hint{{Cap: "Tab", Text: t("settings.key_next")}},
	})
	d.Open()
}

// safetyPane checks the store and copies it.
type safetyPane struct {
	p      Params
	cancel context.CancelFunc
	state  *kit.Para
	faults *fyne.Container
	root   fyne.CanvasObject
}

func newSafetyPane(p Params) *safetyPane {
	s := &safetyPane{p: p, state: kit.NewPara("", kit.Body, kit.T2), faults: kit.VBox(4)}
	t := p.Env.T
	path := kit.NewEntry(t("settings.backup.path"))
	copyTo := func() { s.backup(strings.TrimSpace(path.Text())) }
	path.OnSubmit = func(string) { copyTo() }
	row := kit.HBox(8, kit.Fixed(path, 400, kit.InputHeight))
	if p.Browse != nil {
		row.Add(kit.NewButton(kit.Secondary, "", t("settings.browse"), "", func() { p.Browse(true, "zw110-backup.db", path.SetText) }))
	}
	row.Add(kit.NewButton(kit.Primary, "export", t("settings.backup.do"), "", copyTo))
	check := kit.HBox(8, kit.NewButton(kit.Primary, "verify", t("settings.verify.do"), "", s.verify), kit.NewButton(kit.Secondary, "", t("settings.cancel"), "", s.stop))
	body := kit.VBox(16, kit.NewPara(t("settings.folder", p.Folder), kit.Body, kit.T1), kit.Field(t("settings.backup"), row),
		kit.Field(t("settings.verify"), check), s.state, s.faults, kit.Divider(), kit.NewLabel(t("settings.version", p.Version), kit.Small, kit.T3))
	s.root = section(p.Env, "safety", container.NewVScroll(kit.Pad(body, 0, 24, 16, 24)))
	return s
}

func (s *safetyPane) content() fyne.CanvasObject { return s.root }
func (s *safetyPane) shown()                     {}

func (s *safetyPane) key(p kit.Press) bool {
	if p.Command == kit.CmdBack && s.cancel != nil {
		s.stop()
		return true
	}
	return false
}

func (s *safetyPane) stop() {
	if s.cancel != nil {
		s.cancel()
	}
}

func (s *safetyPane) backup(file string) {
	if file == "" {
		s.state.Set(s.p.Env.T("settings.backup.where"), kit.Crit)
		return
	}
	s.p.Work(func() {
		s.p.say(s.p.Desk.Backup(context.Background(), file), s.p.Env.T("settings.backup.done", file))
	})
}

// verify checks chain, seals and folds, with progress; Esc stops it.
func (s *safetyPane) verify() {
	if s.cancel != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.faults.Objects = nil
	s.state.Set(s.p.Env.T("settings.verify.runs", 0, 0), kit.T2)
	s.p.Work(func() {
		report, err := s.p.Desk.Verify(ctx, func(done, total int) {
			s.p.Env.Post(func() { s.state.Set(s.p.Env.T("settings.verify.runs", done, total), kit.T2) })
		})
		cancel()
		s.p.Env.Post(func() { s.verified(report, err) })
	})
}

func (s *safetyPane) verified(report room.VerifyReport, err error) {
	s.cancel = nil
	switch {
	case err != nil:
		s.state.Set(s.p.Words(err), kit.Crit)
	case len(report.Faults) == 0:
		s.state.Set(s.p.Env.T("settings.verify.good", report.Entries, report.Origins), kit.Ok)
	default:
		s.state.Set(s.p.Env.T("settings.verify.bad", report.Entries, len(report.Faults)), kit.Crit)
		for _, f := range report.Faults[:min(20, len(report.Faults))] {
			s.faults.Add(kit.NewPara(s.p.Env.T("settings.verify.fault", f.Origin, f.Seq, f.What), kit.Small, kit.T2))
		}
	}
	s.faults.Refresh()
}
