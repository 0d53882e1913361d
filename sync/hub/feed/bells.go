package feed

import (
	"context"
	"sync"
)

// Bells is who wants to hear that there is more to read. The zero value is ready.
type Bells struct {
	mu    sync.Mutex // guards bells and every send and close on them
	bells map[chan struct{}]bool
}

// Bell returns a channel that rings (coalesced: one ring may stand for many) and is closed when ctx ends.
func (b *Bells) Bell(ctx context.Context) <-chan struct{} {
	c := make(chan struct{}, 1)
	b.mu.Lock()
	if b.bells == nil {
		b.bells = map[chan struct{}]bool{}
	}
	b.bells[c] = true
	b.mu.Unlock()
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.bells, c)
		close(c)
	})
	return c
}

// Ring rings all bells. It never waits: a bell that has not been heard yet rings once for both.
func (b *Bells) Ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.bells {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
