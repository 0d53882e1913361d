package duty

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"zw110/data/calendar"
	"zw110/data/geo"
	"zw110/data/incident"
)

// Change is one dated setting. The name is table/key: duty/0501, units/建设办, villages/罗山村, people/op1, posts/坐席员, limits/sign,
// roster/1, places/罗山村/三组; or town, or calendar/2027. The value of a row is a JSON object of its columns as in the pack's file, all texts, and null ends the
// row. The value of places, without a key, is a JSON array of such rows, for imports of many. The value of town is pack.toml, that of a calendar year is its file.
type Change struct {
	Name  string
	From  incident.Stamp
	Value []byte
}

// ErrUnknownSetting says that a name is no setting of the directory.
var ErrUnknownSetting = errors.New("unknown setting")

// Apply returns the directory with one more change. Changes with different From may come in any order; of two with the same name and From
// the later applied holds. What is wrong in itself comes as Faults; whether the whole still fits together says Validate.
func (d *Directory) Apply(ch Change) (*Directory, error) {
	n := *d
	kind, key, _ := strings.Cut(ch.Name, "/")
	var err error
	switch {
	case ch.Name == "town":
		err = n.applyTown(ch)
	case kind == "calendar" && key != "":
		err = n.applyNotice(key, ch)
	case ch.Name == "places":
		err = n.applyPlaces(ch)
	case key == "":
		err = fmt.Errorf("setting %q: %w", ch.Name, ErrUnknownSetting)
	default:
		err = n.applyRow(kind, key, ch)
	}
	if err != nil {
		return nil, err
	}
	n.derive()
	return &n, nil
}

func (d *Directory) applyRow(kind, key string, ch Change) (err error) {
	switch kind {
	case "units":
		d.units, err = changed(d.units, unitFormat(), key, ch)
	case "villages":
		d.villages, err = changed(d.villages, villageFormat(), key, ch)
	case "people":
		d.people, err = changed(d.people, personFormat(), key, ch)
	case "posts":
		d.posts, err = changed(d.posts, postFormat(), key, ch)
	case "duty":
		d.duty, err = changed(d.duty, categoryFormat(), key, ch)
	case "limits":
		d.limits, err = changed(d.limits, limitFormat(), key, ch)
	case "roster":
		d.roster, err = changed(d.roster, turnFormat(), key, ch)
	case "assess":
		d.shares, err = changed(d.shares, shareFormat(), key, ch)
	case "places":
		d.places, err = changed(d.places, placeFormat(), key, ch)
	case "warn":
		d.alarms, err = changed(d.alarms, alarmFormat(), key, ch)
	default:
		err = fmt.Errorf("setting %q: %w", ch.Name, ErrUnknownSetting)
	}
	return err
}

// PlacesSetting is the name of the setting that holds many places at once.
const PlacesSetting = "places"

// PlaceRows returns places as the value of PlacesSetting.
func PlaceRows(places []geo.Place) ([]byte, error) {
	f := placeFormat()
	rows := make([]map[string]string, len(places))
	for i, p := range places {
		rows[i] = map[string]string{}
		for j, cell := range f.cells(p) {
			if cell != "" {
				rows[i][f.columns[j]] = cell
			}
		}
	}
	return json.Marshal(rows)
}

// applyPlaces takes many places at once.
func (d *Directory) applyPlaces(ch Change) error {
	var rows []map[string]string
	if err := json.Unmarshal(ch.Value, &rows); err != nil {
		return Faults{{File: ch.Name, Key: "duty.fault.json", Args: []string{err.Error()}}}
	}
	f := placeFormat()
	next := table[geo.Place]{keys: slices.Clone(d.places.keys), rows: maps.Clone(d.places.rows)}
	var faults Faults
	for i, cells := range rows {
		r := record{file: ch.Name, line: i + 1, cells: cells, faults: &faults}
		key, v, ok := f.row(r)
		if !ok {
			continue
		}
		v.From, v.Line = ch.From, 0
		next.rows[key] = slices.Clone(next.rows[key])
		next.put(key, v)
	}
	if err := faults.err(); err != nil {
		return err
	}
	d.places = next
	return nil
}

func changed[T any](t table[T], f format[T], key string, ch Change) (table[T], error) {
	if bytes.Equal(bytes.TrimSpace(ch.Value), []byte("null")) {
		return t.with(key, version[T]{From: ch.From, Gone: true}), nil
	}
	var (
		faults Faults
		cells  map[string]string
	)
	r := record{file: ch.Name, faults: &faults}
	if err := json.Unmarshal(ch.Value, &cells); err != nil {
		r.fail("json", err.Error())
		return t, faults
	}
	for _, col := range slices.Sorted(maps.Keys(cells)) {
		if !slices.Contains(f.columns, col) {
			r.fail("column_unknown", col)
		}
	}
	if own, given := cells[f.columns[0]]; given && own != key {
		r.fail("key_differs", own, key)
	}
	r.cells = map[string]string{}
	maps.Copy(r.cells, cells)
	r.cells[f.columns[0]] = key
	name, v, _ := f.row(r)
	if err := faults.err(); err != nil {
		return t, err
	}
	v.From = ch.From
	return t.with(name, v), nil
}

func (d *Directory) applyTown(ch Change) error {
	var faults Faults
	town := parseTown(ch.Value, &faults)
	if err := faults.err(); err != nil {
		return err
	}
	if !d.newer(ch) {
		return nil
	}
	cal, err := d.calendar.WithHours(town.Hours)
	if err != nil {
		return fmt.Errorf("setting town: %w", err)
	}
	d.town, d.calendar = town, cal
	return nil
}

func (d *Directory) applyNotice(key string, ch Change) error {
	notices, err := calendar.Parse(bytes.NewReader(ch.Value))
	if err != nil {
		return fmt.Errorf("setting %s: %w", ch.Name, err)
	}
	if len(notices) != 1 || strconv.Itoa(notices[0].Year) != key {
		return Faults{{File: ch.Name, Key: "duty.fault.year", Args: []string{key}}}
	}
	if !d.newer(ch) {
		return nil
	}
	cal, err := d.calendar.With(notices...)
	if err != nil {
		return fmt.Errorf("setting %s: %w", ch.Name, err)
	}
	d.calendar = cal
	return nil
}

// newer reports whether a change of an undated setting is the newest, and remembers it.
func (d *Directory) newer(ch Change) bool {
	if ch.From < d.since[ch.Name] {
		return false
	}
	d.since = maps.Clone(d.since)
	d.since[ch.Name] = ch.From
	return true
}

// Setting returns the value of a setting as it reads at a moment (0: the newest), in the form that Apply takes; false when there is none.
func (d *Directory) Setting(name string, at incident.Stamp) ([]byte, bool) {
	kind, key, _ := strings.Cut(name, "/")
	switch kind {
	case "town":
		raw, err := d.town.file()
		return raw, err == nil && key == ""
	case "calendar":
		for _, n := range d.calendar.Notices() {
			if strconv.Itoa(n.Year) == key {
				raw, err := noticeFile(n)
				return raw, err == nil
			}
		}
		return nil, false
	case "units":
		return value(d.units, unitFormat(), key, at)
	case "villages":
		return value(d.villages, villageFormat(), key, at)
	case "people":
		return value(d.people, personFormat(), key, at)
	case "posts":
		return value(d.posts, postFormat(), key, at)
	case "duty":
		return value(d.duty, categoryFormat(), key, at)
	case "limits":
		return value(d.limits, limitFormat(), key, at)
	case "roster":
		return value(d.roster, turnFormat(), key, at)
	case "assess":
		return value(d.shares, shareFormat(), key, at)
	case "places":
		return value(d.places, placeFormat(), key, at)
	case "warn":
		return value(d.alarms, alarmFormat(), key, at)
	}
	return nil, false
}

func value[T any](t table[T], f format[T], key string, at incident.Stamp) ([]byte, bool) {
	row, ok := t.at(key, at)
	if !ok {
		return nil, false
	}
	cells := map[string]string{}
	for i, cell := range f.cells(row) {
		cells[f.columns[i]] = cell
	}
	raw, err := json.Marshal(cells)
	return raw, err == nil
}

func noticeFile(n calendar.Notice) ([]byte, error) {
	var b bytes.Buffer
	err := n.Write(&b)
	return b.Bytes(), err
}
