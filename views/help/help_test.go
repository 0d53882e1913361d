package help

import (
	"strings"
	"testing"

	"zw110/views/kit"
)

func text(t *testing.T, lang string) *kit.Text {
	t.Helper()
	out, err := kit.NewText(lang)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRules_EveryTopicHasANameAndARuleInBothLanguages(t *testing.T) {
	for _, lang := range []string{"zh-Hans", "en"} {
		rules := Rules(text(t, lang), "")
		if len(rules) != len(Topics()) {
			t.Fatalf("%s: %d rules, want %d", lang, len(rules), len(Topics()))
		}
		for _, r := range rules {
			if r.Name == "" || strings.HasPrefix(r.Name, "verb.") || strings.HasPrefix(r.Text, "help.") {
				t.Errorf("%s: %+v has no words", lang, r)
			}
		}
	}
}

func TestRules_FoundByPinyinInitials(t *testing.T) {
	found := Rules(text(t, "zh-Hans"), "qzja")
	if len(found) == 0 || !strings.Contains(found[0].Text, "强制结案") {
		t.Errorf("qzja found %v, want the rule of forced closing", found)
	}
}

func TestKeyLines_OnlyWhatWorksOnThePage(t *testing.T) {
	env := &kit.Env{Text: text(t, "zh-Hans"), Keys: kit.NewKeymap()}
	lines := KeyLines(env, []kit.Scope{kit.InQueue}, func(c kit.Command) bool { return c != kit.CmdPrint })
	var all strings.Builder
	for _, l := range lines {
		all.WriteString(l.Keys + "=" + l.Name + "\n")
	}
	if got := all.String(); !strings.Contains(got, "空格=") || !strings.Contains(got, "F4") || strings.Contains(got, "Ctrl P") || strings.Contains(got, "cmd.") {
		t.Errorf("keys of the queue:\n%s", got)
	}
}
