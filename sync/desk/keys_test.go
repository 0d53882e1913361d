package desk

import (
	"context"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/sync/wire"
)

// What the marks span the hub need not get back: a key that this desk makes meanwhile must not be among it.
func TestPutKeys_MarksSpanOnlyWhatCame(t *testing.T) {
	dir := t.TempDir()
	r, err := room.Init(room.Config{
		Dir: filepath.Join(dir, "store"), ConfigDir: filepath.Join(dir, "config"),
		Clock: func() incident.Stamp { return incident.StampOf(time.Now()) },
	}, room.InitParams{
		Pack: "330825111", Seat: "指挥室1", SeatNo: 1, Drill: true,
		Operators: []room.Operator{{Login: "op1", Name: "坐席一", Role: incident.RoleOperator}},
	})
	if err != nil {
		t.Fatal(err)
	}
	b := &bridge{link: r.Link()}
	ctx, cancel := context.WithCancel(t.Context())
	var acts sync.WaitGroup
	made := make(chan struct{}, 1)
	acts.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			act := incident.Act{By: "op1", Do: incident.Register, Fields: incident.Fields{
				Channel: incident.Channel110, SourceNo: fmt.Sprint("JJ", i), Title: "路面塌陷", Content: "村口路面塌陷。", Village: "罗山村",
				Category: "0603", Urgency: incident.Normal, Reporter: &incident.Reporter{Name: "王五", Phone: "16856020000"},
			}}
			if _, err := r.Do(ctx, act); err != nil && ctx.Err() == nil {
				t.Errorf("register: %v", err)
				return
			}
			select {
			case made <- struct{}{}:
			default:
			}
		}
	})
	for i := range 100 {
		<-made
		item := wire.KeyItem{Scope: 330825111, Key: make([]byte, 32)}
		binary.BigEndian.PutUint64(item.ID[:], uint64(i+1))
		binary.BigEndian.PutUint64(item.Incident[:], uint64(i+1))
		before, after, err := b.PutKeys(t.Context(), []wire.KeyItem{item})
		if err != nil {
			t.Fatal(err)
		}
		if after != before+1 {
			t.Errorf("one key came, the marks span %d", after-before)
		}
	}
	cancel()
	acts.Wait()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}
