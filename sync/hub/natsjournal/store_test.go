package natsjournal

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"zw110/sync/hub/contract"
	"zw110/sync/session"
	"zw110/sync/wire"
)

func open(t testing.TB, conn *nats.Conn, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), params(conn, dir))
	noError(t, err)
	t.Cleanup(func() { noError(t, s.Close()) })
	return s
}

func line(t testing.TB, s *Store, n int) *contract.Line {
	t.Helper()
	l, err := contract.NewLine(byte(n+1), 1, contract.TownA)
	noError(t, err)
	head, err := s.Head(t.Context(), contract.County, l.Origin)
	noError(t, err)
	if head.Seq > 0 {
		l.Seq, l.Hash = head.Seq, head.Hash
	}
	return l
}

// appendRun stores the next run of a line: three entries.
func appendRun(t testing.TB, s *Store, l *contract.Line) (session.HubRun, wire.Stamp) {
	t.Helper()
	run, err := l.Run(contract.Entry{Incident: 0, Scope: contract.TownA, Text: "the first of three"}, contract.Entry{Incident: 1, Scope: contract.TownB},
		contract.Entry{Incident: -1, Scope: contract.TownA})
	noError(t, err)
	stamps, errs := s.Append(t.Context(), contract.County, []session.HubRun{run})
	noError(t, errs[0])
	l.Stored(run)
	return run, stamps[0]
}

func TestProcesses_SeeAtOnceWhatAnyOfThemStored(t *testing.T) {
	t.Parallel()
	conn := alone(t)
	a, b := open(t, conn, t.TempDir()), open(t, conn, t.TempDir())
	l := line(t, a, 0)
	for n := range 20 {
		writer, reader := a, b
		if n%2 == 1 {
			writer, reader = b, a
		}
		run, stamp := appendRun(t, writer, l)
		if got := line(t, reader, 0); got.Seq != l.Seq || got.Hash != l.Hash {
			t.Fatalf("the other process sees %d of %d", got.Seq, l.Seq)
		}
		again, errs := reader.Append(t.Context(), contract.County, []session.HubRun{run})
		if errs[0] != nil || again[0] != stamp {
			t.Fatalf("given to the other process too: %+v, not %+v, %v", again, stamp, errs)
		}
		if _, err := reader.CheckAt(t.Context(), contract.County, stamp.Pos); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStream_RecreatedBeginsAnEpoch(t *testing.T) {
	t.Parallel()
	conn := alone(t)
	s := open(t, conn, t.TempDir())
	appendRun(t, s, line(t, s, 0))
	before, err := session.EpochOf(t.Context(), s, contract.County)
	noError(t, err)
	js, err := jetstream.New(conn)
	noError(t, err)
	noError(t, js.DeleteStream(t.Context(), streamName(contract.County)))

	// The process finds out by itself; until then it is not available.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	l, err := contract.NewLine(1, 1, contract.TownA)
	noError(t, err)
	// The same run each time: a try that ran out of time may have been stored all the same.
	run, err := l.Run(contract.Entry{Incident: 0, Scope: contract.TownA, Text: "pushed again"})
	noError(t, err)
	for {
		brief, done := context.WithTimeout(ctx, time.Second)
		stamps, errs := s.Append(brief, contract.County, []session.HubRun{run})
		done()
		if errs[0] == nil {
			if head, err := s.Head(ctx, contract.County, l.Origin); err != nil || head.Seq != 1 || stamps[0].Pos > 5 {
				t.Errorf("the line stands at %+v, stamp %+v, %v", head, stamps[0], err)
			}
			break
		}
		if ctx.Err() != nil {
			t.Fatalf("never came back: %v", errs[0])
		}
	}
	after, err := session.EpochOf(t.Context(), s, contract.County)
	if err != nil || after == before {
		t.Errorf("no epoch was begun: %v", err)
	}
}

func TestStream_PutBackBeginsAnEpoch(t *testing.T) {
	t.Parallel()
	conn, dir := alone(t), t.TempDir()
	s := open(t, conn, dir)
	appendRun(t, s, line(t, s, 0))
	before, err := session.EpochOf(t.Context(), s, contract.County)
	noError(t, err)
	noError(t, s.Close())
	// A copy that has read something else at the same position is what is left after a stream was put back and has grown again.
	other := alone(t)
	longer := open(t, other, t.TempDir())
	appendRun(t, longer, line(t, longer, 7))
	line(t, longer, 7) // the copy has it
	copied := longer.counties[contract.County].county.path
	noError(t, longer.Close())
	raw, err := os.ReadFile(copied)
	noError(t, err)
	names, err := filepath.Glob(filepath.Join(dir, "*.db"))
	noError(t, err)
	noError(t, os.WriteFile(names[0], raw, 0o600))

	s = open(t, conn, dir)
	if got := line(t, s, 0); got.Seq != 3 {
		t.Errorf("the line stands at %d", got.Seq)
	}
	if got := line(t, s, 7); got.Seq != 0 {
		t.Errorf("the other stream's line stands at %d", got.Seq)
	}
	if after, err := session.EpochOf(t.Context(), s, contract.County); err != nil || after == before {
		t.Errorf("no epoch was begun: %v", err)
	}
}

// losingStream makes the county's stream itself, so that it may lose a message.
func losingStream(t *testing.T, conn *nats.Conn) jetstream.Stream {
	t.Helper()
	js, err := jetstream.New(conn)
	noError(t, err)
	stream, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: streamName(contract.County), Subjects: []string{subjects(contract.County)}})
	noError(t, err)
	return stream
}

// A block that a cluster has lost may hold many runs of a line: they come back one after the other.
func TestStream_LostMessagesAreOneHoleAndAreHealedPieceByPiece(t *testing.T) {
	t.Parallel()
	conn := alone(t)
	stream := losingStream(t, conn)
	first := open(t, conn, t.TempDir())
	l := line(t, first, 0)
	appendRun(t, first, l)
	var lost []session.HubRun
	var stamps []wire.Stamp
	for range 3 {
		run, stamp := appendRun(t, first, l)
		lost, stamps = append(lost, run), append(stamps, stamp)
	}
	appendRun(t, first, l)
	noError(t, first.Close())
	for _, stamp := range stamps {
		noError(t, stream.DeleteMsg(t.Context(), stamp.Pos))
	}

	s := open(t, conn, t.TempDir())
	head := line(t, s, 0)
	for i, run := range lost {
		holes, err := s.Holes(t.Context(), contract.County)
		if want := (wire.Span{Origin: l.Origin, From: run.Run.First, To: 12}); err != nil || len(holes) != 1 || holes[0] != want {
			t.Fatalf("holes %+v before run %d, %v", holes, i, err)
		}
		if i == 0 { // not from its middle on
			if _, errs := s.Append(t.Context(), contract.County, []session.HubRun{lost[1]}); errs[0] == nil {
				t.Error("the middle of the hole was taken")
			}
		}
		if _, errs := s.Append(t.Context(), contract.County, []session.HubRun{run}); errs[0] != nil {
			t.Fatalf("run %d of the hole was not taken: %v", i, errs[0])
		}
	}
	appendRun(t, s, head)
	other := open(t, conn, t.TempDir())
	for _, hub := range []*Store{s, other} {
		report, err := hub.Verify(t.Context(), contract.County, nil)
		noError(t, err)
		if len(report.Holes)+len(report.Faults) > 0 || report.Entries != 18 {
			t.Errorf("report %+v", report)
		}
		if run, err := hub.Range(t.Context(), contract.County, l.Origin, 1, 18, 1<<20); err != nil || run.Last() != 18 {
			t.Errorf("range over what was the hole ends at %d: %v", run.Last(), err)
		}
	}
	_, check, err := s.End(t.Context(), contract.County)
	noError(t, err)
	if _, again, err := other.End(t.Context(), contract.County); err != nil || again != check {
		t.Errorf("the processes' checks differ: %x and %x, %v", check, again, err)
	}
}

func TestCopy_DamagedIsMadeAnew(t *testing.T) {
	t.Parallel()
	for name, which := range map[string]int{"first run, found by a reader": 0, "last run, found at the start": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, dir := alone(t), t.TempDir()
			s := open(t, conn, dir)
			l := line(t, s, 0)
			first, _ := appendRun(t, s, l)
			second, _ := appendRun(t, s, l)
			line(t, s, 0) // the copy has both
			epoch, err := session.EpochOf(t.Context(), s, contract.County)
			noError(t, err)
			path := s.counties[contract.County].county.path
			noError(t, s.Close())
			raw, err := os.ReadFile(path)
			noError(t, err)
			// Pages that are free by now may hold the run, too.
			entry := []session.HubRun{first, second}[which].Run.Entries[0]
			for i := 0; ; {
				at := bytes.Index(raw[i:], entry)
				if at < 0 {
					break
				}
				raw[i+at+20] ^= 1
				i += at + 1
			}
			noError(t, os.WriteFile(path, raw, 0o600))

			s = open(t, conn, dir)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			for {
				records, _, err := s.Feed(ctx, contract.County, 0, 10)
				if err == nil && len(records) == 2 {
					break
				}
				if ctx.Err() != nil {
					t.Fatalf("%d records, %v", len(records), err)
				}
			}
			if holes, err := s.Holes(t.Context(), contract.County); err != nil || len(holes) > 0 {
				t.Errorf("holes %+v, %v", holes, err)
			}
			if after, err := session.EpochOf(t.Context(), s, contract.County); err != nil || after != epoch {
				t.Errorf("a damaged copy began an epoch: %v", err)
			}
		})
	}
}

func TestOpen_RefusesServersThatDoNotSync(t *testing.T) {
	t.Parallel()
	if _, err := Open(t.Context(), Params{Conn: alone(t), Dir: t.TempDir(), Log: quietLog()}); !errors.Is(err, ErrNotSynced) {
		t.Errorf("opened though nobody says that the servers sync: %v", err)
	}
	for _, always := range []bool{false, true} {
		system := server.NewAccount("SYS")
		s, err := server.NewServer(&server.Options{
			Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), SyncAlways: always, NoLog: true, NoSigs: true,
			Accounts: []*server.Account{system}, SystemAccount: "SYS", Users: []*server.User{{Username: "admin", Password: "secret", Account: system}},
		})
		noError(t, err)
		s.Start()
		if !s.ReadyForConnections(time.Minute) {
			t.Fatal("the server does not listen")
		}
		conn, err := nats.Connect(s.ClientURL(), nats.UserInfo("admin", "secret"))
		noError(t, err)
		if err := checkSync(t.Context(), conn); always != (err == nil) || err != nil && !errors.Is(err, ErrNotSynced) {
			t.Errorf("sync always %v: %v", always, err)
		}
		conn.Close()
		s.Shutdown()
		s.WaitForShutdown()
	}
}

func TestKey_ComesBack(t *testing.T) {
	for _, key := range []string{"desk/1", "a b/ü.=/x", "keylog/330825/0"} {
		encoded, err := encodeKey(key)
		noError(t, err)
		if back, err := decodeKey(encoded); err != nil || back != key {
			t.Errorf("%q became %q and %q, %v", key, encoded, back, err)
		}
	}
	for _, key := range []string{"", "/a", "a//b", "a/"} {
		if _, err := encodeKey(key); err == nil {
			t.Errorf("%q was taken", key)
		}
	}
}
