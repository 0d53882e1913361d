package paper

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestMap_HasPictureLegendScaleAndDate(t *testing.T) {
	m := &Map{
		Words: words, Town: "塔石镇综合信息指挥室", Picture: []byte("\x89PNG"), Signs: []Sign{{SVG: "<svg id=\"s1\"></svg>", Text: "特急"}}, Shades: []Sign{{Color: "#f2d2ab", Text: "3–5"}},
		HeatTitle: "近 7 日每村事项数", Scale: "1 公里", ScalePart: 0.125, Counted: "图内 32 件", Note: "示意图，<村界>非测绘", Now: at(14, 8), By: "席 op1",
	}
	b, err := m.Sheet()
	if err != nil {
		t.Fatal(err)
	}
	html := string(b)
	for _, want := range []string{
		"data:image/png;base64," + base64.StdEncoding.EncodeToString(m.Picture), `<svg id="s1"></svg>特急`, "background:#f2d2ab", "近 7 日每村事项数", "1 公里", "width:12.50%", "图内 32 件",
		"示意图，&lt;村界&gt;非测绘", "2026-08-18 14:08", "席 op1", "A4 landscape",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q:\n%.600s", want, html)
		}
	}
	m.Shades = nil
	if b, err = m.Sheet(); err != nil || strings.Contains(string(b), m.HeatTitle) {
		t.Errorf("without heat the page still explains it, or fails: %v", err)
	}
}
