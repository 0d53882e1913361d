package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
)

func TestWatch_WritesALineOnlyOnceTheWindowIsAtRest(t *testing.T) {
	s := newStage(t)
	path := filepath.Join(t.TempDir(), "watch")
	w, err := newWatch(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.close(); err != nil {
			t.Error(err)
		}
	})
	lines := func() []string {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	}
	look := func() {
		for range glances {
			w.look(s.p.desk)
		}
	}
	s.until("the door", s.dialog)
	s.until("quiet", func() bool { return s.p.work.busy.Load() == 0 })
	look()
	if got := lines(); len(got) != 1 || got[0] != "page=queue dialog=sign_in focus=field:0 row=- stage=- keys=0 sync=alone unsent=0 settle=0 here=0" {
		t.Fatalf("%q", got)
	}
	look()
	if got := lines(); len(got) != 1 {
		t.Errorf("the same screen was written again: %q", got)
	}
	s.say("24")
	var run func()
	w.post(func(f func()) { run = f })(func() {})
	look()
	if got := lines(); len(got) != 1 {
		t.Errorf("not at rest, something is posted: %q", got)
	}
	run()
	cancel := w.after(func(time.Duration, func()) func() { return func() {} })(time.Second, func() {})
	look()
	if got := lines(); len(got) != 1 {
		t.Errorf("not at rest, a delay is on: %q", got)
	}
	cancel()
	w.look(s.p.desk)
	s.key(fyne.KeyBackspace)
	look()
	if got := lines(); len(got) != 2 || !strings.Contains(got[1], "focus=field:1") {
		t.Errorf("%q", got)
	}
}
