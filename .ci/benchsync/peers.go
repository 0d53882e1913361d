package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// serveNATS is a NATS server in a process of its own: JetStream on one machine, every message synced, clients by websocket.
func serveNATS(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("nats", flag.ContinueOnError)
	dir := flags.String("dir", "", "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: *dir, SyncAlways: true, NoLog: true, NoSigs: true,
		Websocket: server.WebsocketOpts{Host: "127.0.0.1", Port: 18114, NoTLS: true},
	})
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(30 * time.Second) {
		return errors.New("the NATS server doesn't start")
	}
	fmt.Println("ready")
	<-ctx.Done()
	s.Shutdown()
	return nil
}

// nats sends messages of an entry's size to a stream and reads them back.
func (b *bench) nats() error {
	p, err := b.start("nats", "-dir", absolute(b.at("nats")))
	if err != nil {
		return err
	}
	defer p.kill()
	if _, err := p.out.ReadString('\n'); err != nil {
		return fmt.Errorf("the NATS server ends: %w", err)
	}
	conn, err := nats.Connect("ws://127.0.0.1:18114")
	if err != nil {
		return err
	}
	defer conn.Close()
	js, err := jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(256))
	if err != nil {
		return err
	}
	if _, err := js.CreateStream(b.ctx, jetstream.StreamConfig{Name: "J", Subjects: []string{"j.>"}, Storage: jetstream.FileStorage}); err != nil {
		return err
	}
	entry := make([]byte, 140)
	if _, err := rand.Read(entry); err != nil {
		return err
	}
	n := b.entries / 10
	start := time.Now()
	var futures []jetstream.PubAckFuture
	for range n {
		f, err := js.PublishAsync("j.desk", entry, jetstream.WithStallWait(time.Minute))
		if err != nil {
			return err
		}
		futures = append(futures, f)
	}
	failed := 0
	for _, f := range futures {
		select {
		case <-f.Ok():
		case <-f.Err():
			failed++
		}
	}
	took := time.Since(start)
	text := rate(float64(n-failed) / took.Seconds())
	if failed > 0 {
		text += fmt.Sprintf(", %d without ack", failed)
	}
	b.note(fmt.Sprintf("peer: NATS websocket, R1, sync always: %d messages of 140 B pushed", n), text)
	cons, err := js.OrderedConsumer(b.ctx, "J", jetstream.OrderedConsumerConfig{})
	if err != nil {
		return err
	}
	it, err := cons.Messages()
	if err != nil {
		return err
	}
	defer it.Stop()
	start = time.Now()
	for range n - failed {
		if _, err := it.Next(); err != nil {
			return err
		}
	}
	b.note("peer: NATS, the same pulled, not stored at the client", rate(float64(n-failed)/time.Since(start).Seconds()))
	return nil
}

// pouch replicates documents between PouchDB on disk and express-pouchdb in two processes.
func (b *bench) pouch() error {
	dir := absolute(b.peers)
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "pouchdb")); err != nil {
		return fmt.Errorf("no PouchDB in %s: %w", dir, err)
	}
	script, err := filepath.Abs(".ci/benchsync/pouch.js")
	if err != nil {
		return err
	}
	out := new(bytes.Buffer)
	cmd := exec.CommandContext(b.ctx, "node", script, absolute(b.at("pouch")), fmt.Sprint(b.entries))
	cmd.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(dir, "node_modules"))
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	if err := cmd.Run(); err != nil {
		return err
	}
	var m struct{ Push, Pull, Resident float64 }
	if err := json.Unmarshal(out.Bytes(), &m); err != nil {
		return fmt.Errorf("PouchDB says %q: %w", url.QueryEscape(out.String()), err)
	}
	n := float64(b.entries)
	b.note(fmt.Sprintf("peer: PouchDB 9 to express-pouchdb, no fsync claimed: %d pushed", b.entries), fmt.Sprintf("%s, %s", seconds(m.Push/1e3), rate(n/m.Push*1e3)))
	b.note(fmt.Sprintf("peer: PouchDB, %d pulled", b.entries), fmt.Sprintf("%s, %s", seconds(m.Pull/1e3), rate(n/m.Pull*1e3)))
	b.note("peer: PouchDB, push and pull", seconds((m.Push+m.Pull)/1e3))
	b.note("peer: PouchDB, the server's resident memory", mib(m.Resident))
	return nil
}
