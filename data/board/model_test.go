package board

import (
	"bytes"
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"zw110/data/incident"

	"pgregory.net/rapid"
)

// model is the board as plainly as it can be said: all inputs, looked through and sorted anew each time.
type model struct {
	inputs map[incident.IncidentID]Input
	order  []incident.IncidentID // of registration
}

// modelRow is what the model says of one incident as of a moment.
type modelRow struct {
	in    Input
	group Group
	due   incident.Stamp
}

func (m *model) row(in Input, now incident.Stamp) modelRow {
	st := in.State
	row := modelRow{in: in, group: InHand, due: 1<<63 - 1}
	if !st.Status.Open() {
		row.group = Ended
		return row
	}
	c, ok := fakeClock(st, nil, now)
	if st.Status == incident.Suspended || st.Status == incident.WithCounty {
		ok = false
	}
	if ok {
		row.due = c.Due
	}
	switch {
	case st.Status == incident.Received && st.RespondedAt == 0:
		row.group = Unanswered
	case slices.Contains([]incident.Status{incident.Received, incident.InfoNeeded, incident.Accepted, incident.Disputed}, st.Status):
		row.group = ToDispatch
	case ok && now > c.Due:
		row.group = Overdue
	case ok && c.Due.Sub(now) <= min(30*time.Minute, c.Due.Sub(c.From)/4):
		row.group = DueSoon
	}
	return row
}

func modelLess(x, y modelRow) int {
	rank := func(u incident.Urgency) int {
		return slices.Index([]incident.Urgency{incident.Critical, incident.Urgent, incident.Normal, incident.Low}, u)
	}
	urgency := cmp.Compare(rank(x.in.State.Urgency), rank(y.in.State.Urgency))
	due := cmp.Compare(x.due, y.due)
	received := cmp.Or(cmp.Compare(x.in.State.ReceivedAt, y.in.State.ReceivedAt), bytes.Compare(x.in.State.ID[:], y.in.State.ID[:]))
	end := func(st *incident.State) incident.Stamp { return max(st.ClosedAt, st.EndedAt) }
	byGroup := map[Group]int{
		Unanswered: urgency, ToDispatch: cmp.Or(urgency, due), Overdue: cmp.Or(due, urgency), DueSoon: cmp.Or(due, urgency),
		InHand: cmp.Or(urgency, due), Ended: cmp.Compare(end(y.in.State), end(x.in.State)),
	}
	return cmp.Or(cmp.Compare(x.group, y.group), byGroup[x.group], received)
}

func (m *model) fits(f Filter, row modelRow) bool {
	st := row.in.State
	any := func(n int, fits bool) bool { return n == 0 || fits }
	units := []incident.UnitID{}
	if row.group != Unanswered && row.group != ToDispatch {
		for _, t := range st.Tasks {
			units = append(units, t.Unit)
		}
		if st.LeadUnit != "" {
			units = append(units, st.LeadUnit)
		}
	}
	day := incident.DayOf(st.ReceivedAt)
	return (row.group != Ended || f.Ended || f.OnlyEnded || slices.Contains(f.Groups, Ended)) &&
		(row.group == Ended || !f.OnlyEnded) &&
		any(len(f.Groups), slices.Contains(f.Groups, row.group)) &&
		any(len(f.Villages), slices.Contains(f.Villages, st.Village)) &&
		any(len(f.Channels), slices.Contains(f.Channels, st.Channel)) &&
		any(len(f.Urgencies), slices.Contains(f.Urgencies, st.Urgency)) &&
		any(len(f.Categories), slices.Contains(f.Categories, st.Category)) &&
		any(len(f.Units), slices.ContainsFunc(f.Units, func(u incident.UnitID) bool { return slices.Contains(units, u) })) &&
		any(len(f.Mine), st.Registrar == f.Mine || row.in.LastBy == f.Mine) &&
		any(len(f.From), day >= f.From) && any(len(f.To), day <= f.To) &&
		any(len(f.Words), naiveFind(f.Words, row.in))
}

// rows returns the rows of a filter in order, sorted anew.
func (m *model) rows(f Filter, now incident.Stamp) []modelRow {
	var out []modelRow
	for _, in := range m.inputs {
		if row := m.row(in, now); m.fits(f, row) {
			out = append(out, row)
		}
	}
	slices.SortFunc(out, modelLess)
	return out
}

func (m *model) counters(now incident.Stamp) (c Counters) {
	for _, row := range m.rows(Filter{Ended: true}, now) {
		switch row.group {
		case Unanswered:
			c.Unanswered++
		case ToDispatch:
			c.ToDispatch++
		case Overdue:
			c.Overdue++
		case DueSoon:
			c.DueSoon++
		case InHand:
			c.InHand++
		}
		st := row.in.State
		if st.Status == incident.Merged || st.Status == incident.Refused || st.Status == incident.Void ||
			incident.DayOf(st.ReceivedAt) != incident.DayOf(now) {
			continue
		}
		c.ReceivedToday++
		if st.HandledAt != 0 && incident.DayOf(st.HandledAt) == incident.DayOf(now) {
			c.DoneToday++
		}
	}
	c.InHand += c.DueSoon + c.Overdue
	c.Open = c.Unanswered + c.ToDispatch + c.InHand
	return c
}

func drawFilter(t *rapid.T) Filter {
	some := func(label string) bool { return rapid.IntRange(0, 3).Draw(t, label) == 0 }
	f := Filter{Ended: some("ended"), OnlyEnded: some("only ended")}
	if some("groups") {
		f.Groups = rapid.SliceOfN(rapid.SampledFrom([]Group{Unanswered, ToDispatch, Overdue, DueSoon, InHand, Ended}), 1, 3).Draw(t, "group")
	}
	if some("villages") {
		f.Villages = rapid.SliceOfN(rapid.SampledFrom(genVillages), 1, 9).Draw(t, "village")
	}
	if some("units") {
		f.Units = []incident.UnitID{incident.UnitID(rapid.SampledFrom(genUnits).Draw(t, "unit"))}
	}
	if some("channels") {
		f.Channels = rapid.SliceOfN(rapid.SampledFrom(genChannels), 1, 2).Draw(t, "channel")
	}
	if some("urgencies") {
		f.Urgencies = rapid.SliceOfN(rapid.SampledFrom(genUrgencies), 1, 2).Draw(t, "urgency")
	}
	if some("categories") {
		f.Categories = rapid.SliceOfN(rapid.SampledFrom(genCategories), 1, 3).Draw(t, "category")
	}
	if some("mine") {
		f.Mine = rapid.SampledFrom([]incident.Login{"op1", "op2", "nobody"}).Draw(t, "login")
	}
	if some("days") {
		f.From = incident.DayOf(genNow - 2*dayMillis)
		f.To = incident.DayOf(genNow)
	}
	if some("words") {
		f.Words = rapid.SampledFrom([]string{"路灯", "slxc", "农田 泽随", "派出所", "2026", "不", "zzz"}).Draw(t, "words")
	}
	return f
}

// TestBoard_EqualsResort drives a board and the model with the same random changes and ticks and compares every view.
func TestBoard_EqualsResort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, m := newTestBoard(), model{inputs: map[incident.IncidentID]Input{}}
		town := newTown(rapid.Uint64().Draw(t, "seed"))
		now := genNow
		var filters []Filter
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"new", "new", "change", "tick", "filter", "index"}).Draw(t, "step") {
			case "new":
				apply(b, &m, now, drawNew(t, town, now))
			case "change":
				apply(b, &m, now, drawChange(t, town, &m))
			case "tick":
				now = now.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "minutes")) * time.Minute)
				b.Tick(now)
			case "filter":
				filters = append(filters, drawFilter(t))
			case "index":
				b.indexSome()
			}
		}
		b.Tick(now)
		compare(t, b, &m, append(filters, Filter{}, Filter{Ended: true}), now)
	})
}

func drawNew(t *rapid.T, town *town, now incident.Stamp) []Input {
	var out []Input
	for range rapid.IntRange(1, 12).Draw(t, "new") {
		at := now.Add(-time.Duration(rapid.IntRange(0, 7*24*60).Draw(t, "minutes ago")) * time.Minute)
		if rapid.Bool().Draw(t, "just now") {
			at = now.Add(-time.Duration(rapid.IntRange(0, 400).Draw(t, "seconds ago")) * time.Second)
		}
		out = append(out, town.incident(at, rapid.SampledFrom(genStatuses).Draw(t, "status")))
	}
	return out
}

// drawChange gives known incidents another state under their own ID and receipt.
func drawChange(t *rapid.T, town *town, m *model) []Input {
	var out []Input
	for range rapid.IntRange(0, 4).Draw(t, "changes") {
		if len(m.order) == 0 {
			break
		}
		old := m.inputs[rapid.SampledFrom(m.order).Draw(t, "incident")].State
		in := town.incident(old.ReceivedAt, rapid.SampledFrom(genStatuses).Draw(t, "status"))
		in.State.ID, in.State.No = old.ID, old.No
		out = append(out, in)
	}
	return out
}

func apply(b *Board, m *model, now incident.Stamp, changes []Input) {
	b.Apply(changes, now)
	for _, in := range changes {
		if _, known := m.inputs[in.State.ID]; !known {
			m.order = append(m.order, in.State.ID)
		}
		m.inputs[in.State.ID] = in
	}
}

func compare(t *rapid.T, b *Board, m *model, filters []Filter, now incident.Stamp) {
	if got, want := b.Counters(now), m.counters(now); got != want {
		t.Fatalf("counters\n got %+v\nwant %+v", got, want)
	}
	for _, f := range filters {
		want := m.rows(f, now)
		snap := b.Snapshot(f)
		if snap.Len() != len(want) || b.Count(f) != len(want) {
			t.Fatalf("%+v: %d rows, count %d, want %d", f, snap.Len(), b.Count(f), len(want))
		}
		sizes := map[Group]int{}
		for i, w := range want {
			row := snap.Row(i)
			if row.ID != w.in.State.ID || row.Group != w.group || row.Title != w.in.State.Title || row.No != w.in.State.No ||
				row.Village != w.in.State.Village {
				t.Fatalf("%+v: row %d is %s %v, want %s %v", f, i, row.No, row.Group, w.in.State.No, w.group)
			}
			if at := snap.IndexOf(row.ID); at != i {
				t.Fatalf("%+v: row %d found at %d", f, i, at)
			}
			sizes[w.group]++
		}
		if !reflect.DeepEqual(snap.GroupSizes(), sizes) {
			t.Fatalf("%+v: sizes %v, want %v", f, snap.GroupSizes(), sizes)
		}
	}
}

// naiveFind is search as plainly as it can be said.
func naiveFind(words string, in Input) bool {
	for _, word := range strings.Fields(words) {
		if !naiveWord(strings.ToLower(word), in) {
			return false
		}
	}
	return true
}

func naiveWord(word string, in Input) bool {
	st := in.State
	texts := []string{st.No, st.SourceNo, st.Title, st.Content, st.Village}
	typed := []string{st.Title, st.Village}
	if st.Place != nil {
		texts, typed = append(texts, st.Place.Text), append(typed, st.Place.Text)
	}
	for _, u := range naiveUnits(st) {
		texts, typed = append(texts, u), append(typed, u)
	}
	for _, s := range texts {
		if strings.Contains(strings.ToLower(s), word) {
			return true
		}
	}
	if strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") == "" {
		for _, s := range typed {
			if naiveSpoken(word, []rune(s)) {
				return true
			}
		}
	}
	return len(word) >= minPhone && isDigits(word) && strings.Contains(in.Phone, word)
}

func naiveUnits(st *incident.State) []string {
	switch groupOf(stageOf(st), lightGreen) {
	case Unanswered, ToDispatch:
		c, _ := fakeRules{}.Category(st.Category, 0)
		return append([]string{string(c.Lead)}, string(c.Co[0]), string(c.Co[1]))
	}
	units := []string{string(st.LeadUnit)}
	for _, t := range st.Tasks {
		units = append(units, string(t.Unit))
	}
	return units
}

// naiveSpoken tries every spelling of every run of characters.
func naiveSpoken(word string, text []rune) bool {
	for i := range text {
		if naiveSpell(word, text[i:]) {
			return true
		}
	}
	return false
}

func naiveSpell(word string, text []rune) bool {
	if word == "" {
		return true
	}
	if len(text) == 0 {
		return false
	}
	for _, s := range Pinyin(string(text[:1]))[0] {
		cuts := []int{1, len(s)}
		if digraph(s) > 0 {
			cuts = append(cuts, 2)
		}
		for _, n := range cuts {
			if strings.HasPrefix(word, s[:n]) && naiveSpell(word[n:], text[1:]) {
				return true
			}
		}
		if strings.HasPrefix(s, word) {
			return true
		}
	}
	return false
}

// TestSearch_EqualsNaiveContains searches for pieces of what is there, before, while and after it is indexed.
func TestSearch_EqualsNaiveContains(t *testing.T) {
	town := newTown(42)
	inputs := town.years(700, 60)
	b := newTestBoard()
	b.Apply(inputs, genNow)
	for step := 0; ; step++ {
		for range 40 {
			words := drawWords(town, inputs)
			checkSearch(t, b, inputs, words)
		}
		if !b.indexSome() {
			break
		}
	}
	// Edits change texts of indexed incidents.
	for i := range 50 {
		in := &inputs[town.rng.IntN(len(inputs))]
		in.State.Title = fmt.Sprintf("改过的标题%d处", i)
		b.Apply([]Input{*in}, genNow)
		checkSearch(t, b, inputs, fmt.Sprintf("标题%d", i))
		checkSearch(t, b, inputs, drawWords(town, inputs))
	}
}

func checkSearch(t *testing.T, b *Board, inputs []Input, words string) {
	t.Helper()
	var want []string
	for i := len(inputs) - 1; i >= 0; i-- {
		if naiveFind(words, inputs[i]) {
			want = append(want, inputs[i].State.No)
		}
	}
	var got []string
	for _, h := range b.Search(words, 0) {
		got = append(got, h.Row.No)
		checkSpan(t, words, h, b)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%q: %d hits, want %d", words, len(got), len(want))
	}
	if limited := b.Search(words, 5); len(limited) != min(5, len(want)) {
		t.Fatalf("%q: %d hits with limit 5 of %d", words, len(limited), len(want))
	}
}

// checkSpan sees that the span of a title names runes of the title, the very word when it was typed in characters.
func checkSpan(t *testing.T, words string, h Hit, _ *Board) {
	t.Helper()
	word := strings.Fields(words)[0]
	if h.Why != WhyTitle {
		return
	}
	title := []rune(h.Row.Title)
	if h.Span[0] < 0 || h.Span[1] > len(title) || h.Span[0] >= h.Span[1] {
		t.Fatalf("%q in %q: span %v", words, h.Row.Title, h.Span)
	}
	if part := string(title[h.Span[0]:h.Span[1]]); strings.Contains(strings.ToLower(h.Row.Title), word) && !strings.EqualFold(part, word) {
		t.Fatalf("%q in %q: span %v is %q", words, h.Row.Title, h.Span, part)
	}
}

// drawWords takes one or two pieces of an incident: characters, digits, initials or full pinyin.
func drawWords(t *town, inputs []Input) string {
	in := inputs[t.rng.IntN(len(inputs))]
	one := func() string {
		texts := []string{in.State.Title, in.State.Content, in.State.Village, in.State.Place.Text, in.State.No, in.State.SourceNo, in.Phone, "派出所", "zzqx"}
		text := []rune(texts[t.rng.IntN(len(texts))])
		from := t.rng.IntN(len(text))
		piece := string(text[from:min(len(text), from+1+t.rng.IntN(5))])
		switch t.rng.IntN(4) {
		case 0:
			return Initials(piece)[0]
		case 1:
			var b strings.Builder
			for _, list := range Pinyin(piece) {
				if len(list) > 0 {
					b.WriteString(list[0])
				}
			}
			return b.String()
		}
		return piece
	}
	words := one()
	if t.rng.IntN(3) == 0 {
		words += " " + one()
	}
	if strings.TrimSpace(words) == "" {
		return "塌陷"
	}
	return strings.ReplaceAll(words, "，", "塌")
}
