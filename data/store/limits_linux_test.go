package store

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// runLimited is the child that meets what the operating system refuses, and says how the store took it.
func runLimited(name string) int {
	p := params(os.Getenv(childDir))
	switch name {
	case "full":
		return runFull(p)
	case "denied":
		if os.Geteuid() == 0 {
			if err := syscall.Setuid(65534); err != nil {
				fmt.Println("setuid:", err)
				return 1
			}
		}
		_, err := Open(p)
		fmt.Println(kindOfError(err))
		return 0
	}
	fmt.Println("no such child:", name)
	return 2
}

// runFull writes until the kernel lets the file grow no more.
func runFull(p Params) int {
	signal.Ignore(syscall.SIGXFSZ)
	s, err := Open(p)
	if err != nil {
		fmt.Println("open:", err)
		return 1
	}
	info, err := os.Stat(s.p.db())
	if err != nil {
		fmt.Println("stat:", err)
		return 1
	}
	size := uint64(info.Size()) + growBy/2
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: size, Max: size}); err != nil {
		fmt.Println("setrlimit:", err)
		return 1
	}
	written := 0
	for err == nil {
		if _, err = s.Append([]Draft{note(incidentNo(1), strings.Repeat("满", 5000))}); err == nil {
			written++
		}
	}
	again, readErr := s.Entries(incidentNo(1))
	fmt.Println(kindOfError(err), written, len(again), readErr)
	return 0
}

func child(t *testing.T, name, dir string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childName+"="+name, childDir+"="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("child %s: %v\n%s", name, err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestDiskFull_SaidByTheKernelLosesNothing(t *testing.T) {
	p, _ := stored(t)
	said := child(t, "full", p.Dir)
	var kind string
	var written, read int
	if n, err := fmt.Sscan(said, &kind, &written, &read); n != 3 || err != nil || kind != ErrDiskFull.Error() || written == 0 {
		t.Fatalf("the child said %q", said)
	}
	s := openStore(t, p)
	got, err := s.Entries(incidentNo(1))
	if err != nil || len(got) != 2+written || read != len(got) {
		t.Errorf("%d entries, the child wrote %d and read %d, error %v", len(got), written, read, err)
	}
	if r := verify(t, s); len(r.Faults) > 0 {
		t.Errorf("report %+v", r)
	}
	appendAll(t, s, note(incidentNo(1), "there is room again"))
}

func TestReadOnlyFolder_RefusedInWordsAndLeftAlone(t *testing.T) {
	p, raw := stored(t)
	for dir := p.Dir; strings.HasPrefix(dir, os.TempDir()) && dir != os.TempDir(); dir = filepath.Dir(dir) {
		must(t, os.Chmod(dir, 0o555))
		t.Cleanup(func() { must(t, os.Chmod(dir, 0o700)) })
	}
	must(t, os.Chmod(p.db(), 0o444))
	if said := child(t, "denied", p.Dir); said != ErrReadOnly.Error() {
		t.Errorf("the child said %q", said)
	}
	wantUntouched(t, p, raw)
}

func TestError_HasPlaceKeyAndCause(t *testing.T) {
	err := fail("append", fmt.Errorf("write: %w", syscall.ENOSPC))
	var e *Error
	if !errors.As(err, &e) || e.Key() != "store.disk_full" || !errors.Is(err, syscall.ENOSPC) || !errors.Is(err, ErrDiskFull) {
		t.Errorf("error %v", err)
	}
	if again := fail("commit", err); !errors.Is(again, ErrDiskFull) || again.Error() != err.Error() {
		t.Errorf("given a kind twice: %v", again)
	}
}
