package duty_test

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"zw110/assets"
	"zw110/data/duty"
	"zw110/data/incident"
)

func shipped(t testing.TB) *duty.Directory {
	t.Helper()
	pack, err := assets.Pack("330825111")
	if err != nil {
		t.Fatal(err)
	}
	holidays, err := assets.Holidays()
	if err != nil {
		t.Fatal(err)
	}
	d, err := duty.Load(pack, holidays)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestShippedPack_HasTheTownWhole(t *testing.T) {
	d := shipped(t)
	if n := len(d.Villages()); n != 26 {
		t.Errorf("%d villages", n)
	}
	if n := len(d.Categories(0)); n != 57 {
		t.Errorf("%d duty rows", n)
	}
	if town := d.Town(); town.Code != 330825111 || town.Room != "塔石镇综合信息指挥室" || town.Extent[0] > town.Extent[2] {
		t.Errorf("town %+v", town)
	}
}

func TestShippedPack_VillagesAndPeople(t *testing.T) {
	d := shipped(t)
	for spoken, want := range map[string]string{"双联新村": "双联新村村", "双联新村村": "双联新村村", "舒村": "舒村村"} {
		if got, ok := d.VillageName(spoken); got != want || !ok || !d.Village(spoken) {
			t.Errorf("%s is %q", spoken, got)
		}
	}
	if d.Village("塔石镇") || d.FarVillage("双联新村") {
		t.Error("a town is no village and none is known to be far")
	}
	if a, ok := d.Person("gr_11"); !ok || a.Role != incident.RoleGrid || a.Unit != "网格" || a.Village != "塔石村" {
		t.Errorf("gr_11 is %+v", a)
	}
	if _, ok := d.Person("nobody"); ok {
		t.Error("a login nobody has")
	}
}

func TestShippedPack_UnitsThatCount(t *testing.T) {
	d := shipped(t)
	counting := map[incident.UnitID]bool{"村委会": false, "网格": false, "老娘舅": false, "乡贤会": false, "农业农村办": true, "派出所": true, "县住建": true}
	for id, want := range counting {
		if u, ok := d.Unit(id, 0); !ok || u.Counts != want || u.County != strings.HasPrefix(string(id), "县") {
			t.Errorf("%s: %+v %v", id, u, ok)
		}
	}
	if _, ok := d.Unit("无此单位", 0); ok {
		t.Error("a unit nobody knows")
	}
}

func TestShippedPack_CoversEveryDrillLogin(t *testing.T) {
	f, err := os.Open("../../assets/drill/month/actors.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	d := shipped(t)
	for _, r := range rows[1:] {
		unit, _, _ := strings.Cut(r[2], " ")
		if a, ok := d.Person(incident.Login(r[0])); !ok || string(a.Role) != r[1] || string(a.Unit) != unit {
			t.Errorf("%s is %+v, want %v", r[0], a, r)
		}
	}
}

// TestShippedPack_Directory checks the rows against the table they come from: lead, co-handlers, urgency, difficulty, settle limit, list.
func TestShippedPack_Directory(t *testing.T) {
	raw, err := os.ReadFile("testdata/directory.txt")
	if err != nil {
		t.Fatal(err)
	}
	d := shipped(t)
	n := 0
	for line := range strings.Lines(string(raw)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		n++
		c, ok := d.Category(f[0], 0)
		if !ok {
			t.Errorf("%s is missing", f[0])
			continue
		}
		co := make([]string, len(c.Co))
		for i, u := range c.Co {
			co[i] = string(u)
		}
		got := []string{c.Code, dash(string(c.Lead)), dash(strings.Join(co, ",")), string(c.Urgency), string(rune('0' + c.Difficulty)), duty.FormatLimit(c.Settle), string(c.List)}
		if strings.Join(got, " ") != strings.Join(f, " ") {
			t.Errorf("got  %v\nwant %v", got, f)
		}
		if list := d.SuggestList(incident.Fields{Category: c.Code, Co: c.Co}, 0); list != c.List {
			t.Errorf("%s would start on %s, want %s", c.Code, list, c.List)
		}
		if noCap := c.Code == "0102" || c.Code == "0105" || c.Code == "1203"; c.NoCap != noCap || c.SLDecides != (c.Code == "1299") {
			t.Errorf("%s: cap or lead by shift leader: %+v", c.Code, c)
		}
	}
	if n != len(d.Categories(0)) {
		t.Errorf("%d rows in the table, %d in the pack", n, len(d.Categories(0)))
	}
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func TestSuggestList_FollowsTheUnits(t *testing.T) {
	d := shipped(t)
	for _, tc := range []struct {
		name string
		f    incident.Fields
		want incident.List
	}{
		{"unticking co-handlers moves to the daily list", incident.Fields{Category: "0604"}, incident.ListDaily},
		{"one other unit without hurry", incident.Fields{Category: "0604", Co: []incident.UnitID{"派出所", "村委会"}}, incident.ListDaily},
		{"one other unit in a hurry", incident.Fields{Category: "0604", Co: []incident.UnitID{"派出所"}, Urgency: incident.Urgent}, incident.ListJoint},
		{"lead named twice counts once", incident.Fields{Category: "0604", Co: []incident.UnitID{"执法队", "派出所", "派出所"}}, incident.ListDaily},
		{"a person's difficulty wins", incident.Fields{Category: "0604", Difficulty: 4}, incident.ListMonthly},
		{"an emergency starts on the joint list", incident.Fields{Category: "0604", Difficulty: 4, Urgency: incident.Critical}, incident.ListJoint},
		{"difficult and deferred", incident.Fields{Category: "0604", Difficulty: 4, Urgency: incident.Low}, incident.ListMonthly},
		{"one thing", incident.Fields{Category: "0505", Tags: []string{duty.TagOneThing}}, incident.ListJoint},
	} {
		if got := d.SuggestList(tc.f, 0); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
	if got := (duty.Weight{Difficulty: 1, Ruled: true}).List(); got != incident.ListJoint {
		t.Errorf("lead by ruling: %s", got)
	}
}

func TestShippedPack_Limits(t *testing.T) {
	l := shipped(t).Limits(0)
	mins := func(n int) incident.Limit { return incident.Limit{Kind: incident.NaturalTime, N: n} }
	work := func(n int) incident.Limit { return incident.Limit{Kind: incident.WorkTime, N: n} }
	days := func(n int) incident.Limit { return incident.Limit{Kind: incident.WorkDays, N: n} }
	night := incident.Limit{Kind: incident.NightNine, N: 30}
	want := map[incident.Urgency]incident.UrgencyLimits{
		incident.Critical: {Respond: mins(5), Dispatch: mins(3), Sign: mins(5), Arrive: mins(10), ArriveFar: mins(20), FirstFeedback: mins(30), Return: mins(15), Verify: mins(240), Callback: incident.Limit{Kind: incident.DayCount, N: 1}},
		incident.Urgent:   {Respond: mins(5), Dispatch: mins(10), Sign: mins(15), Arrive: mins(30), ArriveFar: mins(30), FirstFeedback: mins(120), Return: mins(30), Verify: days(1), Callback: days(2)},
		incident.Normal:   {Respond: mins(5), Dispatch: night, Sign: work(120), FirstFeedback: days(1), Return: work(240), Verify: days(1), Callback: days(3)},
	}
	want[incident.Low] = want[incident.Normal]
	for u, w := range want {
		if l.By[u] != w {
			t.Errorf("%s: %+v, want %+v", u, l.By[u], w)
		}
	}
	if l.Return12345 != days(2) || l.Cap != mins(1440) || l.Reopen != days(3) || l.Rule != work(240) || l.RuleUrgent != mins(15) {
		t.Errorf("%+v", l)
	}
}

func at(t testing.TB, text string) incident.Stamp {
	t.Helper()
	tm, err := time.ParseInLocation("2006-01-02 15:04", text, incident.Local)
	if err != nil {
		t.Fatal(err)
	}
	return incident.StampOf(tm)
}

// packFiles returns the shipped pack as files that a test may spoil.
func packFiles(t testing.TB) fstest.MapFS {
	t.Helper()
	files, err := shipped(t).Files()
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	for name, raw := range files {
		out[name] = &fstest.MapFile{Data: raw}
	}
	return out
}
