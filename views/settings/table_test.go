package settings

import (
	"io/fs"
	"reflect"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"pgregory.net/rapid"

	"zw110/assets"
	"zw110/views/kit"
)

func TestReadTable_TakesEveryTableOfTheTownPack(t *testing.T) {
	pack, err := assets.Pack("330825111")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range Tables() {
		raw, err := readFile(pack, kind+".csv")
		if err != nil {
			t.Fatal(err)
		}
		table, err := ReadTable(kind, raw)
		if err != nil || len(table.Rows) == 0 {
			t.Fatalf("%s: %d rows, %v", kind, len(table.Rows), err)
		}
		for _, r := range table.Rows {
			if r.Key == "" {
				t.Errorf("%s: a row without key: %v", kind, r.Cells)
			}
		}
	}
}

func TestReadTable_NewestVersionHoldsAndEndedRowsAreGone(t *testing.T) {
	table, err := ReadTable("units", []byte("short,full,from,gone\n甲,旧,,\n甲,新,2026-08-01,\n乙,乙办,,\n乙,,2026-09-01,yes\n"))
	if err != nil || len(table.Rows) != 1 || table.Rows[0].Cells["full"] != "新" || len(table.Columns) != 2 {
		t.Errorf("got %+v, %v", table, err)
	}
}

func TestTable_FindByPinyinInitialsAndValueWithOwnColumnsOnly(t *testing.T) {
	table, err := ReadTable("units", []byte("\ufeffshort,full\n农业农村办,塔石镇农业农村办公室\n派出所,塔石派出所\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := table.Find("nyncb"); len(got) != 1 || got[0].Key != "农业农村办" {
		t.Errorf("nyncb found %v", got)
	}
	raw, err := table.Value(map[string]string{"short": "派出所", "colour": "red"})
	if err != nil || string(raw) != `{"short":"派出所"}` {
		t.Errorf("got %s, %v", raw, err)
	}
}

func TestSetTownValue_ChangesOneLineAndKeepsTheRest(t *testing.T) {
	file := "# town\ntown = \"塔石镇\"\n\n[office]\nhours = \"8:30-12:00\" # winter\n\n# titles\n[titles]\ndaily = \"日清\"\n"
	for _, c := range []struct{ key, text, want string }{
		{"titles.daily", "每日清单", strings.Replace(file, "daily = \"日清\"", "daily = \"每日清单\"", 1)},
		{"office.summer", "8:30-11:30", strings.Replace(file, "# winter\n", "# winter\nsummer = \"8:30-11:30\"\n", 1)},
		{"titles.daily", "", strings.Replace(file, "daily = \"日清\"\n", "", 1)},
		{"seal.text", "印章", file + "\n[seal]\ntext = \"印章\"\n"},
		{"office.none", "", file},
	} {
		got := SetTownValue(file, c.key, c.text)
		if got != c.want {
			t.Errorf("%s = %q:\n%s\nwant\n%s", c.key, c.text, got, c.want)
		}
	}
}

func TestSetTownValue_AnyTextReadsBackAndTheFileStaysToml(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := "town = \"塔石镇\"\n[office]\nhours = \"8:30-12:00\"\n[titles]\ndaily = \"x\"\n"
		want := map[string]string{}
		for range rapid.IntRange(1, 12).Draw(t, "n") {
			key := rapid.SampledFrom(TownKeys()).Draw(t, "key")
			text := rapid.StringMatching(`[ -~\p{Han}"\\#\[\]=]{0,12}`).Draw(t, "text")
			file, want[key] = SetTownValue(file, key, text), text
		}
		for key, text := range want {
			if got := TownValue(file, key); got != text {
				t.Fatalf("%s: got %q, want %q in\n%s", key, got, text, file)
			}
		}
		var any map[string]any
		if _, err := toml.Decode(file, &any); err != nil {
			t.Fatalf("%v in\n%s", err, file)
		}
		if !reflect.DeepEqual(any["town"], "塔石镇") {
			t.Fatalf("the town changed: %v", any["town"])
		}
	})
}

func readFile(pack fs.FS, name string) ([]byte, error) { return fs.ReadFile(pack, name) }

// Whoever edits a row reads words and chooses among them; what is stored are the codes of the pack.
func TestTableForm_ChoosesCodesByTheirWords(t *testing.T) {
	words, err := kit.NewText("zh-Hans")
	if err != nil {
		t.Fatal(err)
	}
	for column, want := range map[string]string{
		"urgency": "特急 紧急 一般 缓办", "list": "日 联 督", "kind": "镇 站所 县 村", "counts": "是 否", "photo": "是 否", "off": "是 否", "role": "坐席员 值班长 室主任 带班领导 单位联络员 网格员 县中心 系统",
	} {
		var got []string
		for _, code := range codesOf(column) {
			got = append(got, codeWord(words, column, code))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s reads %q, want %q", column, got, want)
		}
	}
	pane := &tablePane{p: Params{Env: &kit.Env{Text: words}}}
	chosen := ""
	field := pane.choice("urgency", codesOf("urgency"), "whatever", func(v string) { chosen = v })
	if got := field.Chosen(); len(got) != 1 || got[0] != "whatever" {
		t.Errorf("a value that is no code reads %q", got)
	}
	if field.OnPicked([]string{"urgent"}); chosen != "urgent" {
		t.Errorf("chosen %q", chosen)
	}
	if got := valueWord(words, "measure", "on_time"); got != "按期办结率" {
		t.Errorf("a measure reads %q", got)
	}
}
