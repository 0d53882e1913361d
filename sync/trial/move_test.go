package trial

import (
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// member starts one of three members of a cluster; how it is told to begin is the caller's.
func (w *world) member(no int, dir, listen string, ports []string, args ...string) *exec.Cmd {
	w.t.Helper()
	secret := filepath.Join(w.dir, "secret")
	noError(w.t, os.WriteFile(secret, []byte("a secret of three members\n"), 0o600))
	args = append([]string{
		"serve", "--dir", dir, "--listen", listen, "--node", fmt.Sprint("n", no), "--node-listen", "127.0.0.1:" + ports[no-1], "--node-secret", secret,
	}, args...)
	for _, port := range ports {
		args = append(args, "--node-peers", "127.0.0.1:"+port)
	}
	cmd := exec.Command(filepath.Join(bin, "zw110hub"), args...)
	log, err := os.OpenFile(filepath.Join(w.dir, "hub.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	noError(w.t, err)
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	noError(w.t, cmd.Start())
	w.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd
}

// A county outgrows its one machine. The desks go on writing meanwhile, and find the same hub again without a new code.
func TestCase_HubMovesToAClusterAndTheDesksGoOn(t *testing.T) {
	w, a, b := pair(t)
	other := w.newDesk(another)
	other.start()
	other.tell("do 2")
	w.calm(other)
	before, line := w.status(), a.state().Line
	w.stopHub()
	a.tell("do 2")

	ports := []string{freePort(t), freePort(t), freePort(t)}
	for no := 2; no <= 3; no++ {
		dir := filepath.Join(w.dir, fmt.Sprint("n", no))
		noError(t, os.MkdirAll(dir, 0o700))
		for _, file := range []string{"hub.crt", "hub.key"} { // the desks know the hub by it
			raw, err := os.ReadFile(filepath.Join(w.hubIn, file))
			noError(t, err)
			noError(t, os.WriteFile(filepath.Join(dir, file), raw, 0o600))
		}
		w.member(no, dir, "127.0.0.1:"+freePort(t), ports, "--join")
	}
	w.hub = w.member(1, w.hubIn, w.addr(), ports, "--move", w.hubIn)
	until(t, calmIn, "the cluster serves", w.healthy)

	if s := w.calm(a, b); s.Incidents != 7 || s.Line == "" {
		t.Errorf("the desks show %+v", s)
	}
	if got := a.state(); got.Line != line || got.Mode != "full" {
		t.Errorf("the desk goes on with line %s in mode %s, not %s", got.Line, got.Mode, line)
	}
	w.calm(other)
	w.goesOn(a, b)
	w.goesOn(b, a)
	after := w.status()
	if after.Hub != before.Hub || len(after.Desks) != len(before.Desks) || after.Epoch == before.Epoch || after.Epoch == hex.EncodeToString(make([]byte, 16)) {
		t.Errorf("the hub was %+v and is %+v", before, after)
	}
	fresh := w.newDesk(town) // seats are given as before
	fresh.start()
	w.calm(a, b, fresh)
	other.stop()
	if out, err := w.run("zw110hub", "verify", "--dir", w.hubIn); err != nil {
		t.Errorf("verify the cluster: %v\n%s", err, out)
	}
	w.settled(a, b, fresh)

	w.killHub()
	out, err := w.run("zw110hub", "serve", "--dir", w.hubIn, "--listen", w.addr(), "--lang", "en")
	if err == nil || !strings.Contains(out, "moved into a cluster") {
		t.Errorf("the store that was left serves again: %v\n%s", err, out)
	}
}
