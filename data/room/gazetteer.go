package room

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"zw110/data/gazetteer"
	"zw110/data/geo"
	"zw110/data/incident"
	"zw110/data/intake"
)

// FindPlaces returns the places that a text may mean, the likeliest first.
func (r *Room) FindPlaces(text string) []gazetteer.Hit { return r.rules.Load().index().Find(text) }

// SearchPlaces returns places for what somebody types: words, pinyin initials, full pinyin. At most limit, 0 for all.
func (r *Room) SearchPlaces(query string, limit int) []gazetteer.Hit {
	return r.rules.Load().index().Search(query, limit)
}

// placeNamed fills what a report leaves open about its place from the town's gazetteer: the village, and the words that name the place. It never
// takes anything from the report and gives it no point: a place in words is not exact.
func (r *Rules) placeNamed(rep *intake.Report) {
	f := &rep.Fields
	if f.Village != "" && f.Place != nil && f.Place.Text != "" {
		return
	}
	hits := r.index().Find(f.Content)
	if len(hits) == 0 || hits[0].Score < gazetteer.Sure {
		return
	}
	h := hits[0]
	village := cmp.Or(h.Place.Village, h.Place.Name)
	if h.Place.Village == "" && h.Place.Kind != geo.KindVillage {
		village = ""
	}
	words := string([]rune(f.Content)[h.Start:h.End])
	propose := func(field, value string) {
		rep.Proposals = append(rep.Proposals, intake.Proposal{Field: field, Value: value, Words: words, Start: h.Start, End: h.End, Score: h.Score})
	}
	if f.Village == "" && village != "" {
		f.Village = village
		propose(intake.ProposeVillage, village)
	}
	if village == f.Village && h.Place.Kind != geo.KindVillage && (f.Place == nil || f.Place.Text == "") {
		if f.Place == nil {
			f.Place = &incident.Place{}
		}
		f.Place.Text = h.Place.Name
		propose(intake.ProposePlace, h.Place.Name)
	}
}

// Whereabouts is where something is, as far as anybody can tell.
type Whereabouts struct {
	Point geo.Point // the zero Point: nobody knows
	// Uncertainty is in metres, 0 for a point that the report itself has. Exact says so.
	Uncertainty float64
	Exact       bool
	Place       string // the known place it stands on
}

// Locate returns where a village and a place are: the place's own point, else that of the known place its words name, else its village's.
func (r *Room) Locate(village string, p *incident.Place) Whereabouts {
	text := ""
	if p != nil {
		text = p.Text
		if lng, lat := pointOf(*p); lng != 0 || lat != 0 {
			return Whereabouts{Point: geo.Point{Lat: lat, Lng: lng}, Exact: true}
		}
	}
	rules := r.rules.Load()
	if text != "" {
		for _, h := range rules.index().Find(village + " " + text) {
			if home := cmp.Or(h.Place.Village, h.Place.Name); h.Score >= gazetteer.Sure && (village == "" || home == village) && !h.Point.Zero() {
				return Whereabouts{Point: h.Point, Uncertainty: h.Uncertainty, Place: h.Place.Name}
			}
		}
	}
	name, _ := rules.VillageName(village)
	for _, v := range rules.Villages() {
		if v.Name == name && (v.Lng != 0 || v.Lat != 0) {
			return Whereabouts{Point: geo.Point{Lat: v.Lat, Lng: v.Lng}, Uncertainty: geo.KindVillage.Usual(), Place: v.Name}
		}
	}
	return Whereabouts{}
}

// maxLearnt is how many runes a name that is learnt may have.
const maxLearnt = 24

// LearnPlace journals that words mean a known place, as a person has just put right: from now on they are a name of it, and of no other place of the same
// village. Operators may, too: it is they who hear how people speak. Villages learn through the director, since their names are keys elsewhere.
func (r *Room) LearnPlace(ctx context.Context, by incident.Login, words string, place geo.Place) error {
	words = strings.TrimSpace(words)
	actor, ok := r.rules.Load().Person(by)
	switch {
	case !ok:
		return refusal("setting", "actor", string(by))
	case actor.Role != incident.RoleOperator && actor.Role != incident.RoleShift && actor.Role != incident.RoleDirector,
		place.Kind == geo.KindVillage && actor.Role == incident.RoleOperator:
		return refusal("setting", "setting_role")
	}
	if n := len([]rune(words)); n < 2 || n > maxLearnt || strings.ContainsAny(words, " 　、，,;；|/\n") {
		return refusal("setting", "setting", words, r.text("places.fault.name", nil))
	}
	var changed []geo.Place
	found := false
	for _, p := range r.Places() {
		same := p.Name == place.Name && p.Village == place.Village && p.Kind == place.Kind
		switch {
		case same && (p.Name == words || slices.Contains(p.Aliases, words)):
			return nil
		case same:
			p.Aliases = with(p.Aliases, words)
			changed, found = append(changed, p), true
		case p.Kind != geo.KindVillage && p.Village == place.Village && slices.Contains(p.Aliases, words):
			p.Aliases = slices.DeleteFunc(slices.Clone(p.Aliases), func(a string) bool { return a == words })
			changed = append(changed, p)
		}
	}
	if !found {
		return fmt.Errorf("place %q: %w", place.Name, ErrNotFound)
	}
	return r.journalPlaces(ctx, by, actor.Role, changed)
}
