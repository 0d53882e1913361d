package intake_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"zw110/data/incident"
	"zw110/data/intake"
)

// inboxFiles are the sample files in the order in which they arrive.
var inboxFiles = [...]string{
	"12345-20260803.xlsx", "12345-20260817.xlsx", "110-diversion.json", "110-phone-notes.txt", "spt-events.json", "wg-reports.xlsx",
	"yjld-orders.txt", "sj-bluevest.jsonl", "lyt-mailbox.csv",
}

// inbox is the sample inbox as read, with its labels.
type inbox struct {
	reports map[string]intake.Report // by file#row
	bad     map[string]intake.BadRow
	order   []string // file#row of the reports as they came
	labels  []map[string]string
}

func labelKey(l map[string]string) string { return l["file"] + "#" + l["row"] }

func readInbox(t testing.TB, r *intake.Reader, ch func(file string) incident.Channel) inbox {
	t.Helper()
	raw, err := os.ReadFile("../room/testdata/labels.csv")
	if err != nil {
		t.Fatal(err)
	}
	in := inbox{reports: map[string]intake.Report{}, bad: map[string]intake.BadRow{}, labels: csvMaps(t, raw)}
	for _, file := range inboxFiles {
		content, err := os.ReadFile(filepath.Join("../../assets/drill/inbox", file))
		if err != nil {
			t.Fatal(err)
		}
		reports, bad, err := r.Read(context.Background(), file, content, ch(file), stampOf(t, "2026-08-31T18:00:00+08:00"), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, rep := range reports {
			key := fmt.Sprintf("%s#%d", file, rep.Row)
			if _, twice := in.reports[key]; twice {
				t.Errorf("%s was read twice", key)
			}
			in.reports[key] = rep
			in.order = append(in.order, key)
		}
		for _, b := range bad {
			in.bad[fmt.Sprintf("%s#%d", file, b.Row)] = b
		}
	}
	return in
}

func detected(string) incident.Channel { return "" }

func rate(t *testing.T, what string, good, all int, least float64) {
	t.Helper()
	share := float64(good) / float64(all)
	t.Logf("%-40s %4d of %4d = %6.2f %%  (at least %.0f %%)", what, good, all, 100*share, 100*least)
	if share < least {
		t.Errorf("%s: %d of %d is below %.0f %%", what, good, all, 100*least)
	}
}

// TestSampleInbox_RowsAreWhatTheLabelsSay compares kind and number of every row.
func TestSampleInbox_RowsAreWhatTheLabelsSay(t *testing.T) {
	in := readInbox(t, shippedReader(t), detected)
	seen := map[string]bool{}
	for _, key := range in.order {
		rep := in.reports[key]
		no := string(rep.Fields.Channel) + " " + rep.Fields.SourceNo
		kind := "new"
		if seen[no] {
			kind = "exact_duplicate"
		}
		seen[no] = true
		for _, l := range in.labels {
			if labelKey(l) == key && (l["expect"] != kind || l["source_no"] != rep.Fields.SourceNo) {
				t.Errorf("%s: %s %s, want %s %s", key, kind, rep.Fields.SourceNo, l["expect"], l["source_no"])
			}
		}
	}
	for _, l := range in.labels {
		reason, isBad := strings.CutPrefix(l["expect"], "bad_row:")
		if _, ok := in.reports[labelKey(l)]; ok == isBad {
			t.Errorf("%s: taken %v, want %s", labelKey(l), ok, l["expect"])
		}
		if isBad && in.bad[labelKey(l)].Reason != reason {
			t.Errorf("%s: bad row %q, want %q", labelKey(l), in.bad[labelKey(l)].Reason, reason)
		}
	}
	if got, want := len(in.reports)+len(in.bad), len(in.labels); got != want {
		t.Errorf("%d rows read, want %d", got, want)
	}
}

// TestSampleInbox measures what is read from the sample inbox, with what the channels say and from the text alone.
func TestSampleInbox(t *testing.T) {
	r := shippedReader(t)
	in := readInbox(t, r, detected)
	leads := map[string]incident.UnitID{}
	for _, c := range shippedTown(t).Categories {
		leads[c.Code] = c.Lead
	}
	var all, category, village, urgency, lead, textCat, textVil, textHas, blank, blankCat, quoted, quotedGood int
	for _, l := range in.labels {
		rep, ok := in.reports[labelKey(l)]
		if !ok {
			continue
		}
		all++
		f := rep.Fields
		count := func(n *int, good bool, what, got, want string) {
			if good {
				*n++
			} else {
				t.Logf("  %s %s: %q, label %q | %s | %s", labelKey(l), what, got, want, f.Title, f.Content)
			}
		}
		count(&category, f.Category == l["category"], "category", f.Category, l["category"])
		count(&village, f.Village == l["village"], "village", f.Village, l["village"])
		count(&urgency, string(f.Urgency) == l["urgency"], "urgency", string(f.Urgency), l["urgency"])
		count(&lead, leadOf(rep, leads) == l["lead"], "lead", leadOf(rep, leads), l["lead"])
		own := r.Propose(f.Title+"。"+f.Content, f.Channel)
		count(&textCat, own.Fields.Category == l["category"], "category by text", own.Fields.Category, l["category"])
		if strings.Contains(f.Title+f.Content, strings.TrimSuffix(l["village"], "村")) {
			textHas++
			count(&textVil, own.Fields.Village == l["village"], "village by text", own.Fields.Village, l["village"])
		}
		if p := proposal(rep, intake.ProposeCategory); p.Score < 1 {
			blank++
			if f.Category == l["category"] {
				blankCat++
			}
		}
		if l["cross_quoted_no"] != "" {
			quoted++
			if strings.Contains(strings.Join(rep.QuotedNos, " "), l["cross_quoted_no"]) {
				quotedGood++
			}
		}
	}
	rate(t, "category", category, all, 0.95)
	rate(t, "category where the channel names none", blankCat, blank, 0.85)
	rate(t, "category by title and text alone", textCat, all, 0.85)
	rate(t, "village", village, all, 0.99)
	rate(t, "village by text alone, where named", textVil, textHas, 0.95)
	rate(t, "urgency", urgency, all, 0.95)
	rate(t, "lead", lead, all, 0.95)
	rate(t, "quoted numbers", quotedGood, quoted, 1)
}

func leadOf(rep intake.Report, leads map[string]incident.UnitID) string {
	if p := proposal(rep, intake.ProposeLead); p.Value != "" {
		return p.Value
	}
	return string(leads[rep.Fields.Category])
}

func proposal(rep intake.Report, field string) intake.Proposal {
	for _, p := range rep.Proposals {
		if p.Field == field {
			return p
		}
	}
	return intake.Proposal{}
}

// TestSampleInbox_Shields wants every report about somebody under age, or in need of protection, to be proposed as such; one too many
// costs a look, one too few a name.
func TestSampleInbox_Shields(t *testing.T) {
	in := readInbox(t, shippedReader(t), detected)
	all, found, more := 0, 0, 0
	for _, l := range in.labels {
		rep, ok := in.reports[labelKey(l)]
		if !ok {
			continue
		}
		for _, field := range []string{intake.ProposeMinor, intake.ProposeProtect} {
			p := proposal(rep, field)
			switch labelled := strings.Contains(l["flags"], field); {
			case labelled && p.Words != "":
				all++
				found++
			case labelled:
				all++
				t.Errorf("%s: no %s: %s", labelKey(l), field, rep.Fields.Content)
			case p.Words != "":
				more++
				t.Logf("  %s: %s by %s too", labelKey(l), field, p.Words)
			}
			if p.Start >= 0 && string([]rune(rep.Fields.Content)[p.Start:p.End]) != p.Words {
				t.Errorf("%s: %q isn't at %d", labelKey(l), p.Words, p.Start)
			}
		}
	}
	t.Logf("people to protect: %d of %d labelled found, %d more proposed", found, all, more)
	if more > 25 {
		t.Errorf("%d proposed that nobody labelled", more)
	}
}

func TestShields_WordsAgesAndDenials(t *testing.T) {
	r := shippedReader(t)
	for text, want := range map[string]string{
		"罗山村一个12岁的被锁在家里":    "minor 12岁",
		"后舒村十七岁的学徒手指断了":     "minor 十七岁",
		"罗山村82岁的汪老太叫不应":     "",
		"十八岁的小伙子在村口闹事":      "",
		"家里有个两个月大的，停水没法冲奶粉": "minor 两个月大",
		"车上没有小孩，只有司机一人":     "",
		"她说丈夫家暴，要求报警":       "protect 家暴",
		"在册患者停药，拿石头砸邻居家小孩":  "minor 小孩 protect 在册患者",
	} {
		got := ""
		rep := r.Propose(text, incident.ChannelPhone)
		for _, p := range rep.Proposals {
			if p.Field == intake.ProposeMinor || p.Field == intake.ProposeProtect {
				got = strings.TrimSpace(got + " " + p.Field + " " + p.Words)
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
		if rep.Fields.Reporter != nil && rep.Fields.Reporter.Protected {
			t.Errorf("%s: shielded without a person", text)
		}
	}
}

// TestSampleInbox_RiskWords wants every labelled word to ring and no other.
func TestSampleInbox_RiskWords(t *testing.T) {
	in := readInbox(t, shippedReader(t), detected)
	rings, traps, denied := 0, 0, 0
	for _, l := range in.labels {
		rep, ok := in.reports[labelKey(l)]
		if !ok {
			continue
		}
		got, want := append([]string(nil), rep.Fields.RiskWords...), strings.Fields(l["risk_words"])
		sort.Strings(got)
		sort.Strings(want)
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %v ring, want %v: %s", labelKey(l), got, want, rep.Fields.Content)
		}
		rings += len(want)
		traps += len(strings.Fields(l["risk_traps"]))
		if proposal(rep, intake.ProposeDenied).Value != "" {
			denied++
		}
	}
	t.Logf("risk words: %d ring, none of %d traps does, %d denials shown", rings, traps, denied)
}

// TestSampleInbox_PersonalData compares the spans of personal data in free text with the labels.
func TestSampleInbox_PersonalData(t *testing.T) {
	in := readInbox(t, shippedReader(t), detected)
	spans := 0
	for _, l := range in.labels {
		rep, ok := in.reports[labelKey(l)]
		if !ok {
			continue
		}
		var want []intake.Span
		if l["pii"] != "" {
			if err := json.Unmarshal([]byte(l["pii"]), &want); err != nil {
				t.Fatal(err)
			}
		}
		spans += len(want)
		if fmt.Sprint(rep.Personal) != fmt.Sprint(want) && len(rep.Personal)+len(want) > 0 {
			t.Errorf("%s: %v, want %v", labelKey(l), rep.Personal, want)
		}
	}
	t.Logf("personal data: %d spans", spans)
}

// TestSampleInbox_Duplicates scores every pair of the inbox: at least 85 % of the labelled pairs reach the asking score, no near miss
// does, and of all other pairs at most one in a thousand.
func TestSampleInbox_Duplicates(t *testing.T) {
	r := shippedReader(t)
	in := readInbox(t, r, detected)
	label := map[string]map[string]string{}
	for _, l := range in.labels {
		label[labelKey(l)] = l
	}
	same := map[string]map[string]bool{}
	for _, l := range in.labels {
		for _, o := range strings.Fields(l["duplicate_of"]) {
			if same[labelKey(l)] == nil {
				same[labelKey(l)] = map[string]bool{}
			}
			same[labelKey(l)][o] = true
		}
	}
	var pairs, found, misses, asked, others, false1 int
	lowest, highest := 101, 0
	for i, a := range in.order {
		for _, b := range in.order[:i] {
			if label[a]["expect"] == "exact_duplicate" && label[a]["file"][:3] == "123" || label[b]["expect"] == "exact_duplicate" && label[b]["file"][:3] == "123" {
				continue
			}
			ra, rb := in.reports[a], in.reports[b]
			score, why := r.Score(r.DraftOf(&ra.Fields), r.DraftOf(&rb.Fields))
			switch {
			case same[a][b] || same[b][a]:
				pairs++
				if score >= intake.AskScore {
					found++
				}
				lowest = min(lowest, score)
				t.Logf("  same %3d %s %s %v", score, a, b, why)
			case label[a]["near_miss_of"] == b || label[b]["near_miss_of"] == a:
				misses++
				if score >= intake.AskScore {
					asked++
					t.Errorf("near miss %d %s %s %v", score, a, b, why)
				}
				highest = max(highest, score)
				t.Logf("  near %3d %s %s %v", score, a, b, why)
			default:
				others++
				if score >= intake.AskScore {
					false1++
					t.Logf("  other %3d %s %s %v", score, a, b, why)
				}
				if score >= 55 && score < intake.AskScore {
					t.Logf("  othr- %3d %s %s %v", score, a, b, why)
				}
			}
		}
	}
	t.Logf("same matter: %d pairs, lowest %d; near misses: %d, highest %d; other pairs: %d, asked %d", pairs, lowest, misses, highest, others, false1)
	rate(t, "same matter found", found, pairs, 0.85)
	if false1*1000 > others {
		t.Errorf("%d of %d other pairs are asked", false1, others)
	}
}
