package natsjournal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// quiet is how long no further server answers once one has.
const quiet = time.Second

// serverReport is what is read of a server's answer to a question about JetStream.
type serverReport struct {
	Server struct {
		Name string `json:"name"`
	} `json:"server"`
	Data *struct {
		Disabled bool `json:"disabled"`
		Config   struct {
			SyncAlways bool `json:"sync_always"`
		} `json:"config"`
	} `json:"data"`
}

// checkSync asks every server of the cluster for its configuration; ErrNotSynced names one that does not sync always.
func checkSync(ctx context.Context, system *nats.Conn) error {
	inbox := system.NewInbox()
	sub, err := system.SubscribeSync(inbox)
	if err != nil {
		return fmt.Errorf("ask the servers: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }() //nolint:errcheck // the answers are in
	if err := system.PublishRequest("$SYS.REQ.SERVER.PING.JSZ", inbox, []byte(`{"config":true}`)); err != nil {
		return fmt.Errorf("ask the servers: %w", err)
	}
	for answers := 0; ; answers++ {
		waiting, cancel := context.WithTimeout(ctx, quiet)
		if answers == 0 {
			waiting, cancel = context.WithCancel(ctx)
		}
		msg, err := sub.NextMsgWithContext(waiting)
		cancel()
		if answers > 0 && errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("ask the servers: %w", err)
		}
		var r serverReport
		if err := json.Unmarshal(msg.Data, &r); err != nil {
			return fmt.Errorf("read a server's answer: %w", err)
		}
		if r.Data != nil && !r.Data.Disabled && !r.Data.Config.SyncAlways {
			return fmt.Errorf("%w: %s", ErrNotSynced, r.Server.Name)
		}
	}
}
