package duty

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"zw110/data/calendar"
	"zw110/data/incident"
)

// Town is what pack.toml says of the town and its room.
type Town struct {
	Code   incident.ScopeID
	Name   string // 塔石镇
	Short  string // 塔, for document numbers
	County string
	Room   string
	// Extent is west, south, east, north in WGS-84 degrees.
	Extent            [4]float64
	SupervisionNumber string // {short} {year} {n}
	Hours             calendar.Hours
	// Titles of the lists: {town} {room} {year} {month} {day} {week}.
	Titles map[incident.List]string
}

// packFormat is the only version of pack.toml so far.
const packFormat = 1

// townFile is pack.toml as it stands on disk.
type townFile struct {
	Format            int                      `toml:"format"`
	Code              int64                    `toml:"code"`
	Town              string                   `toml:"town"`
	Short             string                   `toml:"short"`
	County            string                   `toml:"county"`
	Room              string                   `toml:"room"`
	Extent            []float64                `toml:"extent"`
	Number            string                   `toml:"number,omitempty"`
	SeqDigits         int                      `toml:"seq_digits,omitzero"`
	SupervisionNumber string                   `toml:"supervision_number"`
	Office            officeFile               `toml:"office"`
	Titles            map[incident.List]string `toml:"titles"`
}

type officeFile struct {
	Hours      string `toml:"hours"`
	Summer     string `toml:"summer,omitempty"`
	SummerFrom string `toml:"summer_from,omitempty"`
	SummerTo   string `toml:"summer_to,omitempty"`
}

// Incident numbers have one form everywhere, which no pack can change: two desks of a town, or a town and its county, could else not
// read each other's. Packs used to name it; those that name it so may stay as they are.
const (
	numberForm   = "{year}{month}{day}-{seat}{seq}"
	numberDigits = 3
)

const townName = "pack.toml"

// parseTown reads pack.toml. An unknown key is a fault that names it.
func parseTown(raw []byte, faults *Faults) Town {
	fail := func(line int, reason string, args ...string) {
		*faults = append(*faults, Fault{File: townName, Line: line, Key: "duty.fault." + reason, Args: args})
	}
	var f townFile
	meta, err := toml.Decode(string(bytes.TrimPrefix(raw, []byte("\ufeff"))), &f)
	if pe := (toml.ParseError{}); errors.As(err, &pe) {
		fail(pe.Position.Line, "toml", pe.Message)
		return Town{}
	}
	if err != nil {
		fail(0, "toml", err.Error())
		return Town{}
	}
	for _, k := range meta.Undecoded() {
		fail(0, "key_unknown", k.String())
	}
	f.check(fail)
	t := Town{
		Code: incident.ScopeID(f.Code & (1<<32 - 1)), Name: f.Town, Short: f.Short, County: f.County, Room: f.Room,
		SupervisionNumber: f.SupervisionNumber, Titles: f.Titles,
	}
	copy(t.Extent[:], f.Extent)
	if t.Hours, err = f.Office.hours(); err != nil {
		fail(0, "hours", err.Error())
	}
	return t
}

// check names the keys whose value can't be.
func (f townFile) check(fail func(line int, reason string, args ...string)) {
	if f.Format != packFormat {
		fail(0, "format", strconv.Itoa(f.Format), strconv.Itoa(packFormat))
	}
	if n := len(strconv.FormatInt(f.Code, 10)); f.Code <= 0 || (n != 6 && n != 9) {
		fail(0, "division", strconv.FormatInt(f.Code, 10))
	}
	needed := map[string]string{
		"town": f.Town, "short": f.Short, "county": f.County, "room": f.Room, "supervision_number": f.SupervisionNumber,
	}
	titled := []incident.List{incident.ListDaily, incident.ListJoint, incident.ListMonthly}
	for _, l := range titled {
		needed["titles."+string(l)] = f.Titles[l]
	}
	for key, v := range needed {
		if strings.TrimSpace(v) == "" {
			fail(0, "empty", key)
		}
	}
	for l := range f.Titles {
		if !slices.Contains(titled, l) {
			fail(0, "key_unknown", "titles."+string(l))
		}
	}
	if f.Number != "" && f.Number != numberForm || f.SeqDigits != 0 && f.SeqDigits != numberDigits {
		fail(0, "number_form", f.Number, strconv.Itoa(f.SeqDigits))
	}
	if !validExtent(f.Extent) {
		fail(0, "extent")
	}
}

func validExtent(e []float64) bool {
	return len(e) == 4 && e[0] >= -180 && e[2] <= 180 && e[1] >= -90 && e[3] <= 90 && e[0] < e[2] && e[1] < e[3]
}

func (o officeFile) hours() (calendar.Hours, error) {
	h := calendar.Hours{SummerFrom: o.SummerFrom, SummerTo: o.SummerTo}
	var err error
	if h.Usual, err = calendar.ParseWindows(o.Hours); err != nil {
		return h, err
	}
	if h.Summer, err = calendar.ParseWindows(o.Summer); err != nil {
		return h, err
	}
	return h, h.Validate()
}

// file returns the town as pack.toml.
func (t Town) file() ([]byte, error) {
	raw, err := toml.Marshal(townFile{
		Format: packFormat, Code: int64(t.Code), Town: t.Name, Short: t.Short, County: t.County, Room: t.Room, Extent: t.Extent[:],
		SupervisionNumber: t.SupervisionNumber, Titles: t.Titles,
		Office: officeFile{
			Hours: calendar.FormatWindows(t.Hours.Usual), Summer: calendar.FormatWindows(t.Hours.Summer),
			SummerFrom: t.Hours.SummerFrom, SummerTo: t.Hours.SummerTo,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", townName, err)
	}
	return raw, nil
}
