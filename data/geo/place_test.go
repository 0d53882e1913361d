package geo

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

func readAs(t *testing.T, name, content string) ([]Found, error) {
	t.Helper()
	return Read(t.Context(), Params{Name: name, File: strings.NewReader(content), Table: func(_ context.Context, _ string, raw []byte) ([][]string, error) {
		r := csv.NewReader(strings.NewReader(string(raw)))
		r.FieldsPerRecord = -1
		return r.ReadAll()
	}})
}

const folder = `<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>图</name><Folder><name>组</name>
<Placemark><name>老粮站</name><description>后门</description><ExtendedData><Data name="kind"><value>地标</value></Data><Data name="别名"><value>粮库、粮管所</value></Data></ExtendedData>
<Point><coordinates>119.12,29.12,0</coordinates></Point></Placemark>
<Placemark><name>上塘</name><Polygon><outerBoundaryIs><LinearRing><coordinates>119.10,29.10 119.12,29.10 119.12,29.12 119.10,29.12 119.10,29.10</coordinates></LinearRing></outerBoundaryIs>
<innerBoundaryIs><LinearRing><coordinates>119.105,29.105 119.107,29.105 119.107,29.107</coordinates></LinearRing></innerBoundaryIs></Polygon></Placemark>
<Placemark><Point><coordinates>119.1,29.1</coordinates></Point></Placemark></Folder></Document></kml>`

func TestRead_SamePlacesFromEachFormat(t *testing.T) {
	want := []Place{
		{Name: "老粮站", Aliases: []string{"粮库", "粮管所"}, Kind: KindLandmark, Point: Point{29.12, 119.12}},
		{Name: "上塘", Kind: KindLandmark, Point: Point{29.11, 119.11}},
	}
	files := map[string]string{
		"a.kml": folder,
		"b.geojson": `{"type":"FeatureCollection","features":[{"properties":{"name":"老粮站","kind":"landmark","aliases":"粮库 粮管所"},"geometry":{"type":"Point","coordinates":[119.12,29.12]}},
			{"properties":{"名称":"上塘"},"geometry":{"type":"Polygon","coordinates":[[[119.10,29.10],[119.12,29.10],[119.12,29.12],[119.10,29.12],[119.10,29.10]]]}},
			{"properties":{},"geometry":{"type":"Point","coordinates":[119.1,29.1]}}]}`,
		"c.csv": "2026年地名,,,\n名称,经度,纬度,别名,类别\n老粮站,119.12,29.12,粮库/粮管所,地标\n上塘,119.11,29.11,,\n,119.1,29.1,,\n",
	}
	for name, content := range files {
		got, err := readAs(t, name, content)
		if err != nil || len(got) != 3 {
			t.Errorf("%s: %d places, %v", name, len(got), err)
			continue
		}
		for i, w := range want {
			g := got[i].Place
			if Distance(g.Point, w.Point) > 2 || got[i].Fault != "" {
				t.Errorf("%s: %s stands at %v, fault %q", name, g.Name, g.Point, got[i].Fault)
			}
			g.Point, g.Radius, w.Point = Point{}, 0, Point{}
			if len(g.Aliases) == 0 {
				g.Aliases = nil
			}
			if !reflect.DeepEqual(g, w) {
				t.Errorf("%s: %+v, want %+v", name, g, w)
			}
		}
		if got[2].Fault != FaultName {
			t.Errorf("%s: a place without a name has fault %q", name, got[2].Fault)
		}
	}
}

func TestRead_LinesThatCannotBeTaken(t *testing.T) {
	got, err := readAs(t, "x.csv", "name,lng,lat,kind\n甲,119.1,29.1,\n甲,119.2,29.2,\n乙,119.1,,\n丙,东边,29.1,\n丁,119.1,29.1,飞碟\n戊,,,\n,,,\n己,NaN,29,\n")
	if err != nil {
		t.Fatal(err)
	}
	var faults []string
	for _, f := range got {
		faults = append(faults, fmt.Sprint(f.At, f.Fault))
	}
	want := []string{"2", "3twice", "4half", "5point", "6kind", "7", "9"}
	if !reflect.DeepEqual(faults, want) {
		t.Errorf("faults %q, want %q", faults, want)
	}
	town := Town{Outline: square}
	rows := town.Look(got, WGS84, nil).Rows
	if rows[6].Verdict != Ask || rows[6].Check.Doubt != OffEarth {
		t.Errorf("a point that is no number: %+v", rows[6])
	}
}

// endless gives a head, then the same piece for ever.
type endless struct {
	head, piece string
	given       int64
}

func (e *endless) Read(b []byte) (int, error) {
	if e.head != "" {
		n := copy(b, e.head)
		e.head = e.head[n:]
		return n, nil
	}
	n := 0
	for n < len(b) {
		k := copy(b[n:], e.piece[e.given%int64(len(e.piece)):])
		n, e.given = n+k, e.given+int64(k)
	}
	return n, nil
}

func TestRead_RefusesWhatWouldFillTheMemory(t *testing.T) {
	entities := "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><kml><Placemark><name>&b;</name></Placemark></kml>"
	cases := []struct{ name, in, fault string }{
		{"x.kml", entities, "document type"},
		{"x.kml", "<kml><Placemark><name>&b;</name></Placemark></kml>", "entity"},
		{"x.kml", "<kml>" + strings.Repeat("<Folder>", 100), "deep"},
		{"x.kml", folder[:len(folder)-40], "EOF"},
		{"x.kml", "<html></html>", "no kml"},
		{"x.kml", "<kml><Placemark><Point><coordinates>119</coordinates></Point></Placemark></kml>", "two numbers"},
		{"x.geojson", `{"type":"FeatureCollection","features":[{"geometry":{"type":"Point"`, "EOF"},
		{"x.shp", "anything", ErrFormat.Error()},
		{"x.csv", "a,b\n1,2\n", ErrFormat.Error()},
	}
	for _, c := range cases {
		if _, err := readAs(t, c.name, c.in); err == nil || !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s %.40s: %v, want %q", c.name, c.in, err, c.fault)
		}
	}
	one := &endless{head: `{"type":"FeatureCollection","features":[{"geometry":{"type":"LineString","coordinates":[`, piece: "[119.1,29.1],"}
	if _, err := Read(t.Context(), Params{Name: "x.geojson", File: one}); !errors.Is(err, ErrTooLarge) || one.given > maxFeature+1<<20 {
		t.Errorf("a feature without an end: %v after %d bytes", err, one.given)
	}
	many := &endless{head: `{"type":"FeatureCollection","features":[`, piece: `{"properties":{},"geometry":null},`}
	if _, err := Read(t.Context(), Params{Name: "x.geojson", File: many}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("features without an end: %v", err)
	}
}

func TestRead_TellsProgressAndStops(t *testing.T) {
	stop := errors.New("enough")
	var told []int64
	many := &endless{head: `{"type":"FeatureCollection","features":[`, piece: `{"properties":{"name":"a"},"geometry":{"type":"Point","coordinates":[119,29]}},`}
	_, err := Read(t.Context(), Params{Name: "x.geojson", File: many, Step: func(n int64) error {
		told = append(told, n)
		if n > 100_000 {
			return stop
		}
		return nil
	}})
	if !errors.Is(err, stop) || len(told) < 3 || told[0] <= 0 {
		t.Errorf("%v after %d steps", err, len(told))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx, Params{Name: "x.kml", File: strings.NewReader(folder)}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestRead_AreaOfManyPoints(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"type":"Feature","properties":{"name":"大塘"},"geometry":{"type":"Polygon","coordinates":[[`)
	const n = 200_000
	for i := range n {
		a := 2 * math.Pi * float64(i) / n
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "[%.7f,%.7f]", 119.1+0.01*math.Cos(a), 29.1+0.01*math.Sin(a))
	}
	b.WriteString("]]}}")
	got, err := readAs(t, "x.geojson", b.String())
	if err != nil || len(got) != 1 || got[0].Points != n || Distance(got[0].Place.Point, Point{29.1, 119.1}) > 2 {
		t.Errorf("%d places, %v", len(got), err)
	}
}

func TestMiddle_LiesInside(t *testing.T) {
	bay := Ring{{29.10, 119.10}, {29.10, 119.20}, {29.12, 119.20}, {29.12, 119.11}, {29.18, 119.11}, {29.18, 119.20}, {29.20, 119.20}, {29.20, 119.10}}
	if m := bay.Middle(); !bay.Contains(m) {
		t.Errorf("%v lies in the bay", m)
	}
	if m := square.Middle(); Distance(m, Point{29.13, 119.115}) > 5 {
		t.Errorf("the middle of a square is %v", m)
	}
}

func TestLook_PreviewOfAnImport(t *testing.T) {
	town := Town{Outline: square}
	known := []Place{
		{Name: "甲村", Aliases: []string{"甲"}, Kind: KindVillage, Point: Point{29.10, 119.08}},
		{Name: "乙村", Kind: KindVillage, Point: Point{29.12, 119.10}},
		{Name: "丙村", Kind: KindVillage, Point: Point{29.14, 119.12}},
		{Name: "丁村", Kind: KindVillage},
	}
	var found []Found
	for i, n := range []string{"甲", "乙村", "丙村", "丁村", "新地"} {
		p := Point{29.16, 119.14}
		if i < 3 {
			p = known[i].Point
		}
		found = append(found, Found{At: i + 2, Points: 1, Place: Place{Name: n, Point: To(GCJ02, p)}})
	}
	wrong := town.Look(found, WGS84, known)
	if wrong.Suggested != GCJ02 || wrong.Before < 300 || wrong.After > 5 || wrong.Count(Ask) != 3 {
		t.Errorf("read in the wrong system: suggested %q, %.0f m to %.0f m, %d to ask", wrong.Suggested, wrong.Before, wrong.After, wrong.Count(Ask))
	}
	right := town.Look(found, GCJ02, known)
	var got []Verdict
	for _, r := range right.Rows {
		got = append(got, r.Verdict)
	}
	if want := []Verdict{Same, Same, Same, Moved, New}; !reflect.DeepEqual(got, want) || right.Suggested != "" {
		t.Errorf("read in the right one: %q, want %q, suggested %q", got, want, right.Suggested)
	}
	found = []Found{{Points: 1, Place: Place{Name: "甲村", Point: Point{29.1, 119.0801}}}, {Place: Place{Name: "甲村", Aliases: []string{"老甲"}}}, {Fault: FaultName}}
	if p := town.Look(found, WGS84, known); p.Rows[0].Verdict != Moved || p.Rows[1].Verdict != Change || p.Rows[2].Verdict != Bad {
		t.Errorf("%+v", p.Rows)
	}
}
