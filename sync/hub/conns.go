package hub

import (
	"sync"

	"zw110/sync/wire"
)

// conns are the connections of this process, by desk.
type conns struct {
	mu     sync.Mutex // guards byDesk
	byDesk map[wire.DeskID][]*conn
}

// conn is one desk's connection.
type conn struct {
	wake chan struct{} // one slot: something about the desk has changed
}

// deskChanged tells the connections of a desk that the county ordered something about it.
func (h *Hub) deskChanged(id wire.DeskID) {
	h.conns.mu.Lock()
	defer h.conns.mu.Unlock()
	for _, c := range h.conns.byDesk[id] {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}
