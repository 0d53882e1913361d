package menu

import (
	"reflect"
	"testing"
)

func source() Source {
	name := func(g Group, n string) Entry { return Entry{Group: g, Name: n}.Named(string(g) + n) }
	return Source{
		Fixed: []Entry{
			name(Actions, "派单"), name(Actions, "判定重复"), name(Actions, "派给上次同一组"), name(Actions, "挂起"),
			name(Go, "待派视图"), name(Go, "清单"), name(Units, "派出所"), name(Settings, "派单模板与时限"),
		},
		Search: func(words string, limit int) []Entry {
			return []Entry{{Group: Incidents, Name: "夜市排档油烟扰民"}, {Group: Incidents, Name: "配电箱门敞开"}}[:min(2, limit)]
		},
	}
}

func names(list []Entry) []string {
	var out []string
	for _, e := range list {
		out = append(out, e.Name)
	}
	return out
}

func TestFind_MatchesInitialsInGroupOrderAndKeepsRoomForEachGroup(t *testing.T) {
	got := names(source().Find("pd", nil))
	want := []string{"派单", "判定重复", "夜市排档油烟扰民", "配电箱门敞开", "派单模板与时限"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFind_PrefixKeepsOneGroup(t *testing.T) {
	for query, want := range map[string][]string{
		">派": {"派单", "派给上次同一组"}, "@pcs": {"派出所"}, "＠派": {"派出所"},
		"#排档": {"夜市排档油烟扰民", "配电箱门敞开"}, "#": nil,
	} {
		if got := names(source().Find(query, nil)); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %v, want %v", query, got, want)
		}
	}
}

func TestFind_RecentChoicesComeFirstBeforeAnythingIsTyped(t *testing.T) {
	recent := Remember(Remember(nil, "actions挂起"), "settings派单模板与时限")
	got := names(source().Find(" ", recent))
	if got[0] != "派单模板与时限" || got[1] != "挂起" {
		t.Errorf("got %v, want the two recent choices first", got)
	}
}

func TestRemember_KeepsEachChoiceOnceAndTwentyAtMost(t *testing.T) {
	var recent []string
	for i := range 40 {
		recent = Remember(recent, string(rune('a'+i%25)))
	}
	if len(recent) != 20 || recent[0] != string(rune('a'+39%25)) {
		t.Errorf("got %v", recent)
	}
	if got := Remember(recent, ""); len(got) != 20 {
		t.Errorf("an incident left a trace: %v", got)
	}
}

func TestParts_CutTheNameAtItsMatches(t *testing.T) {
	for _, c := range []struct {
		spans [][2]int
		want  []part
	}{
		{nil, []part{{"待派视图", false}}},
		{[][2]int{{1, 2}}, []part{{"待", false}, {"派", true}, {"视图", false}}},
		{[][2]int{{0, 2}, {1, 3}}, []part{{"待派", true}, {"视", true}, {"图", false}}},
		{[][2]int{{3, 9}}, []part{{"待派视", false}, {"图", true}}},
	} {
		if got := parts(Entry{Name: "待派视图", Spans: c.spans}); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: got %v, want %v", c.spans, got, c.want)
		}
	}
}
