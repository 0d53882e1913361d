package gazetteer

import (
	"bytes"
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"zw110/data/geo"
)

// practice returns the places of the drill store, invented all of them.
func practice(t testing.TB) []geo.Place {
	t.Helper()
	raw, err := os.ReadFile("../../assets/drill/places.csv")
	if err != nil {
		t.Fatal(err)
	}
	table := func(raw []byte) [][]string {
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))))
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	packed, err := os.ReadFile("../../assets/pack/330825111/villages.csv")
	if err != nil {
		t.Fatal(err)
	}
	aliases := map[string][]string{}
	for _, row := range table(packed)[1:] {
		aliases[row[0]] = strings.Fields(row[1])
	}
	var out []geo.Place
	for _, row := range table(raw)[1:] {
		kind, ok := geo.KindOf(row[1])
		if !ok {
			t.Fatalf("kind %q", row[1])
		}
		p := geo.Place{Name: row[0], Kind: kind, Village: row[2], Aliases: strings.Fields(row[5]), Point: geo.Point{Lat: 29.1, Lng: 119.1}}
		if kind == geo.KindVillage {
			p.Aliases = aliases[p.Name]
		}
		out = append(out, p)
	}
	return out
}

func key(p geo.Place) string {
	if p.Village == "" {
		return p.Name
	}
	return p.Village + "/" + p.Name
}

// The rates that spoken descriptions reach, of all and by what is difficult in them; docs tell them too.
func TestFind_SpokenDescriptions(t *testing.T) {
	raw, err := os.ReadFile("testdata/spoken.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	x := New(practice(t))
	type rate struct{ first, three, n int }
	rates := map[string]*rate{}
	for _, row := range rows[1:] {
		hits := x.Find(row[0])
		rank := 0
		for i, h := range hits {
			if key(h.Place) == row[1] {
				rank = i + 1
				break
			}
		}
		for _, how := range []string{"all", row[2]} {
			r := rates[how]
			if r == nil {
				r = &rate{}
				rates[how] = r
			}
			r.n++
			if rank == 1 {
				r.first++
			}
			if rank > 0 && rank <= 3 {
				r.three++
			}
		}
		if rank != 1 {
			t.Logf("%s: want %s, rank %d of %s", row[0], row[1], rank, told(hits))
		}
	}
	for how, r := range rates {
		t.Logf("%s: rank 1 %d of %d, rank 3 %d", how, r.first, r.n, r.three)
	}
	if r := rates["all"]; r.n < 150 || float64(r.first) < 0.9*float64(r.n) || float64(r.three) < 0.95*float64(r.n) {
		t.Errorf("rank 1: %d, rank 3: %d of %d", r.first, r.three, r.n)
	}
}

func told(hits []Hit) string {
	var b strings.Builder
	for _, h := range hits[:min(4, len(hits))] {
		b.WriteString(key(h.Place) + " " + string(h.Why) + " ")
	}
	return b.String()
}

func TestFind_TextsWithoutAPlace(t *testing.T) {
	raw, err := os.ReadFile("testdata/nowhere.txt")
	if err != nil {
		t.Fatal(err)
	}
	x := New(practice(t))
	n, wrong := 0, 0
	for text := range strings.Lines(string(raw)) {
		n++
		if hits := x.Find(strings.TrimSpace(text)); len(hits) > 0 && hits[0].Score >= Sure {
			wrong++
			t.Logf("%s: %s %.2f", strings.TrimSpace(text), told(hits), hits[0].Score)
		}
	}
	if n < 30 || wrong > 1 {
		t.Errorf("in %d of %d texts a place is found", wrong, n)
	}
}

func TestFind_SaysWhereAndHowSure(t *testing.T) {
	at := geo.Point{Lat: 29.14, Lng: 119.15}
	x := New([]geo.Place{
		{Name: "罗山村", Aliases: []string{"罗山"}, Kind: geo.KindVillage, Point: at},
		{Name: "柯泉村", Aliases: []string{"柯泉"}, Kind: geo.KindVillage},
		{Name: "三组", Kind: geo.KindGroup, Village: "罗山村"},
		{Name: "三组", Kind: geo.KindGroup, Village: "柯泉村", Point: geo.Point{Lat: 29.1, Lng: 119.1}},
		{Name: "老粮站", Aliases: []string{"粮管所"}, Kind: geo.KindLandmark, Village: "罗山村", Point: at, Radius: 50},
	})
	cases := []struct {
		text, place string
		why         Why
		span        string
		sure, rough bool
		metres      float64
	}{
		{"昨晚老粮站门口有人打架", "罗山村/老粮站", ByName, "老粮站", true, false, 58},
		{"粮管所附近", "罗山村/老粮站", ByAlias, "粮管所", true, false, 304},
		{"老良站往东200米", "罗山村/老粮站", BySound, "老良站", true, false, 206},
		{"老娘站着火", "罗山村/老粮站", ByDialect, "老娘站", true, false, 50},
		{"罗山第３组", "罗山村/三组", ByName, "第３组", true, true, 900},
		{"柯泉三组", "柯泉村/三组", ByName, "三组", true, false, 250},
		{"三组停电", "柯泉村/三组", ByName, "三组", false, false, 250},
		{"往罗山方向的路上，柯泉村口", "柯泉村", ByName, "柯泉村", true, false, 900},
		{"没有地方", "", "", "", false, false, 0},
	}
	for _, c := range cases {
		hits := x.Find(c.text)
		if c.place == "" {
			if len(hits) > 0 {
				t.Errorf("%s: %+v", c.text, hits[0])
			}
			continue
		}
		if len(hits) == 0 {
			t.Errorf("%s: nothing found", c.text)
			continue
		}
		h := hits[0]
		span := string([]rune(c.text)[h.Start:h.End])
		if key(h.Place) != c.place || h.Why != c.why || span != c.span || h.Score >= Sure != c.sure || h.Rough != c.rough || int(h.Uncertainty) != int(c.metres) {
			t.Errorf("%s: %s %s %q score %.2f rough %v, %.0f m", c.text, key(h.Place), h.Why, span, h.Score, h.Rough, h.Uncertainty)
		}
	}
}

func TestSearch_WordsInitialsPinyinAndSound(t *testing.T) {
	x := New(practice(t))
	for query, want := range map[string]string{
		"slxc": "双联新村村", "lgxs": "塔石村/老供销社", "laogongxiaoshe": "塔石村/老供销社", "供销": "塔石村/老供销社", "粮管": "罗山村/老粮站", "老工销社": "塔石村/老供销社",
		"罗山村三组": "罗山村/三组", "牛角弯": "山底陈村/牛角湾",
	} {
		if hits := x.Search(query, 3); len(hits) == 0 || key(hits[0].Place) != want {
			t.Errorf("%s: %s, want %s", query, told(hits), want)
		}
	}
	if hits := x.Search("  ", 3); hits != nil {
		t.Errorf("blanks: %s", told(hits))
	}
	if hits := x.Search("c", 3); len(hits) != 3 {
		t.Errorf("%d hits, want 3", len(hits))
	}
}

func TestFoldSound_Confusions(t *testing.T) {
	for _, pair := range [][2]string{{"niu", "liu"}, {"lan", "nan"}, {"hu", "fu"}, {"huang", "fang"}, {"hua", "fa"}, {"hui", "fei"}, {"shi", "si"}, {"zhang", "zan"}, {"ling", "lin"}, {"heng", "hen"}, {"cheng", "cen"}, {"ang", "an"}} {
		if a, b := foldSound(pair[0]), foldSound(pair[1]); a != b {
			t.Errorf("%s is %s, %s is %s", pair[0], a, pair[1], b)
		}
	}
	for _, pair := range [][2]string{{"ma", "ba"}, {"shan", "tan"}, {"he", "fe"}, {"li", "di"}} {
		if a, b := foldSound(pair[0]), foldSound(pair[1]); a == b {
			t.Errorf("%s and %s are both %s", pair[0], pair[1], a)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	x := New(practice(b))
	text := strings.Repeat("昨天下午罗山村三组后面的老良站旁边有人倒垃圾，", 3)
	b.ReportAllocs()
	for b.Loop() {
		x.Find(text)
	}
}
