// Package duty owns who is there and who must do what: units, villages, people, roster, the duty directory (职责清单) and the limits,
// as a town pack and dated settings say, and it recommends who should lead and why. It reads no clock and decides nothing.
package duty

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"

	"zw110/data/calendar"
	"zw110/data/geo"
	"zw110/data/incident"
)

// Directory implements incident.Rules. It doesn't change: Apply returns a new one.
type Directory struct {
	town     Town
	calendar *calendar.Calendar
	units    table[Unit]
	villages table[Village]
	people   table[Person]
	posts    table[Post]
	duty     table[Category]
	limits   table[LimitRow]
	roster   table[Turn]
	shares   table[Share]
	alarms   table[Alarm]
	places   table[geo.Place]
	// since when the town and each year's notice read as they do
	since map[string]incident.Stamp

	// Derived.
	assembled []limitsFrom
	spoken    map[string]string // a village's name or alias to its name
}

var _ incident.Rules = (*Directory)(nil)

// Load reads a town pack: pack.toml, units.csv, villages.csv, people.csv, posts.csv, duty.csv, limits.csv and, if there,
// roster.csv, assess.csv, warn.csv and places.csv. holidays holds the calendar files; those in the pack's own folder calendar come on top. Everything wrong is named in the error, a Faults.
func Load(pack, holidays fs.FS) (*Directory, error) {
	var faults Faults
	d := &Directory{since: map[string]incident.Stamp{}}
	raw, err := fs.ReadFile(pack, townName)
	if err != nil {
		return nil, Faults{{File: townName, Key: "duty.fault.missing"}}
	}
	d.town = parseTown(raw, &faults)
	d.units = unitFormat().read(pack, false, &faults)
	d.villages = villageFormat().read(pack, false, &faults)
	d.people = personFormat().read(pack, false, &faults)
	d.posts = postFormat().read(pack, false, &faults)
	d.duty = categoryFormat().read(pack, false, &faults)
	d.limits = limitFormat().read(pack, false, &faults)
	d.roster = turnFormat().read(pack, true, &faults)
	d.shares = usual(shareFormat().read(pack, true, &faults), shareFormat(), UsualShares())
	d.places = placeFormat().read(pack, true, &faults)
	d.alarms = usual(alarmFormat().read(pack, true, &faults), alarmFormat(), UsualAlarms())
	if err := faults.err(); err != nil {
		return nil, err
	}
	if d.calendar, err = loadCalendar(d.town.Hours, pack, holidays); err != nil {
		return nil, err
	}
	d.derive()
	if err := d.Validate(); err != nil {
		return nil, err
	}
	return d, nil
}

func loadCalendar(h calendar.Hours, pack, holidays fs.FS) (*calendar.Calendar, error) {
	c, err := calendar.Load(h, holidays)
	if err != nil {
		return nil, err
	}
	if _, err := fs.Stat(pack, "calendar"); errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	sub, err := fs.Sub(pack, "calendar")
	if err != nil {
		return nil, fmt.Errorf("open the pack's calendar folder: %w", err)
	}
	own, err := calendar.Load(h, sub)
	if err != nil {
		return nil, err
	}
	return c.With(own.Notices()...)
}

func (d *Directory) derive() {
	d.assembled = assemble(d.limits)
	d.spoken = map[string]string{}
	for _, v := range d.villages.all(0) {
		for _, a := range v.Aliases {
			d.spoken[a] = v.Name
		}
	}
	for _, v := range d.villages.all(0) {
		d.spoken[v.Name] = v.Name
	}
}

// Validate reports as Faults what doesn't fit together: units, villages, logins that are named and don't exist, names that mean two things.
func (d *Directory) Validate() error {
	var faults Faults
	check(d.duty, categoryFormat(), &faults, d.checkCategory)
	check(d.people, personFormat(), &faults, d.checkPerson)
	check(d.roster, turnFormat(), &faults, func(r record, t Turn) {
		if _, ok := d.people.at(string(t.Login), 0); !ok {
			r.fail("login_unknown", string(t.Login))
		}
		if _, ok := d.posts.at(t.Post, 0); !ok {
			r.fail("post_unknown", t.Post)
		}
	})
	names := map[string]string{}
	check(d.villages, villageFormat(), &faults, func(r record, v Village) {
		for _, n := range append([]string{v.Name}, v.Aliases...) {
			if other, twice := names[n]; twice {
				r.fail("village_twice", n, other)
			}
			names[n] = v.Name
		}
	})
	check(d.places, placeFormat(), &faults, func(r record, p geo.Place) {
		if _, ok := d.villages.at(p.Village, 0); p.Village != "" && !ok {
			r.fail("village_unknown", p.Village)
		}
	})
	for _, clock := range allClocks() {
		if _, ok := d.limits.at(clock, 0); !ok {
			faults = append(faults, Fault{File: "limits.csv", Key: "duty.fault.clock_missing", Args: []string{clock}})
		}
	}
	for file, n := range map[string]int{"villages.csv": len(d.villages.all(0)), "units.csv": len(d.units.all(0)), "duty.csv": len(d.duty.all(0))} {
		if n == 0 {
			faults = append(faults, Fault{File: file, Key: "duty.fault.no_rows"})
		}
	}
	return faults.err()
}

// check looks at the newest version of each row.
func check[T any](t table[T], f format[T], faults *Faults, look func(record, T)) {
	for _, k := range t.keys {
		vs := t.rows[k]
		if last := vs[len(vs)-1]; !last.Gone {
			look(record{file: f.file + ".csv", line: last.Line, faults: faults}, last.Row)
		}
	}
}

func (d *Directory) checkCategory(r record, c Category) {
	units := append([]incident.UnitID{}, c.Co...)
	if c.Lead != "" {
		units = append(units, c.Lead)
	}
	for i, u := range units {
		if slices.Contains(units[:i], u) {
			r.fail("unit_twice", string(u))
		}
	}
	for _, s := range c.Splits {
		units = append(units, s.Lead)
	}
	for _, u := range units {
		if _, ok := d.units.at(string(u), 0); !ok {
			r.fail("unit_unknown", string(u))
		}
	}
}

func (d *Directory) checkPerson(r record, p Person) {
	if _, ok := d.units.at(string(p.Unit), 0); p.Unit != "" && !ok {
		r.fail("unit_unknown", string(p.Unit))
	}
	if _, ok := d.villages.at(p.Village, 0); p.Village != "" && !ok {
		r.fail("village_unknown", p.Village)
	}
}

// Town returns what the pack says of the town.
func (d *Directory) Town() Town { return d.town }

// Calendar returns the working calendar.
func (d *Directory) Calendar() incident.Calendar { return d.calendar }

// WorkingCalendar returns the same calendar with all it can do, such as naming holidays and the year that is missing.
func (d *Directory) WorkingCalendar() *calendar.Calendar { return d.calendar }

// Category returns the duty directory's row as it read at a moment; 0 is the newest.
func (d *Directory) Category(code string, at incident.Stamp) (incident.Category, bool) {
	c, ok := d.duty.at(code, at)
	return c.Category, ok
}

// Categories returns all rows of the duty directory as they read at a moment, in order of the pack; 0 is the newest.
func (d *Directory) Categories(at incident.Stamp) []Category { return d.duty.all(at) }

// Unit returns what the rules know of a unit.
func (d *Directory) Unit(id incident.UnitID, at incident.Stamp) (incident.Unit, bool) {
	u, ok := d.units.at(string(id), at)
	return u.Unit, ok
}

// Units returns all units as they were at a moment, in order of the pack; 0 is the newest.
func (d *Directory) Units(at incident.Stamp) []Unit { return d.units.all(at) }

// Person returns who a login is now.
func (d *Directory) Person(login incident.Login) (incident.Actor, bool) {
	p, ok := d.people.at(string(login), 0)
	return incident.Actor{Login: p.Login, Role: p.Role, Unit: p.Unit, Village: p.Village}, ok
}

// People returns everyone with a login.
func (d *Directory) People() []Person { return d.people.all(0) }

// Posts returns the room's posts.
func (d *Directory) Posts() []Post { return d.posts.all(0) }

// LimitRows returns the table of limits as limits.csv has it.
func (d *Directory) LimitRows(at incident.Stamp) []LimitRow { return d.limits.all(at) }

// Villages returns the town's villages in order of the pack.
func (d *Directory) Villages() []Village { return d.villages.all(0) }

// Places returns the villages and all other places that have a name, in order of the pack; 0 is the newest.
func (d *Directory) Places(at incident.Stamp) []geo.Place {
	var out []geo.Place
	for _, v := range d.villages.all(at) {
		out = append(out, geo.Place{Name: v.Name, Aliases: v.Aliases, Kind: geo.KindVillage, Point: geo.Point{Lng: v.Lng, Lat: v.Lat}})
	}
	return append(out, d.places.all(at)...)
}

// VillageName returns the full name of a village for its name or one of its spoken names.
func (d *Directory) VillageName(spoken string) (string, bool) {
	name, ok := d.spoken[spoken]
	return name, ok
}

// Village reports whether the name, full or spoken, is that of one of the town's villages.
func (d *Directory) Village(name string) bool { _, ok := d.spoken[name]; return ok }

// FarVillage reports whether arrival in the village has the longer limit.
func (d *Directory) FarVillage(village string) bool {
	v, ok := d.villages.at(d.spoken[village], 0)
	return ok && v.Far
}

// OnDuty returns the turns of the roster that hold at a moment.
func (d *Directory) OnDuty(at incident.Stamp) []Turn {
	var out []Turn
	for _, t := range d.roster.all(0) {
		if t.From <= at && at < t.To {
			out = append(out, t)
		}
	}
	return out
}

// Files returns the pack as files by name, as Load reads them, with every dated version.
func (d *Directory) Files() (map[string][]byte, error) {
	out := map[string][]byte{}
	var errs []error
	put := func(name string, raw []byte, err error) {
		out[name] = raw
		errs = append(errs, err)
	}
	raw, err := d.town.file()
	put(townName, raw, err)
	raw, err = unitFormat().write(d.units)
	put("units.csv", raw, err)
	raw, err = villageFormat().write(d.villages)
	put("villages.csv", raw, err)
	raw, err = personFormat().write(d.people)
	put("people.csv", raw, err)
	raw, err = postFormat().write(d.posts)
	put("posts.csv", raw, err)
	raw, err = categoryFormat().write(d.duty)
	put("duty.csv", raw, err)
	raw, err = limitFormat().write(d.limits)
	put("limits.csv", raw, err)
	raw, err = turnFormat().write(d.roster)
	put("roster.csv", raw, err)
	raw, err = shareFormat().write(d.shares)
	put("assess.csv", raw, err)
	raw, err = alarmFormat().write(d.alarms)
	put("warn.csv", raw, err)
	if len(d.places.keys) > 0 {
		raw, err = placeFormat().write(d.places)
		put("places.csv", raw, err)
	}
	for _, n := range d.calendar.Notices() {
		raw, err = noticeFile(n)
		put("calendar/"+strconv.Itoa(n.Year)+".csv", raw, err)
	}
	return out, errors.Join(errs...)
}
