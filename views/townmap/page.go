package townmap

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views"
	"zw110/views/kit"
	"zw110/views/townmap/chart"
)

// Key names the map page.
const Key = "map"

const (
	panelWidth  float32 = 340
	panelNarrow float32 = 288
	// settleTime is how long the view must rest before the list follows.
	settleTime = 120 * time.Millisecond
	// step is how far an arrow moves the view, in units; factor how much a key or button zooms.
	step   float32 = 96
	factor float64 = 1.5
	// showMargin is how far from the edge the cursor is kept.
	showMargin float32 = 72
	// doubleTap is the longest time between the two taps of a double one.
	doubleTap = 400 * time.Millisecond
)

// Params says how a map page is made.
type Params struct {
	Env  *kit.Env
	Desk interface {
		Desk
		Subscribe(func(room.Change)) func()
	}
	// Apart runs a job off the UI goroutine.
	Apart func(job func())
	// Ground is the town; its Town is nil where the pack has none.
	Ground func() Ground
	// Posts are units and blue vests where they are known to be; nil for none.
	Posts func() []chart.Post
	// Open opens an incident's file, Queue shows it in the queue.
	Open, Queue func(incident.IncidentID)
}

// Page is the map.
type Page struct {
	p       Params
	env     *kit.Env
	ground  Ground
	now     picture
	sorted  []entry // by the order of the list
	inView  []int   // of sorted
	unseen  int     // open incidents with neither a place nor a village on the map
	index   *board.Points
	plates  []board.Cluster // of the last picture
	plate   chart.Look      // it was painted with
	posts   []chart.Post
	cursor  incident.IncidentID
	layers  layers
	byClock bool
	measure *ruler
	towns   []incident.ScopeID

	plan    *Plan
	floats  *floats
	panel   *panel
	content *fyne.Container
	cancel  func()
	settle  func()
	reading bool
	stale   bool
	fitted  bool                // the whole was looked at
	seek    incident.IncidentID // to be brought into view once the room was asked
	tapAt   incident.Stamp
	tapOn   incident.IncidentID
	day     incident.Day
}

// layers says what is drawn. Heat is the number of days it counts, 0 for none.
type layers struct {
	incidents, units, vests bool
	heat                    int
	heatOn                  bool
}

var (
	_ views.Page      = (*Page)(nil)
	_ views.Ticking   = (*Page)(nil)
	_ views.Reporting = (*Page)(nil)
	_ views.Subject   = (*Page)(nil)
	_ views.Badged    = (*Page)(nil)
)

// New returns the map page. It fails only when the embedded fonts are damaged.
func New(p Params) (*Page, error) {
	m := &Page{p: p, env: p.Env, index: board.NewPoints(), layers: layers{incidents: true, units: true, vests: true, heat: heatDays()[1], heatOn: true}}
	plan, err := NewPlan(PlanParams{
		Post: p.Env.Post, Apart: p.Apart, Look: chart.Desk, Scene: m.scene, Moved: m.moved, Tapped: m.tapped, Pointed: m.pointed,
	})
	if err != nil {
		return nil, err
	}
	m.plan = plan
	m.floats = newFloats(m)
	m.panel = newPanel(m)
	m.content = container.New(&pageLayout{m}, plan, m.floats.root, m.panel.root)
	return m, nil
}

// pageLayout puts the map at the left and the list at the right.
type pageLayout struct{ m *Page }

func (l *pageLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(400, 300) }

func (l *pageLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	side := panelWidth
	if size.Width < 1300-72 {
		side = panelNarrow
	}
	if size.Width < 700 {
		side = 0
	}
	put := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(max(0, w), max(0, h)))
	}
	put(l.m.plan, 0, 0, size.Width-side, size.Height)
	put(l.m.floats.root, 0, 0, size.Width-side, size.Height)
	l.m.panel.root.Hidden = side == 0
	put(l.m.panel.root, size.Width-side, 0, side, size.Height)
}

// Key names the page.
func (m *Page) Key() string { return Key }

// Content is the page.
func (m *Page) Content() fyne.CanvasObject { return m.content }

// Scopes says where the keys have their meaning.
func (m *Page) Scopes() []kit.Scope { return []kit.Scope{kit.InMap} }

// Shown subscribes and reads anew. The map has the keys, so that Tab goes to the next incident.
func (m *Page) Shown() {
	if m.cancel == nil {
		m.cancel = m.p.Desk.Subscribe(func(c room.Change) { m.env.Post(func() { m.changed(c) }) })
	}
	if g := m.p.Ground(); g.Town != m.ground.Town || g.Town == nil {
		m.ground = g
		m.fit()
	}
	if m.p.Posts != nil {
		m.posts = m.p.Posts()
	}
	m.floats.paint()
	m.read()
	m.plan.Focus()
}

// changed reads anew what the room says has changed; a village may have been moved.
func (m *Page) changed(c room.Change) {
	if c.Settings {
		m.ground = m.p.Ground()
	}
	m.read()
}

// fit looks at the whole town; where the pack knows none, at all incidents.
func (m *Page) fit() {
	a, b, ok := extent(m.ground.Town)
	if !ok {
		a, b, ok = m.now.corners()
	}
	if m.fitted = ok; ok {
		m.plan.Fit(a, b, 56, 160, 64, 64) // the card of the layers stands at the right
	}
}

// extent returns the corners of a town's land, or of its villages where no land is known.
func extent(t *chart.Town) (a, b board.Spot, ok bool) {
	var all []board.Spot
	if t != nil {
		for _, r := range t.Land {
			all = append(all, r...)
		}
	}
	if t != nil && len(all) == 0 {
		for i := range t.Villages {
			if t.Villages[i].Placed {
				all = append(all, t.Villages[i].At)
			}
		}
	}
	return corners(all)
}

// corners returns the smallest rectangle around places; there is none around one.
func corners(all []board.Spot) (a, b board.Spot, ok bool) {
	if len(all) < 2 {
		return a, b, false
	}
	a, b = all[0], all[0]
	for _, s := range all {
		a = board.Spot{X: min(a.X, s.X), Y: min(a.Y, s.Y)}
		b = board.Spot{X: max(b.X, s.X), Y: max(b.Y, s.Y)}
	}
	return a, b, a != b
}

// Hidden lets go.
func (m *Page) Hidden() {
	if m.cancel != nil {
		m.cancel()
		m.cancel = nil
	}
	if m.settle != nil {
		m.settle()
		m.settle = nil
	}
}

// SetTowns narrows everything to townships; none means all.
func (m *Page) SetTowns(towns []incident.ScopeID) {
	m.towns = towns
	if m.cancel != nil {
		m.read()
	}
}

// heatDays are the periods that the heat may count.
func heatDays() []int { return []int{1, 7, 30} }

// read asks the room for its views and puts them on the map off the UI goroutine. One reading runs at a time; what changes meanwhile is read once more after it.
func (m *Page) read() {
	if m.cancel == nil {
		return // let go meanwhile
	}
	if m.reading {
		m.stale = true
		return
	}
	m.reading, m.stale = true, false
	m.day = incident.DayOf(m.env.Now())
	open, came := m.p.Desk.Snapshot(board.Filter{Towns: m.towns}), board.Snapshot(nil)
	if m.layers.heatOn {
		from := incident.DayOf(m.env.Now().Add(-time.Duration(m.layers.heat-1) * 24 * time.Hour))
		came = m.p.Desk.Snapshot(board.Filter{Ended: true, Towns: m.towns, From: from, To: m.day})
	}
	town := m.ground.Town
	m.p.Apart(func() {
		p := read(town, open, came)
		m.env.Post(func() {
			m.reading = false
			m.take(p)
			if m.stale {
				m.read()
			}
		})
	})
}

// take shows what the room said.
func (m *Page) take(p picture) {
	m.now = p
	p.points(m.index)
	if !m.fitted {
		m.fit()
	}
	m.sort()
	m.plan.Repaint(true)
	if seek := m.seek; !seek.IsZero() {
		m.seek = incident.IncidentID{}
		m.point(seek)
	}
}

// sort puts the list in order and keeps the cursor on its incident, or the first where that is gone.
func (m *Page) sort() {
	m.sorted = m.now.entries
	if !m.byClock {
		m.sorted = m.now.byUrgency()
	}
	m.unseen = 0
	known := false
	for i := range m.sorted {
		known = known || m.sorted[i].row.ID == m.cursor
		if !m.sorted[i].placed {
			m.unseen++
		}
	}
	if !known {
		m.cursor = incident.IncidentID{}
	}
	m.see()
}

// see finds what is in view.
func (m *Page) see() {
	v := m.plan.View()
	m.inView = m.inView[:0]
	for i := range m.sorted {
		e := &m.sorted[i]
		if e.placed && e.mark.X >= v.Min.X && e.mark.X <= v.Max.X && e.mark.Y >= v.Min.Y && e.mark.Y <= v.Max.Y {
			m.inView = append(m.inView, i)
		}
	}
	if m.cursor.IsZero() && len(m.inView) > 0 {
		m.cursor = m.sorted[m.inView[0]].row.ID
	}
	m.panel.paint()
	m.floats.paint()
}

// scene says what to paint.
func (m *Page) scene(v board.Viewport, look chart.Look) *chart.Scene {
	s := &chart.Scene{Town: m.ground.Town, Worst: m.now.worst}
	if m.layers.heatOn {
		s.Heat = m.now.heat
	}
	m.plates, m.plate = m.plates[:0:0], look
	if m.layers.incidents {
		found, holds := m.index.Clusters(v, look.Plate, m.cursor)
		m.plates = append(m.plates, found...)
		s.Clusters = m.plates
		if holds >= 0 {
			s.Cursor = &m.plates[holds].Spot
		}
	}
	for _, post := range m.posts {
		if post.Kind == chart.UnitPost && m.layers.units || post.Kind == chart.VestPost && m.layers.vests {
			s.Posts = append(s.Posts, post)
		}
	}
	if m.measure != nil {
		s.Measured = m.measure.line(m.plan.Centre())
	}
	return s
}

// moved lets the list follow once the view rests.
func (m *Page) moved() {
	m.floats.paintScale()
	if m.measure != nil {
		m.plan.Repaint(true)
	}
	if m.settle != nil {
		m.settle()
	}
	m.settle = m.env.After(settleTime, func() {
		m.settle = nil
		m.see()
	})
}

// pointed shows the coordinates below the mouse.
func (m *Page) pointed(at board.Spot) { m.floats.point(at) }

// tapped moves the cursor to what was hit; a plate of several comes nearer, a second tap on one opens its file.
func (m *Page) tapped(at board.Spot) {
	if m.measure != nil {
		m.measure.add(at)
		m.afterMeasure()
		return
	}
	c := m.hit(at)
	if c == nil {
		return
	}
	if c.N > 1 {
		m.approach(c)
		return
	}
	now := m.env.Now()
	if m.tapOn == c.ID && now.Sub(m.tapAt) <= doubleTap {
		m.p.Open(c.ID)
		return
	}
	m.tapOn, m.tapAt = c.ID, now
	m.point(c.ID)
}

// hit returns the plate at a place, or nil.
func (m *Page) hit(at board.Spot) *board.Cluster {
	density := m.plan.density()
	scale := m.plan.Scale() * density
	for i := range m.plates {
		c := &m.plates[i]
		w, h := m.plate.Plate(c.N)
		if abs(at.X-c.X)*scale <= w/2 && abs(at.Y-c.Y+m.plate.Foot()/scale)*scale <= h/2 {
			return c
		}
	}
	return nil
}

func abs(v float64) float64 { return max(v, -v) }

// approach comes nearer to a plate of several until they part; those at one place never do, and the cursor goes round among them.
func (m *Page) approach(c *board.Cluster) {
	members := m.members(c)
	if len(members) == 0 {
		return
	}
	apart := false
	for _, i := range members {
		apart = apart || m.sorted[i].mark.Spot != m.sorted[members[0]].mark.Spot
	}
	next := members[0]
	for n, i := range members {
		if m.sorted[i].row.ID == m.cursor {
			next = members[(n+1)%len(members)]
		}
	}
	m.point(m.sorted[next].row.ID)
	if apart && m.plan.Scale() < mostScale {
		m.plan.Look(c.Spot, m.plan.Scale()*2)
	}
}

// members are the incidents nearer to a plate than to any other.
func (m *Page) members(c *board.Cluster) []int {
	var out []int
	for i := range m.sorted {
		e := &m.sorted[i]
		if !e.placed {
			continue
		}
		best, dist := -1, 0.0
		for n := range m.plates {
			dx, dy := m.plates[n].X-e.mark.X, m.plates[n].Y-e.mark.Y
			if d := dx*dx + dy*dy; best < 0 || d < dist {
				best, dist = n, d
			}
		}
		if best >= 0 && &m.plates[best] == c {
			out = append(out, i)
		}
	}
	return out
}

// point moves the cursor and brings it into view.
func (m *Page) point(id incident.IncidentID) {
	m.cursor = id
	if mark, ok := m.index.Mark(id); ok {
		m.plan.Reveal(mark.Spot, showMargin)
	}
	m.panel.paint()
	m.plan.Repaint(true)
	if m.env.Host != nil {
		m.panel.follow()
	}
}

// Scale returns how many units the whole world is wide.
func (m *Page) Scale() float64 { return m.plan.Scale() }

// ShowIncident puts the cursor on an incident, at once or when the room has told of it.
func (m *Page) ShowIncident(id incident.IncidentID) {
	if _, ok := m.index.Mark(id); !ok {
		m.seek = id
		return
	}
	m.point(id)
}

// Context says what an action is for.
func (m *Page) Context() views.Context { return views.Context{Incident: m.cursor} }

// Badge counts the open incidents.
func (m *Page) Badge() (int, bool) { return m.p.Desk.Count(board.Filter{Towns: m.towns}), false }

// StatusText says which map this is.
func (m *Page) StatusText() string { return m.ground.Source }

// Tick moves the clocks of the list on; a new day reads the heat anew.
func (m *Page) Tick(now incident.Stamp) {
	m.panel.tick(now)
	if incident.DayOf(now) != m.day {
		m.read()
	}
}
