package ring

import (
	"context"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

const (
	sndMemory    = 0x0004
	sndNoDefault = 0x0002
)

// Play sounds a tone through winmm and returns when it has ended.
func Play(ctx context.Context, t Tone, volume float64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	wave := Wave(t, volume)
	play := windows.NewLazySystemDLL("winmm.dll").NewProc("PlaySoundW")
	if err := play.Find(); err != nil {
		return fmt.Errorf("%w: %w", ErrNoPlayer, err)
	}
	ok, _, err := play.Call(uintptr(unsafe.Pointer(&wave[0])), 0, sndMemory|sndNoDefault)
	if ok == 0 {
		return fmt.Errorf("play through winmm: %w", err)
	}
	return nil
}
