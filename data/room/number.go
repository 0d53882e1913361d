package room

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"zw110/data/incident"
)

// number is an incident's number taken apart: day of receipt, seat and count of that day at that seat.
type number struct {
	day  incident.Day
	seat int // 1 to 26
	seq  int // from 1
}

// dayKey counts one seat's day.
type dayKey struct {
	day  incident.Day
	seat int
}

func (n number) key() dayKey { return dayKey{n.day, n.seat} }

// String writes the full number: 2026-0818-029 at the first seat, 2026-0818-B029 at the second.
func (n number) String() string {
	d := string(n.day)
	return fmt.Sprintf("%s-%s%s-%s%03d", d[:4], d[5:7], d[8:10], seatLetter(n.seat), n.seq)
}

func seatLetter(seat int) string {
	if seat <= 1 {
		return ""
	}
	return string(rune('A' + seat - 1))
}

// parseNumber reads a full number.
func parseNumber(text string) (number, bool) {
	parts := strings.Split(strings.TrimSpace(text), "-")
	if len(parts) != 3 || len(parts[0]) != 4 || len(parts[1]) != 4 {
		return number{}, false
	}
	n := number{day: incident.Day(parts[0] + "-" + parts[1][:2] + "-" + parts[1][2:]), seat: 1}
	if _, err := time.Parse(time.DateOnly, string(n.day)); err != nil {
		return number{}, false
	}
	tail := strings.ToUpper(parts[2])
	if tail != "" && tail[0] >= 'B' && tail[0] <= 'Z' {
		n.seat, tail = int(tail[0]-'A')+1, tail[1:]
	}
	seq, err := strconv.Atoi(tail)
	if err != nil || seq < 1 || len(tail) < 3 {
		return number{}, false
	}
	n.seq = seq
	return n, true
}
