package county

import (
	"strings"
	"testing"
	"time"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// testNow is Tuesday 18 August 2026, 14:09:21 in Beijing.
var testNow = incident.StampOf(time.Date(2026, 8, 18, 14, 9, 21, 0, incident.Local))

func words(t testing.TB, lang string) *kit.Text {
	t.Helper()
	text, err := kit.NewText(lang)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func state(mode room.Mode, pending int, oldest time.Duration) State {
	s := State{SyncState: room.SyncState{Mode: mode, Pending: room.Pending{Count: pending}}, SyncedAt: testNow.Add(-3 * time.Second), Since: testNow.Add(-51 * time.Hour)}
	if pending > 0 {
		s.Pending.Oldest = testNow.Add(-oldest)
	}
	return s
}

func TestFaceOf_SaysHowTheDeskStands(t *testing.T) {
	alarmed := state(room.ModeFull, 0, 0)
	alarmed.Alarm = "sync.alarm.held"
	year, slow, away := state(room.ModeFull, 0, 0), state(room.ModeFull, 0, 0), state(room.ModeOffline, 0, 0)
	year.Ahead, slow.Ahead, away.Ahead = -365*24*time.Hour, 20*time.Minute, -365*24*time.Hour
	fresh := state(room.ModeFull, 0, 0)
	fresh.SyncedAt = 0
	for _, c := range []struct {
		name        string
		state       State
		zh, en      string
		icon        string
		text, under kit.Token
	}{
		{"alone", state(room.ModeAlone, 0, 0), "单机", "Stand-alone", "wall", kit.T2, kit.None},
		{"synced", state(room.ModeFull, 0, 0), "已同步 14:09:18", "Synced 14:09:18", "close", kit.Ok, kit.None},
		{"linked, nothing heard", fresh, "已连接", "Linked", "close", kit.Ok, kit.None},
		{"just being sent", state(room.ModeFull, 1, time.Second), "已同步 14:09:18", "Synced 14:09:18", "close", kit.Ok, kit.None},
		{"waiting", state(room.ModeFull, 3, 2*time.Minute), "待传 3·最早 2分前", "3 to send·oldest 2 min ago", "export", kit.Urg, kit.None},
		{"offline", state(room.ModeOffline, 0, 0), "离线 2天3时", "Offline 2 d 3 h", "off", kit.Urg, kit.Urgbg},
		{"offline, waiting", state(room.ModeOffline, 12, time.Hour), "离线 2天3时·待传 12", "Offline 2 d 3 h·12 to send", "off", kit.Urg, kit.Urgbg},
		{"push only", state(room.ModePushOnly, 0, 0), "只上传", "Push only", "export", kit.Urg, kit.Urgbg},
		{"held", state(room.ModeHeld, 2, time.Minute), "暂扣·待传 2", "Held·2 to send", "warn", kit.Crit, kit.Critbg},
		{"a year ahead", year, "本机时钟快 365天0时", "Clock 365 d 0 h ahead", "clock", kit.Urg, kit.Urgbg},
		{"behind", slow, "本机时钟慢 20分", "Clock 20 min behind", "clock", kit.Urg, kit.Urgbg},
		{"wrong clock, offline", away, "离线 2天3时·时钟不准", "Offline 2 d 3 h·clock wrong", "off", kit.Urg, kit.Urgbg},
		{"alarm", alarmed, "已同步 14:09:18", "Synced 14:09:18", "warn", kit.Crit, kit.Critbg},
	} {
		t.Run(c.name, func(t *testing.T) {
			for lang, want := range map[string]string{"zh-Hans": c.zh, "en": c.en} {
				got := FaceOf(words(t, lang), c.state, testNow)
				if got != (Face{c.icon, want, c.text, c.under}) {
					t.Errorf("%s: got %+v, want %s %q", lang, got, c.icon, want)
				}
			}
		})
	}
}

// fact returns what a person is told under a caption.
func fact(t *testing.T, s State, key string) Fact {
	t.Helper()
	for _, f := range Facts(words(t, "zh-Hans"), s, testNow) {
		if f.Key == key {
			return f
		}
	}
	return Fact{}
}

func TestFacts_TellWhyWhenAndWhatToLookAt(t *testing.T) {
	s := state(room.ModeOffline, 12, 2*time.Hour)
	s.Why, s.Next, s.Relay, s.Address = "sync.why.pin", testNow.Add(8*time.Second), true, "wss://hub"
	s.LastContact, s.Ahead = testNow.Add(-51*time.Hour), -3*time.Minute
	for key, want := range map[string]string{
		"why": "证书", "next": "14:09:29（8 秒后）", "waiting": "待传 12·最早 2时00分前", "address": "wss://hub", "relay": "经转已开", "contact": "08-16 11:09", "clock": "快 3分",
	} {
		if got := fact(t, s, key); !strings.Contains(got.Value, want) {
			t.Errorf("%s: %q lacks %q", key, got.Value, want)
		}
	}
	if f := fact(t, s, "relay"); f.Token != kit.Crit {
		t.Errorf("the relay stands in %s, not in red", f.Token)
	}
	for mode, want := range map[room.Mode]string{room.ModeAlone: "登记码", room.ModeHeld: "暂扣", room.ModePushOnly: "升级"} {
		if got := fact(t, state(mode, 0, 0), "why"); !strings.Contains(got.Value, want) {
			t.Errorf("%s: %q lacks %q", mode, got.Value, want)
		}
	}
}

func TestFacts_SayWhatToDoAboutAWrongClock(t *testing.T) {
	s := state(room.ModeFull, 0, 0)
	s.LastContact, s.Ahead = testNow, -365*24*time.Hour
	got := fact(t, s, "clock").Value
	for _, want := range []string{"比中枢快 365天0时", "请校正电脑的日期和时间", "照常"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	s.Ahead = -3 * time.Minute
	if got := fact(t, s, "clock").Value; strings.Contains(got, "校正") {
		t.Errorf("three minutes: %q", got)
	}
}

func TestTownWords_TellHowFreshATownshipIs(t *testing.T) {
	town := room.Township{Open: 4, LastEntry: testNow.Add(-time.Hour), Received: testNow.Add(-10 * time.Minute)}
	if got, want := TownWords(words(t, "zh-Hans"), town, testNow), "在办 4·最后一条 1时00分前·迟到 50分"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
