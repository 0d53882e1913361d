// Package ring makes the desk heard: it shapes the program's few tones and hands them to the machine's own player. It decides
// nothing about when to ring; room's alerts do.
package ring

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"time"
)

// Tone is one of the program's sounds. The values are settings keys: never rename one.
type Tone string

// The tones of the design: 特急 is three short ones, any other new incident one, a clock about to end a single low one, an early warning a
// high and a low one.
const (
	Critical Tone = "critical"
	Arrived  Tone = "arrived"
	DueSoon  Tone = "due_soon"
	Warning  Tone = "warning"
)

// ErrNoPlayer says that this machine has nothing to play sound with; the window then shows its banner alone.
var ErrNoPlayer = errors.New("no sound player on this machine")

// sampleRate of the tones in samples a second; 16 bit, one channel.
const sampleRate = 22050

type note struct {
	hertz  float64
	length time.Duration
	rest   time.Duration
}

func notesOf(t Tone) []note {
	switch t {
	case Critical:
		n := note{hertz: 1046.5, length: 140 * time.Millisecond, rest: 90 * time.Millisecond}
		return []note{n, n, n}
	case Warning:
		return []note{{hertz: 784, length: 160 * time.Millisecond, rest: 80 * time.Millisecond}, {hertz: 523.3, length: 260 * time.Millisecond}}
	case DueSoon:
		return []note{{hertz: 329.6, length: 320 * time.Millisecond}}
	default:
		return []note{{hertz: 784, length: 220 * time.Millisecond}}
	}
}

// Wave returns a tone as a WAV file. Volume runs from 0 to 1; what lies outside is moved to the nearer end.
func Wave(t Tone, volume float64) []byte {
	volume = math.Max(0, math.Min(1, volume))
	var samples []int16
	for _, n := range notesOf(t) {
		samples = append(samples, sine(n.hertz, n.length, volume)...)
		samples = append(samples, make([]int16, samplesIn(n.rest))...)
	}
	return wav(samples)
}

func samplesIn(d time.Duration) int { return int(d.Seconds() * sampleRate) }

// sine shapes one note with a soft start and end, so that it doesn't click.
func sine(hertz float64, length time.Duration, volume float64) []int16 {
	out := make([]int16, samplesIn(length))
	edge := float64(samplesIn(12 * time.Millisecond))
	for i := range out {
		at := float64(i)
		gain := math.Min(1, math.Min(at, float64(len(out)-1-i))/edge)
		out[i] = int16(math.MaxInt16 * 0.8 * volume * gain * math.Sin(2*math.Pi*hertz*at/sampleRate))
	}
	return out
}

// wav puts the RIFF header before 16-bit mono samples.
func wav(samples []int16) []byte {
	size := uint32(2 * len(samples))
	header := struct {
		Riff          [4]byte
		Size          uint32
		Wave, Fmt     [4]byte
		FmtSize       uint32
		Format, Mono  uint16
		Rate, ByteSec uint32
		Block, Bits   uint16
		Data          [4]byte
		DataSize      uint32
	}{
		[4]byte{'R', 'I', 'F', 'F'},
		36 + size,
		[4]byte{'W', 'A', 'V', 'E'},
		[4]byte{'f', 'm', 't', ' '},
		16, 1, 1, sampleRate, 2 * sampleRate, 2, 16,
		[4]byte{'d', 'a', 't', 'a'},
		size,
	}
	var b bytes.Buffer
	// A bytes.Buffer takes every write, and both values have a fixed size.
	for _, part := range []any{header, samples} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			return nil
		}
	}
	return b.Bytes()
}
