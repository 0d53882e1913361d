package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/sirupsen/logrus"

	"zw110/data/incident"
	"zw110/sync/hub"
	"zw110/sync/hub/boltjournal"
	"zw110/sync/session"
)

// fileSocket is the administrator's door, in the data folder.
const fileSocket = "hub.sock"

type serveCmd struct {
	place
	member
	Listen    string        `help:"${hub_help_listen}" default:"127.0.0.1:8110"`
	Cert      string        `help:"${hub_help_cert}" type:"existingfile"`
	Key       string        `help:"${hub_help_key}" type:"existingfile"`
	Host      []string      `help:"${hub_help_host}"`
	Plain     bool          `help:"${hub_help_plain}"`
	Relay     bool          `help:"${hub_help_relay}"`
	Metrics   string        `help:"${hub_help_metrics}" placeholder:"127.0.0.1:8111"`
	BackupDir string        `help:"${hub_help_backup_dir}"`
	BackupAt  time.Duration `help:"${hub_help_backup_at}" default:"3h"`
	Move      string        `help:"${hub_help_move}" type:"existingdir" placeholder:"DIR"`
	Join      bool          `help:"${hub_help_join}"`
}

// Run serves desks until a signal comes.
func (c *serveCmd) Run(ctx context.Context, out *output) (err error) {
	log := logrus.New()
	log.SetFormatter(&logrus.JSONFormatter{})
	log.SetOutput(out.err)
	var s stores
	if c.Node != "" {
		s, err = openMember(ctx, c.place, c.member, log)
	} else {
		s, err = c.open(ctx, log, c.BackupDir)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := c.settle(ctx, s, log, out); err != nil {
		return err
	}
	cfg := hub.Config{County: c.County, Journal: s.journal, Registry: s.registry, Blobs: s.blobs, Log: log, Relay: c.Relay || c.Plain}
	var cert *tls.Certificate
	if c.Plain {
		if !local(c.Listen) {
			return &hub.RefusedError{Key: "hub.err.plain", Text: "no TLS on " + c.Listen}
		}
	} else {
		own, err := hub.Certificate(c.Dir, c.Cert, c.Key, append(c.Host, "localhost", "127.0.0.1", "::1"), time.Now())
		if err != nil {
			return err
		}
		pin, err := hub.Pin(own)
		if err != nil {
			return err
		}
		cert, cfg.Pins = &own, [][]byte{pin}
	}
	h, err := hub.Open(ctx, cfg)
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 3)
	running := 1
	go func() { ended <- h.Serve(ctx, l, cert, c.Metrics == "") }()
	door, err := c.door(ctx)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	running++
	go func() { ended <- serveHTTP(ctx, door, h.Admin(s.keep)) }()
	if c.Metrics != "" {
		ml, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Metrics)
		if err != nil {
			return fmt.Errorf("listen on %s: %w", c.Metrics, err)
		}
		running++
		go func() { ended <- serveHTTP(ctx, ml, h.Metrics()) }()
	}
	backups := c.BackupDir
	if c.Node != "" || c.Journal != "" {
		backups = "" // its own tools make them
	}
	go nightly(ctx, log, s.keep, backups, c.BackupAt, c.County)
	if err := out.say("hub.serving", l.Addr(), c.County, c.Dir); err != nil {
		return err
	}
	err = <-ended
	cancel()
	for range running - 1 {
		err = errors.Join(err, <-ended)
	}
	if err != nil {
		return err
	}
	return out.say("hub.stopped")
}

// settle gives a cluster its hub before anybody serves: the one of a folder, or the one that another member brings.
func (c *serveCmd) settle(ctx context.Context, s stores, log logrus.FieldLogger, out *output) error {
	if c.Move == "" && !c.Join {
		return nil
	}
	if c.Node == "" && c.Journal == "" {
		return &hub.RefusedError{Key: "hub.err.move_where", Text: "a hub is moved into a cluster"}
	}
	if c.Move == "" {
		log.Info("waiting for the hub that another member brings")
		return hub.Await(ctx, s.registry)
	}
	m, err := c.takeOver(ctx, s, log)
	if err != nil {
		return err
	}
	log.WithFields(logrus.Fields{"runs": m.Runs, "records": m.Records, "attachments": m.Blobs}).Info("the hub was moved")
	return out.say("hub.moved", c.Move, m.Runs, m.Records, m.Blobs)
}

// takeOver moves the hub of a folder, with its certificate.
func (c *serveCmd) takeOver(ctx context.Context, s stores, log logrus.FieldLogger) (m hub.Moved, err error) {
	from, err := boltjournal.OpenOld(boltjournal.Params{Dir: c.Move, Clock: func() incident.Stamp { return incident.StampOf(time.Now()) }, Log: log})
	if err != nil {
		return m, fmt.Errorf("open the hub that is to be moved: %w", err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	if c.Cert == "" {
		if err := hub.CopyCertificate(c.Move, c.Dir); err != nil {
			return m, err
		}
	}
	m, err = hub.Move(ctx, hub.Stores{Journal: from, Registry: from, Blobs: from}, hub.Stores{Journal: s.journal, Registry: s.registry, Blobs: s.blobs}, c.County)
	switch {
	case errors.Is(err, hub.ErrHoles):
		return m, &hub.RefusedError{Key: "hub.err.move_holes", Text: err.Error()}
	case errors.Is(err, hub.ErrTaken):
		return m, &hub.RefusedError{Key: "hub.err.move_taken", Text: err.Error()}
	}
	return m, err
}

// local reports whether an address is one of this machine only.
func local(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// door listens for administrators on a socket file that only this user can open.
func (p place) door(ctx context.Context) (net.Listener, error) {
	file := filepath.Join(p.Dir, fileSocket)
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) { // left by a process that was killed
		return nil, fmt.Errorf("open the administrator's door: %w", err)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "unix", file)
	if err != nil {
		return nil, fmt.Errorf("open the administrator's door: %w", err)
	}
	if err := os.Chmod(file, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("open the administrator's door: %w", err), l.Close())
	}
	return l, nil
}

func serveHTTP(ctx context.Context, l net.Listener, handler http.Handler) error {
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 30 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	wait, done := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer done()
	if err := srv.Shutdown(wait); err != nil {
		return fmt.Errorf("end %s: %w", l.Addr(), err)
	}
	return nil
}

// stores are a hub's stores, whatever the engine.
type stores struct {
	journal  session.Journal
	registry session.Registry
	blobs    session.Blobs
	keep     hub.Upkeep
	close    func() error
}

// open opens the hub's stores. A bbolt store belongs to one process.
func (p place) open(ctx context.Context, log logrus.FieldLogger, logDir string) (stores, error) {
	if p.Journal != "" {
		return openCluster(ctx, p, log)
	}
	clock := func() incident.Stamp { return incident.StampOf(time.Now()) }
	s, err := boltjournal.Open(boltjournal.Params{Dir: p.Dir, Clock: clock, LogDir: logDir, Log: log})
	if err != nil {
		return stores{}, err
	}
	return stores{journal: s, registry: s, blobs: s, keep: boltKeep{s: s}, close: s.Close}, nil
}

// ask asks the running hub through its door, or the store itself when no hub runs.
func (p place) ask(ctx context.Context, _ *output, what string, in, into any) (err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encode request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://hub/"+what, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	dial := net.Dialer{}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dial.DialContext(ctx, "unix", filepath.Join(p.Dir, fileSocket))
	}}}
	resp, err := client.Do(req)
	if err == nil {
		defer func() { err = errors.Join(err, resp.Body.Close()) }()
		return read(resp, into)
	}
	quiet := logrus.New()
	quiet.SetOutput(new(bytes.Buffer))
	s, err := p.open(ctx, quiet, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	h, err := hub.Open(ctx, hub.Config{County: p.County, Journal: s.journal, Registry: s.registry, Blobs: s.blobs, Log: quiet})
	if err != nil {
		return err
	}
	rec := httptest.NewRecorder()
	req.Body, err = req.GetBody()
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	h.Admin(s.keep).ServeHTTP(rec, req)
	return read(rec.Result(), into)
}

func read(resp *http.Response, into any) error {
	if resp.StatusCode != http.StatusOK {
		var f hub.Fault
		if err := json.NewDecoder(resp.Body).Decode(&f); err != nil {
			return fmt.Errorf("the hub answers %s: %w", resp.Status, err)
		}
		return &hub.RefusedError{Key: f.Key, Text: f.Error}
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("read the hub's answer: %w", err)
	}
	return nil
}

func absolute(file string) (string, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", file, err)
	}
	return abs, nil
}
