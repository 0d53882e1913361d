package assets

import (
	"testing"

	"golang.org/x/image/font/sfnt"
)

// fontRunes returns a question to a font: has it a glyph for this character?
func fontRunes(t *testing.T, raw []byte) func(rune) bool {
	t.Helper()
	f, err := sfnt.Parse(raw)
	if err != nil {
		t.Fatalf("read font: %v", err)
	}
	var buf sfnt.Buffer
	return func(r rune) bool {
		i, err := f.GlyphIndex(&buf, r)
		return err == nil && i != 0
	}
}

func TestFonts_HaveRareNamesAndMarks(t *testing.T) {
	for name, raw := range map[string][]byte{"regular": FontRegular, "bold": FontBold} {
		has := fontRunes(t, raw)
		for _, r := range "塔石镇龑淼喆堃翀昇玥镕〔〕【】（）「」《》、。；：？！…—·●▲√■→←↑↓△○①②③％℃㎡Ⅱ０９aZ" {
			if !has(r) {
				t.Errorf("%s font lacks %q", name, r)
			}
		}
	}
}
