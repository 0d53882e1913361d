package room

import (
	"testing"

	"zw110/data/geo"
	"zw110/data/incident"
)

func TestGround_VillageStandsWhereTheSettingPutsIt(t *testing.T) {
	d := newDesk(t, false)
	if g := d.Ground(); len(g.Outline) == 0 || len(g.Villages) != 26 || g.Villages[0].Fixed {
		t.Fatalf("a new store: outline of %d points, %d villages, the first fixed %v", len(g.Outline), len(g.Villages), g.Villages[0].Fixed)
	}
	if err := d.SetSetting(t.Context(), "rd", "villages/罗山村", []byte(`{"aliases":"罗山","lng":"119.11","lat":"29.11"}`)); err != nil {
		t.Fatal(err)
	}
	v := d.Ground().Villages[0]
	if !v.Fixed || v.Point != (geo.Point{Lat: 29.11, Lng: 119.11}) || !v.Cell.Contains(v.Point) {
		t.Errorf("after the setting: %+v", v)
	}
}

func TestPointOf_ReadsEachSystem(t *testing.T) {
	here := geo.Point{Lat: 29.14, Lng: 119.15}
	for _, s := range append(geo.Systems(), "") {
		p := geo.To(s, here)
		lng, lat := pointOf(incident.Place{Lng: p.Lng, Lat: p.Lat, CoordSys: string(s)})
		if d := geo.Distance(here, geo.Point{Lat: lat, Lng: lng}); d > 0.02 {
			t.Errorf("%q: %.2f m off", s, d)
		}
	}
}
