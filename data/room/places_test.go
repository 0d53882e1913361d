package room

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"zw110/data/geo"
)

func TestPlaces_ImportIsKeptAndExportComesBack(t *testing.T) {
	d := newDesk(t, false)
	var b strings.Builder
	b.WriteString("name,kind,village,lng,lat,aliases,radius\n罗山,,,119.11,29.15,老罗山,\n")
	for i := range 250 {
		fmt.Fprintf(&b, "%d号杆,pole,罗山村,%.4f,29.1501,,\n", i+1, 119.11+float64(i)/1e4)
	}
	b.WriteString("错,,,29.15,119.11,,\n")
	look := func(name, content string) geo.Preview {
		p, err := d.ReadPlaces(t.Context(), name, strings.NewReader(content), geo.WGS84, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := look("a.csv", b.String())
	if p.Count(geo.New) != 250 || p.Count(geo.Moved) != 1 || p.Count(geo.Ask) != 1 {
		t.Fatalf("%d new, %d moved, %d to ask", p.Count(geo.New), p.Count(geo.Moved), p.Count(geo.Ask))
	}
	_, err := d.TakePlaces(t.Context(), "op1", p, nil)
	refused(t, err, "setting_role")
	if n, err := d.TakePlaces(t.Context(), "rd", p, nil); err != nil || n != 251 {
		t.Fatalf("%d taken, %v", n, err)
	}
	if err := d.PinPlace(t.Context(), "rd", geo.Place{Name: "7号杆", Village: "罗山村", Kind: geo.KindPole}, geo.Point{Lat: 29.16, Lng: 119.12}); err != nil {
		t.Fatal(err)
	}
	before := d.Places()
	d.again(t)
	if after := d.Places(); !reflect.DeepEqual(before, after) || len(after) != 276 || after[26+6].Point.Lat != 29.16 {
		t.Fatalf("opened again: %d places, the pinned one %+v", len(after), after[26+6])
	}
	var out bytes.Buffer
	if err := d.ExportPlaces(&out); err != nil {
		t.Fatal(err)
	}
	if p := look("b.geojson", out.String()); p.Count(geo.Same) != len(before) {
		t.Errorf("of %d exported places %d come back the same", len(before), p.Count(geo.Same))
	}
}
