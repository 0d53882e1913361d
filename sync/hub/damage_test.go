package hub_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"zw110/data/incident"
	"zw110/sync/hub"
	"zw110/sync/hub/boltjournal"
	"zw110/sync/session"
)

// spoilt is a journal whose file is damaged.
type spoilt struct{ session.Journal }

func (spoilt) End(context.Context, incident.ScopeID) (pos uint64, check [8]byte, err error) {
	return 0, check, fmt.Errorf("330825.db: %w", session.ErrDamaged)
}

func TestHealth_SaysThatAFileIsDamaged(t *testing.T) {
	store, err := boltjournal.Open(boltjournal.Params{Dir: t.TempDir(), Clock: func() incident.Stamp { return incident.StampOf(time.Now()) }})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	h, err := hub.Open(t.Context(), hub.Config{County: county, Journal: spoilt{store}, Registry: store, Blobs: store})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- h.Serve(ctx, l, nil, true) }()
	for path, want := range map[string]string{"/healthz": "restore it", "/metrics": `zw110_alarms_total{what="damaged"} 0`} {
		resp, err := http.Get("http://" + l.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		said, err := io.ReadAll(resp.Body)
		if err != nil || !strings.Contains(string(said), want) {
			t.Errorf("%s says %q, %v", path, said, err)
		}
		_ = resp.Body.Close()
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
