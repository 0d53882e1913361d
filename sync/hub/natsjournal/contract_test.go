package natsjournal

import (
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/sirupsen/logrus"
	"pgregory.net/rapid"

	"zw110/data/incident"
	"zw110/sync/hub/contract"
	"zw110/sync/hub/natsnode"
	"zw110/sync/session"
)

// tick returns a clock that moves a second at each look, beginning at 2026-08-15 08:00 in Beijing.
func tick() func() incident.Stamp {
	var now atomic.Int64
	now.Store(1_786_752_000_000)
	return func() incident.Stamp { return incident.Stamp(now.Add(1000)) }
}

func quietLog() logrus.FieldLogger {
	log := logrus.New()
	if os.Getenv("ZW110_TEST_LOG") == "" {
		log.SetOutput(io.Discard)
	}
	return log
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// memory returns a folder in memory if there is one: what survives a kill is tested on a real disk.
func memory(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := os.Stat("/dev/shm"); err == nil {
		dir, err = os.MkdirTemp("/dev/shm", "hub")
		noError(t, err)
		t.Cleanup(func() { noError(t, os.RemoveAll(dir)) })
	}
	return dir
}

// alone starts a member that is alone, and a connection to it.
func alone(t testing.TB) *nats.Conn {
	t.Helper()
	node, err := natsnode.Start(natsnode.Params{Name: "alone", Dir: memory(t), Log: quietLog()})
	noError(t, err)
	t.Cleanup(node.Stop)
	conn, err := node.Connect()
	noError(t, err)
	t.Cleanup(conn.Close)
	return conn
}

func params(conn *nats.Conn, dir string) Params {
	return Params{
		Conn: conn, Synced: true, Replicas: 1, Dir: dir, Clock: tick(), Log: quietLog(),
	}
}

func setFlag(t *testing.T, name, value string) {
	t.Helper()
	old := flag.Lookup(name).Value.String()
	noError(t, flag.Set(name, value))
	t.Cleanup(func() { noError(t, flag.Set(name, old)) })
}

// place is a county of its own in one cluster.
type place struct {
	conn *nats.Conn
	dir  string
	code incident.ScopeID
}

func (p place) Open() (contract.Hub, error) {
	return Open(context.Background(), params(p.conn, p.dir))
}
func (p place) County() incident.ScopeID { return p.code }
func (p place) Prefix() string           { return "t" + strconv.Itoa(int(p.code)) + "/" }

// runs is how often the state machine runs.
const runs = 60 / share

func TestContract_HoldsOnJetStream(t *testing.T) {
	t.Parallel()
	conn, dir := alone(t), memory(t)
	setFlag(t, "rapid.checks", strconv.Itoa(runs))
	code := incident.ScopeID(100000)
	contract.Machine(t, func(*rapid.T) (contract.Place, func()) {
		code++
		return place{conn, filepath.Join(dir, strconv.Itoa(int(code))), code}, func() {}
	})
}

// fresh is a place whose copy is lost each time.
type fresh struct{ place }

func (p fresh) Open() (contract.Hub, error) {
	if err := os.RemoveAll(p.dir); err != nil {
		return nil, err
	}
	return p.place.Open()
}

func TestContract_LostRunOnJetStream(t *testing.T) {
	t.Parallel()
	conn := alone(t)
	stream := losingStream(t, conn)
	contract.Hole(t, fresh{place{conn, t.TempDir(), contract.County}}, func(t *testing.T, rec session.HubRecord) {
		noError(t, stream.DeleteMsg(t.Context(), rec.Stamp.Pos))
	})
}
