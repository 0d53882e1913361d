package duty_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"zw110/assets"
	"zw110/data/duty"
	"zw110/data/incident"
)

func edit(t testing.TB, pack fstest.MapFS, file, from, to string) fstest.MapFS {
	t.Helper()
	old := string(pack[file].Data)
	if !strings.Contains(old, from) {
		t.Fatalf("%s has no %q", file, from)
	}
	pack[file] = &fstest.MapFile{Data: []byte(strings.Replace(old, from, to, 1))}
	return pack
}

func TestLoad_RefusesWithFileLineAndReason(t *testing.T) {
	for name, tc := range map[string]struct {
		file, from, to string
		line           int
		why            string
	}{
		"unit nobody knows":    {"duty.csv", "0101,矛盾纠纷,邻里,村委会", "0101,矛盾纠纷,邻里,村民会", 2, "unit_unknown 村民会"},
		"lead is a co-handler": {"duty.csv", "老娘舅 网格,normal", "老娘舅 村委会,normal", 2, "unit_twice 村委会"},
		"no lead":              {"duty.csv", "邻里,村委会", "邻里,", 2, "empty lead"},
		"urgency":              {"duty.csv", "老娘舅 网格,normal", "老娘舅 网格,一般", 2, "one_of urgency, 一般"},
		"difficulty":           {"duty.csv", "normal,2,3wd", "normal,5,3wd", 2, "difficulty 5"},
		"limit":                {"duty.csv", "normal,2,3wd", "normal,2,三天", 2, "limit settle, 三天"},
		"no limit":             {"duty.csv", "normal,2,3wd", "normal,2,", 2, "empty settle"},
		"row twice":            {"duty.csv", "0102,", "101,", 3, "twice 0101"},
		"code":                 {"duty.csv", "0101,", "01 01,", 2, "code 01 01"},
		"split rule":           {"duty.csv", "渣土>执法队", "渣土>", 0, "split"},
		"unknown column":       {"duty.csv", "shift_decides", "leader", 1, "column_unknown leader"},
		"missing column":       {"duty.csv", "urgency,difficulty,", "urgency,", 1, "column_missing difficulty"},
		"column twice":         {"duty.csv", "major,minor", "major,major", 1, "column_twice major"},
		"quotes":               {"duty.csv", "邻里", "\"邻里", 0, "quotes"},
		"yes or no":            {"villages.csv", "罗山村,罗山,", "罗山村,罗山,远", 2, "yes far, 远"},
		"latitude first":       {"villages.csv", "罗山村,罗山,,,", "罗山村,罗山,,29.1,119.1", 2, "point 29.1, 119.1"},
		"half a point":         {"villages.csv", "罗山村,罗山,,,", "罗山村,罗山,,119.1,", 2, "point"},
		"no number":            {"villages.csv", "罗山村,罗山,,,", "罗山村,罗山,,NaN,29", 2, "point"},
		"alias of another":     {"villages.csv", "后舒村,后舒", "后舒村,后舒 罗山", 4, "village_twice 罗山"},
		"surplus cell":         {"villages.csv", "罗山村,罗山,,,", "罗山村,罗山,,,,多", 2, "surplus 多"},
		"reserved word":        {"units.csv", "党政办,", "room,", 2, "reserved room"},
		"kind of unit":         {"units.csv", ",town,", ",office,", 2, "one_of kind, office"},
		"role":                 {"people.csv", "坐席1,OP", "坐席1,XX", 2, "one_of role, XX"},
		"login":                {"people.csv", "op1,", "操作,", 2, "login 操作"},
		"person of no unit":    {"people.csv", "UN,党政办", "UN,党办", 0, "unit_unknown 党办"},
		"liaison without unit": {"people.csv", "UN,党政办", "UN,", 0, "empty unit"},
		"grid of no village":   {"people.csv", "网格,罗山村", "网格,罗村", 0, "village_unknown 罗村"},
		"clock nobody knows":   {"limits.csv", "respond,", "answer,", 2, "clock answer"},
		"limit for no urgency": {"limits.csv", "reopen,,", "reopen,3wd,", 0, "limit_surplus reopen, critical"},
		"limit left out":       {"limits.csv", "respond,5min,5min", "respond,5min,", 2, "empty urgent"},
		"clock left out":       {"limits.csv", "verify,4h,1wd,1wd,1wd,C7 核查\r\n", "", 0, "clock_missing verify"},
		"toml":                 {"pack.toml", "format = 1", "format = ", 1, "toml"},
		"key nobody knows":     {"pack.toml", "format = 1", "format = 1\ncolour = 2", 0, "key_unknown colour"},
		"version":              {"pack.toml", "format = 1", "format = 2", 0, "format 2, 1"},
		"no town":              {"pack.toml", "\"塔石镇\"", "\"\"", 0, "empty town"},
		"division":             {"pack.toml", "330825111", "3308", 0, "division 3308"},
		"number of its own":    {"pack.toml", "format = 1", "format = 1\nnumber = \"{seq}\"", 0, "number_form"},
		"digits of its own":    {"pack.toml", "format = 1", "format = 1\nseq_digits = 5", 0, "number_form"},
		"hours":                {"pack.toml", "14:00-17:30", "11:00-17:30", 0, "hours"},
	} {
		t.Run(name, func(t *testing.T) {
			pack := edit(t, packFiles(t), tc.file, tc.from, tc.to)
			_, err := duty.Load(pack, fstest.MapFS{})
			var faults duty.Faults
			if !errors.As(err, &faults) || !slices.ContainsFunc(faults, func(f duty.Fault) bool {
				return f.File == tc.file && (tc.line == 0 || f.Line == tc.line) && strings.Contains(f.Error(), "duty.fault."+tc.why)
			}) {
				t.Errorf("got %v, want %s line %d: %s", err, tc.file, tc.line, tc.why)
			}
			for _, f := range faults {
				if !catalogue(t).Has(f.Key) {
					t.Errorf("%s has no text", f.Key)
				}
			}
		})
	}
}

func TestLoad_TakesAPackThatNamesTheOneFormOfNumbers(t *testing.T) {
	pack := edit(t, packFiles(t), "pack.toml", "format = 1", "format = 1\nnumber = \"{year}{month}{day}-{seat}{seq}\"\nseq_digits = 3")
	if _, err := duty.Load(pack, fstest.MapFS{}); err != nil {
		t.Error(err)
	}
}

func catalogue(t testing.TB) *assets.Catalogue {
	t.Helper()
	c, err := assets.LoadCatalogue(assets.Languages[0])
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLoad_NamesAllFaultsAndMissingFiles(t *testing.T) {
	pack := edit(t, packFiles(t), "duty.csv", "normal,2,3wd", "x,9,y")
	delete(pack, "people.csv")
	_, err := duty.Load(pack, fstest.MapFS{})
	var faults duty.Faults
	if !errors.As(err, &faults) || len(faults) != 4 || faults[3].File != "people.csv" {
		t.Errorf("%v", err)
	}
	if _, err := duty.Load(fstest.MapFS{}, fstest.MapFS{}); !errors.As(err, &faults) || faults[0].File != "pack.toml" {
		t.Errorf("%v", err)
	}
	pack = packFiles(t)
	pack["calendar/2027.csv"] = &fstest.MapFile{Data: []byte("2027-13-01,元旦,off")}
	if _, err := duty.Load(pack, fstest.MapFS{}); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("%v", err)
	}
}

// TestLoad_TakesWhatSpreadsheetsWrite: GB18030, semicolons, columns moved, zeros lost, blank lines and empty cells at the end.
func TestLoad_TakesWhatSpreadsheetsWrite(t *testing.T) {
	pack := packFiles(t)
	villages := strings.TrimPrefix(string(pack["villages.csv"].Data), "\ufeff")
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(villages)
	if err != nil {
		t.Fatal(err)
	}
	pack["villages.csv"] = &fstest.MapFile{Data: []byte(gb)}
	table := strings.TrimPrefix(string(pack["duty.csv"].Data), "\ufeff")
	pack["duty.csv"] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(table, "\n0", "\n") + ",,,,,,,,,,,,,,,,\r\n\r\n")}
	pack["posts.csv"] = &fstest.MapFile{Data: []byte("role;post\nOP;坐席员\n")}
	d, err := duty.Load(pack, fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := d.Category("0101", 0); !ok || c.Lead != "村委会" || !d.Village("双联新村") || d.Posts()[0].Name != "坐席员" {
		t.Errorf("%+v", c)
	}
}

func TestFiles_ComeBackTheSame(t *testing.T) {
	d := shipped(t)
	for _, ch := range []duty.Change{
		{Name: "duty/0604", From: at(t, "2026-08-15 08:31"), Value: setting(t, d, "duty/0604", "lead", "生态所", "co", "执法队")},
		{Name: "villages/罗山村", From: at(t, "2026-08-16 00:00"), Value: setting(t, d, "villages/罗山村", "far", "yes", "lng", "119.1", "lat", "29.12")},
		{Name: "posts/综合政务岗", From: at(t, "2026-09-01 00:00"), Value: []byte("null")},
		{Name: "roster/1", Value: []byte(`{"begin":"2026-08-15 08:30","end":"2026-08-16 08:30","post":"值班长","login":"sl1"}`)},
	} {
		var err error
		if d, err = d.Apply(ch); err != nil {
			t.Fatal(err)
		}
	}
	first, err := d.Files()
	if err != nil {
		t.Fatal(err)
	}
	pack := fstest.MapFS{}
	for name, raw := range first {
		pack[name] = &fstest.MapFile{Data: raw}
	}
	again, err := duty.Load(pack, fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := again.Files()
	if err != nil {
		t.Fatal(err)
	}
	if !maps.EqualFunc(first, second, bytes.Equal) {
		for n := range first {
			if !bytes.Equal(first[n], second[n]) {
				t.Errorf("%s changed:\n%s\n%s", n, first[n], second[n])
			}
		}
	}
	if c, _ := again.Category("0604", at(t, "2026-08-15 08:30")); c.Lead != "执法队" {
		t.Errorf("before the change %s leads", c.Lead)
	}
}

// setting returns the value of a setting with some columns changed.
func setting(t testing.TB, d *duty.Directory, name string, pairs ...string) []byte {
	t.Helper()
	raw, ok := d.Setting(name, 0)
	if !ok {
		t.Fatalf("no setting %s", name)
	}
	var cells map[string]string
	if err := json.Unmarshal(raw, &cells); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		cells[pairs[i]] = pairs[i+1]
	}
	out, err := json.Marshal(cells)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestApply_OldIncidentsKeepTheRowOfTheirTime(t *testing.T) {
	old := shipped(t)
	from := at(t, "2026-08-15 00:00")
	d, err := old.Apply(duty.Change{Name: "duty/0604", From: from, Value: setting(t, old, "duty/0604", "lead", "生态所", "co", "执法队 村委会", "settle", "5wd")})
	if err != nil {
		t.Fatal(err)
	}
	if d, err = d.Apply(duty.Change{Name: "limits/reopen", From: from, Value: setting(t, old, "limits/reopen", "normal", "5wd")}); err != nil {
		t.Fatal(err)
	}
	for moment, want := range map[incident.Stamp]struct {
		lead incident.UnitID
		days int
	}{from - 1: {"执法队", 3}, from: {"生态所", 5}, 0: {"生态所", 5}} {
		c, _ := d.Category("0604", moment)
		if c.Lead != want.lead || c.Settle.N != want.days || d.Limits(moment).Reopen.N != want.days {
			t.Errorf("at %d: %s %+v %+v", moment, c.Lead, c.Settle, d.Limits(moment).Reopen)
		}
	}
	if c, _ := old.Category("0604", 0); c.Lead != "执法队" || old.Limits(0).Reopen.N != 3 {
		t.Error("the change reached the directory it came from")
	}
	if d, err = d.Apply(duty.Change{Name: "duty/0604", From: from + 5, Value: []byte(" null ")}); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.Category("0604", 0); ok {
		t.Error("an ended row is still there")
	}
	if _, ok := d.Category("0604", from); !ok {
		t.Error("an ended row is gone for its own time")
	}
	if d, err = d.Apply(duty.Change{Name: "duty/1301", From: from, Value: setting(t, old, "duty/0603", "code", "1301")}); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.Category("1301", from-1000); !ok {
		t.Error("an older incident can't take a newer row")
	}
}

func TestApply_SettingsThatAreNoRows(t *testing.T) {
	d := shipped(t)
	town, _ := d.Setting("town", 0)
	summer := strings.Replace(string(town), "[office]", "[office]\nsummer = \"8:30-12:00 14:30-18:00\"\nsummer_from = \"07-01\"\nsummer_to = \"09-30\"", 1)
	later, err := d.Apply(duty.Change{Name: "town", From: 20, Value: []byte(summer)})
	if err != nil {
		t.Fatal(err)
	}
	if later, err = later.Apply(duty.Change{Name: "town", From: 10, Value: town}); err != nil {
		t.Fatal(err)
	}
	due, _ := later.Calendar().Due(at(t, "2026-08-14 10:00"), incident.Limit{Kind: incident.WorkDays, N: 1})
	if due != at(t, "2026-08-17 18:00") || len(later.Town().Hours.Summer) != 2 {
		t.Errorf("summer hours don't hold: %s", due.Time())
	}
	if again, _ := later.Setting("town", 0); !strings.Contains(string(again), "07-01") {
		t.Errorf("%s", again)
	}
	if later, err = later.Apply(duty.Change{Name: "calendar/2027", Value: []byte("2027-01-01,元旦,off\n")}); err != nil {
		t.Fatal(err)
	}
	if later.WorkingCalendar().Missing(at(t, "2026-12-05 08:00")) != 0 {
		t.Error("2027 is missing though imported")
	}
	if raw, ok := later.Setting("calendar/2027", 0); !ok || !strings.Contains(string(raw), "2027-01-01,元旦,off") {
		t.Errorf("%s", raw)
	}
	for _, name := range []string{"town/x", "calendar/2030", "duty/9999", "nothing/1", "nothing"} {
		if _, ok := d.Setting(name, 0); ok {
			t.Errorf("setting %s is there", name)
		}
	}
}

func TestApply_Refuses(t *testing.T) {
	d := shipped(t)
	for _, tc := range []struct{ name, value, why string }{
		{"colour", "1", "unknown setting"},
		{"colour/1", "{}", "unknown setting"},
		{"duty/0101", "[]", "json"},
		{"duty/0101", `{"lead":"村委会"}`, "empty major"},
		{"duty/0101", `{"code":"0102"}`, "key_differs"},
		{"duty/0101", `{"colour":"red"}`, "column_unknown colour"},
		{"limits/sign", `{"critical":"soon"}`, "limit critical, soon"},
		{"town", "format = 1", "empty town"},
		{"calendar/2027", "2028-01-01,元旦,off", "year 2027"},
		{"calendar/2027", "x", "columns"},
	} {
		if _, err := d.Apply(duty.Change{Name: tc.name, Value: []byte(tc.value)}); err == nil || !strings.Contains(err.Error(), tc.why) {
			t.Errorf("%s %s: %v", tc.name, tc.value, err)
		}
	}
	if _, err := d.Apply(duty.Change{Name: "colour"}); !errors.Is(err, duty.ErrUnknownSetting) {
		t.Errorf("%v", err)
	}
	n, err := d.Apply(duty.Change{Name: "units/妇联", From: 5, Value: []byte("null")})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Validate(); err == nil || !strings.Contains(err.Error(), "unit_unknown 妇联") {
		t.Errorf("a unit that is still needed went away: %v", err)
	}
}

func TestProperty_ChangesInAnyOrderGiveOneDirectory(t *testing.T) {
	base := shipped(t)
	rapid.Check(t, func(rt *rapid.T) {
		limits := rapid.SliceOfNDistinct(rapid.Int64Range(1, 1000), 1, 6, rapid.ID).Draw(rt, "moments")
		changes := make([]duty.Change, len(limits))
		for i, m := range limits {
			changes[i] = duty.Change{Name: "limits/reopen", From: incident.Stamp(m), Value: []byte(`{"normal":"` + duty.FormatLimit(incident.Limit{Kind: incident.WorkDays, N: i + 1}) + `"}`)}
		}
		apply := func(order []duty.Change) *duty.Directory {
			d := base
			for _, ch := range order {
				var err error
				if d, err = d.Apply(ch); err != nil {
					rt.Fatal(err)
				}
			}
			return d
		}
		a, b := apply(changes), apply(rapid.Permutation(changes).Draw(rt, "order"))
		moment := incident.Stamp(rapid.Int64Range(1, 1100).Draw(rt, "moment"))
		if a.Limits(moment).Reopen != b.Limits(moment).Reopen {
			rt.Fatalf("%+v against %+v", a.Limits(moment).Reopen, b.Limits(moment).Reopen)
		}
	})
}

func TestLimits_AreReadAsWritten(t *testing.T) {
	for text, want := range map[string]incident.Limit{
		"5min": {Kind: incident.NaturalTime, N: 5}, "24h": {Kind: incident.NaturalTime, N: 1440}, "2 wh": {Kind: incident.WorkTime, N: 120},
		"3个工作日": {Kind: incident.WorkDays, N: 3}, "60天": {Kind: incident.DayCount, N: 60}, "30分钟夜": {Kind: incident.NightNine, N: 30},
		"30MIN night": {Kind: incident.NightNine, N: 30}, "4工作小时": {Kind: incident.WorkTime, N: 240}, "-": {}, "": {},
	} {
		got, ok := duty.ParseLimit(text)
		if !ok || got != want {
			t.Errorf("%q is %+v %v", text, got, ok)
		}
		if again, ok := duty.ParseLimit(duty.FormatLimit(got)); !ok || again != want {
			t.Errorf("%q came back as %+v", text, again)
		}
	}
	for _, text := range []string{"0wd", "3", "wd", "-1h", "401d", "999999h", "3wd night", "1.5h", "3 weeks"} {
		if l, ok := duty.ParseLimit(text); ok {
			t.Errorf("%q was taken as %+v", text, l)
		}
	}
}

func TestOnDuty(t *testing.T) {
	d, err := shipped(t).Apply(duty.Change{Name: "roster/1", Value: []byte(`{"begin":"2026-08-15 08:30","end":"2026-08-16 08:30","post":"值班长","login":"sl1"}`)})
	if err != nil {
		t.Fatal(err)
	}
	for moment, want := range map[string]int{"2026-08-15 08:29": 0, "2026-08-15 08:30": 1, "2026-08-16 08:29": 1, "2026-08-16 08:30": 0} {
		if got := d.OnDuty(at(t, moment)); len(got) != want {
			t.Errorf("%s: %+v", moment, got)
		}
	}
	if d, err = d.Apply(duty.Change{Name: "roster/2", Value: []byte(`{"begin":"2026-08-15","end":"2026-08-16","post":"无此岗","login":"nobody"}`)}); err != nil {
		t.Fatal(err)
	}
	if err := d.Validate(); err == nil || !strings.Contains(err.Error(), "login_unknown nobody") || !strings.Contains(err.Error(), "post_unknown 无此岗") {
		t.Errorf("%v", err)
	}
}

func FuzzLoadTable(f *testing.F) {
	f.Add([]byte("name,aliases,far,lng,lat\n罗山村,罗山,,,\n"))
	f.Add([]byte("\ufeffname;far;from\n\"a\"\"b\";yes;2026-08-15 08:30\n"))
	f.Add([]byte("name\n\xc2\xde\xc9\xbd\xb4\xe5\n"))
	files, err := shipped(f).Files()
	if err != nil {
		f.Fatal(err)
	}
	delete(files, "people.csv")
	pack := fstest.MapFS{"people.csv": &fstest.MapFile{Data: []byte("login,name,role\nop1,a,OP\n")}}
	for name, raw := range files {
		pack[name] = &fstest.MapFile{Data: raw}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p := maps.Clone(pack)
		p["villages.csv"] = &fstest.MapFile{Data: raw}
		d, err := duty.Load(p, fstest.MapFS{})
		if err != nil {
			return
		}
		out, err := d.Files()
		if err != nil {
			t.Fatal(err)
		}
		p["villages.csv"] = &fstest.MapFile{Data: out["villages.csv"]}
		again, err := duty.Load(p, fstest.MapFS{})
		if err != nil {
			t.Fatalf("%q: %v", out["villages.csv"], err)
		}
		if len(again.Villages()) != len(d.Villages()) {
			t.Fatalf("%q became %q", raw, out["villages.csv"])
		}
	})
}
