package ring

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"
)

func TestWave_IsAWholeWavFileAndCriticalIsThreeTones(t *testing.T) {
	for tone, bursts := range map[Tone]int{Critical: 3, Arrived: 1, DueSoon: 1, Warning: 2} {
		w := Wave(tone, 1)
		if string(w[:4]) != "RIFF" || int(binary.LittleEndian.Uint32(w[4:]))+8 != len(w) {
			t.Fatalf("%s: RIFF size does not fit %d bytes", tone, len(w))
		}
		if got := countBursts(w[44:]); got != bursts {
			t.Errorf("%s: %d bursts of sound, want %d", tone, got, bursts)
		}
	}
}

// countBursts counts stretches of sound parted by at least 50 ms of silence.
func countBursts(pcm []byte) int {
	n, quiet := 0, sampleRate
	for i := 0; i+1 < len(pcm); i += 2 {
		if binary.LittleEndian.Uint16(pcm[i:]) == 0 {
			quiet++
			continue
		}
		if quiet > sampleRate/20 {
			n++
		}
		quiet = 0
	}
	return n
}

func TestWave_VolumeOutsideItsRangeIsMovedInside(t *testing.T) {
	if string(Wave(Arrived, 7)) != string(Wave(Arrived, 1)) || countBursts(Wave(Arrived, -1)[44:]) != 0 {
		t.Error("volume must end at full and at silence")
	}
}

func TestPlay_SaysWhenTheMachineHasNoPlayer(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if err := Play(context.Background(), Arrived, 1); !errors.Is(err, ErrNoPlayer) {
		t.Errorf("got %v, want ErrNoPlayer", err)
	}
}
