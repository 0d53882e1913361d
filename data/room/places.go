package room

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"zw110/data/duty"
	"zw110/data/geo"
	"zw110/data/incident"
	"zw110/data/intake"
)

// Places returns the villages and every other place with a name, as the settings have them.
func (r *Room) Places() []geo.Place { return r.rules.Load().Places(0) }

// ReadPlaces reads a file of places and shows what taking it in would change; nothing is written. The system is the one in which the file's coordinates are
// said to be. Step is told the bytes read; its error, or the end of ctx, stops the reading.
func (r *Room) ReadPlaces(ctx context.Context, name string, file io.Reader, system geo.System, step func(read int64) error) (geo.Preview, error) {
	found, err := geo.Read(ctx, geo.Params{Name: name, File: file, Table: intake.ReadTable, Step: step})
	if err != nil {
		return geo.Preview{}, fmt.Errorf("read places from %s: %w", name, err)
	}
	return r.Ground().Look(found, system, r.Places()), nil
}

// placesPerEntry bounds how many places one entry holds: it must stay below the largest entry also where each has a long name.
const placesPerEntry = 100

// TakePlaces journals rows of a preview: new places, moved ones and changed ones. Rows to ask about count when asked says yes to them; what can't be taken is left out. It returns
// how many places changed. Only the director and shift leaders may, as with every setting.
func (r *Room) TakePlaces(ctx context.Context, by incident.Login, p geo.Preview, asked func(geo.Row) bool) (int, error) {
	var places []geo.Place
	for _, row := range p.Rows {
		switch row.Verdict {
		case geo.New, geo.Moved, geo.Change:
		case geo.Ask:
			if row.Place.Point.Zero() || !row.Place.Point.Valid() || asked == nil || !asked(row) {
				continue
			}
		default:
			continue
		}
		places = append(places, merged(row))
	}
	return len(places), r.putPlaces(ctx, by, places)
}

// merged is a row's place with what was known of it and isn't said anew.
func merged(row geo.Row) geo.Place {
	p := row.Place
	if row.Before == nil {
		return p
	}
	b := *row.Before
	if row.Points > 0 {
		b.Point = p.Point
	}
	if p.Radius > 0 {
		b.Radius = p.Radius
	}
	for _, a := range append([]string{p.Name}, p.Aliases...) {
		if a != b.Name {
			b.Aliases = with(b.Aliases, a)
		}
	}
	return b
}

func with(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list[:len(list):len(list)], s)
}

// PinPlace puts a village or another known place where somebody points: it is named as Places names it, with its village. A zero Point makes it 位置未定 again.
func (r *Room) PinPlace(ctx context.Context, by incident.Login, p geo.Place, at geo.Point) error {
	if !at.Zero() && !at.Valid() {
		return refusal("setting", "setting", p.Name, r.text("duty.fault.point", []string{fmt.Sprint(at.Lng), fmt.Sprint(at.Lat)}))
	}
	for _, known := range r.Places() {
		if known.Kind == p.Kind && known.Name == p.Name && known.Village == p.Village {
			known.Point = at
			return r.putPlaces(ctx, by, []geo.Place{known})
		}
	}
	return fmt.Errorf("place %q: %w", p.Name, ErrNotFound)
}

// putPlaces journals places in as few entries as fit, all or none.
func (r *Room) putPlaces(ctx context.Context, by incident.Login, places []geo.Place) error {
	actor, ok := r.rules.Load().Person(by)
	if !ok {
		return refusal("setting", "actor", string(by))
	}
	if actor.Role != incident.RoleDirector && actor.Role != incident.RoleShift {
		return refusal("setting", "setting_role")
	}
	if len(places) == 0 {
		return nil
	}
	return r.journalPlaces(ctx, by, actor.Role, places)
}

func (r *Room) journalPlaces(ctx context.Context, by incident.Login, role incident.Role, places []geo.Place) error {
	facts, err := r.placeFacts(role, places)
	if err != nil {
		return err
	}
	var next *Rules
	check := func() error {
		next = r.rules.Load()
		for _, f := range facts {
			var err error
			if next, err = next.with(f); err != nil {
				return refusal("setting", "setting", f.Setting, r.faultText(err))
			}
		}
		if err := next.Validate(); err != nil {
			return refusal("setting", "setting", facts[0].Setting, r.faultText(err))
		}
		return nil
	}
	return r.submit(ctx, &job{desk: facts, by: by, check: check, written: func() { r.useRules(next) }}, nil)
}

// placeFacts are places as settings: each village its own, all others in as few as fit.
func (r *Room) placeFacts(role incident.Role, places []geo.Place) ([]incident.Fact, error) {
	rules, now := r.rules.Load(), r.Now()
	var facts []incident.Fact
	put := func(name string, value []byte) {
		facts = append(facts, incident.Fact{
			Kind: incident.KindSettingChanged, At: now, ActorRole: role, Fields: incident.Fields{Setting: name, Value: value},
		})
	}
	var rest []geo.Place
	for _, p := range places {
		if p.Kind != geo.KindVillage {
			rest = append(rest, p)
			continue
		}
		value, err := villageValue(rules, p)
		if err != nil {
			return nil, err
		}
		put(duty.PlaceSetting(p), value)
	}
	for chunk := range slices.Chunk(rest, placesPerEntry) {
		value, err := duty.PlaceRows(chunk)
		if err != nil {
			return nil, fmt.Errorf("write places: %w", err)
		}
		put(duty.PlacesSetting, value)
	}
	return facts, nil
}

// villageValue is a village's setting with another point and aliases; what else it says stays.
func villageValue(rules *Rules, p geo.Place) ([]byte, error) {
	old, ok := rules.Setting(duty.PlaceSetting(p), 0)
	if !ok {
		return nil, fmt.Errorf("village %q: %w", p.Name, ErrNotFound)
	}
	cells := map[string]string{}
	if err := json.Unmarshal(old, &cells); err != nil {
		return nil, fmt.Errorf("village %q: %w", p.Name, err)
	}
	rows, err := duty.PlaceRows([]geo.Place{p})
	if err != nil {
		return nil, fmt.Errorf("village %q: %w", p.Name, err)
	}
	var one []map[string]string
	if err := json.Unmarshal(rows, &one); err != nil {
		return nil, fmt.Errorf("village %q: %w", p.Name, err)
	}
	for _, c := range []string{"aliases", "lng", "lat"} {
		cells[c] = one[0][c]
	}
	return json.Marshal(cells)
}

// ExportPlaces writes every place as GeoJSON in WGS-84, which ReadPlaces takes back.
func (r *Room) ExportPlaces(w io.Writer) error {
	if err := geo.WriteGeoJSON(w, r.Places()); err != nil {
		return fmt.Errorf("write places: %w", err)
	}
	return nil
}
