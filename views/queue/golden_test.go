//go:build amd64

package queue

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"zw110/views/kit"
	"zw110/views/kit/kittest"
	"zw110/views/menu"
)

// sampleStage is the queue of the sample with the cursor on 0818-029.
func sampleStage(t *testing.T, mode kit.Mode) *stage {
	t.Helper()
	room := newFakeRoom()
	room.detail = room.sampleDetail
	s := newStage(t, stageParams{room: room, mode: mode})
	s.key(fyne.KeyDown, fyne.KeyDown)
	s.pass(time.Second)
	s.shell.Tick(fakeNow)
	return s
}

func TestQueue_LooksAsKept(t *testing.T) {
	for name, mode := range map[string]kit.Mode{"queue": kit.Light, "queue-dark": kit.Dark} {
		t.Run(name, func(t *testing.T) {
			kittest.Begin()
			kittest.Golden(t, name, sampleStage(t, mode).window.Canvas().Capture())
		})
	}
}

func TestMenu_LooksAsKept(t *testing.T) {
	kittest.Begin()
	s := sampleStage(t, kit.Light)
	entry := func(g menu.Group, icon, name, note string, caps ...string) menu.Entry {
		return menu.Entry{Group: g, Icon: icon, Name: name, Note: note, Caps: caps}
	}
	found := entry(menu.Incidents, "file", "配电箱门敞开", "0811-003·舒村·已办结")
	found.Spans = [][2]int{{0, 2}}
	menu.Open(s.page.env, menu.Source{
		For: "0818-029",
		Fixed: []menu.Entry{
			entry(menu.Actions, "send", "派单", "", "F4"), entry(menu.Actions, "copy", "判定重复", "", "M"),
			entry(menu.Actions, "send", "派给上次同一组", "", "Shift F4"), entry(menu.Go, "filter", "待派", "", "G P"),
		},
		Search: func(string, int) []menu.Entry { return []menu.Entry{found} },
	}, s.room)
	for _, r := range "pd" {
		s.window.Canvas().Focused().TypedRune(r)
	}
	kittest.Golden(t, "command", s.window.Canvas().Capture())
}
