package room

import (
	"sync"

	"zw110/data/incident"
)

// numbers remembers the highest number given at a seat on a day, so that none is given twice.
type numbers struct {
	mu   sync.RWMutex // guards last
	last map[dayKey]int
}

func newNumbers() *numbers { return &numbers{last: map[dayKey]int{}} }

// reserve remembers that a number was given, whatever became of its incident.
func (x *numbers) reserve(no string) {
	if n, ok := parseNumber(no); ok {
		x.mu.Lock()
		x.last[n.key()] = max(x.last[n.key()], n.seq)
		x.mu.Unlock()
	}
}

// lastOf returns the highest number given at a seat on a day.
func (x *numbers) lastOf(k dayKey) int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.last[k]
}

// bySource finds the incident registered under a channel's own number. One whose registration was taken back does not count.
func (r *Room) bySource(ch incident.Channel, no string) (incident.IncidentID, bool) {
	id, ok := r.board.BySource(ch, no)
	if !ok {
		return id, false
	}
	f, err := r.file(id)
	return id, err == nil && holds(&f.state, ch, no)
}

// holds reports whether an incident stands for a source number. One whose registration was taken back does not.
func holds(st *incident.State, ch incident.Channel, no string) bool {
	undone := len(st.Log) > 0 && st.Log[0].Kind == incident.KindRegistered && st.Log[0].Undone
	return !undone && st.Channel == ch && st.SourceNo == no
}
