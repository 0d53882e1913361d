package county

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"zw110/data/room"
	"zw110/views/kit"
)

// Courier is the part for journals in files: what waits, where the file stands, and the four acts: write, hand over, read, print the slip.
type Courier struct {
	p       PanelParams
	waiting *fyne.Container
	steps   *fyne.Container
	path    *kit.Entry
	buttons [4]*kit.Button
	row     *fyne.Container // of the buttons
	report  *kit.Para
	meter   *kit.Meter
	ahead   *fyne.Container // what waits, and the line below it
	where   *fyne.Container // the field of the path
	running *fyne.Container // meter and cancel, while a file is being written or read
	cancel  context.CancelFunc
	root    *fyne.Container
	closed  bool // of the dialog
	// OnDone is told when the part may need another height.
	OnDone func()
}

// The acts, by the place of their button; the key is one more.
const (
	actWrite = iota
	actHand
	actRead
	actSlip
)

// NewCourier returns the part; Refresh fills it.
func NewCourier(p PanelParams) *Courier {
	t := p.Env.T
	c := &Courier{p: p, waiting: kit.VBox(0), steps: kit.VBox(0), path: kit.NewEntry(t("county.courier_path")), report: kit.NewPara("", kit.Body, kit.T2)}
	c.buttons = [4]*kit.Button{
		kit.NewButton(kit.Secondary, "export", t("county.courier_out"), "1", func() { c.Do(actWrite) }),
		kit.NewButton(kit.Secondary, "send", t("county.courier_hand"), "2", func() { c.Do(actHand) }),
		kit.NewButton(kit.Secondary, "usb", t("county.courier_in"), "3", func() { c.Do(actRead) }),
		kit.NewButton(kit.Secondary, "print", t("county.courier_slip"), p.Env.Keys.Cap(kit.CmdPrint), func() { c.Do(actSlip) }),
	}
	c.row = kit.HBox(8)
	for _, b := range c.buttons {
		c.row.Add(b)
	}
	c.meter = kit.NewMeter(240, 0, kit.Acc)
	stop := kit.NewButton(kit.Secondary, "x", t("county.courier_stop"), "", c.Stop).Small()
	c.running = kit.HBox(12, kit.Pad(c.meter, 12, 0, 12, 0), stop)
	c.running.Hidden = true
	c.path.OnSubmit = func(string) { p.Env.Host.Canvas().Unfocus() } // from here the digits are keys
	c.ahead = kit.VBox(12, c.waiting, kit.Divider())
	c.where = kit.HBox(0, kit.Fixed(c.path, 400, kit.InputHeight))
	c.root = kit.VBox(12, c.ahead, c.steps, kit.NewPara(t("county.courier_note"), kit.Caption, kit.T3), c.where, kit.Fixed(c.running, 0, kit.SmallHeight), c.report)
	return c
}

// Content is the part without its buttons.
func (c *Courier) Content() fyne.CanvasObject { return c.root }

// Buttons are the four acts.
func (c *Courier) Buttons() fyne.CanvasObject { return c.row }

// Refresh shows how things stand now.
func (c *Courier) Refresh() {
	s, o := c.p.Link.State(), c.p.Link.Outgoing()
	alone := s.Mode == room.ModeAlone
	c.waiting.Objects, c.steps.Objects = nil, nil
	c.ahead.Hidden, c.where.Hidden = alone, alone
	if alone {
		c.steps.Add(kit.NewPara(c.p.Env.T("sync.err.no_seat"), kit.Body, kit.Crit))
	} else {
		c.waiting.Add(WaitingPart(c.p.Env, s, o))
		c.steps.Add(StepsPart(c.p.Env, s, o))
	}
	next := actWrite
	switch {
	case o.Trip.Made != 0 && o.Trip.Handed == 0:
		next = actHand
	case o.Trip.Made != 0 && o.Trip.Answered == 0:
		next = actRead
	}
	for i, b := range c.buttons {
		kind := kit.Secondary
		if i == next {
			kind = kit.Primary
		}
		b.SetKind(kind)
		if c.may(i, alone, o.Trip) {
			b.Enable()
		} else {
			b.Disable()
		}
	}
	c.root.Refresh()
	c.row.Refresh()
}

// may tells whether an act has anything to act on.
func (c *Courier) may(act int, alone bool, trip Trip) bool {
	switch {
	case alone || c.cancel != nil:
		return false
	case act == actHand:
		return trip.Made != 0 && trip.Handed == 0
	case act == actSlip:
		return trip.Made != 0 && c.p.Slip != nil
	}
	return true
}

// HandleKey does an act by its key.
func (c *Courier) HandleKey(k kit.Press) bool {
	act := int(k.Stroke.Rune - '1')
	if k.Command == kit.CmdPrint {
		act = actSlip
	}
	if act < actWrite || act > actSlip || c.p.Link.State().Mode == room.ModeAlone {
		return false
	}
	if k.Command != kit.CmdPrint && act == actSlip {
		return false
	}
	c.Do(act)
	return true
}

// Do does an act, if there is anything to act on.
func (c *Courier) Do(act int) {
	o := c.p.Link.Outgoing()
	if !c.may(act, c.p.Link.State().Mode == room.ModeAlone, o.Trip) {
		return
	}
	switch act {
	case actHand:
		c.p.Link.HandOver()
		c.Refresh()
		c.told()
	case actSlip:
		c.p.Slip()
	default:
		c.choose(act == actWrite, o.Trip)
	}
}

// choose takes the file that stands in the field, or lets a person choose one, and writes or reads it.
func (c *Courier) choose(out bool, last Trip) {
	file := strings.TrimSpace(c.path.Text())
	switch {
	case file != "":
		c.run(out, file)
	case c.p.Browse != nil:
		c.p.Browse(out, FileName(last.Next(c.p.Env.Now())), func(path string) { c.run(out, path) })
	default:
		c.tell(c.p.Env.T("county.courier_where"), kit.Crit)
	}
}

// FileName is the name of the courier file of a number.
func FileName(no string) string { return "zw110-" + no + ".courier" }

// Stop cancels what runs.
func (c *Courier) Stop() {
	if c.cancel != nil {
		c.cancel()
	}
}

func (c *Courier) tell(text string, token kit.Token) {
	c.report.Set(text, token)
	c.Refresh()
	c.told()
}

func (c *Courier) told() {
	if c.OnDone != nil {
		c.OnDone()
	}
}

func (c *Courier) run(out bool, file string) {
	if c.cancel != nil {
		return
	}
	t := c.p.Env.T
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	c.running.Hidden = false
	c.meter.Set(0, kit.Acc)
	do, runs := c.p.Link.ReadCourier, "county.courier_reads"
	if out {
		do, runs = c.p.Link.WriteCourier, "county.courier_writes"
	}
	c.tell(t(runs), kit.T2)
	c.p.Work(func() {
		parcel, err := do(ctx, file, func(done, total int64) {
			c.p.Env.Post(func() {
				if c.cancel != nil {
					c.meter.Set(float32(float64(done)/float64(max(1, total))), kit.Acc)
					c.report.Set(t(runs)+" "+kit.SizeWords(done)+" / "+kit.SizeWords(total), kit.T2)
				}
			})
		})
		cancelled := ctx.Err() != nil
		cancel()
		c.p.Env.Post(func() {
			c.cancel = nil
			c.running.Hidden = true
			switch {
			case err != nil && cancelled:
				c.tell(t("county.courier_stopped"), kit.T2)
			case err != nil:
				c.tell(c.p.Words(err), kit.Crit)
			default:
				c.path.SetText("") // what is done is not what comes next
				c.tell(Report(c.p.Env.Text, out, parcel), kit.Ok)
			}
		})
	})
}

// Report says in words what a courier file held.
func Report(t *kit.Text, out bool, p Parcel) string {
	if out {
		return t.T("county.courier_wrote", p.File, p.Entries, p.Lines)
	}
	text := t.T("county.courier_read", p.Seat, dayClock(p.Made), p.Entries, p.Lines) + " " + t.T("county.courier_receipt", p.Receipt)
	switch {
	case p.IsReceipt:
	case p.ReceiptFile != "":
		text += " " + t.T("county.courier_answer", p.ReceiptFile)
	default:
		text += " " + t.T("county.courier_no_answer")
	}
	return text
}

// OpenCourier opens the same as a dialog; closing it cancels what runs.
func OpenCourier(p PanelParams) *Courier {
	c := NewCourier(p)
	c.Refresh()
	var d *kit.Dialog
	c.OnDone = func() { d.Refresh() }
	d = kit.NewDialog(p.Env, kit.DialogParams{
		Name: "courier", Title: p.Env.T("cmd.courier"), Body: kit.Pad(c.root, 16, 24, 16, 24), Width: 640, OnKey: c.HandleKey,
		OnClose: func() {
			c.Stop()
			c.OnDone, c.closed = nil, true
		},
		Actions: c.row.Objects,
	})
	d.Open()
	return c
}

// LinkMoved shows how things stand now, as long as the dialog is open.
func (c *Courier) LinkMoved() {
	if !c.closed {
		c.Refresh()
		c.told()
	}
}

// Read asks for a file and reads it.
func (c *Courier) Read() { c.Do(actRead) }
