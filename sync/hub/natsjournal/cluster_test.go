package natsjournal

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"zw110/data/incident"
	"zw110/sync/hub/contract"
	"zw110/sync/hub/natsnode"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// The environment that makes this test binary a member of a cluster.
const (
	memberName    = "ZW110_MEMBER"
	memberDir     = "ZW110_MEMBER_DIR"
	memberListen  = "ZW110_MEMBER_LISTEN"
	memberPeers   = "ZW110_MEMBER_PEERS"
	memberClients = "ZW110_MEMBER_CLIENTS"
)

const secret = "known to the members"

func TestMain(m *testing.M) {
	if os.Getenv(memberName) != "" {
		os.Exit(runMember())
	}
	// The tests wait for other processes most of the time. What the command line says comes later and holds.
	if err := flag.Set("test.parallel", "5"); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// runMember is what this test binary does as a member: it runs until it is killed.
func runMember() int {
	_, err := natsnode.Start(natsnode.Params{
		Name: os.Getenv(memberName), Cluster: "county", Dir: os.Getenv(memberDir), Listen: os.Getenv(memberListen),
		Peers: strings.Split(os.Getenv(memberPeers), ","), Clients: os.Getenv(memberClients), Secret: secret, Log: quietLog(),
	})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("listening")
	select {}
}

// members is a cluster of three processes.
type members struct {
	t       testing.TB
	dir     string
	listen  []string
	clients []string
	running []*exec.Cmd
}

func startMembers(t testing.TB) *members {
	m := &members{t: t, dir: t.TempDir(), running: make([]*exec.Cmd, 3)}
	ports := freePorts(t, 6)
	m.listen, m.clients = ports[:3], ports[3:]
	for i := range m.running {
		m.start(i)
	}
	t.Cleanup(func() {
		for i := range m.running {
			m.kill(i)
		}
	})
	return m
}

// ports counts the ports that were tried. They lie below those that the system gives to connections, which would take them while a member is down.
var ports atomic.Uint32

func freePorts(t testing.TB, n int) (addresses []string) {
	const least, room = 12000, 18000
	for len(addresses) < n {
		address := fmt.Sprintf("127.0.0.1:%d", least+(uint32(os.Getpid())*97+ports.Add(1))%room)
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue // another program's
		}
		noError(t, l.Close())
		addresses = append(addresses, address)
	}
	return addresses
}

func (m *members) start(i int) {
	m.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), memberName+"="+fmt.Sprintf("m%d", i), memberDir+"="+filepath.Join(m.dir, fmt.Sprint(i)),
		memberListen+"="+m.listen[i], memberPeers+"="+strings.Join(m.listen, ","), memberClients+"="+m.clients[i])
	out, err := cmd.StdoutPipe()
	noError(m.t, err)
	noError(m.t, cmd.Start())
	said := make([]byte, 9)
	if _, err := out.Read(said); err != nil || string(said) != "listening" {
		m.t.Fatalf("member %d said %q: %v", i, said, err)
	}
	m.running[i] = cmd
}

func (m *members) kill(i int) {
	if m.running[i] == nil {
		return
	}
	noError(m.t, m.running[i].Process.Kill())
	_ = m.running[i].Wait()
	m.running[i] = nil
}

func (m *members) signal(i int, s syscall.Signal) { noError(m.t, m.running[i].Process.Signal(s)) }

// connect connects one hub process, which prefers one member.
func (m *members) connect(prefer int) *nats.Conn {
	m.t.Helper()
	urls := append([]string{m.clients[prefer]}, m.clients...)
	for i := range urls {
		urls[i] = "nats://hub:" + strings.ReplaceAll(secret, " ", "%20") + "@" + urls[i]
	}
	conn, err := nats.Connect(strings.Join(urls, ","), nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond), nats.DontRandomize(),
		nats.PingInterval(time.Second), nats.MaxPingsOutstanding(2))
	noError(m.t, err)
	m.t.Cleanup(conn.Close)
	return conn
}

// open opens a store as soon as the cluster has a leader.
func (m *members) open(conn *nats.Conn, name string) *Store {
	m.t.Helper()
	p := params(conn, filepath.Join(m.dir, "copy-"+name))
	p.Replicas = 3
	for deadline := time.Now().Add(time.Minute); ; {
		s, err := Open(context.Background(), p)
		if err == nil {
			m.t.Cleanup(func() { noError(m.t, s.Close()) })
			return s
		}
		if time.Now().After(deadline) {
			m.t.Fatal(err)
		}
	}
}

// soak is how long members are killed and paused in turn; `make soak` takes half an hour.
var soak = flag.Duration("soak", 25*time.Second, "how long members are killed and paused in turn")

// writers is how many desks write through each of the two hub processes; half of the lines are written by both.
const writers = 4

// TestCluster_NothingAcknowledgedIsLost kills and pauses one member after the other under two hub processes with writers, and then
// compares: everything that was acknowledged is there once, in order, the same for both processes and for one that begins anew.
func TestCluster_NothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	began := time.Now()
	m := startMembers(t)
	hubs := []*Store{m.open(m.connect(0), "a"), m.open(m.connect(1), "b")}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wg sync.WaitGroup
	acks := make([]*ackedLine, writers)
	for i := range acks {
		acks[i] = &ackedLine{at: map[uint64]ack{}}
		for _, hub := range hubs {
			wg.Go(func() { write(ctx, t, hub, i, acks[i]) })
		}
	}
	faults(t, m)
	t.Logf("after the last fault %v", time.Since(began))
	cancel()
	wg.Wait()
	t.Logf("writers ended %v", time.Since(began))
	total := 0
	hubs = append(hubs, m.open(m.connect(2), "c"))
	t.Logf("third process opened %v", time.Since(began))
	for i, a := range acks {
		total += len(a.at)
		a.compare(t, hubs, i)
	}
	compareFeeds(t, hubs)
	if total == 0 {
		t.Error("nothing was acknowledged")
	}
	t.Logf("%d entries acknowledged", total)
}

// faults kills and pauses one member at a time, so that there are always two to agree.
func faults(t *testing.T, m *members) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	end, cancel := context.WithTimeout(t.Context(), *soak)
	defer cancel()
	for n := 0; ; n++ {
		i := rng.IntN(3)
		if rng.IntN(2) == 0 {
			m.kill(i)
			wait(end, rng, 2*time.Second)
			m.start(i)
		} else {
			m.signal(i, syscall.SIGSTOP)
			wait(end, rng, 6*time.Second)
			m.signal(i, syscall.SIGCONT)
		}
		if wait(end, rng, 1500*time.Millisecond) {
			t.Logf("%d faults", n+1)
			return
		}
	}
}

// wait waits up to a random time and says whether the end came first.
func wait(end context.Context, rng *rand.Rand, longest time.Duration) bool {
	select {
	case <-end.Done():
		return true
	case <-time.After(time.Duration(rng.Int64N(int64(longest)))):
		return false
	}
}

type ack struct {
	stamp wire.Stamp
	entry string
}

// ackedLine is what was acknowledged of one line, to anyone.
type ackedLine struct {
	mu sync.Mutex
	at map[uint64]ack // by sequence
}

func (a *ackedLine) add(t *testing.T, run session.HubRun, stamp wire.Stamp) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, e := range run.Run.Entries {
		seq := run.Run.First + uint64(i)
		if old, twice := a.at[seq]; twice && (old.entry != string(e) || old.stamp.Pos != stamp.Pos) {
			t.Errorf("entry %d acknowledged at %d and at %d", seq, old.stamp.Pos, stamp.Pos)
		}
		a.at[seq] = ack{stamp, string(e)}
	}
}

// write writes a line as fast as it is acknowledged. Two processes write each line: both know nothing of each other, so each looks
// where the line stands, and often one finds that the other was quicker.
func write(ctx context.Context, t *testing.T, hub *Store, n int, acked *ackedLine) {
	var count atomic.Int64
	for ctx.Err() == nil {
		l, err := contract.NewLine(byte(n+1), 1, contract.TownA)
		noError(t, err)
		head, err := hub.Head(ctx, contract.County, l.Origin)
		if err != nil {
			continue // a cluster without a leader
		}
		if head.Seq > 0 {
			l.Seq, l.Hash = head.Seq, head.Hash
		}
		for ctx.Err() == nil {
			text := fmt.Sprintf("%p %d", hub, count.Add(1))
			run, err := l.Run(contract.Entry{Incident: n, Scope: contract.TownA, Text: text}, contract.Entry{Incident: -1, Scope: contract.TownA, Text: text})
			noError(t, err)
			stamps, errs := hub.Append(ctx, contract.County, []session.HubRun{run})
			if errs[0] != nil {
				break // fork or gap: the other process wrote; unavailable: nobody knows, so look
			}
			acked.add(t, run, stamps[0])
			l.Stored(run)
		}
	}
}

// compare reads a line from every process.
func (a *ackedLine) compare(t *testing.T, hubs []*Store, n int) {
	l, err := contract.NewLine(byte(n+1), 1, contract.TownA)
	noError(t, err)
	for _, hub := range hubs {
		head, err := hub.Head(t.Context(), contract.County, l.Origin)
		noError(t, err)
		for seq := uint64(1); seq <= head.Seq; {
			run, err := hub.Range(t.Context(), contract.County, l.Origin, seq, head.Seq, wire.MaxRunBytes)
			noError(t, err)
			for i, e := range run.Entries {
				if known, acked := a.at[seq+uint64(i)]; acked && known.entry != string(e) {
					t.Fatalf("line %d: entry %d is not the one that was acknowledged", n, seq+uint64(i))
				}
			}
			seq = run.Last() + 1
		}
		for seq := range a.at {
			if seq > head.Seq {
				t.Fatalf("line %d: entry %d was acknowledged, the line ends at %d", n, seq, head.Seq)
			}
		}
	}
}

// compareFeeds reads all feeds: no entry twice, each line in order, the same records with the same checks.
func compareFeeds(t *testing.T, hubs []*Store) {
	var first []session.HubRecord
	for i, hub := range hubs {
		feed := wholeFeed(t, hub)
		if i == 0 {
			first = feed
			inOrder(t, feed)
			continue
		}
		if len(feed) != len(first) {
			t.Fatalf("process %d reads %d records, the first one %d", i, len(feed), len(first))
		}
		for j := range feed {
			if feed[j].Stamp != first[j].Stamp || feed[j].Check != first[j].Check {
				t.Fatalf("process %d reads record %d at %+v, the first one at %+v", i, j, feed[j].Stamp, first[j].Stamp)
			}
		}
		report, err := hub.Verify(t.Context(), contract.County, nil)
		noError(t, err)
		if len(report.Faults)+len(report.Holes) > 0 {
			t.Fatalf("process %d: %+v", i, report)
		}
	}
	t.Logf("%d records", len(first))
}

func wholeFeed(t *testing.T, hub *Store) (records []session.HubRecord) {
	t.Helper()
	if _, err := hub.Head(t.Context(), contract.County, incident.Origin{}); err != nil { // brings the copy up to date
		t.Fatal(err)
	}
	end, _, err := hub.End(t.Context(), contract.County)
	noError(t, err)
	for after := uint64(0); after < end; {
		some, to, err := hub.Feed(t.Context(), contract.County, after, 1000)
		noError(t, err)
		records, after = append(records, some...), to
	}
	return records
}

func inOrder(t *testing.T, records []session.HubRecord) {
	next := map[incident.Origin]uint64{}
	pos := uint64(0)
	for _, r := range records {
		if r.Stamp.Pos <= pos || r.Run.First != next[r.Run.Origin]+1 {
			t.Fatalf("record at %d after %d begins at %d, its line stood at %d", r.Stamp.Pos, pos, r.Run.First, next[r.Run.Origin])
		}
		pos, next[r.Run.Origin] = r.Stamp.Pos, r.Run.Last()
	}
}
