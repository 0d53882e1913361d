package geo

import (
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Place is something people call by a name: a village's part, a group, a pole, a shop, a landmark. Point is WGS-84.
type Place struct {
	Name    string
	Aliases []string
	Kind    Kind
	Village string  // "" when unknown
	Point   Point   // the zero Point: 位置未定
	Radius  float64 // metres within which it is meant; 0: as usual for its kind
}

// Kind says what a place is.
type Kind string

// The kinds of places.
const (
	KindVillage  Kind = "village"  // 行政村
	KindHamlet   Kind = "hamlet"   // 自然村
	KindGroup    Kind = "group"    // 村民小组
	KindGrid     Kind = "grid"     // 网格
	KindPole     Kind = "pole"     // 电杆
	KindShop     Kind = "shop"     // 店
	KindField    Kind = "field"    // 畈、田块
	KindWater    Kind = "water"    // 塘、水库、溪
	KindRoad     Kind = "road"     // 路、桥、路口
	KindLandmark Kind = "landmark" // 其他地标
)

// Kinds lists all kinds.
func Kinds() []Kind {
	return []Kind{KindVillage, KindHamlet, KindGroup, KindGrid, KindPole, KindShop, KindField, KindWater, KindRoad, KindLandmark}
}

// kindWords are the kinds as tables and map files write them.
var kindWords = map[string]Kind{
	"行政村": KindVillage, "村": KindVillage, "自然村": KindHamlet, "小组": KindGroup, "组": KindGroup, "村民小组": KindGroup, "网格": KindGrid,
	"电杆": KindPole, "杆": KindPole, "杆号": KindPole, "店": KindShop, "商店": KindShop, "商户": KindShop, "田": KindField, "田畈": KindField, "畈": KindField,
	"水": KindWater, "水域": KindWater, "水库": KindWater, "山塘": KindWater, "塘": KindWater, "路": KindRoad, "道路": KindRoad, "桥": KindRoad, "路口": KindRoad,
	"地标": KindLandmark, "其他": KindLandmark,
}

// KindOf reads a kind, by its own word or as tables write it.
func KindOf(text string) (Kind, bool) {
	text = strings.TrimSpace(text)
	if k := Kind(strings.ToLower(text)); slices.Contains(Kinds(), k) {
		return k, true
	}
	k, ok := kindWords[text]
	return k, ok
}

// Usual returns how far around its point a place of a kind is usually meant, in metres.
func (k Kind) Usual() float64 {
	switch k {
	case KindPole, KindShop:
		return 30
	case KindRoad, KindLandmark:
		return 80
	case KindGroup, KindHamlet:
		return 250
	case KindField, KindWater, KindGrid:
		return 400
	case KindVillage:
		return 900
	}
	return 150
}

// Found is one line or feature of an import, as it is written there; its point is in the file's own system.
type Found struct {
	At    int // line of the table, number of the feature
	Place Place
	// Points is how many points an area or line has; its point is then its middle.
	Points int
	// Fault is why it can't be taken, the ending of a catalogue key, with what it is about; "" for none.
	Fault, About string
}

// The faults of a line.
const (
	FaultName    = "name"    // no name
	FaultPoint   = "point"   // no point, or no number
	FaultKind    = "kind"    // an unknown kind
	FaultTwice   = "twice"   // a name that stood further up
	FaultHalf    = "half"    // longitude without latitude
	FaultVillage = "village" // a village that the town doesn't have
	FaultWhich   = "which"   // the name of several places
)

// maxPlaces bounds an import.
const maxPlaces = 50_000

// ErrFormat says that a file is none of those that can be imported.
var ErrFormat = errors.New("neither GeoJSON, KML, CSV nor a workbook")

// Params says how a file is read.
type Params struct {
	// Name is the file's name; its ending says what it is.
	Name string
	File io.Reader
	// Table reads tables: the rows of a CSV file or workbook, each with its cells. Nil: none can be read.
	Table func(ctx context.Context, name string, content []byte) ([][]string, error)
	// Step is told the bytes read, and ends the reading by an error.
	Step func(read int64) error
}

// Read reads places from a file. Lines that can't be taken come back with their fault; an error means that nothing could be read.
func Read(ctx context.Context, p Params) ([]Found, error) {
	step := func(read int64) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if p.Step != nil {
			return p.Step(read)
		}
		return nil
	}
	var out []Found
	each := func(f Feature) error {
		if len(out) == maxPlaces {
			return ErrTooLarge
		}
		out = append(out, f.found())
		return nil
	}
	var err error
	switch strings.ToLower(path.Ext(p.Name)) {
	case ".geojson", ".json":
		err = ReadGeoJSON(p.File, step, each)
	case ".kml":
		err = ReadKML(p.File, step, each)
	case ".csv", ".tsv", ".txt", ".xlsx":
		out, err = p.readTable(ctx, step)
	default:
		err = ErrFormat
	}
	if err != nil {
		return nil, err
	}
	twice(out)
	return out, nil
}

// maxTable bounds a table, which is read as a whole.
const maxTable = 32 << 20

func (p Params) readTable(ctx context.Context, step func(int64) error) ([]Found, error) {
	if p.Table == nil {
		return nil, ErrFormat
	}
	content, err := io.ReadAll(&meter{r: p.File, bound: maxTable, step: step})
	if err != nil {
		return nil, err
	}
	rows, err := p.Table(ctx, p.Name, content)
	if err != nil {
		return nil, err
	}
	return fromTable(rows)
}

// twice marks what has the name of something further up, in the same village.
func twice(all []Found) {
	seen := map[string]bool{}
	for i := range all {
		f := &all[i]
		if f.Fault != "" {
			continue
		}
		key := f.Place.Village + "/" + f.Place.Name
		if seen[key] {
			f.Fault, f.About = FaultTwice, f.Place.Name
		}
		seen[key] = true
	}
}

// found makes a place of a feature: its point, or the middle of its area or line with half its extent as radius.
func (f Feature) found() Found {
	out := Found{At: f.At, Place: Place{Name: strings.TrimSpace(f.Name)}}
	get := func(names ...string) string {
		for _, n := range names {
			if v := strings.TrimSpace(f.Props[n]); v != "" {
				return v
			}
		}
		return ""
	}
	out.Place.Aliases = splitNames(get("aliases", "别名", "俗称"))
	out.Place.Village = get("village", "村", "行政村")
	out.kind(get("kind", "类别", "类型"))
	if r, err := strconv.ParseFloat(get("radius", "半径"), 64); err == nil && r > 0 {
		out.Place.Radius = r
	}
	var all []Point
	switch {
	case len(f.Points) > 0:
		all = f.Points
	case len(f.Shapes) > 0:
		for _, s := range f.Shapes {
			all = append(all, s.Outer...)
		}
	default:
		for _, l := range f.Lines {
			all = append(all, l...)
		}
	}
	out.Points = len(all)
	switch {
	case out.Place.Name == "":
		out.Fault = FaultName
	case len(all) == 0:
	case len(f.Points) == 1:
		out.Place.Point = f.Points[0]
	case len(f.Shapes) > 0 && len(f.Points) == 0:
		out.Place.Point = f.Shapes[0].Outer.Middle()
	default:
		out.Place.Point = BoxOf(all...).Centre()
	}
	if b := BoxOf(all...); len(all) > 1 && out.Place.Radius == 0 && b.Min.Valid() && b.Max.Valid() {
		out.Place.Radius = Distance(b.Min, b.Max) / 2
	}
	return out
}

func (f *Found) kind(text string) {
	if f.Place.Kind = KindLandmark; text == "" {
		return
	}
	k, ok := KindOf(text)
	if !ok {
		f.Fault, f.About = FaultKind, text
		return
	}
	f.Place.Kind = k
}

// Middle returns the centre of gravity where it lies inside the ring, else the middle of the ring's longest stretch on its height.
func (r Ring) Middle() Point {
	at := planeAt(r[0])
	ring := at.ring(r)
	var area, x, y float64
	for i, q := range ring {
		p := ring[(i+len(ring)-1)%len(ring)]
		cross := p[0]*q[1] - q[0]*p[1]
		area, x, y = area+cross, x+(p[0]+q[0])*cross, y+(p[1]+q[1])*cross
	}
	if area == 0 {
		return BoxOf(r...).Centre()
	}
	c := at.point(x/(3*area), y/(3*area))
	if r.Contains(c) {
		return c
	}
	var cross []float64
	for i, a := range r {
		b := r[(i+len(r)-1)%len(r)]
		if (a.Lat > c.Lat) != (b.Lat > c.Lat) {
			cross = append(cross, a.Lng+(c.Lat-a.Lat)/(b.Lat-a.Lat)*(b.Lng-a.Lng))
		}
	}
	slices.Sort(cross)
	best := 0.0
	for i := 0; i+1 < len(cross); i += 2 {
		if w := cross[i+1] - cross[i]; w > best {
			best, c.Lng = w, (cross[i]+cross[i+1])/2
		}
	}
	return c
}

func splitNames(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" 　、，,;；|/", c) })
}

// tableColumns are the columns of a table of places, by how they are called.
var tableColumns = map[string]string{
	"name": "name", "名称": "name", "地名": "name", "村名": "name",
	"aliases": "aliases", "alias": "aliases", "别名": "aliases", "俗称": "aliases",
	"kind": "kind", "类别": "kind", "类型": "kind",
	"village": "village", "村": "village", "行政村": "village", "所属村": "village",
	"lng": "lng", "lon": "lng", "longitude": "lng", "x": "lng", "经度": "lng", "东经": "lng",
	"lat": "lat", "latitude": "lat", "y": "lat", "纬度": "lat", "北纬": "lat",
	"radius": "radius", "半径": "radius", "范围": "radius",
}

// headWithin is how far down the head of a table may stand.
const headWithin = 20

// fromTable reads the rows of a table, the first with name, longitude and latitude being its head.
func fromTable(rows [][]string) ([]Found, error) {
	for i := range min(len(rows), headWithin) {
		cols := map[string]int{}
		for j, cell := range rows[i] {
			if c, ok := tableColumns[strings.ToLower(strings.TrimSpace(cell))]; ok {
				if _, twice := cols[c]; !twice {
					cols[c] = j
				}
			}
		}
		if _, ok := cols["name"]; !ok || len(cols) < 2 {
			continue
		}
		if len(rows)-i-1 > maxPlaces {
			return nil, ErrTooLarge
		}
		var out []Found
		for n, row := range rows[i+1:] {
			if f, ok := fromRow(cols, row); ok {
				f.At = i + n + 2
				out = append(out, f)
			}
		}
		return out, nil
	}
	return nil, ErrFormat
}

// fromRow reads one row; false for an empty one.
func fromRow(cols map[string]int, row []string) (Found, bool) {
	cell := func(c string) string {
		if j, ok := cols[c]; ok && j < len(row) {
			return strings.TrimSpace(row[j])
		}
		return ""
	}
	if strings.TrimSpace(strings.Join(row, "")) == "" {
		return Found{}, false
	}
	f := Found{Place: Place{Name: cell("name"), Aliases: splitNames(cell("aliases")), Village: cell("village")}, Points: 1}
	f.kind(cell("kind"))
	number := func(c string) float64 {
		text := strings.TrimRight(cell(c), "°米m")
		if text == "" {
			return 0
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil && f.Fault == "" {
			f.Fault, f.About = FaultPoint, cell(c)
		}
		return v
	}
	f.Place.Point, f.Place.Radius = Point{Lng: number("lng"), Lat: number("lat")}, number("radius")
	switch {
	case f.Fault != "":
	case f.Place.Name == "":
		f.Fault = FaultName
	case (cell("lng") == "") != (cell("lat") == ""):
		f.Fault = FaultHalf
	case cell("lng") == "":
		f.Points = 0
	}
	return f, true
}
