package queue

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/views/county"
	"zw110/views/kit"
)

// bandHeight is the height of the band of a desk without a link.
const bandHeight float32 = 48

// band says that the link is down, since when, and what goes on without it.
type band struct {
	title, line *kit.Label
	root        *fyne.Container
}

func newBand(env *kit.Env) *band {
	b := &band{title: kit.NewCutLabel("", kit.Body.Heavy(), kit.Urg), line: kit.NewCutLabel("", kit.Caption, kit.T2)}
	retry := kit.NewButton(kit.Secondary, "sync", env.T("county.retry"), env.Keys.Cap(kit.CmdRetry), func() { env.Host.Run(kit.CmdRetry) }).Small()
	carry := kit.NewButton(kit.Primary, "usb", env.T("cmd.courier"), env.Keys.Cap(kit.CmdCourier), func() { env.Host.Run(kit.CmdCourier) }).Small()
	buttons := kit.Pad(kit.HBox(12, retry, carry), 10, 0, 10, 8)
	icon := kit.Pad(kit.NewIcon("off", 18, kit.Urg), 15, 12, 15, 0)
	words := kit.Pad(kit.VBox(0, b.title, b.line), 6, 0, 6, 0)
	b.root = container.NewStack(kit.NewBox(kit.Urgbg), kit.Edges(nil, kit.Divider(), nil, nil, kit.Pad(kit.Edges(nil, nil, icon, buttons, words), 0, 16, 0, 16)))
	b.root.Hidden = true
	return b
}

func (b *band) show(title, line string) {
	b.title.Set(title, kit.Urg)
	b.line.Set(line, kit.T2)
}

// LinkMoved shows how the link stands now: the band and the column of a desk that the county doesn't hear.
func (q *Page) LinkMoved() {
	if q.p.County == nil {
		return
	}
	q.link = q.p.County.State()
	now := q.env.Now()
	unsent, offline := q.link.ShowsWaiting(now), q.link.Offline() && (q.link.Pending.Count > 0 || now.Sub(q.link.Since) > bandAfter)
	if offline {
		q.band.show(county.Band(q.env.Text, q.link, now))
	}
	carried := q.p.County.Outgoing()
	moved := offline != q.offline || offline && (carried.Trip != q.carried.Trip || carried.Bytes != q.carried.Bytes || !slices.Equal(carried.Waiting, q.carried.Waiting))
	relay := unsent != q.unsent || offline != q.offline
	q.unsent, q.offline, q.carried = unsent, offline, carried
	if moved && !q.side.shown.IsZero() {
		q.side.show(q.side.shown, q.side.detail)
	}
	if relay {
		q.relay()
	}
}

// bandAfter is how long a link may be away without the band, as long as nothing waits for it.
const bandAfter = time.Minute

// news says who is at an incident at another desk, else who changed it there lately.
func (q *Page) news(id incident.IncidentID, now incident.Stamp) news {
	if q.p.County != nil {
		if here := q.p.County.Present(id); len(here) > 0 {
			who := county.Who(q.env.Text, here[0].Seat, here[0].Login, q.p.Person)
			return news{"eye", who, here[0].Seat, kit.Acc}
		}
	}
	a, ok := q.others[id]
	if !ok {
		return news{}
	}
	if now.Sub(a.At) > county.FreshFor {
		delete(q.others, id)
		return news{}
	}
	age := kit.Ago(q.env.Text, max(0, now.Sub(a.At)))
	return news{"sign", q.env.T("county.row", county.Who(q.env.Text, a.Seat, a.Login, q.p.Person), age), q.env.T("county.row", a.Seat, age), kit.T2}
}
