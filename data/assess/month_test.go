package assess_test

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"testing"

	"zw110/data/assess"
	"zw110/data/assess/assesstest"
	"zw110/data/incident"
)

// TestAssess_TheDrillMonths compares every figure of July and August with what another program computed from the same acts.
func TestAssess_TheDrillMonths(t *testing.T) {
	for _, c := range []struct {
		month    string
		from, to incident.Day
	}{{"2026-07", "2026-07-01", "2026-07-31"}, {"2026-08", "2026-08-01", "2026-08-31"}} {
		t.Run(c.month, func(t *testing.T) {
			d := assesstest.Month(t, "acts-"+c.month+".jsonl")
			r, err := assess.Make(assess.Params{From: c.from, To: c.to, Rules: d.Rules}, slices.Collect(d.All()))
			if err != nil {
				t.Fatal(err)
			}
			raw, err := r.JSON(assess.ByUnit, assess.ByChannel, assess.ByVillage)
			if err != nil {
				t.Fatal(err)
			}
			var got, want map[string]any
			file, err := os.ReadFile("testdata/expected-" + c.month + ".json")
			if err != nil {
				t.Fatal(err)
			}
			for into, from := range map[*map[string]any][]byte{&got: raw, &want: file} {
				if err := json.Unmarshal(from, into); err != nil {
					t.Fatal(err)
				}
			}
			if len(want) < 10 {
				t.Fatal("the expected figures are not whole")
			}
			differ(t, "", got, want)
			for _, by := range []string{"by_unit", "by_channel", "by_village"} {
				if g, w := len(got[by].(map[string]any)), len(want[by].(map[string]any)); g != w {
					t.Errorf("%s: %d rows, want %d", by, g, w)
				}
			}
		})
	}
}

// differ names every value in want that got has not.
func differ(t *testing.T, at string, got, want any) {
	t.Helper()
	w, ok := want.(map[string]any)
	g, ok2 := got.(map[string]any)
	if !ok || !ok2 {
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", at, got, want)
		}
		return
	}
	for k := range w {
		differ(t, at+"/"+k, g[k], w[k])
	}
}
