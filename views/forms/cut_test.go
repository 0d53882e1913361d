package forms

import (
	"flag"
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"zw110/data/incident"
	"zw110/views/kit"
	"zw110/views/kit/kittest"
)

var shots = flag.String("shots", "", "folder to write pictures of every dialog to")

// Every dialog of a verb fits its window in every look the room uses, and no text of it is cut that is not made to be.
func TestDialogs_NoTextIsCut(t *testing.T) {
	type look struct {
		lang string
		mode kit.Mode
		w, h float32
	}
	looks := []look{{"zh-Hans", kit.Light, 1366, 768}, {"en", kit.Dark, 1280, 720}}
	if *shots != "" {
		looks = append(looks, look{"zh-Hans", kit.Light, 1440, 900}, look{"zh-Hans", kit.Dark, 1366, 768}, look{"en", kit.Light, 1366, 768}, look{"zh-Hans", kit.Light, 1707, 960})
	}
	for _, look := range looks {
		for verb := range fieldsOf() {
			if verb == incident.Urge { // asks nothing
				continue
			}
			t.Run(fmt.Sprintf("%s_%s_%.0f/%s", look.lang, look.mode, look.w, verb), func(t *testing.T) {
				f, desk, host := window(t, incident.RoleDirector)
				words, err := kit.NewText(look.lang)
				if err != nil {
					t.Fatal(err)
				}
				f.Env.Text = words
				test.NewTempApp(t).Settings().SetTheme(kit.NewTheme(look.mode))
				host.window.Resize(fyne.NewSize(look.w, look.h))
				if verb == incident.Dispatch {
					desk.detail = *toDispatch()
				}
				f.Run(VerbCommand(verb), desk.detail.State.ID)
				if len(host.stack) == 0 {
					t.Fatalf("no dialog: %v", host.said)
				}
				if *shots != "" {
					kittest.Shoot(t, host.window, *shots, fmt.Sprintf("%s_%s_%.0f_%s", look.lang, look.mode, look.w, verb))
				}
				kittest.Uncut(t, host.window.Canvas().Overlays().Top())
			})
		}
	}
}

// A form that is too long for its window shows its refusal and its rule however far it is scrolled.
func TestDialog_RefusalAndRuleStayInView(t *testing.T) {
	f, desk, host := window(t, incident.RoleDirector)
	host.window.Resize(fyne.NewSize(1280, 600))
	f.Run(VerbCommand(incident.Extend), desk.detail.State.ID)
	w := topForm(t, f, host)
	w.banner.bad("还没有填：情况")
	w.dialog.Refresh()
	var scroll *container.Scroll
	for _, o := range test.LaidOutObjects(host.window.Canvas().Overlays().Top()) {
		if s, ok := o.(*container.Scroll); ok && s.Content.MinSize().Height > s.Size().Height {
			scroll = s
		}
	}
	if scroll == nil {
		t.Fatal("the form is not long: nothing scrolls")
	}
	for _, to := range []func(){scroll.ScrollToTop, scroll.ScrollToBottom} {
		to()
		for name, o := range map[string]fyne.CanvasObject{"refusal": w.banner.box, "rule": w.rule, "button": w.send} {
			at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
			if at.Y < 0 || at.Y+o.Size().Height > 600 || o.Size().Height < kit.Caption.Line {
				t.Errorf("%s stands at %v, %v high", name, at, o.Size())
			}
			if inside := at.Y > fyne.CurrentApp().Driver().AbsolutePositionForObject(scroll).Y && at.Y < fyne.CurrentApp().Driver().AbsolutePositionForObject(scroll).Y+scroll.Size().Height; inside {
				t.Errorf("%s stands in the scroller, at %v", name, at)
			}
		}
	}
}
