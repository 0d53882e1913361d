package incident

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// editField is one field that Accept and Edit may change. The table below is read only.
type editField struct {
	name string
	has  func(*Fields) bool
	set  func(to, from *Fields)
	text func(*Fields) string
}

var editFields = [...]editField{
	{"title", func(f *Fields) bool { return f.Title != "" }, func(t, f *Fields) { t.Title = f.Title }, func(f *Fields) string { return f.Title }},
	{"content", func(f *Fields) bool { return f.Content != "" }, func(t, f *Fields) { t.Content = f.Content }, func(f *Fields) string { return f.Content }},
	{"village", func(f *Fields) bool { return f.Village != "" }, func(t, f *Fields) { t.Village = f.Village }, func(f *Fields) string { return f.Village }},
	{"place", func(f *Fields) bool { return f.Place != nil }, func(t, f *Fields) { t.Place = f.Place }, placeText},
	{"category", func(f *Fields) bool { return f.Category != "" }, func(t, f *Fields) { t.Category = f.Category }, func(f *Fields) string { return f.Category }},
	{"urgency", func(f *Fields) bool { return f.Urgency != "" }, func(t, f *Fields) { t.Urgency = f.Urgency }, func(f *Fields) string { return string(f.Urgency) }},
	{"difficulty", func(f *Fields) bool { return f.Difficulty != 0 }, func(t, f *Fields) { t.Difficulty = f.Difficulty }, func(f *Fields) string { return strconv.Itoa(f.Difficulty) }},
	{"reporter", func(f *Fields) bool { return f.Reporter != nil || len(f.Sealed) > 0 }, setReporter, reporterText},
	{"happened_at", func(f *Fields) bool { return f.HappenedAt != 0 }, func(t, f *Fields) { t.HappenedAt = f.HappenedAt }, func(f *Fields) string { return stampText(f.HappenedAt) }},
	{"due_src", func(f *Fields) bool { return f.DueSource != 0 }, func(t, f *Fields) { t.DueSource = f.DueSource }, func(f *Fields) string { return stampText(f.DueSource) }},
	{"emergency", func(f *Fields) bool { return f.Emergency }, func(t, f *Fields) { t.Emergency = f.Emergency }, func(f *Fields) string { return strconv.FormatBool(f.Emergency) }},
	{"tags", func(f *Fields) bool { return len(f.Tags) > 0 }, func(t, f *Fields) { t.Tags = f.Tags }, func(f *Fields) string { return strings.Join(f.Tags, " ") }},
	{"risk_words", func(f *Fields) bool { return len(f.RiskWords) > 0 }, func(t, f *Fields) { t.RiskWords = f.RiskWords }, func(f *Fields) string { return strings.Join(f.RiskWords, " ") }},
}

func setReporter(to, from *Fields) {
	to.Reporter, to.KeyID, to.Sealed, to.Callable, to.Shield = from.Reporter, from.KeyID, from.Sealed, from.Callable, from.Shield
}

// reporterText names what was sealed, which two people never seal alike: whoever writes down a reporter while another does is asked
// which one holds, even if both wrote the same.
func reporterText(f *Fields) string {
	sum := sha256.Sum256(f.Sealed)
	return hex.EncodeToString(f.KeyID[:]) + hex.EncodeToString(sum[:8])
}

func placeText(f *Fields) string {
	if f.Place == nil {
		return ""
	}
	p := f.Place
	return p.Text + " " + strconv.FormatFloat(p.Lng, 'f', -1, 64) + " " + strconv.FormatFloat(p.Lat, 'f', -1, 64) + " " + p.CoordSys
}

// stampText writes a moment as people read it, 08-06 17:30.
func stampText(s Stamp) string {
	if s == 0 {
		return ""
	}
	return s.Time().In(Local).Format("2006-01-02 15:04")
}

// touched returns the fields a fact edits, one bit each.
func touched(f *Fact) uint32 {
	var mask uint32
	for i := range editFields {
		if editFields[i].has(&f.Fields) || slices.Contains(f.Cleared, editFields[i].name) {
			mask |= 1 << i
		}
	}
	return mask
}

// valueOf returns what a fact sets the field to, as text.
func valueOf(f *Fact, field int) string {
	if slices.Contains(f.Cleared, editFields[field].name) {
		return ""
	}
	return editFields[field].text(&f.Fields)
}

// differing returns the fields that two facts set to different values.
func differing(a, b *Fact) uint32 {
	both := touched(a) & touched(b)
	for i := range editFields {
		if both&(1<<i) != 0 && valueOf(a, i) == valueOf(b, i) {
			both &^= 1 << i
		}
	}
	return both
}

func setValue(to *Fields, f *Fact, field int) {
	if slices.Contains(f.Cleared, editFields[field].name) {
		editFields[field].set(to, &Fields{})
		return
	}
	editFields[field].set(to, &f.Fields)
}

// liveValues holds for each field the edits that no later edit has seen, in fold order.
type liveValues [len(editFields)][]int32

// edit applies the edited fields of a fact. Of concurrent values the first in fold order is shown, and all are kept.
func (f *folder) edit(fact *Fact) {
	mask := touched(fact)
	for i := range editFields {
		if mask&(1<<i) == 0 || editFields[i].name == "reporter" && f.covered(f.at, f.erased) {
			continue
		}
		if f.values == nil {
			setValue(&f.st.Fields, fact, i)
			continue
		}
		live := f.values[i][:0]
		for _, was := range f.values[i] {
			if !f.knows(f.at, int(was)) {
				live = append(live, was)
			}
		}
		live = append(live, int32(f.at))
		f.values[i] = live
		setValue(&f.st.Fields, f.nodes[live[0]].e.Fact, i)
	}
}

// setValues lists the fields with several concurrent values.
func (f *folder) setValues() {
	if f.values == nil {
		return
	}
	for i, live := range f.values {
		var texts []string
		for _, at := range live {
			if t := valueOf(f.nodes[at].e.Fact, i); !slices.Contains(texts, t) {
				texts = append(texts, t)
			}
		}
		if len(texts) > 1 {
			if f.st.Values == nil {
				f.st.Values = map[string][]string{}
			}
			f.st.Values[editFields[i].name] = texts
		}
	}
}
