package board

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestInitials_GivesEveryReading(t *testing.T) {
	for text, want := range map[string][]string{
		"双联新村": {"slxc"}, "110指挥室": {"110zhs"}, "KTV噪音": {"ktvzy"}, "": {""}, "。、": {""},
	} {
		if got := Initials(text); !slices.Contains(got, want[0]) {
			t.Errorf("Initials(%q) = %v, want %v among them", text, got, want[0])
		}
	}
	both := Initials("重庆")
	if !slices.Contains(both, "zq") || !slices.Contains(both, "cq") {
		t.Errorf("Initials(重庆) = %v", both)
	}
	if n := len(Initials(strings.Repeat("重长行", 30))); n > maxInitials {
		t.Errorf("%d spellings", n)
	}
}

func TestMatch_FindsCharactersInitialsAndPinyin(t *testing.T) {
	for _, c := range []struct {
		query, text string
		want        [][2]int
	}{
		{"slxc", "双联新村村", [][2]int{{0, 4}}},
		{"lx", "双联新村村", [][2]int{{1, 3}}},
		{"shuanglian", "双联新村村", [][2]int{{0, 2}}},
		{"shuangl", "双联新村村", [][2]int{{0, 2}}},
		{"shuanlian", "双联新村村", nil},
		{"shlian", "双联新村村", [][2]int{{0, 2}}},
		{"新村", "双联新村村", [][2]int{{2, 4}}},
		{"ktv", "夜间ＫＴＶ噪音", [][2]int{{2, 5}}},
		{"村 双", "双联新村村", [][2]int{{3, 4}, {0, 1}}},
		{"nvzi", "女子", [][2]int{{0, 2}}},
		{"𠮷", "上𠮷村", [][2]int{{1, 2}}},
		{"村", "𠮷村", [][2]int{{1, 2}}},
		{"zzz", "双联新村村", nil},
	} {
		got, ok := Match(c.query, c.text)
		if ok != (c.want != nil) || ok && !reflect.DeepEqual(got, c.want) {
			t.Errorf("Match(%q, %q) = %v %v, want %v", c.query, c.text, got, ok, c.want)
		}
	}
	if spans, ok := Match(" ", "双联"); !ok || spans != nil {
		t.Errorf("an empty query gives %v %v", spans, ok)
	}
}

// TestMatch_HardWordEnds types what can be read in very many ways.
func TestMatch_HardWordEnds(t *testing.T) {
	if _, ok := Match(strings.Repeat("zh", 15)+"x", strings.Repeat("着", 40)); ok {
		t.Error("matched")
	}
	b := newTestBoard()
	b.Apply(newTown(3).years(300, 10), genNow)
	for b.indexSome() {
	}
	for _, word := range []string{strings.Repeat("zhang", 6), strings.Repeat("a", 40), strings.Repeat("xian", 9)} {
		if hits := b.Search(word, 5); len(hits) > 0 {
			t.Errorf("%q: %d hits", word, len(hits))
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, s := range [][2]string{{"slxc", "双联新村"}, {"Ａ b", "ab𠮷"}, {"\x00", "\xff\x00"}, {"0570-011", "电话0570-0112345"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, query, text string) {
		spans, _ := Match(query, text)
		n := len([]rune(text))
		for _, s := range spans {
			if s[0] < 0 || s[1] < s[0] || s[1] > n {
				t.Fatalf("span %v of %d runes", s, n)
			}
		}
	})
}
