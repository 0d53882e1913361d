package kit

import (
	"image"
	"image/color"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"zw110/data/incident"
)

// luminance is the relative luminance of WCAG 2.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	lin := func(v uint32) float64 {
		x := float64(v) / 0xffff
		if x <= 0.03928 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(b)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func TestTokens_HoldTheirContrast(t *testing.T) {
	tests := []struct {
		front, back       Token
		light, dark, need float64
	}{
		{T1, Surface, 17.63, 14.60, 4.5},
		{T2, Surface, 8.81, 8.91, 4.5},
		{T3, Surface, 5.32, 5.90, 4.5},
		{T1, Accbg, 15.08, 11.93, 4.5},
		{T2, Accbg, 7.54, 7.29, 4.5},
		{T3, Accbg, 4.55, 4.83, 4.5},
		{T3, Surface2, 5.05, 5.54, 4.5},
		{T3, Bg, 4.84, 6.35, 4.5},
		{T3, Surface3, 4.62, 4.82, 4.5},
		{Acc, Surface, 6.91, 8.06, 4.5},
		{Acc, Accbg, 5.91, 6.59, 4.5},
		{Onacc, Acc, 6.91, 7.98, 4.5},
		{Crit, Surface, 6.57, 7.64, 4.5},
		{Crit, Critbg, 5.61, 6.65, 4.5},
		{Crit, Accbg, 5.62, 6.24, 4.5},
		{Surface, Crit, 6.57, 7.64, 4.5},
		{Urg, Surface, 6.18, 9.13, 4.5},
		{Urg, Urgbg, 5.42, 7.53, 4.5},
		{Urg, Accbg, 5.29, 7.46, 4.5},
		{T2, Urgbg, 7.72, 7.35, 4.5},
		{Norm, Surface, 7.36, 9.34, 4.5},
		{Low, Surface, 5.32, 5.90, 4.5},
		{Ok, Surface, 6.47, 8.85, 4.5},
		{Ok, Okbg, 5.60, 7.20, 4.5},
		{T2, Land, 8.08, 8.64, 4.5},
		{T2, Land2, 7.38, 7.97, 4.5},
		{WaterT, Land2, 4.89, 7.00, 4.5},
		{T1, H0, 15.37, 13.15, 4.5},
		{T3, H0, 4.64, 5.32, 4.5},
		{T1, H1, 14.53, 10.76, 4.5},
		{T1, H2, 12.24, 7.73, 4.5},
		{T1, H3, 9.41, 5.95, 4.5},
		{T1, H4, 6.91, 4.73, 4.5},
		{Surface, Norm, 7.36, 9.34, 4.5},
		{Surface, Vest, 6.01, 8.06, 4.5},
		{Bar, Surface, 4.13, 4.06, 3},
		{Bar, Track, 3.23, 3.08, 3},
		{Acc, Track, 5.42, 6.13, 3},
		{Urg, Track, 4.85, 6.94, 3},
		{Crit, Track, 5.15, 5.81, 3},
		{Line3, Surface, 3.36, 4.01, 3},
		{Line3, Surface2, 3.19, 3.76, 3},
		{Norm, Surface, 7.36, 9.34, 3},
	}
	for _, mode := range []Mode{Light, Dark} {
		th := NewTheme(mode)
		for _, tt := range tests {
			want := tt.light
			if mode == Dark {
				want = tt.dark
			}
			got := contrast(th.Color(tt.front, 0), th.Color(tt.back, 0))
			if got < tt.need || math.Abs(got-want) > 0.02 {
				t.Errorf("%s: %s on %s is %.2f, want %.2f and at least %.1f", mode, tt.front, tt.back, got, want, tt.need)
			}
		}
	}
}

func TestTheme_EveryTokenAndRoleHasAColour(t *testing.T) {
	light, dark := NewTheme(Light), NewTheme(Dark)
	for token, p := range palette() {
		if token == None {
			continue
		}
		if light.Color(token, theme.VariantDark) != p.light || dark.Color(token, theme.VariantLight) != p.dark {
			t.Errorf("%s doesn't follow the mode", token)
		}
	}
	for role, token := range roles() {
		if token != None && light.Color(role, 0) != palette()[token].light {
			t.Errorf("role %s isn't %s", role, token)
		}
	}
	// Any other value without opacity the painter would draw.
	if light.Color(None, 0) != color.Transparent || dark.Color(theme.ColorNameShadow, 0) != color.Transparent {
		t.Error("what is transparent isn't color.Transparent")
	}
	auto := NewTheme(Auto)
	if auto.Color(Bg, theme.VariantDark) != palette()[Bg].dark || auto.Color(Bg, theme.VariantLight) != palette()[Bg].light {
		t.Error("auto doesn't follow the system")
	}
}

func TestDrawIcon_EveryShapeIsReadAndScaled(t *testing.T) {
	test.NewTempApp(t)
	fyne.CurrentApp().Settings().SetTheme(NewTheme(Light))
	for name := range shapes() {
		svg := DrawIcon(name, 16, 1, Color(T1), Color)
		if strings.Contains(svg, "{") {
			t.Errorf("%s keeps a colour open: %s", name, svg)
		}
		w := test.NewWindow(NewIcon(name, 16, T1))
		img := w.Canvas().Capture()
		if !painted(img) {
			t.Errorf("%s paints nothing", name)
		}
		w.Close()
	}
	if svg := DrawIcon("send", 32, 2, Color(T1), Color); !strings.Contains(svg, `stroke-width="5.200"`) {
		t.Errorf("stroke of 1.3 at 32 units and scale 2 isn't 5.2 pixels: %s", svg)
	}
	if svg := DrawIcon("s-unanswered", 16, 2, Color(T1), Color); !strings.Contains(svg, `stroke-dasharray="5.000 4.400"`) {
		t.Errorf("dashes aren't scaled: %s", svg)
	}
}

// painted reports whether an image has more than one colour.
func painted(img image.Image) bool {
	b := img.Bounds()
	first := img.At(b.Min.X, b.Min.Y)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if img.At(x, y) != first {
				return true
			}
		}
	}
	return false
}

func TestKeys_NoStrokeHasTwoMeaningsInOneScope(t *testing.T) {
	type place struct {
		s     Stroke
		scope Scope
	}
	seen := map[place]Command{}
	everywhere := map[Stroke]Command{}
	global := map[Stroke]Command{}
	names := map[Command]bool{}
	for _, b := range Bindings() {
		if names[b.Command] {
			t.Errorf("%s stands twice in the table", b.Command)
		}
		names[b.Command] = true
		for _, s := range b.Strokes {
			if isFKey(s.Key) || s.Mod&ctrl != 0 {
				if other, ok := global[s]; ok {
					t.Errorf("%s means %s and %s", s, other, b.Command)
				}
				global[s] = b.Command
			}
			for _, scope := range b.Scopes {
				if other, ok := seen[place{s, scope}]; ok {
					t.Errorf("%s means %s and %s in %s", s, other, b.Command, scope)
				}
				seen[place{s, scope}] = b.Command
				if scope == Everywhere {
					everywhere[s] = b.Command
				}
			}
		}
	}
	for p, c := range seen {
		if other, ok := everywhere[p.s]; ok && other != c {
			t.Errorf("%s means %s everywhere and %s in %s", p.s, other, c, p.scope)
		}
	}
}

func isFKey(k fyne.KeyName) bool { return k != fyne.KeyEscape && Passes(k) }

func TestKeys_EveryCommandHasAName(t *testing.T) {
	for _, lang := range []string{"zh-Hans", "en"} {
		text, err := NewText(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range Bindings() {
			if !text.Has(b.Command.Label()) {
				t.Errorf("%s: %s has no text", lang, b.Command.Label())
			}
		}
	}
}

func TestKeymap_Find(t *testing.T) {
	m := NewKeymap()
	tests := []struct {
		name  string
		s     Stroke
		scope Scope
		want  Command
	}{
		{"F4 in the queue", key(fyne.KeyF4), InQueue, CmdDispatch},
		{"Shift F4", shiftKey(fyne.KeyF4), InQueue, CmdDispatchAgain},
		{"F4 in settings", key(fyne.KeyF4), InSettings, ""},
		{"letter, capital", letter('D'), InCase, CmdDispatch},
		{"letter elsewhere", letter('d'), InHandover, ""},
		{"everywhere", key(fyne.KeyF1), InDialog, CmdHelp},
		{"after G", goTo('m'), InQueue, CmdMap},
		{"without G", letter('m'), InQueue, CmdMerge},
	}
	for _, tt := range tests {
		if got := m.Find(tt.s, tt.scope); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	caps := map[Command]string{CmdDispatch: "F4", CmdMenu: "Ctrl K", CmdMerge: "M", CmdDispatchAgain: "Shift F4", CmdOpen: "Enter", CmdConfirm: "Ctrl Enter"}
	for c, want := range caps {
		if got := m.Cap(c); got != want {
			t.Errorf("cap of %s is %q, want %q", c, got, want)
		}
	}
}

func TestFaceOf(t *testing.T) {
	text, err := NewText("zh-Hans")
	if err != nil {
		t.Fatal(err)
	}
	now := incident.Stamp(1_755_500_000_000)
	clock := func(name incident.ClockName, limit, left time.Duration) incident.Clock {
		return incident.Clock{Name: name, From: now.Add(left - limit), Due: now.Add(left)}
	}
	tests := []struct {
		name  string
		c     incident.Clock
		words string
		bar   Token
		icon  string
	}{
		{"response with time", clock(incident.C1Respond, 5*time.Minute, 4*time.Minute+12*time.Second), "04:12", Acc, ""},
		{"response short", clock(incident.C1Respond, 5*time.Minute, time.Minute), "01:00", Urg, "clock"},
		{"calm under ten minutes", clock(incident.C2Dispatch, 10*time.Minute, 6*time.Minute+51*time.Second), "06:51", Bar, ""},
		{"calm hours", clock(incident.C6Settle, 8*time.Hour, 100*time.Minute), "剩 1时40分", Bar, ""},
		{"minutes keep two digits", clock(incident.C6Settle, 8*time.Hour, 125*time.Minute), "剩 2时05分", Bar, ""},
		{"calm days", clock(incident.C6Settle, 72*time.Hour, 50*time.Hour), "剩 2天", Bar, ""},
		{"due soon", clock(incident.C6Settle, 8*time.Hour, 11*time.Minute), "剩 11分", Urg, "clock"},
		{"overdue", clock(incident.C6Settle, 8*time.Hour, -38*time.Minute), "超 38分", Crit, "warn"},
		{"overdue hours", clock(incident.C6Settle, 8*time.Hour, -134*time.Minute), "超 2时14分", Crit, "warn"},
		{"stopped", incident.Clock{Name: incident.C6Settle, Stopped: true}, "停表", Bar, ""},
		{"none", incident.Clock{}, "", None, ""},
	}
	for _, tt := range tests {
		f := FaceOf(text, tt.c, now)
		if f.Words != tt.words || f.Bar != tt.bar || f.Icon != tt.icon {
			t.Errorf("%s: %q %s %q, want %q %s %q", tt.name, f.Words, f.Bar, f.Icon, tt.words, tt.bar, tt.icon)
		}
		if f.Fraction < 0 || f.Fraction > 1 {
			t.Errorf("%s: bar is %f full", tt.name, f.Fraction)
		}
	}
}

func TestWrap(t *testing.T) {
	test.NewTempApp(t)
	fyne.CurrentApp().Settings().SetTheme(NewTheme(Light))
	text := "村民反映在建项目排水设施未达标，雨后积水可能漫入附近村的农田，请尽快到场核实。See drawing No 12 of the drainage plan."
	for width := float32(40); width < 400; width += 7 {
		lines := Wrap(text, Body, width)
		if got := strings.ReplaceAll(strings.Join(lines, ""), " ", ""); got != strings.ReplaceAll(text, " ", "") {
			t.Fatalf("at %g characters are lost: %q", width, got)
		}
		for _, l := range lines {
			if Body.Width(l) > width && len([]rune(l)) > 1 {
				t.Errorf("at %g %q is %g wide", width, l, Body.Width(l))
			}
			if strings.HasPrefix(l, "，") || strings.HasPrefix(l, "。") {
				t.Errorf("at %g a line begins with a mark: %q", width, l)
			}
		}
	}
}

// A field that can't be typed into shows its text in one frame, as it changes, and takes no focus.
func TestEntry_DisabledShowsItsTextAlone(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(Light))
	e := NewEntry("")
	w := test.NewTempWindow(t, e)
	w.Resize(fyne.NewSize(300, 60))
	e.SetText("0101")
	e.Disable()
	if e.themed.Visible() || !e.still.Visible() || e.still.Text != "0101" {
		t.Fatalf("field visible %v, text %v %q", e.themed.Visible(), e.still.Visible(), e.still.Text)
	}
	if e.SetText("0102"); e.still.Text != "0102" {
		t.Errorf("shows %q", e.still.Text)
	}
	if e.Enable(); !e.themed.Visible() || e.still.Visible() || e.Text() != "0102" {
		t.Errorf("enabled: field %v, text %v, holds %q", e.themed.Visible(), e.still.Visible(), e.Text())
	}
}

// clip is a clipboard that holds one text.
type clip string

func (c clip) Content() string   { return string(c) }
func (c clip) SetContent(string) {}

// A paste that would hold the window for minutes is refused whole, and the field says so until its text changes.
func TestEntry_RefusesAPasteTooLongForIt(t *testing.T) {
	test.NewTempApp(t)
	for _, c := range []struct {
		e    *Entry
		most int
	}{{NewEntry(""), mostInLine}, {NewArea("", 3), MostInArea}} {
		test.NewTempWindow(t, c.e)
		c.e.Focus()
		var told [2]int
		c.e.OnOverfull = func(length, most int) { told = [2]int{length, most} }
		paste := func(text string) { c.e.in.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clip(text)}) }
		paste("路灯")
		paste(strings.Repeat("灯", c.most-1))
		if c.e.Text() != "路灯" || !c.e.bad || told != [2]int{c.most - 1, c.most} {
			t.Errorf("most %d: holds %d bytes, marked %v, told %v", c.most, len(c.e.Text()), c.e.bad, told)
		}
		if paste(strings.Repeat("灯", c.most-2)); c.e.bad || utf8.RuneCountInString(c.e.Text()) != c.most {
			t.Errorf("most %d: what fits is refused", c.most)
		}
	}
}
