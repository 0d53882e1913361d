package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"zw110/data/incident"
	"zw110/sync/hub"
	"zw110/sync/hub/boltjournal"
	"zw110/sync/session"
	"zw110/sync/wire"
)

const (
	county = incident.ScopeID(330825)
	town   = incident.ScopeID(330825111)
)

// memory is what the hub's process holds, in bytes; live is after a collection.
type memory struct {
	Live, Stack, Resident, Peak uint64
	Goroutines                  int
}

// serveHub is the hub's process: the hub as zw110hub serves it, and a door that tells its memory.
func serveHub(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("hub", flag.ContinueOnError)
	dir := flags.String("dir", "", "")
	listen := flags.String("listen", "127.0.0.1:0", "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	store, err := openStore(*dir)
	if err != nil {
		return err
	}
	defer store.Close()
	cert, err := hub.Certificate(*dir, "", "", []string{"127.0.0.1"}, time.Now())
	if err != nil {
		return err
	}
	pin, err := hub.Pin(cert)
	if err != nil {
		return err
	}
	h, err := hub.Open(ctx, hub.Config{County: county, Journal: store, Registry: store, Blobs: store, Pins: [][]byte{pin}})
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", *listen)
	if err != nil {
		return err
	}
	door, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", h.Metrics())
	mux.HandleFunc("/profile", pprof.Profile)
	mux.HandleFunc("/memory", func(w http.ResponseWriter, _ *http.Request) {
		debug.FreeOSMemory()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		err := json.NewEncoder(w).Encode(memory{
			Live: m.HeapAlloc, Stack: m.StackInuse, Resident: status("VmRSS"), Peak: status("VmHWM"), Goroutines: runtime.NumGoroutine(),
		})
		if err != nil { // who asked reads half an answer, and says so
			fmt.Fprintln(os.Stderr, "memory:", err)
		}
	})
	go func() { // ends with the process
		fmt.Fprintln(os.Stderr, "door:", http.Serve(door, mux)) //nolint:gosec // on loopback, for this bench
	}()
	fmt.Println(l.Addr(), door.Addr())
	return h.Serve(ctx, l, &cert, false)
}

// status reads a figure of this process in bytes.
func status(name string) uint64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			n, err := strconv.ParseUint(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			if err != nil {
				fmt.Fprintln(os.Stderr, name+":", err)
			}
			return n << 10
		}
	}
	return 0
}

func openStore(dir string) (*boltjournal.Store, error) {
	return boltjournal.Open(boltjournal.Params{Dir: dir, Clock: func() incident.Stamp { return incident.StampOf(time.Now()) }})
}

// process is a child of this program.
type process struct {
	cmd  *exec.Cmd
	in   *bufio.Writer
	out  *bufio.Reader
	addr string
	door string
}

func (b *bench) start(args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.CommandContext(b.ctx, self, args...)}
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in, p.out = bufio.NewWriter(in), bufio.NewReader(out)
	return p, p.cmd.Start()
}

// startHub starts the hub's process; it serves when this returns.
func (b *bench) startHub(dir, listen string) (*process, error) {
	p, err := b.start("hub", "-dir", dir, "-listen", listen)
	if err != nil {
		return nil, err
	}
	line, err := p.out.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the hub doesn't start: %w", err)
	}
	var both bool
	if p.addr, p.door, both = strings.Cut(strings.TrimSpace(line), " "); !both {
		return nil, fmt.Errorf("the hub says %q instead of its two addresses", line)
	}
	return p, nil
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	_ = p.cmd.Wait()         // "killed" is what it always says
}

func (p *process) memory() (m memory, err error) {
	resp, err := http.Get("http://" + p.door + "/memory") //nolint:noctx // on loopback
	if err != nil {
		return m, err
	}
	defer resp.Body.Close()
	return m, json.NewDecoder(resp.Body).Decode(&m)
}

// spent is the processor time of a process and of this one, in seconds; not a number where the system doesn't tell.
func (p *process) spent() (hub, desk float64) {
	hub = math.NaN()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err == nil {
		_, rest, _ := bytes.Cut(b, []byte(") ")) // without that mark there are no fields behind it
		if f := strings.Fields(string(rest)); len(f) > 12 {
			user, err1 := strconv.ParseFloat(f[11], 64)
			system, err2 := strconv.ParseFloat(f[12], 64)
			if errors.Join(err1, err2) == nil {
				hub = (user + system) / 100
			}
		}
	}
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) == nil {
		desk = time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
	}
	return hub, desk
}

// metric reads one of the hub's counters.
func (p *process) metric(name string) (float64, error) {
	resp, err := http.Get("http://" + p.door + "/metrics") //nolint:noctx // on loopback
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	in := bufio.NewScanner(resp.Body)
	for in.Scan() {
		if rest, ok := strings.CutPrefix(in.Text(), name+" "); ok {
			return strconv.ParseFloat(rest, 64)
		}
	}
	return 0, fmt.Errorf("no metric %s: %w", name, errors.Join(in.Err()))
}

// registry is a hub's folder with an identity and seats, made without codes: stretching a thousand of them takes minutes.
type registry struct {
	dir   string
	store *boltjournal.Store
	id    hub.Identity
	pin   []byte
}

func newRegistry(ctx context.Context, dir string) (*registry, error) {
	store, err := openStore(dir)
	if err != nil {
		return nil, err
	}
	h, err := hub.Open(ctx, hub.Config{County: county, Journal: store, Registry: store, Blobs: store})
	if err != nil {
		return nil, err
	}
	cert, err := hub.Certificate(dir, "", "", []string{"127.0.0.1"}, time.Now())
	if err != nil {
		return nil, err
	}
	pin, err := hub.Pin(cert)
	return &registry{dir: dir, store: store, id: h.Identity(), pin: pin}, err
}

// seat gives number n a seat whose key follows from the number, or the given one.
func (r *registry) seat(ctx context.Context, n int, scope incident.ScopeID, key ed25519.PublicKey) (wire.DeskID, error) {
	id, own := seatOf(n)
	if key == nil {
		key = own.Public().(ed25519.PublicKey)
	}
	return id, session.PutDesk(ctx, r.store, session.Desk{ID: id, Scope: scope, Name: fmt.Sprint("席位", n), Key: key}, 0)
}

// seatOf derives a desk's ID and key.
func seatOf(n int) (id wire.DeskID, key ed25519.PrivateKey) {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("bench"), uint64(n)))
	copy(id[:], sum[:])
	return id, ed25519.NewKeyFromSeed(bytes.Clone(sum[:]))
}

// townOf spreads desks over townships, twenty each.
func townOf(n int) incident.ScopeID { return county*1000 + 100 + incident.ScopeID(n/20) }

func absolute(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return dir
	}
	return abs
}
