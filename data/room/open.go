package room

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/data/journal"
	"zw110/data/store"
)

// The local settings that make a store what it is.
const (
	localPack = "pack" // the town pack's files
	localSeat = "seat"
)

// seatInfo is the seat that a store writes for.
type seatInfo struct {
	Name string `json:"name"`
	No   int    `json:"no"`
}

// filesKept is how many incidents stay folded in memory.
const filesKept = 1024

// Init makes a new store from a town pack and opens it.
func Init(cfg Config, p InitParams) (*Room, error) {
	if p.Dir != "" {
		cfg.Dir = p.Dir
	}
	cfg, err := cfg.filled()
	if err != nil {
		return nil, err
	}
	if p.SeatNo == 0 {
		p.SeatNo = 1
	}
	if p.SeatNo < 1 || p.SeatNo > 26 {
		return nil, fmt.Errorf("make store %s: seat number %d is not 1 to 26", cfg.Dir, p.SeatNo)
	}
	accounts := make([]account, 0, len(p.Operators))
	for _, op := range p.Operators {
		a, err := newAccount(op, cfg.Rand)
		if err != nil {
			return nil, fmt.Errorf("make store %s: %w", cfg.Dir, err)
		}
		accounts = append(accounts, a)
	}
	pack, err := openPack(p.Pack)
	if err != nil {
		return nil, fmt.Errorf("make store %s: %w", cfg.Dir, err)
	}
	if _, err := loadRules(pack, accounts); err != nil {
		return nil, fmt.Errorf("make store %s: %w", cfg.Dir, err)
	}
	kept, err := packed(pack)
	if err != nil {
		return nil, err
	}
	params := cfg.store()
	params.Drill = p.Drill
	st, err := store.Create(params)
	if err != nil {
		return nil, fmt.Errorf("make store %s: %w", cfg.Dir, err)
	}
	r := &Room{cfg: cfg, log: cfg.Log, store: st}
	err = errors.Join(st.SetLocal(localPack, kept), r.SetLocal(localSeat, seatInfo{p.Seat, p.SeatNo}), r.SetLocal(localOperators, accounts))
	if err == nil {
		r, err = start(cfg, st)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make store %s: %w", cfg.Dir, err), st.Close())
	}
	return r, nil
}

// store returns what the store needs of the room's config.
func (c Config) store() store.Params {
	return store.Params{Dir: c.Dir, ConfigDir: c.ConfigDir, Clock: c.Clock, Rand: c.Rand, Socket: c.Socket, RecoveryCode: c.RecoveryCode}
}

// start brings an open store to life.
func start(cfg Config, st *store.Store) (*Room, error) {
	r := &Room{
		cfg: cfg, log: cfg.Log, store: st, drill: st.Drill(), jobs: make(chan *job),
		numbers: newNumbers(), files: newFiles(filesKept), unsaved: newIDSet(), unsummed: newIDSet(), digest: newDigest(), standing: newStanding(), feed: newFeed(),
		bells: newBells(), lookout: newLookout(), pins: newLockout(), outbox: newOutbox(), link: newLinkState(), watch: clockWatch{steady: cfg.Steady},
		darkroom: make(chan struct{}, 1),
	}
	var err error
	if r.codec, err = journal.NewCodec(); err != nil {
		return nil, err
	}
	rules, err := r.loadRules()
	if err != nil {
		return nil, err
	}
	r.rules.Store(rules)
	if r.board, err = board.New(board.Params{Rules: rules, Score: r.score, Words: wordsOf, Point: pointOf}); err != nil {
		return nil, err
	}
	if err := r.fill(); err != nil {
		return nil, err
	}
	if err := r.outbox.load(r.store); err != nil {
		return nil, err
	}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.spawn("commit", r.run)
	r.spawn("changes", r.tell)
	r.spawn("alerts", r.ring)
	r.spawn("ticks", r.tick)
	r.spawn("search index", func(ctx context.Context) {
		if err := r.board.Index(ctx); err != nil && !errors.Is(err, context.Canceled) {
			r.log.WithField("error", err.Error()).Error("search index")
		}
	})
	return r, nil
}

// loadRules reads the pack that the store was made with and applies every journalled setting in the order it was made.
func (r *Room) loadRules() (*Rules, error) {
	var seat seatInfo
	if err := r.Local(localSeat, &seat); err != nil {
		return nil, err
	}
	r.seat = max(1, seat.No)
	r.seats.setOwn(seat.Name)
	return r.rulesFrom(nil)
}

// rulesFrom is loadRules from the settings up to known; all of them for nil.
func (r *Room) rulesFrom(known map[incident.Origin]uint64) (*Rules, error) {
	kept, err := r.store.Local(localPack)
	if err != nil {
		return nil, fmt.Errorf("read the kept town pack: %w", err)
	}
	pack, err := unpacked(kept)
	if err != nil {
		return nil, err
	}
	var accounts []account
	if err := r.Local(localOperators, &accounts); err != nil {
		return nil, err
	}
	rules, err := loadRules(pack, accounts)
	if err != nil {
		return nil, err
	}
	entries, err := r.store.DeskEntries()
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	r.seats.learn(entries)
	entries = inSight(entries, known)
	// What a program wrote when a desk was made or enrolled lies below what people decided, before or after. Otherwise it is the fold order
	// of what has no parents: the same at every desk.
	slices.SortFunc(entries, func(a, b incident.Entry) int {
		return cmp.Or(byPeople(a)-byPeople(b), cmp.Compare(a.HLC, b.HLC), bytes.Compare(a.Origin[:], b.Origin[:]), cmp.Compare(a.Seq, b.Seq))
	})
	for _, e := range entries {
		if e.Kind != incident.KindSettingChanged || e.Fact == nil || e.Scope != rules.Scope() {
			continue
		}
		next, err := rules.with(*e.Fact)
		if err != nil {
			// A setting that this version does not understand stays in the journal; the one before it holds.
			r.log.WithField("setting", e.Fact.Setting).WithField("error", err.Error()).Error("replay setting")
			continue
		}
		rules = next
	}
	return rules, nil
}

// byPeople is 1 for what a person wrote and 0 for what the program did.
func byPeople(e incident.Entry) int {
	if e.Actor == SystemLogin {
		return 0
	}
	return 1
}

// score rates how likely two reports tell of the same matter, with the rules of intake.
func (r *Room) score(a, b board.Draft) (int, []string) {
	return r.rules.Load().reader.Score(intakeDraft(a), intakeDraft(b))
}

// wordsOf works out what the score needs of a draft's words, *intake.Words.
func wordsOf(d board.Draft) any {
	x := intakeDraft(d)
	return intake.WordsOf(&x)
}

func intakeDraft(d board.Draft) intake.Draft {
	words, _ := d.Words.(*intake.Words)
	return intake.Draft{
		Channel: d.Channel, SourceNo: d.SourceNo, Phone: d.Phone, Category: d.Category, Dispute: d.Dispute, Village: d.Village,
		Place: d.Place, Lng: d.Lng, Lat: d.Lat, At: d.At, Title: d.Title, Content: d.Content, Words: words,
	}
}
