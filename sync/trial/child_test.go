package trial

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/sync/desk"
	"zw110/sync/wire"
)

// childSpec says what a desk process is to be.
type childSpec struct {
	Dir  string
	Skew time.Duration // of its clock
	Seed uint64
	Name string // begins the source numbers of what it registers
	App  string
}

// deskState is what a desk process answers to "state".
type deskState struct {
	Vector    string `json:"vector"`
	Fold      string `json:"fold"`
	Pending   int    `json:"pending"`
	Incidents int    `json:"incidents"`
	Keyless   int    `json:"keyless"` // incidents whose reporter can't be read
	Unknown   int    `json:"unknown"` // entries of newer versions
	Connected bool   `json:"connected"`
	Mode      string `json:"mode"`
	Alarm     string `json:"alarm"`
	Why       string `json:"why"`
	Line      string `json:"line"`
}

// child is a desk with a person who never rests.
type child struct {
	spec   childSpec
	room   *room.Room
	desk   *desk.Desk
	random *rand.Rand // of the goroutine that acts
	acting atomic.Bool
	out    sync.Mutex
	done   int
}

// roomConfig is that of a desk in a folder; its clock goes, unlike that of a store for practice.
func roomConfig(dir string, skew time.Duration) room.Config {
	return room.Config{
		Dir: filepath.Join(dir, "store"), ConfigDir: filepath.Join(dir, "config"),
		Clock: func() incident.Stamp { return incident.StampOf(time.Now().Add(skew)) },
	}
}

// runChild is a desk process: it answers each line of standard input with one that begins with "=", and tells of every act that was
// accepted once it is durable.
func runChild(spec string) int {
	var c child
	if err := json.Unmarshal([]byte(spec), &c.spec); err != nil {
		fmt.Println("!", err)
		return 2
	}
	if err := c.run(os.Stdin); err != nil {
		fmt.Println("!", err)
		return 1
	}
	return 0
}

func (c *child) run(in io.Reader) (err error) {
	if c.room, err = room.Open(roomConfig(c.spec.Dir, c.spec.Skew)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.room.Close()) }()
	log := logrus.New()
	log.SetOutput(os.Stderr)
	log.SetLevel(logrus.DebugLevel)
	c.random = rand.New(rand.NewPCG(c.spec.Seed, uint64(time.Now().UnixNano())))
	now := func() time.Time { return time.Now().Add(c.spec.Skew) }
	if c.desk, err = desk.New(desk.Config{Link: c.room.Link(), Log: log, App: c.spec.App, Now: now}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var tasks sync.WaitGroup
	tasks.Go(func() { c.desk.Run(ctx) })
	tasks.Go(func() { c.actions(ctx) })
	defer tasks.Wait()
	defer cancel()
	c.say("= ready")
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if err := c.command(ctx, lines.Text()); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (c *child) say(line string) {
	c.out.Lock()
	defer c.out.Unlock()
	fmt.Println(line)
}

func (c *child) command(ctx context.Context, line string) error {
	what, arg, _ := strings.Cut(line, " ")
	switch what {
	case "act":
		c.acting.Store(arg == "on")
	case "do":
		var n int
		if _, err := fmt.Sscan(arg, &n); err != nil {
			return err
		}
		for range n {
			if err := c.register(ctx); err != nil {
				return err
			}
		}
	case "retry":
		c.desk.Retry()
	case "state":
		s, err := c.state(ctx)
		if err != nil {
			return err
		}
		raw, err := json.Marshal(s)
		if err != nil {
			return err
		}
		c.say("= " + string(raw))
		return nil
	default:
		return fmt.Errorf("no command %q", line)
	}
	c.say("= done")
	return nil
}

func (c *child) state(ctx context.Context) (s deskState, err error) {
	heads, err := c.room.Link().Heads()
	if err != nil {
		return s, err
	}
	all := make([]wire.Head, 0, len(heads))
	for _, h := range heads {
		if h.Seq > 0 {
			all = append(all, wire.Head{Origin: h.Origin, Seq: h.Seq, Hash: h.Hash})
		}
	}
	vector := wire.VectorDigest(all)
	fold, err := c.room.Link().FoldDigest(ctx)
	if err != nil {
		return s, err
	}
	link, status := c.room.SyncState(), c.desk.Status()
	line := c.room.Link().Origin()
	s = deskState{
		Vector: hex.EncodeToString(vector[:]), Fold: hex.EncodeToString(fold), Pending: link.Pending.Count, Connected: status.Connected,
		Mode: string(link.Mode), Alarm: status.Alarm, Why: status.Why, Line: hex.EncodeToString(line[:]),
	}
	snap := c.room.Snapshot(board.Filter{Ended: true})
	s.Incidents = snap.Len()
	for i := range snap.Len() {
		d, err := c.room.Brief(snap.Row(i).ID, "sl1")
		if err != nil {
			return s, err
		}
		if d.State.Persons > 0 && d.State.Reporter == nil {
			s.Keyless++
		}
		s.Unknown += d.State.Unknown
	}
	return s, nil
}

// actions does what the rules allow, one thing after the other, while somebody wants it.
func (c *child) actions(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(20+c.random.IntN(280)) * time.Millisecond):
		}
		if !c.acting.Load() {
			continue
		}
		if err := c.anything(ctx); err != nil && ctx.Err() == nil {
			c.say("! " + err.Error())
			return
		}
	}
}

func (c *child) anything(ctx context.Context) error {
	snap := c.room.Snapshot(board.Filter{})
	if snap.Len() == 0 || c.random.IntN(4) == 0 {
		return c.register(ctx)
	}
	row := snap.Row(c.random.IntN(min(snap.Len(), 8)))
	by := []incident.Login{"op1", "op2", "sl1"}[c.random.IntN(3)]
	d, err := c.room.Detail(row.ID, by)
	if err != nil {
		return err
	}
	fields := map[incident.Verb]incident.Fields{
		incident.Respond: {}, incident.Accept: {}, incident.Dispatch: {Lead: "建设办", List: incident.ListDaily},
		incident.Note: {Text: "已电话核实"}, incident.Edit: {Title: fmt.Sprint("第", c.random.IntN(4), "版")},
		incident.Reassign: {Lead: "执法队", Text: "改派"}, incident.Urge: {Text: "请尽快"},
	}
	verbs := slices.DeleteFunc([]incident.Verb{
		incident.Respond, incident.Accept, incident.Dispatch, incident.Note, incident.Edit, incident.Reassign, incident.Urge,
	}, func(v incident.Verb) bool { no, known := d.Allowed[v]; return !known || no != nil })
	if len(verbs) == 0 {
		return nil
	}
	verb := verbs[c.random.IntN(len(verbs))]
	return c.do(ctx, incident.Act{By: by, Do: verb, ID: row.ID, Fields: fields[verb]})
}

func (c *child) register(ctx context.Context) error {
	c.done++
	return c.do(ctx, incident.Act{By: "op1", Do: incident.Register, Fields: incident.Fields{
		Channel: incident.Channel110, SourceNo: fmt.Sprintf("%s-%d-%d", c.spec.Name, os.Getpid(), c.done), Title: "路面塌陷", Content: "村口路面塌陷，请派人看一下。",
		Village: "罗山村", Category: "0603", Urgency: incident.Normal, Reporter: &incident.Reporter{Name: "王五", Phone: "16856020000"},
	}})
}

// do tells of an act once it is on the disk.
func (c *child) do(ctx context.Context, act incident.Act) error {
	out, err := c.room.Do(ctx, act)
	var refused *incident.Refusal
	switch {
	case errors.As(err, &refused):
		return nil
	case err != nil:
		return err
	}
	for _, id := range out.Entries {
		c.say("acked " + hex.EncodeToString(id[:]))
	}
	return nil
}
