package intake_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zw110/data/incident"
	"zw110/data/intake"
)

const packDir = "../../assets/pack/330825111"

// packRows reads a table of the shipped town pack as maps by column name.
func packRows(t testing.TB, name string) []map[string]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(packDir, name))
	if err != nil {
		t.Fatal(err)
	}
	return csvMaps(t, raw)
}

func csvMaps(t testing.TB, raw []byte) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xEF\xBB\xBF")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, h := range rows[0] {
			m[h] = row[i]
		}
		out = append(out, m)
	}
	return out
}

// shippedTown is the town of the shipped pack.
func shippedTown(t testing.TB) intake.Town {
	t.Helper()
	town := intake.Town{Name: "塔石镇"}
	for _, v := range packRows(t, "villages.csv") {
		town.Villages = append(town.Villages, intake.Village{Name: v["name"], Aliases: strings.Fields(v["aliases"])})
	}
	for _, u := range packRows(t, "units.csv") {
		town.Units = append(town.Units, intake.Unit{ID: incident.UnitID(u["short"]), Aliases: []string{u["full"]}})
	}
	for _, d := range packRows(t, "duty.csv") {
		c := intake.Category{
			Code: d["code"], Major: d["major"], Minor: d["minor"], Lead: incident.UnitID(d["lead"]), Urgency: incident.Urgency(d["urgency"]),
		}
		for _, rule := range strings.Split(d["split"], ";") {
			if words, unit, ok := strings.Cut(strings.TrimSpace(rule), ">"); ok {
				c.Splits = append(c.Splits, intake.Split{Unit: incident.UnitID(unit), Words: strings.Split(words, "|")})
			}
		}
		town.Categories = append(town.Categories, c)
	}
	return town
}

// shippedReader is a reader for the shipped town.
func shippedReader(t testing.TB) *intake.Reader {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(packDir, "keywords.csv"))
	if err != nil {
		t.Fatal(err)
	}
	kw, err := intake.ReadKeywords(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	r, err := intake.NewReader(shippedTown(t), kw)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func stampOf(t testing.TB, rfc3339 string) incident.Stamp {
	t.Helper()
	var s incident.Stamp
	if err := s.UnmarshalJSON([]byte(`"` + rfc3339 + `"`)); err != nil {
		t.Fatal(err)
	}
	return s
}
