package incidentfile

import (
	"strings"
	"testing"
	"time"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/county"
	"zw110/views/kit"
)

// fakeCounty is a link with somebody at another desk, or nobody.
type fakeCounty struct {
	mode room.Mode
	here []county.Presence
}

func (f *fakeCounty) State() county.State {
	return county.State{SyncState: room.SyncState{Mode: f.mode}}
}
func (f *fakeCounty) Present(incident.IncidentID) []county.Presence { return f.here }

// atCounty is a page with nothing but a detail, on 18 August at 14:09.
func atCounty(t *testing.T, f *fakeCounty, d room.Detail) *Page {
	t.Helper()
	text, err := kit.NewText("zh-Hans")
	if err != nil {
		t.Fatal(err)
	}
	now := incident.StampOf(time.Date(2026, 8, 18, 14, 9, 0, 0, incident.Local))
	env := &kit.Env{Text: text, Keys: kit.NewKeymap(), Now: func() incident.Stamp { return now }}
	return &Page{p: Params{Env: env, County: f, Name: func(l incident.Login) string { return string(l) }}, detail: d}
}

func TestBands_TellConflictsPresenceAndRecordsOnTheirWay(t *testing.T) {
	f := &fakeCounty{mode: room.ModeFull}
	note := room.Clash{Conflict: incident.Conflict{Rule: "same_dispatch"}}
	p := atCounty(t, f, room.Detail{Clashes: []room.Clash{note}})
	if got := p.bandTexts(); len(got) != 0 {
		t.Errorf("a note is told as a conflict: %v", got)
	}
	since := incident.StampOf(time.Date(2026, 8, 18, 14, 3, 0, 0, incident.Local))
	f.here = []county.Presence{{Seat: "指挥室2", Login: "op2", Since: since}}
	p.detail.Clashes = append(p.detail.Clashes, room.Clash{Conflict: incident.Conflict{Rule: "double_dispatch", Choices: []string{"settle.keep_both"}}})
	p.detail.OnTheWay = 1
	got := p.bandTexts()
	if len(got) != 3 || got[0].act != kit.CmdSettle || got[0].token != kit.Crit || got[1].text != "指挥室2 op2 正开着这件，14:03 起" || !strings.Contains(got[2].text, "1 条记录还在路上") {
		t.Errorf("got %+v", got)
	}
}

func TestLog_SaysOfEachEntryWhetherTheCountyHasIt(t *testing.T) {
	f := &fakeCounty{mode: room.ModeOffline}
	sent, unsent := incident.EntryID{1}, incident.EntryID{2}
	p := atCounty(t, f, room.Detail{Unsent: map[incident.EntryID]bool{unsent: true}})
	word := func(id incident.EntryID) string {
		for _, o := range p.sentMark(&incident.LogLine{Entry: id}) {
			if l, ok := o.(*kit.Label); ok {
				return l.Text
			}
		}
		return ""
	}
	if word(sent) != "已传" || word(unsent) != "待传" {
		t.Errorf("says %q and %q", word(sent), word(unsent))
	}
	if f.mode = room.ModeAlone; word(unsent) != "" {
		t.Errorf("a desk without a county says %q", word(unsent))
	}
}
