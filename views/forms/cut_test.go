package forms

import (
	"flag"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/data/incident"
	"zw110/views/kit"
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
					shoot(t, host.window, fmt.Sprintf("%s_%s_%.0f_%s.png", look.lang, look.mode, look.w, verb))
				}
				cut(t, host.window)
			})
		}
	}
}

func shoot(t *testing.T, w fyne.Window, name string) {
	t.Helper()
	out, err := os.Create(filepath.Join(*shots, name))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := png.Encode(out, w.Canvas().Capture()); err != nil {
		t.Fatal(err)
	}
}

func cut(t *testing.T, w fyne.Window) {
	t.Helper()
	for _, o := range test.LaidOutObjects(w.Canvas().Overlays().Top()) {
		has, needs := o.Size(), o.MinSize()
		if has.Width <= 0 || has.Height <= 0 { // never laid out: stands in something hidden
			continue
		}
		switch v := o.(type) {
		case *kit.Label:
			if v.Visible() && v.Text != "" && has.Width+0.5 < needs.Width {
				t.Errorf("%q is %v wide and needs %v", v.Text, has.Width, needs.Width)
			}
		case *kit.Button:
			if v.Visible() && has.Width+0.5 < needs.Width {
				t.Errorf("button %q is %v wide and needs %v", v.Text(), has.Width, needs.Width)
			}
		case *kit.Para:
			if v.Visible() && has.Height+0.5 < needs.Height {
				t.Errorf("%q is %v high and needs %v", v.Text(), has.Height, needs.Height)
			}
		}
	}
}
