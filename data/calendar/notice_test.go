package calendar_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"zw110/data/calendar"
)

func TestParse_TakesBothShapes(t *testing.T) {
	want := []calendar.Notice{{Year: 2027, Days: []calendar.Listed{{Day: "2027-01-01", Name: "元旦", Off: true}, {Day: "2027-01-03", Name: "元旦"}}}}
	for name, text := range map[string]string{
		"off and work":      "date,name,off|work\n2027-01-01,元旦,off\n2027-01-03,元旦,work\n",
		"true and false":    "date,name,is_off_day\n2027-01-01,元旦,true\n2027-01-03,元旦,false\n",
		"no header":         "2027-01-01,元旦,off\n2027-01-03,元旦,work",
		"mark, CRLF, Excel": "\ufeff日期,名称,休班\r\n2027/1/1,元旦,TRUE\r\n2027/1/3,元旦,FALSE\r\n,,\r\n\r\n",
		"any order, quotes": "# notice\n\"2027-01-03\", \"元旦\", work\n2027-01-01,元旦,off,,\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := calendar.Parse(strings.NewReader(text))
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%+v %v", got, err)
			}
		})
	}
}

func TestParse_RefusesWithLineAndReason(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		line int
		why  string
	}{
		"no such date":       {"date,name,off|work\n2027-02-30,春节,off", 2, "fault.date"},
		"fault.date":         {"2027-01-01,元旦,off\n元旦,2027-01-02,off", 2, "fault.date"},
		"columns":            {"2027-01-01,off", 1, "columns 2"},
		"neither":            {"2027-01-01,元旦,maybe", 1, "kind maybe"},
		"fault.name":         {"2027-01-01,,off", 1, "fault.name"},
		"twice":              {"2027-01-02,元旦,off\n2027-01-02,元旦,work", 2, "twice 2027-01-02, 1"},
		"work on a weekday":  {"2027-01-04,元旦,work", 1, "weekday 2027-01-04"},
		"far year":           {"9999-01-01,元旦,off", 1, "year 9999"},
		"empty":              {"date,name,off|work\n", 0, "empty"},
		"December alone":     {"2026-12-31,元旦,off", 0, "december 2026"},
		"two Decembers":      {"2026-12-31,元旦,off\n2027-12-31,元旦,off\n2028-01-01,元旦,off", 0, "december 2026"},
		"December and a gap": {"2026-12-31,元旦,off\n2028-01-01,元旦,off", 0, "december 2026"},
		"header in between":  {"2027-01-01,元旦,off\ndate,name,off", 2, "fault.date"},
		"not UTF-8":          {"2027-01-01,\xd4\xaa\xb5\xa9,off", 0, "not_utf8"},
		"too large":          {strings.Repeat("#", 1<<20+1), 0, "too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := calendar.Parse(strings.NewReader(tc.text))
			var bad *calendar.LineError
			if got != nil || !errors.As(err, &bad) || bad.Line != tc.line || !strings.Contains(bad.Error(), tc.why) {
				t.Errorf("%v %v", got, err)
			}
		})
	}
	_, err := calendar.Parse(strings.NewReader("x,y,z\n2027-01-01,元旦,off\n2027-13-01,元旦,off"))
	if err == nil || !strings.Contains(err.Error(), "line 1") || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("not every bad line is named: %v", err)
	}
}

func TestNotice_MissingNamesStatutoryDays(t *testing.T) {
	for _, n := range shipped(t).Notices() {
		if m := n.Missing(); len(m) > 0 {
			t.Errorf("%d lacks %v", n.Year, m)
		}
	}
	cut := calendar.Notice{Year: 2027, Days: []calendar.Listed{{Day: "2027-01-01", Name: "元旦", Off: true}}}
	if len(cut.Missing()) != 4 {
		t.Errorf("a cut file lacks %v", cut.Missing())
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("date,name,off|work\n2027-01-01,元旦,off\n2027-01-03,元旦,work\n"))
	f.Add([]byte("\ufeff2026-12-31,元旦,true\r\n2027/1/1,元旦,true\r\n"))
	f.Add([]byte("2027-02-30,春节,off\n,,\n#\n\"2027-01-01\",\"a\"\"b\",work"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		notices, err := calendar.Parse(bytes.NewReader(raw))
		if err != nil {
			return
		}
		if _, err := calendar.New(calendar.DefaultHours(), notices...); err != nil {
			t.Fatalf("parsed notices make no calendar: %v", err)
		}
		for _, n := range notices {
			var b bytes.Buffer
			if err := n.Write(&b); err != nil {
				t.Fatal(err)
			}
			again, err := calendar.Parse(&b)
			if err != nil || !reflect.DeepEqual(again, []calendar.Notice{n}) {
				t.Fatalf("%+v came back as %+v, %v", n, again, err)
			}
		}
	})
}
