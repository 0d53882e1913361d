package trial

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/sync/desk"
	"zw110/sync/hub"
)

const (
	town    = incident.ScopeID(330825111)
	another = incident.ScopeID(330825112)

	// answerIn bounds one answer of a process, calmIn the time until everybody has everything, on a machine with much else to do.
	answerIn = 60 * time.Second
	calmIn   = 90 * time.Second
)

// world is a hub and the desks around it.
type world struct {
	t     *testing.T
	dir   string
	port  string
	hub   *exec.Cmd
	hubIn string // the hub's data folder
	args  []string
	proxy *toxiproxy.ApiServer
	desks []*deskProc
}

func newWorld(t *testing.T, args ...string) *world {
	t.Helper()
	dir, err := os.MkdirTemp("", "w") // short: a socket's path is bounded
	noError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	w := &world{
		t: t, dir: dir, port: freePort(t), hubIn: filepath.Join(dir, "hub"), args: args,
		proxy: toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()),
	}
	t.Cleanup(func() { w.killHub() })
	t.Cleanup(func() {
		if raw, err := os.ReadFile(filepath.Join(dir, "hub.log")); t.Failed() && err == nil {
			t.Logf("the hub's log ends with\n%s", tail(string(raw)))
		}
	})
	return w
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	noError(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	noError(t, err)
	return port
}

// until asks again and again, and fails when the bound has passed.
func until(t testing.TB, bound time.Duration, what string, ask func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	over := time.NewTimer(bound)
	defer over.Stop()
	for !ask() {
		select {
		case <-tick.C:
		case <-over.C:
			t.Fatalf("not after %v: %s", bound, what)
		}
	}
}

func (w *world) addr() string { return "127.0.0.1:" + w.port }

// startHub starts the hub process and waits until it answers.
func (w *world) startHub() {
	w.t.Helper()
	cmd := exec.Command(filepath.Join(bin, "zw110hub"), append([]string{"serve", "--dir", w.hubIn, "--listen", w.addr()}, w.args...)...)
	log, err := os.OpenFile(filepath.Join(w.dir, "hub.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	noError(w.t, err)
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	noError(w.t, cmd.Start())
	w.hub = cmd
	until(w.t, answerIn, "the hub serves", w.healthy)
}

func (w *world) healthy() bool {
	client := http.Client{Timeout: answerIn, Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}
	scheme := "https"
	if slices.Contains(w.args, "--plain") {
		scheme = "http"
	}
	resp, err := client.Get(scheme + "://" + w.addr() + "/healthz")
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func (w *world) killHub() {
	if w.hub == nil {
		return
	}
	_ = w.hub.Process.Kill()
	_ = w.hub.Wait()
	w.hub = nil
}

// stopHub ends the hub as its service manager does.
func (w *world) stopHub() {
	w.t.Helper()
	noError(w.t, w.hub.Process.Signal(os.Interrupt))
	if err := w.hub.Wait(); err != nil {
		w.t.Errorf("the hub ends with %v", err)
	}
	w.hub = nil
}

func (w *world) hubLog() string {
	raw, err := os.ReadFile(filepath.Join(w.dir, "hub.log"))
	noError(w.t, err)
	return string(raw)
}

// ask uses the administrator's door of the running hub.
func (w *world) ask(what string, in, into any) error {
	w.t.Helper()
	body, err := json.Marshal(in)
	noError(w.t, err)
	client := http.Client{Timeout: answerIn, Transport: &http.Transport{
		DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(w.hubIn, "hub.sock"))
		},
	}}
	resp, err := client.Post("http://hub/"+what, "application/json", bytes.NewReader(body))
	noError(w.t, err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		raw, err := io.ReadAll(resp.Body)
		noError(w.t, err)
		return fmt.Errorf("%s: %s", what, raw)
	}
	noError(w.t, json.NewDecoder(resp.Body).Decode(into))
	return nil
}

func (w *world) code(scope incident.ScopeID, name string) string {
	w.t.Helper()
	var a hub.SeatAnswer
	noError(w.t, w.ask("seat", hub.SeatRequest{Scope: scope, Name: name}, &a))
	return a.Code
}

func (w *world) status() (s hub.Status) {
	w.t.Helper()
	noError(w.t, w.ask("status", struct{}{}, &s))
	return s
}

// run runs one of the programs and returns what it wrote.
func (w *world) run(program string, args ...string) (string, error) {
	var out bytes.Buffer
	cmd := exec.Command(filepath.Join(bin, program), args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

func (w *world) must(program string, args ...string) string {
	w.t.Helper()
	out, err := w.run(program, args...)
	if err != nil {
		w.t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
	return out
}

// deskProc is a desk process and what it promised.
type deskProc struct {
	w     *world
	spec  childSpec
	proxy *toxiproxy.Proxy
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan string
	read  sync.WaitGroup

	mu    sync.Mutex // guards acked and said
	acked []string
	said  []string // what went wrong
}

// newDesk makes a desk, enrols it, and leaves it closed.
func (w *world) newDesk(scope incident.ScopeID) *deskProc {
	w.t.Helper()
	d := w.newStore(scope)
	w.enrol(d, desk.Address{URL: "wss://" + d.proxy.Listen}, w.code(scope, d.spec.Name))
	return d
}

// newStore makes a desk that is not enrolled, behind a proxy of its own.
func (w *world) newStore(scope incident.ScopeID) *deskProc {
	w.t.Helper()
	no := len(w.desks) + 1
	d := &deskProc{w: w, spec: childSpec{Dir: filepath.Join(w.dir, fmt.Sprint("d", no)), Seed: uint64(no), Name: fmt.Sprint("指挥室", no), App: "trial"}}
	d.proxy = toxiproxy.NewProxy(w.proxy, d.spec.Name, "127.0.0.1:0", w.addr())
	noError(w.t, d.proxy.Start())
	w.t.Cleanup(d.proxy.Stop)
	w.desks = append(w.desks, d)
	r, err := room.Init(roomConfig(d.spec.Dir, 0), room.InitParams{
		Pack: w.pack(scope), Seat: d.spec.Name, SeatNo: no, Drill: true,
		Operators: []room.Operator{{Login: "op1", Name: "坐席一", Role: incident.RoleOperator}, {Login: "op2", Name: "坐席二", Role: incident.RoleOperator}},
	})
	noError(w.t, err)
	noError(w.t, r.Close())
	w.t.Cleanup(d.kill)
	return d
}

func (w *world) enrol(d *deskProc, a desk.Address, code string) {
	w.t.Helper()
	noError(w.t, d.open(func(r *room.Room) error {
		c, err := desk.New(desk.Config{Link: r.Link(), App: d.spec.App})
		if err != nil {
			return err
		}
		_, err = c.Enrol(w.t.Context(), a, code, d.spec.Name, nil)
		return err
	}))
}

// pack is the town pack of a scope: the sample town under another number.
func (w *world) pack(scope incident.ScopeID) string {
	w.t.Helper()
	if scope == town {
		return fmt.Sprint(town)
	}
	dir := filepath.Join(w.dir, fmt.Sprint("pack", scope))
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	from := filepath.Join("..", "..", "assets", "pack", fmt.Sprint(town))
	noError(w.t, os.CopyFS(dir, os.DirFS(from)))
	file := filepath.Join(dir, "pack.toml")
	raw, err := os.ReadFile(file)
	noError(w.t, err)
	noError(w.t, os.WriteFile(file, bytes.ReplaceAll(raw, []byte(fmt.Sprint(town)), []byte(fmt.Sprint(scope))), 0o600))
	return dir
}

// open opens the desk's store in this process.
func (d *deskProc) open(use func(*room.Room) error) error {
	r, err := room.Open(roomConfig(d.spec.Dir, d.spec.Skew))
	if err != nil {
		return err
	}
	return errors.Join(use(r), r.Close())
}

// start starts the desk process; it answers when it is ready.
func (d *deskProc) start() {
	d.w.t.Helper()
	d.begin()
	d.answer()
}

// begin starts the desk process.
func (d *deskProc) begin() {
	d.w.t.Helper()
	spec, err := json.Marshal(d.spec)
	noError(d.w.t, err)
	self, err := os.Executable()
	noError(d.w.t, err)
	d.cmd = exec.Command(self)
	d.cmd.Env = append(os.Environ(), envChild+"="+string(spec))
	log, err := os.OpenFile(d.spec.Dir+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	noError(d.w.t, err)
	defer log.Close()
	d.cmd.Stderr = log
	d.in, err = d.cmd.StdinPipe()
	noError(d.w.t, err)
	out, err := d.cmd.StdoutPipe()
	noError(d.w.t, err)
	noError(d.w.t, d.cmd.Start())
	lines := make(chan string, 64)
	d.lines = lines
	d.read.Go(func() {
		defer close(lines)
		scan := bufio.NewScanner(out)
		for scan.Scan() {
			d.hear(scan.Text(), lines)
		}
	})
}

func (d *deskProc) hear(line string, lines chan<- string) {
	if answer, ok := strings.CutPrefix(line, "= "); ok {
		lines <- answer
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if id, ok := strings.CutPrefix(line, "acked "); ok {
		d.acked = append(d.acked, id)
		return
	}
	d.said = append(d.said, line)
}

func (d *deskProc) answer() string {
	d.w.t.Helper()
	over := time.NewTimer(answerIn)
	defer over.Stop()
	select {
	case line, ok := <-d.lines:
		if !ok {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.w.t.Fatalf("%s has ended: %v", d.spec.Name, d.said)
		}
		return line
	case <-over.C:
		d.w.t.Fatalf("%s doesn't answer", d.spec.Name)
	}
	return ""
}

// tell gives a command and waits for the answer.
func (d *deskProc) tell(command string) string {
	d.w.t.Helper()
	_, err := fmt.Fprintln(d.in, command)
	noError(d.w.t, err)
	return d.answer()
}

func (d *deskProc) state() (s deskState) {
	d.w.t.Helper()
	noError(d.w.t, json.Unmarshal([]byte(d.tell("state")), &s))
	return s
}

func (d *deskProc) kill() {
	if d.cmd == nil {
		return
	}
	_ = d.cmd.Process.Kill()
	d.read.Wait()
	_ = d.cmd.Wait()
	d.cmd = nil
}

// stop ends the desk as a person does.
func (d *deskProc) stop() {
	d.w.t.Helper()
	if d.cmd == nil {
		return
	}
	noError(d.w.t, d.in.Close())
	d.read.Wait()
	if err := d.cmd.Wait(); err != nil {
		d.w.t.Errorf("%s ends with %v: %v", d.spec.Name, err, d.said)
	}
	d.cmd = nil
}

// calm waits until these desks are connected, have nothing left to send, and show the same.
func (w *world) calm(desks ...*deskProc) deskState {
	w.t.Helper()
	var last []deskState
	began := time.Now()
	for ; ; <-time.After(200 * time.Millisecond) {
		last = last[:0]
		for _, d := range desks {
			d.tell("retry")
			last = append(last, d.state())
		}
		if alike(last) {
			return last[0]
		}
		if time.Since(began) > calmIn {
			w.t.Fatalf("not alike after %v: %+v\n%s", calmIn, last, tail(w.hubLog()))
		}
	}
}

func alike(all []deskState) bool {
	for _, s := range all {
		if !s.Connected || s.Pending > 0 || s.Keyless > 0 || s.Vector != all[0].Vector || s.Fold != all[0].Fold || s.Incidents != all[0].Incidents {
			return false
		}
	}
	return true
}

func tail(s string) string { return s[max(0, len(s)-3000):] }

// light is what the clock of a desk makes of a deadline.
var light = regexp.MustCompile(`"light": *"[a-z]*"`)

// whole stops the desks and the hub and proves that nothing was lost, doubled or damaged anywhere.
func (w *world) whole(desks ...*deskProc) {
	w.t.Helper()
	w.settled(desks...)
	w.stopHub()
	if out, err := w.run("zw110hub", "verify", "--dir", w.hubIn); err != nil {
		w.t.Errorf("verify the hub: %v\n%s", err, out)
	}
}

// settled stops the desks and proves the same of them.
func (w *world) settled(desks ...*deskProc) {
	w.t.Helper()
	var shown string
	for i, d := range desks {
		d.stop()
		if len(d.said) > 0 {
			w.t.Errorf("%s says %v", d.spec.Name, d.said)
		}
		have := d.entries()
		for _, from := range desks {
			for _, id := range from.acked {
				if have[id] == 0 {
					w.t.Errorf("%s has lost entry %s of %s", d.spec.Name, id, from.spec.Name)
				}
			}
		}
		if out, err := w.run("zw110ctl", "verify", "--dir", d.store()); err != nil {
			w.t.Errorf("verify %s: %v\n%s", d.spec.Name, err, out)
		}
		rows := light.ReplaceAllString(w.must("zw110ctl", "show", "--dir", d.store(), "--view", "all", "--json"), "")
		if i == 0 {
			shown = rows
		} else if rows != shown {
			w.t.Errorf("%s shows other incidents than %s", d.spec.Name, desks[0].spec.Name)
		}
	}
}

func (d *deskProc) store() string { return filepath.Join(d.spec.Dir, "store") }

// entries counts each entry in the logs of the desk's incidents; none may stand there twice, and no report may have become two incidents.
func (d *deskProc) entries() map[string]int {
	d.w.t.Helper()
	seen := map[string]int{}
	sources := map[string]int{}
	noError(d.w.t, d.open(func(r *room.Room) error {
		snap := r.Snapshot(board.Filter{Ended: true})
		for i := range snap.Len() {
			detail, err := r.Brief(snap.Row(i).ID, "sl1")
			if err != nil {
				return err
			}
			sources[detail.State.SourceNo]++
			for _, l := range detail.State.Log {
				seen[hex.EncodeToString(l.Entry[:])]++
			}
		}
		return nil
	}))
	for id, n := range seen {
		if n > 1 {
			d.w.t.Errorf("%s has entry %s %d times", d.spec.Name, id, n)
		}
	}
	for no, n := range sources {
		if n > 1 {
			d.w.t.Errorf("%s has report %s %d times", d.spec.Name, no, n)
		}
	}
	return seen
}
