package room

import (
	"strings"
	"testing"

	"zw110/data/gazetteer"
	"zw110/data/geo"
	"zw110/data/incident"
	"zw110/data/intake"
)

// withPlaces gives a desk some places.
func withPlaces(t *testing.T, d *desk) {
	t.Helper()
	p, err := d.ReadPlaces(t.Context(), "a.csv", strings.NewReader("名称,类别,村,经度,纬度,别名\n双联新村村,,,119.12,29.13,\n老粮站,地标,双联新村村,119.121,29.131,粮库\n三组,小组,双联新村村,,,\n"), geo.WGS84, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := d.TakePlaces(t.Context(), "rd", p, nil); err != nil || n != 3 {
		t.Fatalf("%d taken, %v: %+v", n, err, p.Rows)
	}
}

func TestPropose_TakesVillageAndPlaceFromTheGazetteer(t *testing.T) {
	d := newDesk(t, false)
	withPlaces(t, d)
	cases := []struct{ text, village, place string }{
		{"老粮站门口有人打架", "双联新村村", "老粮站"},
		{"老良站那里有人打架", "双联新村村", "老粮站"},
		{"老良站门口有人打架", "双联新村村", "老良站门口"},
		{"罗山村老樟树倒了", "罗山村", ""},
		{"有人打架，快来", "", ""},
	}
	for _, c := range cases {
		rep := d.Propose(c.text, "110")
		place := ""
		if rep.Fields.Place != nil {
			place = rep.Fields.Place.Text
		}
		if rep.Fields.Village != c.village || !strings.HasPrefix(place, c.place) {
			t.Errorf("%s: village %q, place %q", c.text, rep.Fields.Village, place)
		}
	}
	rep := d.Propose("昨天老良站门口有人打架", "110")
	for _, p := range rep.Proposals {
		if p.Field == intake.ProposeVillage && (p.Words != "老良站" || p.Start != 2 || p.End != 5 || p.Score < gazetteer.Sure) {
			t.Errorf("%+v", p)
		}
	}
}

func TestLocate_SaysHowExact(t *testing.T) {
	d := newDesk(t, false)
	withPlaces(t, d)
	own := geo.To(geo.GCJ02, geo.Point{Lat: 29.14, Lng: 119.13})
	cases := []struct {
		name    string
		village string
		place   *incident.Place
		want    Whereabouts
	}{
		{"its own point", "双联新村", &incident.Place{Text: "老粮站", Lng: own.Lng, Lat: own.Lat, CoordSys: "GCJ-02"}, Whereabouts{Exact: true, Point: geo.Point{Lat: 29.14, Lng: 119.13}}},
		{"a known place", "双联新村村", &incident.Place{Text: "粮库后面"}, Whereabouts{Point: geo.Point{Lat: 29.131, Lng: 119.121}, Uncertainty: 113, Place: "老粮站"}},
		{"only the village", "双联新村", &incident.Place{Text: "一户人家"}, Whereabouts{Point: geo.Point{Lat: 29.13, Lng: 119.12}, Uncertainty: 900, Place: "双联新村村"}},
		{"a village that nobody placed", "罗山村", nil, Whereabouts{}},
	}
	for _, c := range cases {
		got := d.Locate(c.village, c.place)
		if got.Exact != c.want.Exact || got.Place != c.want.Place || int(got.Uncertainty) != int(c.want.Uncertainty) || geo.Distance(got.Point, c.want.Point) > 1 {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestLearnPlace_CorrectionIsKnownFromThenOn(t *testing.T) {
	d := newDesk(t, false)
	withPlaces(t, d)
	grain := geo.Place{Name: "老粮站", Village: "双联新村村", Kind: geo.KindLandmark}
	if hits := d.FindPlaces("大水缸那里漏水"); len(hits) > 0 {
		t.Fatalf("known before: %+v", hits[0])
	}
	if err := d.LearnPlace(t.Context(), "op1", "大水缸", grain); err != nil {
		t.Fatal(err)
	}
	d.again(t)
	if hits := d.FindPlaces("大水缸那里漏水"); len(hits) == 0 || hits[0].Place.Name != "老粮站" || hits[0].Why != gazetteer.ByAlias {
		t.Fatalf("after the correction: %+v", hits)
	}
	// Somebody else knows better: the words go over.
	if err := d.LearnPlace(t.Context(), "op1", "大水缸", geo.Place{Name: "三组", Village: "双联新村村", Kind: geo.KindGroup}); err != nil {
		t.Fatal(err)
	}
	if hits := d.FindPlaces("大水缸那里漏水"); len(hits) != 1 || hits[0].Place.Name != "三组" || !hits[0].Rough {
		t.Fatalf("after the second: %+v", hits)
	}
	refused(t, d.LearnPlace(t.Context(), "op1", "缸", grain), "room.setting")
	refused(t, d.LearnPlace(t.Context(), "op1", "老地方", geo.Place{Name: "罗山村", Kind: geo.KindVillage}), "setting_role")
	if err := d.LearnPlace(t.Context(), "rd", "老地方", geo.Place{Name: "没有"}); err == nil {
		t.Error("an unknown place learns")
	}
}
