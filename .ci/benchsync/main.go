// Command benchsync measures sync on one machine: the real room, desk and hub, the hub in a process of its own, a thousand desks in another,
// and beside them PouchDB and NATS at the same work. It prints one table. `make bench-sync` runs it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"time"
)

// config is what the flags say.
type config struct {
	dir     string
	peers   string
	only    string
	entries int
	desks   int
	new     int
	restart int
	profile string
}

// bench is one run.
type bench struct {
	config
	ctx               context.Context
	rows              []row
	hubTime, deskTime float64
}

// row is one line of the table.
type row struct{ name, goal, measured, verdict string }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench-sync:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "hub":
			return serveHub(ctx, os.Args[2:])
		case "desks":
			return serveDesks(ctx, os.Args[2:])
		case "nats":
			return serveNATS(ctx, os.Args[2:])
		}
	}
	var c config
	flag.StringVar(&c.dir, "dir", "build/bench-sync", "where stores are made; emptied first")
	flag.StringVar(&c.peers, "peers", "build/peers", "folder with the peers' npm packages")
	flag.StringVar(&c.only, "only", "", "parts to run: catchup,idle,restart,new,nats,pouch; all without it")
	flag.IntVar(&c.entries, "entries", 20_000, "entries of seven days")
	flag.IntVar(&c.desks, "desks", 1_000, "desks at one hub")
	flag.IntVar(&c.new, "new", 150_000, "entries that a new desk gets; 1500000 is the full size")
	flag.IntVar(&c.restart, "restart", 1_000_000, "entries of a hub that starts; 10000000 is the full size")
	flag.StringVar(&c.profile, "profile", "", "write a profile of the processor to this file")
	flag.Parse()
	if c.profile != "" {
		f, err := os.Create(c.profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	if err := os.RemoveAll(c.dir); err != nil {
		return err
	}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	b := &bench{config: c, ctx: ctx}
	parts := []struct {
		name string
		do   func() error
	}{
		{"catchup", b.catchup},
		{"idle", b.idle},
		{"restart", b.hubRestart},
		{"new", b.newDesk},
		{"nats", b.nats},
		{"pouch", b.pouch},
	}
	for _, p := range parts {
		if c.only != "" && !slices.Contains(strings.Split(c.only, ","), p.name) {
			continue
		}
		start := time.Now()
		if err := p.do(); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		fmt.Fprintf(os.Stderr, "-- %s took %s\n", p.name, time.Since(start).Round(time.Second))
	}
	b.print()
	return nil
}

// at makes the name of a folder of this run.
func (b *bench) at(name string) string { return filepath.Join(b.dir, name) }

// note adds a line without a goal, or what a peer takes.
func (b *bench) note(name, measured string) { b.add(row{name: name, measured: measured}) }

// most adds a line whose value must not be above its goal.
func (b *bench) most(name string, goal, measured float64, show func(float64) string) {
	b.add(row{name, "≤ " + show(goal), show(measured), reached(measured <= goal)})
}

// least adds a line whose value must not be below its goal.
func (b *bench) least(name string, goal, measured float64, show func(float64) string) {
	b.add(row{name, "≥ " + show(goal), show(measured), reached(measured >= goal)})
}

func (b *bench) add(r row) {
	b.rows = append(b.rows, r)
	fmt.Fprintf(os.Stderr, "%-70s %-14s %-16s %s\n", r.name, r.goal, r.measured, r.verdict)
}

func reached(ok bool) string {
	if ok {
		return "goal"
	}
	return "missed"
}

func (b *bench) print() {
	fmt.Println("| what | goal | measured | |\n|---|---|---|---|")
	for _, r := range b.rows {
		fmt.Printf("| %s | %s | %s | %s |\n", r.name, r.goal, r.measured, r.verdict)
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		fmt.Println("\nload average at the end:", strings.TrimSpace(string(load)))
	}
}

func seconds(x float64) string {
	return time.Duration(x * float64(time.Second)).Round(time.Millisecond).String()
}
func rate(x float64) string   { return fmt.Sprintf("%.1f k/s", x/1e3) }
func octets(x float64) string { return fmt.Sprintf("%.1f B", x) }
func kib(x float64) string    { return fmt.Sprintf("%.1f KiB", x/1024) }
func mib(x float64) string    { return fmt.Sprintf("%.0f MiB", x/(1<<20)) }
