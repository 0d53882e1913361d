package room

import (
	"cmp"
	"slices"
	"time"

	"zw110/data/board"
	"zw110/data/incident"
)

// Likely scores a draft against what the board knows, while typing. Best first.
func (r *Room) Likely(draft incident.Fields) []board.Likely {
	return r.likelyTo(incident.IncidentID{}, draft)
}

// likelyTo finds likely duplicates of a draft or of an incident. The board proposes by time of receipt; what it proposes is scored
// again with the times that the reporters themselves gave.
func (r *Room) likelyTo(id incident.IncidentID, f incident.Fields) []board.Likely {
	d := r.board.DraftOf(id, f)
	if d.At == 0 {
		d.At = r.Now()
	}
	found := r.board.Likely(d)
	d.At = toldAt(f, d.At)
	out := found[:0]
	for _, l := range found {
		other, err := r.file(l.Row.ID)
		if err != nil {
			continue // it was there a moment ago; without its text it cannot be scored
		}
		of := other.state.Fields
		known := r.board.DraftOf(l.Row.ID, of)
		known.At = toldAt(of, l.Row.ReceivedAt)
		l.Score, l.Reasons = r.score(d, known)
		if l.Score > 0 {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b board.Likely) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

// toldAt is when something happened as far as anybody said: the event, else the channel's own time, else the receipt.
func toldAt(f incident.Fields, received incident.Stamp) incident.Stamp {
	return cmp.Or(f.PushedAt, f.HappenedAt, f.ReceivedAt, received)
}

// neighbours finds likely duplicates inside one file: reports are compared only with those of the same village, the same phone, a
// quoted number, or without a village, so a file of 10,000 rows does not become 50 million comparisons.
type neighbours struct {
	r       *Room
	byPlace map[string][]neighbour
	byNo    map[string]neighbour
	byPhone map[string][]neighbour
}

type neighbour struct {
	row   int
	draft board.Draft
}

// maxCompared bounds the comparisons for one report and bucket; the latest are the likeliest.
const maxCompared = 400

// neighbourWithin is the time between two reports of one matter, unless one quotes the other.
const neighbourWithin = 7 * 24 * time.Hour

func (r *Room) newNeighbours() *neighbours {
	return &neighbours{r: r, byPlace: map[string][]neighbour{}, byNo: map[string]neighbour{}, byPhone: map[string][]neighbour{}}
}

func (n *neighbours) draft(f incident.Fields) board.Draft {
	d := n.r.board.DraftOf(incident.IncidentID{}, f)
	d.At = toldAt(f, n.r.Now())
	d.Words = wordsOf(d)
	return d
}

func (n *neighbours) add(row int, f incident.Fields) {
	x := neighbour{row, n.draft(f)}
	n.byPlace[x.draft.Village] = append(n.byPlace[x.draft.Village], x)
	if x.draft.SourceNo != "" {
		n.byNo[x.draft.SourceNo] = x
	}
	if x.draft.Phone != "" {
		n.byPhone[x.draft.Phone] = append(n.byPhone[x.draft.Phone], x)
	}
}

// best returns the likeliest earlier report: its row, score and reasons. Row is -1 when there is none.
func (n *neighbours) best(f incident.Fields, quoted []string) (row, most int, why []string) {
	d := n.draft(f)
	row = -1
	var others []neighbour
	for _, no := range quoted {
		if other, ok := n.byNo[no]; ok {
			others = append(others, other)
		}
	}
	numbered := len(others)
	others = append(others, latest(n.byPlace[d.Village])...)
	if d.Phone != "" {
		others = append(others, latest(n.byPhone[d.Phone])...)
	}
	if d.Village != "" {
		others = append(others, latest(n.byPlace[""])...)
	}
	for i, other := range others {
		if apart := d.At.Sub(other.draft.At).Abs(); apart > neighbourWithin && i >= numbered {
			continue
		}
		if s, reasons := n.r.score(d, other.draft); s > most {
			row, most, why = other.row, s, reasons
		}
	}
	return row, most, why
}

func latest(all []neighbour) []neighbour { return all[max(0, len(all)-maxCompared):] }
