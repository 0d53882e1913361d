package room

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/intake"
)

// The kinds of preview items.
const (
	KindNew    = "new"
	KindExact  = "exact_duplicate"
	KindLikely = "likely_duplicate"
)

// Preview reads a file or pasted text and says what taking it would do. Progress may be nil; a cancelled context stops it. Nothing
// is written.
func (r *Room) Preview(
	ctx context.Context, name string, content []byte, ch incident.Channel, progress func(done, total int),
) (Preview, error) {
	rules := r.rules.Load()
	reports, bad, err := rules.reader.Read(ctx, name, content, ch, r.Now(), progress)
	if err != nil {
		return Preview{}, fmt.Errorf("read %s: %w", name, err)
	}
	for i := range reports {
		rules.placeNamed(&reports[i])
	}
	p := Preview{File: name, Channel: ch, Bad: bad, Items: make([]PreviewItem, 0, len(reports))}
	seen := map[sourceNo]int{}
	near := r.newNeighbours()
	for i, rep := range reports {
		if err := ctx.Err(); err != nil {
			return Preview{}, fmt.Errorf("preview %s: %w", name, err)
		}
		item := r.previewItem(rep, seen, near)
		if item.Kind != KindExact {
			near.add(rep.Row, rep.Fields)
		}
		p.Items = append(p.Items, item)
		if progress != nil {
			progress(i+1, len(reports))
		}
	}
	return p, nil
}

// sourceNo is a channel's own number.
type sourceNo struct {
	ch incident.Channel
	no string
}

func (r *Room) previewItem(rep intake.Report, seen map[sourceNo]int, near *neighbours) PreviewItem {
	item := PreviewItem{Report: rep, Kind: KindNew, OfRow: -1, Take: true}
	key := sourceNo{rep.Fields.Channel, rep.Fields.SourceNo}
	if key.no != "" {
		if id, ok := r.bySource(key.ch, key.no); ok {
			item.Kind, item.Of, item.Take = KindExact, id, false
			item.OfNo = r.noOf(id)
			return item
		}
		if row, ok := seen[key]; ok {
			item.Kind, item.OfRow, item.Take = KindExact, row, false
			return item
		}
		seen[key] = rep.Row
	}
	for _, l := range r.Likely(rep.Fields) {
		item.likely(l)
	}
	if row, score, why := near.best(rep.Fields, rep.QuotedNos); score > item.Score && score >= board.LikelyAsks {
		item.Kind, item.Of, item.OfNo, item.OfRow, item.Score, item.Why = KindLikely, incident.IncidentID{}, "", row, score, why
	}
	return item
}

func (p *PreviewItem) likely(l board.Likely) {
	if l.Score >= board.LikelyAsks && l.Score > p.Score {
		p.Kind, p.Of, p.OfNo, p.Score, p.Why = KindLikely, l.Row.ID, l.Row.No, l.Score, l.Reasons
	}
}

func (r *Room) noOf(id incident.IncidentID) string {
	if row, ok := r.board.Row(id); ok {
		return row.No
	}
	return ""
}

// Take registers the ticked items of a preview in one transaction and keeps the bad rows, so that they can be mended. What was
// registered meanwhile under the same source number is left out; what the rules refuse becomes a bad row: such an outcome has no
// entries. The answer is parallel to the preview's items.
func (r *Room) Take(ctx context.Context, by incident.Login, p Preview, progress func(done, total int)) ([]Outcome, error) {
	var acts []incident.Act
	var places []int
	for i, item := range p.Items {
		if item.Take && item.Kind != KindExact {
			acts = append(acts, registration(by, item.Report, r.Now()))
			places = append(places, i)
		}
	}
	outs := make([]Outcome, len(p.Items))
	j := &job{acts: acts, ctx: ctx}
	if err := r.submit(ctx, j, progress); err != nil {
		return nil, fmt.Errorf("take %s: %w", p.File, err)
	}
	bad := slices.Clone(p.Bad)
	for k, res := range j.results {
		var refused *incident.Refusal
		switch rep := p.Items[places[k]].Report; {
		case res.err == nil:
			outs[places[k]] = res.out
		case !errors.As(res.err, &refused):
			return nil, fmt.Errorf("take %s row %d: %w", p.File, rep.Row, res.err)
		case !isTwice(rep, r):
			bad = append(bad, intake.BadRow{
				Row: rep.Row, Reason: "refused", Detail: refused.Key, Cells: map[string]string{"raw": rep.Fields.Raw},
			})
		}
	}
	return outs, r.keepBad(p.File, p.Channel, bad)
}

// isTwice reports whether a report's source number is registered already.
func isTwice(rep intake.Report, r *Room) bool {
	_, ok := r.bySource(rep.Fields.Channel, rep.Fields.SourceNo)
	return ok && rep.Fields.SourceNo != ""
}

// registration is the act that makes an incident of a report.
func registration(by incident.Login, rep intake.Report, now incident.Stamp) incident.Act {
	f := rep.Fields
	f.RiskWords = riskWords(rep)
	return incident.Act{At: now, By: by, Do: incident.Register, Fields: f}
}

// riskWords returns the words that ring, once each.
func riskWords(rep intake.Report) []string {
	words := slices.Clone(rep.Fields.RiskWords)
	for _, p := range rep.Proposals {
		if p.Field == "risk_word" && !slices.Contains(words, p.Value) && !strings.HasPrefix(p.Value, "!") {
			words = append(words, p.Value)
		}
	}
	return words
}
