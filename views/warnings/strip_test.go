package warnings

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"zw110/data/incident"
	"zw110/data/warn"
	"zw110/views/kit"
)

// newStrip is the strip above a list of 1000 units, at a desk that looks at townships.
func newStrip(t *testing.T, mode kit.Mode) (*Strip, *scene) {
	t.Helper()
	s := open(t, "zh-Hans", mode)
	for len(s.stack) > 0 {
		s.stack[0].Close()
	}
	strip := NewStrip(StripParams{
		Env: &kit.Env{Text: s.d.p.Env.Text, Keys: s.keys, Host: s, Now: func() incident.Stamp { return now }}, Class: func(code string) string { return "类" + code },
		Town: func(incident.ScopeID) string { return "塔石镇" }, Open: func() {},
	})
	s.window.SetContent(strip.Object())
	s.window.Resize(fyne.NewSize(1000, StripHeight))
	return strip, s
}

func TestStrip_SaysHowManyWhichIsWorstAndUntilWhen(t *testing.T) {
	strip, s := newStrip(t, kit.Light)
	if strip.Shows() {
		t.Error("a strip without warnings shows")
	}
	s.all[0].Town = 330825111
	strip.Set(s.all)
	if !strip.Shows() || strip.count.Text != "预警 2 条待答复" || strip.name.Text != "塔石镇  风险词·跳楼 讨薪  2026-0818-016  集镇桥头遇到八九个工人" {
		t.Errorf("%q %q", strip.count.Text, strip.name.Text)
	}
	if strip.left.Text != "须在 4 小时内答复·剩 3时50分" {
		t.Errorf("ten minutes after: %q", strip.left.Text)
	}
	strip.Tick(now.Add(5 * time.Hour))
	if strip.left.Text != "答复已超时 1 小时" {
		t.Errorf("five hours later: %q", strip.left.Text)
	}
	for i := range s.all {
		s.all[i].Standing = warn.Confirmed
	}
	if strip.Set(s.all); strip.Shows() {
		t.Error("with all answered it still shows")
	}
}
