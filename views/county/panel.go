package county

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// Link is what enrolment and courier ask of the end of sync.
type Link interface {
	State() State
	// Enrol makes this desk the seat that a code stands for and returns the seat's name. Progress may come from any goroutine.
	Enrol(ctx context.Context, address, code string, relay bool, progress func(done, total int)) (seat string, err error)
	// Outgoing is what waits for the county, and the file that carries it.
	Outgoing() Outgoing
	// WriteCourier and ReadCourier write a courier file, and take one and leave the receipt beside it. They tell how many bytes are through, from
	// any goroutine; a cancelled one leaves no trace.
	WriteCourier(ctx context.Context, file string, told func(done, total int64)) (Parcel, error)
	ReadCourier(ctx context.Context, file string, told func(done, total int64)) (Parcel, error)
	// HandOver notes that the file last written was given to whoever carries it.
	HandOver()
	// Peers are the desks whose courier files came here.
	Peers(ctx context.Context) ([]Peer, error)
}

// Parcel says what a courier file held.
type Parcel struct {
	File    string // name without the folder
	Seat    string // who wrote it
	Made    incident.Stamp
	Entries int // written out, or new here
	Lines   int // of how many seats
	Receipt int // how many of this desk's entries the other one holds
	// Bytes, Sum (the whole SHA-256) and Upto (where the own line ends in it) are of a file that was written.
	Bytes int64
	Sum   [32]byte
	Upto  uint64
	// IsReceipt says that the file was the answer to one of this desk's; ReceiptFile is the answer left beside it, empty when the stick
	// could not be written.
	IsReceipt   bool
	ReceiptFile string
}

// Peer is what is known of another desk from its courier files.
type Peer struct {
	Seat  string
	Made  incident.Stamp // of the newest file
	Lines int            // of how many seats it holds entries
	Ours  int            // how many of this desk's entries it holds
}

// PanelParams says what enrolment and courier work with.
type PanelParams struct {
	Env  *kit.Env
	Link Link
	// Work runs a function off the UI goroutine.
	Work func(func())
	// Words turns an error into a sentence for people.
	Words func(error) string
	// Browse lets a person choose a file; nil where the window can't.
	Browse func(save bool, name string, chosen func(path string))
	// Retry tries the link at once.
	Retry func()
	// Slip prints the slip that goes with the file last written; nil where there is no printing.
	Slip func()
}

// Panel is enrolment, link, courier and the desks known from courier files, one below the other.
type Panel struct {
	p       PanelParams
	root    *fyne.Container
	link    *fyne.Container
	address *kit.Entry
	code    *kit.Entry
	relay   *kit.Check
	relayed bool
	enrol   *kit.Button
	told    *kit.Para // how the enrolment goes
	busy    bool
	courier *Courier
	carry   *fyne.Container // not there without a county
	peers   *fyne.Container
	form    *fyne.Container
	note    *kit.Para // what the form is for
}

// panelWidth is the width of what waits and of the steps.
const panelWidth float32 = 640

// NewPanel returns the panel; Refresh fills it.
func NewPanel(p PanelParams) *Panel {
	t := p.Env.T
	n := &Panel{
		p: p, link: kit.VBox(8), address: kit.NewEntry("wss://"), code: kit.NewEntry(t("county.code_hint")), told: kit.NewPara("", kit.Body, kit.T2),
		peers: kit.VBox(4),
	}
	n.enrol = kit.NewButton(kit.Primary, "", t("county.enrol"), "", n.doEnrol)
	n.relay = kit.NewCheck(t("county.relay_check"), false, func(on bool) {
		n.relayed = on
		n.warn()
	})
	n.address.OnSubmit = func(string) { n.code.Focus() }
	n.code.OnSubmit = func(string) { n.doEnrol() }
	n.note = kit.NewPara("", kit.Body, kit.T1)
	n.form = kit.VBox(12, n.note, kit.Field(t("county.fact.address"), kit.HBox(0, kit.Fixed(n.address, 400, kit.InputHeight))),
		kit.Field(t("county.code"), kit.HBox(8, kit.Fixed(n.code, 240, kit.InputHeight), n.enrol)), kit.HBox(0, n.relay))
	n.courier = NewCourier(p)
	n.courier.OnDone = n.Refresh
	wide := func(o fyne.CanvasObject) fyne.CanvasObject { return kit.HBox(0, kit.Fixed(o, panelWidth, 0)) }
	n.carry = kit.VBox(16, kit.Divider(), wide(n.courier.Content()), n.courier.Buttons(), kit.Divider(), n.peers)
	n.root = kit.VBox(16, n.form, n.link, n.told, n.carry)
	return n
}

// Content is the panel.
func (n *Panel) Content() fyne.CanvasObject {
	return container.NewVScroll(kit.Pad(n.root, 0, 24, 24, 24))
}

// HandleKey retries, and does the steps of a courier file.
func (n *Panel) HandleKey(k kit.Press) bool {
	if k.Command == kit.CmdRetry && n.p.Retry != nil && n.p.Link.State().Mode != room.ModeAlone {
		n.p.Retry()
		return true
	}
	return n.courier.HandleKey(k)
}

// Refresh shows how things stand now; what is being typed stays.
func (n *Panel) Refresh() {
	s := n.p.Link.State()
	alone := s.Mode == room.ModeAlone
	if n.form.Hidden && s.MayEnrol() && n.address.Text() == "" {
		n.address.SetText(s.Address) // most often it is the same hub
	}
	n.form.Hidden, n.link.Hidden, n.carry.Hidden = !s.MayEnrol(), alone, alone
	note := "county.alone_note"
	if !alone {
		note = "county.again_note"
	}
	n.note.Set(n.p.Env.T(note), kit.T1)
	n.link.Objects = nil
	if !alone {
		for _, f := range Facts(n.p.Env.Text, s, n.p.Env.Now()) {
			label := kit.Fixed(kit.NewLabel(n.p.Env.T("county.fact."+f.Key), kit.Small, kit.T3), 96, kit.Body.Line)
			n.link.Add(kit.Edges(nil, nil, kit.VBox(0, label), nil, kit.NewPara(f.Value, kit.Body, f.Token)))
		}
		n.link.Add(kit.HBox(0, kit.NewButton(kit.Secondary, "sync", n.p.Env.T("county.retry"), n.p.Env.Keys.Cap(kit.CmdRetry), n.p.Retry)))
	}
	n.courier.Refresh()
	n.readPeers()
	n.root.Refresh()
}

// warn says in red that another machine may stand between desk and hub.
func (n *Panel) warn() {
	text := ""
	if n.relayed {
		text = n.p.Env.T("county.relay_on")
	}
	n.told.Set(text, kit.Crit)
	n.root.Refresh()
}

func (n *Panel) tell(text string, token kit.Token) {
	n.told.Set(text, token)
	n.root.Refresh()
}

// doEnrol asks the hub for the seat. The fields keep what was typed until it worked.
func (n *Panel) doEnrol() {
	t := n.p.Env.T
	address, code := strings.TrimSpace(n.address.Text()), strings.TrimSpace(n.code.Text())
	n.address.SetBad(address == "")
	n.code.SetBad(code == "")
	switch {
	case n.busy:
		return
	case address == "" || code == "":
		n.tell(t("county.both_needed"), kit.Crit)
		return
	}
	n.busy = true
	n.enrol.Disable()
	n.tell(t("county.enrolling"), kit.T2)
	relay := n.relayed
	n.p.Work(func() {
		seat, err := n.p.Link.Enrol(context.Background(), address, code, relay, func(done, total int) {
			n.p.Env.Post(func() { n.tell(t("county.enrol_progress", done, total), kit.T2) })
		})
		n.p.Env.Post(func() {
			n.busy = false
			n.enrol.Enable()
			if err != nil {
				n.tell(n.p.Words(err), kit.Crit)
				return
			}
			n.code.SetText("")
			n.p.Env.Host.Canvas().Unfocus() // the form goes
			n.tell(t("county.enrolled", seat), kit.Ok)
			n.Refresh()
		})
	})
}

// readPeers lists the desks known from courier files.
func (n *Panel) readPeers() {
	n.p.Work(func() {
		peers, err := n.p.Link.Peers(context.Background())
		n.p.Env.Post(func() {
			t := n.p.Env.T
			n.peers.Objects = []fyne.CanvasObject{kit.NewLabel(t("county.peers"), kit.Body.Heavy(), kit.T1)}
			switch {
			case err != nil:
				n.peers.Add(kit.NewPara(n.p.Words(err), kit.Small, kit.Crit))
			case len(peers) == 0:
				n.peers.Add(kit.NewPara(t("county.no_peers"), kit.Small, kit.T3))
			}
			for _, p := range peers {
				n.peers.Add(kit.NewPara(t("county.peer", p.Seat, dayClock(p.Made), p.Lines, p.Ours), kit.Body, kit.T2))
			}
			n.root.Refresh()
		})
	})
}
