package board

import (
	"slices"
	"testing"
	"time"

	"zw110/data/incident"
)

// TestLikely_FindsWhatNaiveComparisonFinds compares with scoring every incident that lies within reach.
func TestLikely_FindsWhatNaiveComparisonFinds(t *testing.T) {
	town := newTown(8)
	b := newTestBoard()
	var inputs []Input
	for range 240 {
		at := genNow.Add(-time.Duration(town.rng.IntN(10*24*60)) * time.Minute)
		in := town.incident(at, genStatuses[town.rng.IntN(len(genStatuses))])
		in.Phone = "1610000000" + in.Phone[10:] // a few people call often
		if town.rng.IntN(8) == 0 {
			in.State.Village, in.State.Place = "", nil
		}
		inputs = append(inputs, in)
	}
	b.Apply(inputs, genNow)
	for _, in := range inputs[:200] {
		f := in.State.Fields
		f.Reporter = &incident.Reporter{Phone: in.Phone}
		d := b.DraftOf(in.State.ID, f)
		var want []int
		for _, other := range inputs {
			of := other.State.Fields
			of.Reporter = &incident.Reporter{Phone: other.Phone}
			known := b.DraftOf(other.State.ID, of)
			score, _ := fakeScore(d, known)
			if other.State.ID != in.State.ID && score >= likelyMin && within(d, known, other.State.Status) {
				want = append(want, score)
			}
		}
		slices.Sort(want)
		slices.Reverse(want)
		var got []int
		for _, l := range b.Likely(d) {
			got = append(got, l.Score)
		}
		if !slices.Equal(got, want[:min(len(want), likelyShown)]) {
			t.Fatalf("%s: scores %v, want %v", in.State.No, got, want)
		}
	}
}

// within says plainly which incidents come into question.
func within(d, known Draft, status incident.Status) bool {
	apart := d.At.Sub(known.At).Abs()
	near := d.Lng != 0 && known.Lng != 0 && metres(d.Lng, d.Lat, known.Lng, known.Lat) <= likelyNear
	return status != incident.Merged && status != incident.Void &&
		(apart <= likelyWithin || apart <= disputeWithin && (d.Dispute || known.Dispute)) &&
		(d.Village == known.Village || near || d.Phone == known.Phone || d.Village == "" || known.Village == "")
}

// TestLikely_QuotedNumberTiesAtAnyDistance quotes a number weeks later from elsewhere.
func TestLikely_QuotedNumberTiesAtAnyDistance(t *testing.T) {
	b := newTestBoard()
	b.score = func(_, known Draft) (int, []string) { return 100, []string{known.SourceNo} }
	town := newTown(9)
	first := town.incident(genNow.Add(-60*24*time.Hour), incident.Closed)
	first.State.SourceNo = "JJ20260619007"
	b.Apply([]Input{first}, genNow)
	quoting := Draft{At: genNow, Village: "别处村", Content: "警情jj20260619007再次反映"}
	if got := b.Likely(quoting); len(got) != 1 || got[0].Row.ID != first.State.ID {
		t.Errorf("quoted number found %v", got)
	}
	second := town.incident(genNow, incident.Accepted)
	second.State.Content = "编号W111-20-080101。"
	b.Apply([]Input{second}, genNow)
	quoted := Draft{At: genNow.Add(-90 * 24 * time.Hour), Village: "别处村", SourceNo: "W111-20-080101"}
	if got := b.Likely(quoted); len(got) != 1 || got[0].Row.ID != second.State.ID {
		t.Errorf("quoting text found %v", got)
	}
	if got := b.Likely(Draft{At: genNow.Add(-90 * 24 * time.Hour), Village: "别处村", Content: "电话16112345678"}); len(got) != 0 {
		t.Errorf("a mobile number is taken for a source number: %v", got)
	}
}
