// Package gate owns what stands before the desk: the four questions of the first start, signing in, and the locked screen. It shows
// nothing of any incident.
package gate

import (
	"context"

	"fyne.io/fyne/v2"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// Door is what signing in asks of the room.
type Door interface {
	Operators() []room.Operator
	SignIn(ctx context.Context, login incident.Login, pin string) (incident.Actor, error)
}

// SignInParams says how the door stands.
type SignInParams struct {
	Env  *kit.Env
	Door Door
	// Work runs a function off the UI goroutine.
	Work func(func())
	// Words turns an error into a sentence.
	Words func(error) string
	// Last is who signed in last, chosen at first.
	Last incident.Login
	// Locked tells a locked screen from a start.
	Locked bool
	// Done gets who it is; the dialog is closed by then.
	Done func(incident.Actor)
}

const signInWidth float32 = 420

// SignIn asks for name and PIN; it stays until somebody signs in.
func SignIn(p SignInParams) *kit.Dialog {
	t := p.Env.T
	ops := p.Door.Operators()
	items := make([]kit.PickItem, len(ops))
	chosen := ""
	for i, op := range ops {
		items[i] = kit.PickItem{Key: string(op.Login), Text: op.Name, Hint: t("role."+string(op.Role)) + "·" + string(op.Login)}
		if op.Login == p.Last || chosen == "" {
			chosen = string(op.Login)
		}
	}
	who := kit.NewSelect(p.Env, kit.PickerParams{Items: items, Chosen: []string{chosen}, Hint: t("gate.find_name"), Width: signInWidth - 48},
		func(keys []string) { chosen = keys[0] })
	pin := kit.NewSecret(t("gate.pin"))
	fault := kit.NewPara("", kit.Body, kit.Crit)
	fault.Hide() // it takes no room until there is one
	name, note, title := "sign_in", "gate.sign_in.note", "gate.sign_in"
	if p.Locked {
		name, note, title = "locked", "gate.locked.note", "gate.locked"
	}
	var d *kit.Dialog
	busy := false
	enter := func() {
		if busy {
			return
		}
		busy = true
		login, secret := incident.Login(chosen), pin.Text()
		p.Work(func() {
			actor, err := p.Door.SignIn(context.Background(), login, secret)
			p.Env.Post(func() {
				busy = false
				if err != nil {
					fault.Set(p.Words(err), kit.Crit)
					fault.Show()
					pin.SetText("")
					d.Refresh()
					pin.Focus()
					return
				}
				d.Close()
				p.Done(actor)
			})
		})
	}
	pin.OnSubmit = func(string) { enter() }
	body := kit.VBox(14, kit.NewPara(t(note), kit.Small, kit.T3), fault, kit.Field(t("gate.name"), who), kit.Field("PIN", pin))
	d = kit.NewDialog(p.Env, kit.DialogParams{
		Name: name, Title: t(title), Lead: kit.NewIcon("lock", 16, kit.T2), Body: kit.Pad(body, 16, 24, 20, 24), Width: signInWidth, Stays: true, Cover: true, Focus: pin, OnConfirm: enter,
		Actions: []fyne.CanvasObject{kit.NewButton(kit.Primary, "", t("gate.enter"), "Enter", enter)},
		Hints:   []kit.Hint{{Cap: "Shift Tab", Text: t("gate.other_name")}},
	})
	d.Open()
	return d
}
