package room

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"zw110/data/incident"
)

// batchLine is one line of a batch with what should come of it.
type batchLine struct {
	Expect string `json:"expect"`
	Rule   string `json:"rule"`
	Why    string `json:"why"`
	act    incident.Act
}

func readBatch(t testing.TB, file string) []batchLine {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var lines []batchLine
	scan := bufio.NewScanner(bytes.NewReader(raw))
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		var l batchLine
		if err := json.Unmarshal(scan.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		if l.act, err = incident.ParseAct(scan.Bytes()); err != nil {
			t.Fatalf("%s line %d: %v", file, len(lines)+1, err)
		}
		lines = append(lines, l)
	}
	return lines
}

func acts(lines []batchLine) []incident.Act {
	out := make([]incident.Act, len(lines))
	for i, l := range lines {
		out[i] = l.act
	}
	return out
}

// runMonth does a month of acts, all of which must be accepted, and returns the incidents by ref.
func runMonth(t testing.TB, d *desk, file string) map[string]incident.IncidentID {
	t.Helper()
	lines := readBatch(t, file)
	done, err := d.DoAll(t.Context(), acts(lines), nil)
	if err != nil {
		t.Fatal(err)
	}
	refs := map[string]incident.IncidentID{}
	for i, r := range done {
		if r.Err != nil {
			t.Errorf("%s line %d: %s %s refused: %v", file, i+1, lines[i].act.Do, lines[i].act.Ref, r.Err)
			continue
		}
		if lines[i].act.Do == incident.Register {
			refs[lines[i].act.Ref] = r.Incident
		}
	}
	return refs
}

const months = "../../assets/drill/month/"

func TestMonth_EveryActAcceptedAndEveryIncidentEndsAsExpected(t *testing.T) {
	for _, month := range []string{"2026-07", "2026-08"} {
		t.Run(month, func(t *testing.T) {
			d := newDesk(t, true)
			d.clock.set(moment(t, "2026-09-01T00:00:00+08:00"))
			refs := runMonth(t, d, months+"acts-"+month+".jsonl")
			if month == "2026-08" {
				compareMonth(t, d, refs)
			}
			d.again(t)
			if month == "2026-08" {
				compareMonth(t, d, refs)
			}
			wantClean(t, d)
		})
	}
}

// compareMonth holds every incident against the evaluator's table.
func compareMonth(t *testing.T, d *desk, refs map[string]incident.IncidentID) {
	t.Helper()
	f, err := os.Open("testdata/incidents-2026-08.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows)-1 != len(refs) {
		t.Errorf("%d incidents, want %d", len(refs), len(rows)-1)
	}
	head := rows[0]
	for _, row := range rows[1:] {
		det, err := d.Detail(refs[row[0]], "")
		if err != nil {
			t.Errorf("%s: %v", row[0], err)
			continue
		}
		st := det.State
		due, _ := incident.SettleDue(&st, d.rules.Load())
		got := map[string]string{
			"channel": string(st.Channel), "source_no": st.SourceNo, "village": st.Village, "category": st.Category, "urgency": string(st.Urgency),
			"received": stampText(st.ReceivedAt), "responded": stampText(st.RespondedAt), "lead": string(st.LeadUnit), "co": coText(st),
			"due": stampText(due), "handled": stampText(st.HandledAt), "closed": stampText(st.ClosedAt), "state": string(st.Status),
			"reopens": strconv.Itoa(st.Reopens), "fails": strconv.Itoa(st.Fails), "returns": strconv.Itoa(st.Returns),
			"extensions": strconv.Itoa(len(st.Extensions)), "suspensions": strconv.Itoa(len(st.Suspensions)),
		}
		for i, col := range head {
			if col == "due" && (st.AcceptedAt == 0 || st.Status == incident.WithCounty) {
				continue // the table has no due time before acceptance, and one that does not run with the county
			}
			if col == "due" && st.AbsorbedDue != 0 && due == st.AbsorbedDue {
				continue // the table leaves out that a master takes the earliest due time of what is merged into it
			}
			if g, ok := got[col]; ok && sorted(g) != sorted(row[i]) {
				t.Errorf("%s (%s): %s = %q, want %q", row[0], st.Status, col, g, row[i])
			}
		}
	}
}

func stampText(s incident.Stamp) string {
	if s == 0 {
		return ""
	}
	return s.Time().In(incident.Local).Format("2006-01-02T15:04:05+08:00")
}

// sorted sorts what stands between blanks: the order of co-handlers means nothing.
func sorted(text string) string {
	parts := strings.Fields(text)
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

func coText(st incident.State) string {
	parts := make([]string, len(st.Co))
	for i, u := range st.Co {
		parts[i] = string(u)
	}
	return strings.Join(parts, " ")
}

func wantClean(t testing.TB, d *desk) {
	t.Helper()
	rep, err := d.Verify(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Faults) > 0 || rep.Origins != 1 || rep.Entries == 0 {
		t.Errorf("verify: %d entries, %d origins, faults %v", rep.Entries, rep.Origins, rep.Faults)
	}
}

func TestRefusals_EachRefusedByItsRuleAndTheRestAccepted(t *testing.T) {
	d := newDesk(t, true)
	lines := readBatch(t, "testdata/refusals.jsonl")
	done, err := d.DoAll(t.Context(), acts(lines), nil)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for i, r := range done {
		l := lines[i]
		var ref *incident.Refusal
		switch {
		case l.Expect == "" && r.Err != nil:
			t.Errorf("line %d: %s %s refused: %v", i+1, l.act.Do, l.act.Ref, r.Err)
		case l.Expect == "refused" && r.Err == nil:
			t.Errorf("line %d: %s %s accepted, should be refused by %s: %s", i+1, l.act.Do, l.act.Ref, l.Rule, l.Why)
		case l.Expect == "refused" && !errors.As(r.Err, &ref):
			t.Errorf("line %d: %v is no refusal", i+1, r.Err)
		case l.Expect == "refused":
			refused++
			if ref.Rule != l.Rule {
				t.Errorf("line %d: refused by %s (%s), want %s: %s", i+1, ref.Rule, ref.Key, l.Rule, l.Why)
			}
		}
	}
	if refused != 25 {
		t.Errorf("%d refused, want 25", refused)
	}
	wantClean(t, d)
}

func TestInbox_MeasuredAgainstItsLabels(t *testing.T) {
	d := newDesk(t, true)
	got := takeInbox(t, d)
	want := labels(t)
	var category, village, lead tally
	for key, l := range want {
		kind, ok := got.kind[key]
		if !ok {
			t.Errorf("%s: row is missing", key)
			continue
		}
		if kind == KindLikely {
			kind = KindNew
		}
		if kind != l.expect {
			t.Errorf("%s: %s, want %s", key, kind, l.expect)
		}
		item, ok := got.items[key]
		if !ok {
			continue
		}
		f := item.Report.Fields
		category.add(f.Category == l.category)
		village.add(f.Village == l.village)
		if f.Category == l.category {
			lead.add(leadOf(d, f) == l.lead)
		}
		for _, w := range l.risk {
			if !slices.ContainsFunc(f.RiskWords, func(have string) bool { return strings.Contains(have, w) || strings.Contains(w, have) }) {
				t.Errorf("%s: risk word %s not found in %v", key, w, f.RiskWords)
			}
		}
		for _, w := range f.RiskWords {
			denied := strings.Contains(l.flags, "neg") && !slices.Contains(l.risk, w)
			if denied || slices.Contains(l.traps, w) && !slices.Contains(l.risk, w) {
				t.Errorf("%s: %s rings and should not (traps %v, flags %s)", key, w, l.traps, l.flags)
			}
		}
	}
	for key := range got.kind {
		if _, ok := want[key]; !ok {
			t.Errorf("%s: no such row in the labels", key)
		}
	}
	found := duplicateRows(t, got, want)
	t.Logf("category %d/%d, village %d/%d, lead %d/%d, duplicates %d/%d", category.n, category.of, village.n, village.of, lead.n, lead.of, found.n, found.of)
	for name, bound := range map[string]struct {
		tally
		least float64
	}{"category": {category, 0.75}, "village": {village, 0.95}, "duplicates": {found, 0.85}} {
		if bound.share() < bound.least {
			t.Errorf("%s: %d of %d, want %.2f", name, bound.n, bound.of, bound.least)
		}
	}
	wantClean(t, d)
}

func leadOf(d *desk, f incident.Fields) string {
	for _, s := range d.Suggest(f) {
		if s.Lead {
			return string(s.Unit)
		}
	}
	return ""
}

// duplicateRows counts the rows that repeat an earlier one and were told so, and complains about near misses.
func duplicateRows(t *testing.T, got taken, want map[string]label) tally {
	t.Helper()
	keyOf := map[incident.IncidentID]string{}
	for key, out := range got.out {
		keyOf[out.Incident] = key
	}
	said := map[string]string{} // row to the earlier row it was called a duplicate of
	for key, item := range got.items {
		if item.Kind != KindLikely {
			continue
		}
		said[key] = keyOf[item.Of]
		if item.OfRow >= 0 {
			said[key] = want[key].file + "#" + strconv.Itoa(item.OfRow)
		}
	}
	var found tally
	for key, l := range want {
		if l.nearMissOf != "" && (said[key] == l.nearMissOf || said[l.nearMissOf] == key) {
			t.Errorf("%s and its near miss %s are called duplicates (%d)", key, l.nearMissOf, got.items[key].Score)
		}
		earlier := slices.DeleteFunc(strings.Fields(l.duplicateOf), func(other string) bool { return !before(want[other], l) })
		if len(earlier) == 0 || l.expect != "new" {
			continue
		}
		ok := slices.Contains(earlier, said[key])
		found.add(ok)
		if !ok {
			t.Logf("%s not called a duplicate of %v but of %q", key, earlier, said[key])
		}
	}
	return found
}

// before tells whether a row is taken before another.
func before(a, b label) bool {
	place := func(l label) int {
		for i, in := range inbox {
			if in.file == l.file {
				return i*1000 + l.row
			}
		}
		return -1
	}
	return place(a) < place(b)
}
