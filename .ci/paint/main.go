// Command paint measures the window from key to pixels: it sends a key to the X server and watches the server's own picture until the part
// of the screen that the key must change has changed. bench-window.sh starts it; the picture is the file that Xvfb keeps with -fbdir.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// screen is the picture of an X server, in the file format of xwd.
type screen struct {
	data            []byte
	at, line, pixel int
	seed            maphash.Seed
}

func openScreen(path string) (*screen, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", path, err)
	}
	word := func(n int) int { return int(binary.BigEndian.Uint32(data[4*n:])) }
	return &screen{data: data, at: word(0) + 12*word(19), line: word(12), pixel: word(11) / 8, seed: maphash.MakeSeed()}, nil
}

// area is a part of the screen in pixels: x, y, width, height.
type area [4]int

// look sums up what an area shows.
func (s *screen) look(a area) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	for y := a[1]; y < a[1]+a[3]; y++ {
		from := s.at + y*s.line + a[0]*s.pixel
		_, _ = h.Write(s.data[from : from+a[2]*s.pixel]) // never fails
	}
	return h.Sum64()
}

const (
	patience = 3 * time.Second        // no change until then is a failure
	glance   = 500 * time.Microsecond // between two looks
	rest     = 200 * time.Millisecond // between two keys, so that each is alone; the clocks' seconds fall anywhere
)

// step is one measurement: keys sent in turn, and the area that each must change; held: they are sent at 60 a second, whatever is shown.
type step struct {
	name  string
	area  area
	times int
	held  bool
	keys  []string
}

// run sends the keys and returns the time each took.
func (s step) run(shows *screen, keys io.Writer) ([]time.Duration, error) {
	var took []time.Duration
	for i := range s.times {
		key := s.keys[i%len(s.keys)]
		// The rest is uneven, so that the keys meet the window's frames at every phase.
		pause(rest + time.Duration(i%17)*time.Millisecond)
		before := shows.look(s.area)
		start := time.Now()
		if _, err := fmt.Fprintf(keys, "key --delay 0 %s\n", key); err != nil {
			return nil, err
		}
		for shows.look(s.area) == before {
			if time.Since(start) > patience {
				return nil, fmt.Errorf("%s: key %d (%s) changed nothing within %v", s.name, i+1, key, patience)
			}
			pause(glance)
		}
		took = append(took, time.Since(start))
	}
	return took, nil
}

// beat is the time of a frame at 60 a second.
const beat = time.Second / 60

// frames sends the keys at 60 a second and returns how long the area stood still between two pictures. A frame that shows two keys counts once.
func (s step) frames(shows *screen, keys io.Writer) ([]time.Duration, error) {
	var gaps []time.Duration
	seen := shows.look(s.area)
	start := time.Now()
	last, sent := start, 0
	for sent < s.times || time.Since(last) < beat {
		if sent < s.times && time.Since(start) >= time.Duration(sent)*beat {
			if _, err := fmt.Fprintf(keys, "key --delay 0 %s\n", s.keys[sent%len(s.keys)]); err != nil {
				return nil, err
			}
			sent++
		}
		if now := shows.look(s.area); now != seen {
			gaps = append(gaps, time.Since(last))
			seen, last = now, time.Now()
		}
		if time.Since(last) > patience {
			return nil, fmt.Errorf("%s: nothing changed within %v", s.name, patience)
		}
		pause(glance)
	}
	if len(gaps) == 0 {
		return nil, fmt.Errorf("%s: no frame", s.name)
	}
	return gaps, nil
}

func pause(d time.Duration) { <-time.After(d) }

func main() {
	picture := flag.String("screen", "", "file with the server's picture")
	pid := flag.Int("pid", 0, "the window's process, whose memory is told")
	flag.Parse()
	if err := measure(*picture, *pid, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "paint:", err)
		os.Exit(1)
	}
}

// measure reads steps, one a line: name|x,y,w,h|times|key key ... Times with a ~ before it holds the keys at 60 a second;
// keys joined by a comma go in at once.
func measure(picture string, pid int, in io.Reader, out io.Writer) error {
	shows, err := openScreen(picture)
	if err != nil {
		return err
	}
	sender := exec.Command("xdotool", "-")
	sender.Stderr = os.Stderr
	keys, err := sender.StdinPipe()
	if err != nil {
		return err
	}
	if err := sender.Start(); err != nil {
		return err
	}
	scan := bufio.NewScanner(in)
	for scan.Scan() {
		s, err := parse(scan.Text())
		if err != nil {
			return err
		}
		before, began := spent(pid), time.Now()
		run := s.run
		if s.held {
			run = s.frames
		}
		took, err := run(shows, keys)
		if err != nil {
			return err
		}
		lasted := time.Since(began)
		slices.Sort(took)
		at := func(p float64) time.Duration {
			return took[min(len(took)-1, int(p*float64(len(took))))].Round(100 * time.Microsecond)
		}
		if s.held {
			fmt.Fprintf(out, "%-40s %4d keys at 60 a second: %5.1f frames a second  gap p50 %8v  p99 %8v  most %8v  processor %3.0f %%  resident %d MB\n",
				s.name, s.times, float64(len(took))/lasted.Seconds(), at(0.5), at(0.99), took[len(took)-1].Round(100*time.Microsecond),
				100*float64(spent(pid)-before)/float64(lasted), resident(pid))
			continue
		}
		each := (spent(pid) - before) / time.Duration(len(took))
		fmt.Fprintf(out, "%-40s %4d keys  p50 %8v  p99 %8v  most %8v  processor %6v a key  resident %d MB\n",
			s.name, len(took), at(0.5), at(0.99), took[len(took)-1].Round(100*time.Microsecond), each.Round(100*time.Microsecond), resident(pid))
	}
	return scan.Err()
}

func parse(line string) (s step, err error) {
	part := strings.Split(line, "|")
	if len(part) != 4 {
		return s, fmt.Errorf("not a step: %s", line)
	}
	s.name, s.keys = part[0], strings.Fields(part[3])
	for i, key := range s.keys {
		s.keys[i] = strings.ReplaceAll(key, ",", " ")
	}
	number, held := strings.CutPrefix(part[2], "~")
	s.held = held
	if s.times, err = strconv.Atoi(number); err != nil {
		return s, err
	}
	for i, n := range strings.SplitN(part[1], ",", 4) {
		if s.area[i], err = strconv.Atoi(n); err != nil {
			return s, err
		}
	}
	return s, nil
}

// ticks is how many ticks of processor time /proc counts in a second; it is the same on every Linux.
const ticks = 100

// spent returns the processor time of all threads of a process, those that draw in software included.
func spent(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	sum := 0
	for _, f := range fields[11:13] { // user and system
		n, err := strconv.Atoi(string(f))
		if err != nil {
			return 0
		}
		sum += n
	}
	return time.Duration(sum) * time.Second / ticks
}

// resident returns the megabytes a process has in memory.
func resident(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(status, []byte("VmRSS:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kb, err := strconv.Atoi(string(fields[0]))
	if err != nil {
		return 0
	}
	return kb / 1024
}
