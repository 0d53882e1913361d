//go:build !windows

package ring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// players returns the programs that play a WAV file, the best first.
func players() [][]string { return [][]string{{"pw-play"}, {"paplay"}, {"aplay", "-q"}} }

// Play sounds a tone and returns when it has ended: ErrNoPlayer where there is no player, else what the player said. It gives up
// after five seconds, so a hung sound server can't hold the caller.
func Play(ctx context.Context, t Tone, volume float64) error {
	for _, p := range players() {
		path, err := exec.LookPath(p[0])
		if err != nil {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		return playFile(ctx, path, p[1:], Wave(t, volume))
	}
	return ErrNoPlayer
}

// playFile writes the tone beside the system's temporary files, plays it and removes it.
func playFile(ctx context.Context, player string, args []string, wave []byte) (err error) {
	f, err := os.CreateTemp("", "zw110-*.wav")
	if err != nil {
		return fmt.Errorf("write the tone: %w", err)
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	if _, err := f.Write(wave); err != nil {
		return errors.Join(fmt.Errorf("write the tone: %w", err), f.Close())
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write the tone: %w", err)
	}
	cmd := exec.CommandContext(ctx, player, append(args, f.Name())...) //nolint:gosec // one of players
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("play with %s: %w: %s", player, err, bytes.TrimSpace(out))
	}
	return nil
}
