package county

import (
	"strings"
	"testing"
	"time"

	"zw110/data/room"
)

func TestTrip_NumbersGoOnWithinTheDay(t *testing.T) {
	for have, want := range map[string]string{"": "0818-A", "0818-A": "0818-B", "0818-Z": "0818-AA", "0818-AZ": "0818-BA", "0817-C": "0818-A"} {
		if got := (Trip{No: have}).Next(testNow); got != want {
			t.Errorf("after %q comes %q, want %q", have, got, want)
		}
	}
}

// A file is written, handed over, and answered; or the network was faster.
func TestSteps_SayWhereTheFileStands(t *testing.T) {
	made := Trip{No: "0818-A", Made: testNow.Add(-3 * time.Minute), Entries: 12, Bytes: 19 << 10, Upto: 40}
	handed := made
	handed.Handed = testNow.Add(-time.Minute)
	whole, short := handed, handed
	whole.Answered, whole.Proven = testNow, 40
	short.Answered, short.Proven = testNow, 30
	for name, c := range map[string]struct {
		pending int
		trip    Trip
		here    int // the step to do now, 0 none
		want    [3]string
	}{
		"nothing waits": {0, Trip{}, 1, [3]string{"没有待传的", "写出后交给", "插回 U盘"}},
		"to write":      {12, Trip{}, 1, [3]string{"待传 12 条，加密签名 可写", "未到", "未到"}},
		"written":       {12, made, 2, [3]string{"12 条，19 KB，加密签名 完成 14:06", "封条号写在摆渡单上 待交", "未到"}},
		"handed over":   {12, handed, 2, [3]string{"完成", "14:08 交给摆渡员 路上", "未到"}},
		"answered":      {12, whole, 0, [3]string{"完成", "已到", "前 40 条 完成 14:09"}},
		"in part":       {12, short, 3, [3]string{"完成", "已到", "还差 10 条；请再写一次 未齐"}},
		"network first": {0, handed, 0, [3]string{"完成", "已联网送达 已到", "不必等回执"}},
	} {
		t.Run(name, func(t *testing.T) {
			steps := Steps(words(t, "zh-Hans"), state(room.ModeOffline, c.pending, time.Hour), Outgoing{Trip: c.trip}, testNow)
			for i, s := range steps {
				if text := s.Line + " " + s.State; !strings.Contains(text, c.want[i]) {
					t.Errorf("step %d says %q, want %q", i+1, text, c.want[i])
				}
				if s.Here != (i+1 == c.here) {
					t.Errorf("step %d is the one to do: %v", i+1, s.Here)
				}
			}
		})
	}
}

func TestWaitingPart_GroupsWhatWaitsAndPutsPhotosLast(t *testing.T) {
	env, _ := newEnv(t)
	o := Outgoing{Bytes: 19293798, Waiting: []room.Waiting{
		{Sort: room.SortNew, Count: 2, Newest: testNow.Add(-time.Minute)},
		{Sort: room.SortDispatch, Count: 5, Newest: testNow.Add(-26 * time.Hour), Carried: 4, Proven: 3},
	}}
	got := texts(WaitingPart(env, state(room.ModeOffline, 7, 51*time.Hour), o))
	last := -1
	for _, want := range []string{"待传 7·最早 2天3时前", "新事件", "派单", "照片和文件"} {
		at := strings.Index(got, want)
		if at <= last {
			t.Errorf("%q stands at %d, not after %d in %q", want, at, last, got)
		}
		last = at
	}
	for _, want := range []string{"2 条", "最近 14:08", "5 条·已写出 1·已证实 3", "最近 08-17 12:09", "18.4 MB", "联网后最后送"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	if got := texts(WaitingPart(env, state(room.ModeFull, 0, 0), Outgoing{})); !strings.Contains(got, "没有待传的记录") {
		t.Errorf("empty: %q", got)
	}
}

func TestSorts_EachHasWords(t *testing.T) {
	for _, lang := range []string{"zh-Hans", "en"} {
		for _, s := range room.Sorts() {
			if !words(t, lang).Has("county.sort." + string(s)) {
				t.Errorf("%s: no words for %s", lang, s)
			}
		}
	}
}
