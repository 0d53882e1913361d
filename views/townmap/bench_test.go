package townmap

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/data/bounds"
	"zw110/data/incident"
	"zw110/views/kit"
)

// BenchmarkBound_MapPan moves the page's map with 10,000 open incidents, step by step, the pictures being painted elsewhere: what the UI goroutine
// has to do for a frame, and for the list once the view rests.
func BenchmarkBound_MapPan(b *testing.B) {
	app := test.NewTempApp(b)
	app.Settings().SetTheme(kit.NewTheme(kit.Light))
	text, err := kit.NewText("zh-Hans")
	if err != nil {
		b.Fatal(err)
	}
	desk := newFakeDesk()
	for i := range 10_000 {
		r := desk.rows[i%15]
		r.ID = idOf(1000 + i)
		r.Lng, r.Lat = 119.1+float32(i%397)*0.0002, 29.1+float32(i%211)*0.0004
		desk.rows = append(desk.rows, r)
	}
	var rest func()
	town := sampleTown()
	painting := true
	env := &kit.Env{Text: text, Keys: kit.NewKeymap(), Post: func(f func()) { f() }, Now: func() incident.Stamp { return fakeNow }}
	env.After = func(_ time.Duration, f func()) func() { rest = f; return func() {} }
	page, err := New(Params{
		Env: env, Desk: desk, Ground: func() Ground { return Ground{Town: town} },
		Apart: func(job func()) {
			if painting {
				job()
			}
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	w := test.NewTempWindow(b, page.Content())
	w.Resize(fyne.NewSize(1440, 900))
	page.Shown()
	painting = false // from now on the worker never comes back: every frame moves the last picture
	for b.Loop() {
		var frames, rests []time.Duration
		for i := range 400 {
			dx := float32(20)
			if i%100 >= 50 {
				dx = -dx
			}
			frames = append(frames, bounds.CPU(func() { page.plan.Pan(dx, dx/2) }))
			if i%10 == 9 {
				rests = append(rests, bounds.CPU(rest))
			}
		}
		slices.Sort(frames)
		slices.Sort(rests)
		bounds.Time(b, "map: a step of a pan with 10,000 incidents, on the UI goroutine, p99", 16*time.Millisecond, frames[len(frames)*99/100])
		bounds.Time(b, "map: the list follows once the view rests, p99", 50*time.Millisecond, rests[len(rests)*99/100])
	}
}
