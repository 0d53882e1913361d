package duty_test

import (
	"slices"
	"testing"

	"zw110/data/duty"
	"zw110/data/incident"
)

func TestSeason_MayRunOverNewYear(t *testing.T) {
	for _, c := range []struct {
		s    duty.Season
		day  incident.Day
		want bool
	}{
		{duty.Season{"04-15", "10-15"}, "2026-04-14", false},
		{duty.Season{"04-15", "10-15"}, "2026-04-15", true},
		{duty.Season{"04-15", "10-15"}, "2026-10-15", true},
		{duty.Season{"04-15", "10-15"}, "2026-10-16", false},
		{duty.Season{"12-15", "02-15"}, "2026-12-31", true},
		{duty.Season{"12-15", "02-15"}, "2027-02-15", true},
		{duty.Season{"12-15", "02-15"}, "2027-02-16", false},
		{duty.Season{"12-15", "02-15"}, "day", false},
	} {
		if got := c.s.Has(c.day); got != c.want {
			t.Errorf("%s in %v: %v", c.day, c.s, got)
		}
	}
}

func TestShares_AChangeHoldsFromItsDay(t *testing.T) {
	d := shipped(t)
	if got := d.Shares(0); !slices.Equal(got, duty.UsualShares()) {
		t.Fatalf("the pack's shares are %v", got)
	}
	later := at(t, "2026-09-01 00:00")
	n, err := d.Apply(duty.Change{Name: "assess/on_time", From: later, Value: []byte(`{"weight":"40","target":"98"}`)})
	if err != nil {
		t.Fatal(err)
	}
	n, err = n.Apply(duty.Change{Name: "assess/within_24h", From: later, Value: []byte(`{"weight":"5"}`)})
	if err != nil {
		t.Fatal(err)
	}
	find := func(at incident.Stamp, measure string) (duty.Share, bool) {
		all := n.Shares(at)
		i := slices.IndexFunc(all, func(s duty.Share) bool { return s.Measure == measure })
		if i < 0 {
			return duty.Share{}, false
		}
		return all[i], true
	}
	if s, _ := find(later-1, "on_time"); s.Weight != 30 {
		t.Errorf("before the change on time counts %d", s.Weight)
	}
	if s, _ := find(later, "on_time"); s.Weight != 40 || s.Target != 98 {
		t.Errorf("after the change on time counts %d, goal %d", s.Weight, s.Target)
	}
	if _, ok := find(later-1, "within_24h"); ok {
		t.Error("a measure that is new counts earlier, too")
	}
	if _, ok := find(later, "within_24h"); !ok {
		t.Error("a new measure does not count")
	}
	if days := n.ShareDays(); !slices.Equal(days, []incident.Day{"", "2026-09-01"}) {
		t.Errorf("the weights changed on %v", days)
	}
}

func TestMeasures_WrongRowsAreRefused(t *testing.T) {
	d := shipped(t)
	for name, value := range map[string]string{
		"assess/on_time": `{"weight":"101"}`, "assess/On Time": `{"weight":"1"}`, "warn/W15": `{"n":"1"}`, "warn/W1": `{"n":"many"}`, "warn/W9": `{"season":"summer"}`,
	} {
		if _, err := d.Apply(duty.Change{Name: name, From: 1, Value: []byte(value)}); err == nil {
			t.Errorf("%s %s is taken", name, value)
		}
	}
}

func TestMeasures_ThePackHasWhatHoldsWithoutIt(t *testing.T) {
	d := shipped(t)
	if got, want := d.Alarms(0), duty.UsualAlarms(); len(got) != len(want) {
		t.Fatalf("%d rules, want %d", len(got), len(want))
	}
	for i, a := range d.Alarms(0) {
		w := duty.UsualAlarms()[i]
		if a.Rule != w.Rule || a.N != w.N || a.Red != w.Red || a.Days != w.Days || a.More != w.More || !slices.Equal(a.Categories, w.Categories) || !slices.Equal(a.Season, w.Season) {
			t.Errorf("the pack's %v, without it %v", a, w)
		}
	}
}
