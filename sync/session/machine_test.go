package session

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"zw110/data/incident"
)

// The identity rules against the real cores: the actions of the model, with messages, tasks and stores in memory.

type machine struct {
	*world
	images  []imageOf
	backups []*memHub
}

type imageOf struct {
	of    *deskNode
	image *memDesk
}

func newMachine(seed uint64) *machine {
	w := newWorld(rand.New(rand.NewPCG(seed, 1)), townA, townA, townB, county)
	w.quiet = true
	return &machine{world: w}
}

const forever incident.Stamp = 1 << 62

// meet connects desks to the hub at the same time, lets everything happen, and disconnects them. After so many messages all connections
// are cut; 0: none is.
func (m *machine) meet(cut int, desks ...*deskNode) {
	if m.hub.down {
		m.hub.start()
	}
	m.budget = cut
	for _, d := range desks {
		d.connect()
	}
	m.run(forever)
	m.budget = 0
	m.cutAll()
	m.run(forever)
}

func (m *machine) actions() map[string]func(*rapid.T) {
	pick := func(t *rapid.T) *deskNode {
		return m.desks[rapid.IntRange(0, len(m.desks)-1).Draw(t, "desk")]
	}
	return map[string]func(*rapid.T){
		"write": func(t *rapid.T) {
			d := pick(t)
			for range rapid.IntRange(1, 3).Draw(t, "entries") {
				m.writeAny(d)
			}
		},
		"meet": func(t *rapid.T) { m.meet(0, pick(t)) },
		"cut":  func(t *rapid.T) { m.meet(rapid.IntRange(1, 16).Draw(t, "after"), pick(t)) },
		"many": func(t *rapid.T) { m.meet(rapid.IntRange(0, 40).Draw(t, "after"), pick(t), pick(t), pick(t)) },
		"image": func(t *rapid.T) {
			d := pick(t)
			m.images = append(m.images, imageOf{d, d.image()})
		},
		"restore image": func(t *rapid.T) {
			if len(m.images) == 0 {
				t.Skip("no image")
			}
			i := m.images[rapid.IntRange(0, len(m.images)-1).Draw(t, "image")]
			i.of.restore(i.image)
			m.run(forever)
		},
		"clone": func(t *rapid.T) {
			if len(m.desks) > 6 {
				t.Skip("enough")
			}
			pick(t).clone()
		},
		"back up hub": func(*rapid.T) { m.backups = append(m.backups, m.hub.store.copy()) },
		"restore hub": func(t *rapid.T) {
			if len(m.backups) == 0 {
				t.Skip("no backup")
			}
			m.hub.restore(m.backups[rapid.IntRange(0, len(m.backups)-1).Draw(t, "backup")], rapid.Bool().Draw(t, "announced"))
			m.run(forever)
		},
		"rot": func(*rapid.T) { m.rot() },
		"release": func(*rapid.T) {
			m.releaseAll()
			m.run(forever)
		},
		"": func(t *rapid.T) { m.fail(t) },
	}
}

func (m *machine) fail(t *rapid.T) {
	for _, p := range m.problems {
		t.Fatal(p)
	}
}

func machineRun(t *rapid.T) {
	m := newMachine(rapid.Uint64().Draw(t, "seed"))
	if os.Getenv("SESSION_TRACE") != "" {
		m.trace = func(format string, args ...any) { t.Logf("%d "+format, append([]any{m.now - startsAt}, args...)...) }
	}
	t.Repeat(m.actions())
	for range 2 {
		m.round()
		m.releaseAll()
		m.run(forever)
	}
	m.round()
	m.round()
	before := len(m.problems)
	if m.checkEnd(); before == 0 && len(m.problems) > 0 { // what came to light late may take a few rounds more
		m.problems = nil
		for range 4 {
			m.round()
			m.releaseAll()
			m.run(forever)
		}
		m.round()
		m.checkEnd()
	}
	m.fail(t)
}

// round has every desk meet the hub once.
func (m *machine) round() {
	for _, d := range slices.Clone(m.desks) {
		m.meet(0, d)
	}
}

func TestMachine_NothingIsLostOrDoubled(t *testing.T) {
	if os.Getenv("SESSION_TRACE") != "" {
		setFlag(t, "rapid.steps", "20")
		rapid.Check(t, machineRun)
		return
	}
	checkSeeds(t, 2000, 30, []uint64{1, 2, 3}, machineRun)
}
