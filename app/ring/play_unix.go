//go:build !windows

package ring

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"time"
)

// players are the programs that take a WAV file on standard input, the best first.
var players = [][]string{
	{"pw-play", "-"},
	{"paplay", "--client-name=zw110"},
	{"aplay", "-q", "-"},
}

// Play sounds a tone and returns when it has ended: ErrNoPlayer where there is no player, else what the player said. It gives up
// after five seconds, so a hung sound server can't hold the caller.
func Play(ctx context.Context, t Tone, volume float64) error {
	for _, p := range players {
		path, err := exec.LookPath(p[0])
		if err != nil {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, path, p[1:]...) //nolint:gosec // the names above
		cmd.Stdin = bytes.NewReader(Wave(t, volume))
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("play with %s: %w: %s", p[0], err, bytes.TrimSpace(out))
		}
		return nil
	}
	return ErrNoPlayer
}
