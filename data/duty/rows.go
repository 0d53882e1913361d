package duty

import (
	"regexp"
	"strconv"
	"strings"

	"zw110/data/geo"
	"zw110/data/incident"
)

// UnitKind is where a unit belongs.
type UnitKind string

// The kinds of units.
const (
	KindTown    UnitKind = "town"    // office of the town
	KindStation UnitKind = "station" // 站所
	KindCounty  UnitKind = "county"
	KindVillage UnitKind = "village" // village side: 村委会, 网格, mediators
)

// Unit is a unit with its full name; the short name is its ID.
type Unit struct {
	incident.Unit
	Full string
	Kind UnitKind
}

// Village is one of the town's villages. Lng and Lat are WGS-84 degrees, both zero when unknown.
type Village struct {
	Name     string
	Aliases  []string // as people say: 双联新村 for 双联新村村
	Far      bool     // arrival has the longer limit
	Lng, Lat float64
}

// Person is someone with a login. Name is what the screen shows; it isn't journalled.
type Person struct {
	Login   incident.Login
	Name    string
	Role    incident.Role
	Unit    incident.UnitID
	Village string // grid workers
}

// Post is a post of the command room with the role it gives.
type Post struct {
	Name string
	Role incident.Role
}

// Split sends a category to another lead when one of the words stands in the report.
type Split struct {
	Words []string
	Lead  incident.UnitID
}

// Category is a row of the duty directory with what only the directory needs.
type Category struct {
	incident.Category
	Splits []Split
	Note   string
}

// LimitRow is one clock's limits; which cells count depends on the clock.
type LimitRow struct {
	Clock                         string
	Critical, Urgent, Normal, Low incident.Limit
	Note                          string
}

// Turn is one line of the roster: who has which post from when to when.
type Turn struct {
	ID       string
	From, To incident.Stamp
	Post     string
	Login    incident.Login
}

func unitFormat() format[Unit] {
	return format[Unit]{
		file: "units", columns: []string{"short", "full", "kind", "counts"}, need: 3,
		parse: func(r record) Unit {
			u := Unit{Full: r.need("full"), Kind: oneOf(r, "kind", KindTown, KindStation, KindCounty, KindVillage)}
			u.ID = incident.UnitID(r.text("short"))
			u.Counts = r.yes("counts", u.Kind != KindVillage)
			u.County = u.Kind == KindCounty
			if u.ID == incident.HolderRoom || u.ID == incident.HolderCounty {
				r.fail("reserved", string(u.ID))
			}
			if strings.ContainsAny(string(u.ID), " 　、，,;；|>") {
				r.fail("unit_name", string(u.ID))
			}
			return u
		},
		cells: func(u Unit) []string {
			counts := "no"
			if u.Counts {
				counts = "yes"
			}
			return []string{string(u.ID), u.Full, string(u.Kind), counts}
		},
	}
}

func villageFormat() format[Village] {
	return format[Village]{
		file: "villages", columns: []string{"name", "aliases", "far", "lng", "lat"}, need: 1,
		parse: func(r record) Village {
			v := Village{Name: r.text("name"), Aliases: r.words("aliases"), Far: r.yes("far", false), Lng: r.number("lng"), Lat: r.number("lat")}
			if (v.Lng == 0) != (v.Lat == 0) || !(v.Lng >= -180 && v.Lng <= 180 && v.Lat >= -90 && v.Lat <= 90) {
				r.fail("point", r.text("lng"), r.text("lat"))
			}
			return v
		},
		cells: func(v Village) []string {
			lng, lat := "", ""
			if v.Lng != 0 {
				lng, lat = strconv.FormatFloat(v.Lng, 'f', -1, 64), strconv.FormatFloat(v.Lat, 'f', -1, 64)
			}
			return []string{v.Name, strings.Join(v.Aliases, " "), formatYes(v.Far), lng, lat}
		},
	}
}

// placeKey is a place's key: its village, a slash and its name, or the name alone.
func placeKey(p geo.Place) string {
	if p.Village == "" {
		return p.Name
	}
	return p.Village + "/" + p.Name
}

// PlaceSetting returns the name of the setting that holds a place.
func PlaceSetting(p geo.Place) string {
	if p.Kind == geo.KindVillage {
		return "villages/" + p.Name
	}
	return "places/" + placeKey(p)
}

func placeFormat() format[geo.Place] {
	return format[geo.Place]{
		file: "places", columns: []string{"place", "kind", "aliases", "lng", "lat", "radius"}, need: 1,
		parse: func(r record) geo.Place {
			p := geo.Place{Aliases: r.words("aliases"), Point: geo.Point{Lng: r.number("lng"), Lat: r.number("lat")}, Radius: r.number("radius")}
			p.Village, p.Name, _ = strings.Cut(r.text("place"), "/")
			if p.Name == "" {
				p.Village, p.Name = "", p.Village
			}
			kind, ok := geo.KindOf(r.text("kind"))
			if r.text("kind") == "" {
				kind = geo.KindLandmark
			} else if !ok || kind == geo.KindVillage {
				r.fail("kind", r.text("kind"))
			}
			p.Kind = kind
			if p.Name == "" || strings.Contains(p.Name, "/") {
				r.fail("place_name", r.text("place"))
			}
			if !p.Point.Valid() && !p.Point.Zero() || (p.Point.Lng == 0) != (p.Point.Lat == 0) {
				r.fail("point", r.text("lng"), r.text("lat"))
			}
			if !(p.Radius >= 0 && p.Radius <= maxRadius) {
				r.fail("radius", r.text("radius"))
			}
			return p
		},
		cells: func(p geo.Place) []string {
			number := func(v float64) string {
				if v == 0 {
					return ""
				}
				return strconv.FormatFloat(v, 'f', -1, 64)
			}
			return []string{placeKey(p), string(p.Kind), strings.Join(p.Aliases, " "), number(p.Point.Lng), number(p.Point.Lat), number(p.Radius)}
		},
	}
}

// maxRadius is the largest radius of a place, in metres.
const maxRadius = 20_000

var loginForm = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,32}$`)

func personFormat() format[Person] {
	return format[Person]{
		file: "people", columns: []string{"login", "name", "role", "unit", "village"}, need: 3,
		parse: func(r record) Person {
			p := Person{
				Login: incident.Login(r.text("login")), Name: r.need("name"), Unit: incident.UnitID(r.text("unit")), Village: r.text("village"),
				Role: roleOf(r),
			}
			if !loginForm.MatchString(string(p.Login)) {
				r.fail("login", string(p.Login))
			}
			if bound := p.Role == incident.RoleUnit || p.Role == incident.RoleGrid; bound && p.Unit == "" {
				r.fail("empty", "unit")
			}
			return p
		},
		cells: func(p Person) []string {
			return []string{string(p.Login), p.Name, string(p.Role), string(p.Unit), p.Village}
		},
	}
}

func roleOf(r record) incident.Role {
	return oneOf(r, "role", incident.RoleOperator, incident.RoleShift, incident.RoleDirector, incident.RoleTown, incident.RoleUnit,
		incident.RoleGrid, incident.RoleCounty, incident.RoleSystem)
}

func postFormat() format[Post] {
	return format[Post]{
		file: "posts", columns: []string{"post", "role"}, need: 2,
		parse: func(r record) Post { return Post{Name: r.text("post"), Role: roleOf(r)} },
		cells: func(p Post) []string { return []string{p.Name, string(p.Role)} },
	}
}

func turnFormat() format[Turn] {
	return format[Turn]{
		file: "roster", columns: []string{"turn", "begin", "end", "post", "login"}, need: 5,
		parse: func(r record) Turn {
			t := Turn{ID: r.text("turn"), From: r.when("begin"), To: r.when("end"), Post: r.need("post"), Login: incident.Login(r.need("login"))}
			if t.From == 0 || t.To <= t.From {
				r.fail("turn", r.text("begin"), r.text("end"))
			}
			return t
		},
		cells: func(t Turn) []string {
			return []string{t.ID, formatWhen(t.From), formatWhen(t.To), t.Post, string(t.Login)}
		},
	}
}

var codeForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.-]{0,15}$`)

// padCode gives codes back the zero in front that a spreadsheet took away: 501 was 0501.
func padCode(code string) string {
	if len(code) == 3 && strings.Trim(code, "0123456789") == "" {
		return "0" + code
	}
	return code
}

func categoryFormat() format[Category] {
	return format[Category]{
		file: "duty", need: 9, norm: padCode,
		columns: []string{
			"code", "major", "minor", "lead", "co", "urgency", "difficulty", "settle", "list", "photo", "dispute", "no_cap",
			"shift_decides", "split", "note",
		},
		parse: parseCategory,
		cells: func(c Category) []string {
			return []string{
				c.Code, c.Major, c.Minor, string(c.Lead), joinUnits(c.Co), string(c.Urgency), strconv.Itoa(c.Difficulty),
				FormatLimit(c.Settle), string(c.List), formatYes(c.PhotoNeeded), formatYes(c.Dispute), formatYes(c.NoCap),
				formatYes(c.SLDecides), formatSplits(c.Splits), c.Note,
			}
		},
	}
}

func parseCategory(r record) Category {
	c := Category{Note: r.text("note")}
	c.Code, c.Major, c.Minor = r.text("code"), r.need("major"), r.need("minor")
	if !codeForm.MatchString(c.Code) {
		r.fail("code", c.Code)
	}
	c.SLDecides = r.yes("shift_decides", false)
	c.Lead = incident.UnitID(r.text("lead"))
	if c.Lead == "" && !c.SLDecides {
		r.fail("empty", "lead")
	}
	for _, w := range r.words("co") {
		c.Co = append(c.Co, incident.UnitID(w))
	}
	c.Urgency = oneOf(r, "urgency", incident.Critical, incident.Urgent, incident.Normal, incident.Low)
	var err error
	if c.Difficulty, err = strconv.Atoi(r.text("difficulty")); err != nil || c.Difficulty < 1 || c.Difficulty > 4 {
		r.fail("difficulty", r.text("difficulty"))
	}
	if c.Settle = r.limit("settle"); c.Settle.Kind == incident.NoLimit && r.text("settle") == "" {
		r.fail("empty", "settle")
	}
	c.List = oneOf(r, "list", incident.ListDaily, incident.ListJoint, incident.ListMonthly)
	c.PhotoNeeded, c.Dispute, c.NoCap = r.yes("photo", false), r.yes("dispute", false), r.yes("no_cap", false)
	c.Splits = parseSplits(r)
	return c
}

// parseSplits reads "word|word>unit; word>unit".
func parseSplits(r record) []Split {
	var out []Split
	for part := range strings.FieldsFuncSeq(r.text("split"), func(c rune) bool { return c == ';' || c == '；' }) {
		words, unit, ok := strings.Cut(part, ">")
		s := Split{Lead: incident.UnitID(strings.TrimSpace(unit))}
		for w := range strings.SplitSeq(words, "|") {
			if w = strings.TrimSpace(w); w != "" {
				s.Words = append(s.Words, w)
			}
		}
		if !ok || s.Lead == "" || len(s.Words) == 0 {
			r.fail("split", part)
			continue
		}
		out = append(out, s)
	}
	return out
}

func formatSplits(splits []Split) string {
	parts := make([]string, len(splits))
	for i, s := range splits {
		parts[i] = strings.Join(s.Words, "|") + ">" + string(s.Lead)
	}
	return strings.Join(parts, "; ")
}

func joinUnits(units []incident.UnitID) string {
	parts := make([]string, len(units))
	for i, u := range units {
		parts[i] = string(u)
	}
	return strings.Join(parts, " ")
}
