package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"zw110/data/gazetteer"
	"zw110/data/geo"
	"zw110/data/incident"
	"zw110/data/room"
)

// placesCmd is what can be done with the places that have a name.
type placesCmd struct {
	Import placesImportCmd `cmd:"" help:"${ctl_help_places_import}"`
	Export placesExportCmd `cmd:"" help:"${ctl_help_places_export}"`
	Pin    placesPinCmd    `cmd:"" help:"${ctl_help_places_pin}"`
	Find   placesFindCmd   `cmd:"" help:"${ctl_help_places_find}"`
	Learn  placesLearnCmd  `cmd:"" help:"${ctl_help_places_learn}"`
}

// placesImportCmd takes a file of places in.
type placesImportCmd struct {
	store
	System string `help:"${ctl_help_places_system}" required:"" placeholder:"WGS-84|CGCS2000|GCJ-02|BD-09"`
	By     string `help:"${ctl_help_places_by}" required:"" placeholder:"LOGIN"`
	DryRun bool   `help:"${ctl_help_dry_run}"`
	Asked  bool   `help:"${ctl_help_places_asked}"`
	JSON   bool   `name:"json" help:"${ctl_help_json}"`
	File   string `arg:"" help:"${ctl_help_places_file}" placeholder:"FILE"`
}

// placesReport is what an import says with --json.
type placesReport struct {
	File      string      `json:"file"`
	System    geo.System  `json:"system"`
	Suggested geo.System  `json:"suggested,omitempty"`
	Before    int         `json:"median_m,omitempty"`
	After     int         `json:"suggested_median_m,omitempty"`
	Taken     int         `json:"taken"`
	Rows      []placesRow `json:"rows"`
}

type placesRow struct {
	At      int         `json:"at"`
	Name    string      `json:"name"`
	Kind    geo.Kind    `json:"kind"`
	Village string      `json:"village,omitempty"`
	Lng     float64     `json:"lng,omitempty"`
	Lat     float64     `json:"lat,omitempty"`
	Verdict geo.Verdict `json:"verdict"`
	Reason  string      `json:"reason,omitempty"`
}

// Run previews the file and, unless it was only to be looked at, takes it in. A file whose known places stand far better in another system is not taken.
func (c *placesImportCmd) Run(ctx context.Context, out *output) (err error) {
	system, ok := systemOf(c.System)
	if !ok {
		return oneOf("--system", geo.Systems(), c.System)
	}
	r, err := c.open(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	p, err := c.read(ctx, r, system, out)
	if err != nil {
		return err
	}
	rep := placesReport{File: filepath.Base(c.File), System: system, Suggested: p.Suggested, Before: int(p.Before), After: int(p.After), Rows: []placesRow{}}
	unlike := p.Suggested != "" && !c.Asked
	if !c.DryRun && !unlike {
		rep.Taken, err = r.TakePlaces(ctx, incident.Login(c.By), p, func(geo.Row) bool { return c.Asked })
		if err != nil {
			return err
		}
	}
	for _, row := range p.Rows {
		rep.Rows = append(rep.Rows, placesRow{
			row.At, row.Place.Name, row.Place.Kind, row.Place.Village, row.Place.Point.Lng, row.Place.Point.Lat, row.Verdict, rowReason(out, row),
		})
	}
	if err := c.tell(out, rep, p); err != nil {
		return err
	}
	if unlike || p.Count(geo.Bad) > 0 || p.Count(geo.Ask) > 0 && !c.Asked {
		return errBad
	}
	return nil
}

func (c *placesImportCmd) read(ctx context.Context, r *room.Room, system geo.System, out *output) (p geo.Preview, err error) {
	f, err := os.Open(c.File)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return p, err
	}
	show := out.progress("ctl.places.progress")
	return r.ReadPlaces(ctx, filepath.Base(c.File), f, system, func(read int64) error {
		if show != nil {
			show(int(read>>10), int(info.Size()>>10))
		}
		return nil
	})
}

// tell writes the outcome; what was not taken goes to standard error.
func (c *placesImportCmd) tell(out *output, rep placesReport, p geo.Preview) error {
	for _, row := range rep.Rows {
		if row.Reason != "" {
			out.complain(out.texts.T("ctl.places.row", row.At, row.Name, row.Reason))
		}
	}
	if p.Suggested != "" {
		out.complain(out.texts.T("places.suggest", string(p.System), int(p.Before), string(p.Suggested), int(p.After)))
	}
	if c.JSON {
		return out.json(rep)
	}
	return out.say("ctl.places.done", p.Count(geo.New), p.Count(geo.Moved), p.Count(geo.Change), p.Count(geo.Same), p.Count(geo.Ask), p.Count(geo.Bad), rep.Taken)
}

// rowReason says why a row isn't taken, or what must be asked; empty for one that counts.
func rowReason(out *output, row geo.Row) string {
	switch row.Verdict {
	case geo.Bad:
		return out.texts.T("places.fault."+row.Fault, row.About)
	case geo.Ask:
		return out.texts.T("places.doubt."+string(row.Check.Doubt), int(row.Check.Metres), string(row.Check.System))
	}
	return ""
}

// systemOf reads the name of a coordinate system, however it is written.
func systemOf(text string) (geo.System, bool) {
	plain := func(s string) string {
		return strings.ToUpper(strings.NewReplacer("-", "", " ", "", "_", "").Replace(s))
	}
	for _, s := range geo.Systems() {
		if plain(string(s)) == plain(text) {
			return s, true
		}
	}
	return "", false
}

// placesExportCmd writes all places.
type placesExportCmd struct {
	store
	Out string `help:"${ctl_help_places_out}" required:"" placeholder:"FILE.geojson"`
}

// Run writes the file; one that stands there already is not overwritten.
func (c *placesExportCmd) Run(_ context.Context, out *output) (err error) {
	r, err := c.open(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	f, err := os.OpenFile(c.Out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(r.ExportPlaces(io.Writer(f)), f.Sync(), f.Close()); err != nil {
		return err
	}
	return out.say("ctl.places.exported", len(r.Places()), c.Out)
}

// placesPinCmd puts one place where it is.
type placesPinCmd struct {
	store
	By      string `help:"${ctl_help_places_by}" required:"" placeholder:"LOGIN"`
	System  string `help:"${ctl_help_places_system}" required:"" placeholder:"WGS-84|CGCS2000|GCJ-02|BD-09"`
	Village string `help:"${ctl_help_places_village}" placeholder:"V"`
	Asked   bool   `help:"${ctl_help_places_asked}"`
	Name    string `arg:"" help:"${ctl_help_places_name}" placeholder:"NAME"`
	Lng     string `arg:"" help:"${ctl_help_places_lng}" placeholder:"LNG"`
	Lat     string `arg:"" help:"${ctl_help_places_lat}" placeholder:"LAT"`
}

// Run pins the place; a point that is doubtful needs --asked.
func (c *placesPinCmd) Run(ctx context.Context, out *output) (err error) {
	system, ok := systemOf(c.System)
	if !ok {
		return oneOf("--system", geo.Systems(), c.System)
	}
	lng, errLng := strconv.ParseFloat(c.Lng, 64)
	lat, errLat := strconv.ParseFloat(c.Lat, 64)
	if errLng != nil || errLat != nil {
		return wrong("ctl.places.degrees", c.Lng, c.Lat)
	}
	r, err := c.open(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	found := geo.Found{Place: geo.Place{Name: c.Name, Village: c.Village, Point: geo.Point{Lng: lng, Lat: lat}}, Points: 1}
	p := r.Ground().Look([]geo.Found{found}, system, r.Places())
	row := p.Rows[0]
	if row.Before == nil {
		return room.ErrNotFound
	}
	if row.Verdict == geo.Bad || row.Verdict == geo.Ask && !c.Asked {
		out.complain(out.texts.T("ctl.places.row", 1, c.Name, rowReason(out, row)))
		return errBad
	}
	if err := r.PinPlace(ctx, incident.Login(c.By), *row.Before, row.Place.Point); err != nil {
		return err
	}
	return out.say("ctl.places.pinned", row.Before.Name)
}

// placesFindCmd finds the places that words mean.
type placesFindCmd struct {
	store
	Limit int      `help:"${ctl_help_limit}" default:"5"`
	JSON  bool     `name:"json" help:"${ctl_help_json}"`
	Words []string `arg:"" help:"${ctl_help_places_words}" placeholder:"WORDS"`
}

// placeHit is a hit with --json.
type placeHit struct {
	Name    string        `json:"name"`
	Kind    geo.Kind      `json:"kind"`
	Village string        `json:"village,omitempty"`
	Lng     float64       `json:"lng,omitempty"`
	Lat     float64       `json:"lat,omitempty"`
	Metres  int           `json:"uncertainty_m"`
	Rough   bool          `json:"village_point,omitempty"`
	Score   float64       `json:"score"`
	Sure    bool          `json:"sure"`
	Why     gazetteer.Why `json:"why"`
	Start   int           `json:"start"`
	End     int           `json:"end"`
}

// Run tells the hits, the likeliest first; exit 1 when there are none.
func (c *placesFindCmd) Run(_ context.Context, out *output) (err error) {
	r, err := c.open(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	text := strings.Join(c.Words, " ")
	found := r.FindPlaces(text)
	if len(found) == 0 {
		found = r.SearchPlaces(text, c.Limit)
	}
	if c.Limit > 0 && len(found) > c.Limit {
		found = found[:c.Limit]
	}
	hits := make([]placeHit, len(found))
	for i, h := range found {
		hits[i] = placeHit{
			h.Place.Name, h.Place.Kind, h.Place.Village, h.Point.Lng, h.Point.Lat, int(h.Uncertainty), h.Rough, h.Score, h.Score >= gazetteer.Sure,
			h.Why, h.Start, h.End,
		}
	}
	if c.JSON {
		if err := out.json(hits); err != nil {
			return err
		}
	} else if err := tellHits(out, hits); err != nil {
		return err
	}
	if len(hits) == 0 {
		return errBad
	}
	return nil
}

func tellHits(out *output, hits []placeHit) error {
	if len(hits) == 0 {
		out.complain(out.texts.T("ctl.places.none"))
	}
	for _, h := range hits {
		where := out.texts.T("ctl.places.nowhere")
		if h.Lng != 0 || h.Lat != 0 {
			where = out.texts.T("ctl.places.at", strconv.FormatFloat(h.Lng, 'f', 5, 64), strconv.FormatFloat(h.Lat, 'f', 5, 64), h.Metres)
		}
		why := out.texts.T("places.why." + string(h.Why))
		if err := out.say("ctl.places.hit", int(h.Score*100), strings.TrimSpace(h.Village+" "+h.Name), out.texts.T("places.kind."+string(h.Kind)), why, where); err != nil {
			return err
		}
	}
	return nil
}

// placesLearnCmd makes words a name of a place.
type placesLearnCmd struct {
	store
	By      string `help:"${ctl_help_places_learn_by}" required:"" placeholder:"LOGIN"`
	Village string `help:"${ctl_help_places_village}" placeholder:"V"`
	Words   string `arg:"" help:"${ctl_help_places_words}" placeholder:"WORDS"`
	Name    string `arg:"" help:"${ctl_help_places_name}" placeholder:"NAME"`
}

// Run teaches the words.
func (c *placesLearnCmd) Run(ctx context.Context, out *output) (err error) {
	r, err := c.open(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	row := r.Ground().Look([]geo.Found{{Place: geo.Place{Name: c.Name, Village: c.Village}}}, geo.WGS84, r.Places()).Rows[0]
	if row.Before == nil {
		if row.Fault != "" {
			out.complain(out.texts.T("ctl.places.row", 1, c.Name, rowReason(out, row)))
			return errBad
		}
		return room.ErrNotFound
	}
	if err := r.LearnPlace(ctx, incident.Login(c.By), c.Words, *row.Before); err != nil {
		return err
	}
	return out.say("ctl.places.learnt", c.Words, row.Before.Name)
}
