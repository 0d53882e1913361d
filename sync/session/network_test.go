package session

import (
	"fmt"
	"slices"

	"zw110/data/incident"
	"zw110/sync/wire"
)

// link is a connection. Each end learns of its end by itself, or never.
type link struct {
	w        *world
	id       ConnID
	desk     *deskNode
	up, down incident.Stamp // when the last message arrives
	cut      bool
	hubGone  bool
	deskGone bool
	burst    incident.Stamp // a proxy that lets things through in bursts
}

func (h *hubNode) link(id ConnID) *link {
	for _, l := range h.links {
		if l.id == id {
			return l
		}
	}
	return nil
}

// carry brings a message over, as bytes.
func (w *world) carry(l *link, m wire.Message, up bool) {
	if l == nil || l.cut {
		return
	}
	frame, err := w.wire.Encode(m)
	if err != nil {
		w.problem("encode %T: %v", m, err)
		return
	}
	last := &l.down
	if up {
		last = &l.up
	}
	at := max(*last, w.now+w.delay())
	if l.burst > 0 {
		at = (at/l.burst + 1) * l.burst
	}
	*last = at
	w.after(at-w.now, func() {
		if l.cut || up && l.hubGone || !up && l.deskGone {
			return
		}
		got, err := w.wire.Decode(frame)
		if err != nil {
			w.problem("decode %T: %v", m, err)
			return
		}
		if w.budget > 0 {
			if w.budget--; w.budget == 0 {
				w.cutAll()
				return
			}
		}
		w.trace("%d up=%v %s", l.id, up, told{got})
		if up {
			w.hub.step(Received{Conn: l.id, Message: got})
		} else {
			l.desk.step(Received{Message: got})
		}
	})
}

// told is a message as a story tells it.
type told struct{ wire.Message }

func (t told) String() string { return fmt.Sprintf("%T %s", t.Message, brief(t.Message)) }

func brief(m wire.Message) string {
	switch m := m.(type) {
	case wire.Hello:
		return fmt.Sprintf("inc %x head %d acked %d baton %d cursor %v", m.Incarnation, m.HeadSeq, m.Acked, m.Baton.Counter, m.Cursor)
	case wire.Welcome:
		return fmt.Sprintf("verdict %d hub %d cursorOK %v epoch %x baton %d", m.Verdict, m.HubSeq, m.CursorOK, m.Epoch[:4], m.Baton.Counter)
	case wire.Push:
		return fmt.Sprintf("from %d, %d", m.First, len(m.Entries))
	case wire.Feed:
		s := fmt.Sprintf("%d-%d more %v:", m.After, m.To, m.More)
		for _, r := range m.Runs {
			s += fmt.Sprintf(" %x from %d %d+%d", r.Origin[14:20], r.First, len(r.Entries), len(r.Excerpts))
		}
		return s
	case wire.Vector:
		s := ""
		for _, h := range m.Heads {
			s += fmt.Sprintf(" %x:%d", h.Origin[14:20], h.Seq)
		}
		return s
	case wire.Want:
		s := ""
		for _, h := range m.Spans {
			s += fmt.Sprintf(" %x:%d-%d", h.Origin[14:20], h.From, h.To)
		}
		return s
	case wire.Give:
		return fmt.Sprintf("%x from %d %d seal %d", m.Run.Origin[14:20], m.Run.First, len(m.Run.Entries), len(m.Run.Seal))
	case wire.HashIs:
		return fmt.Sprintf("%x at %d, %d bytes", m.Origin[14:20], m.Seq, len(m.Hash))
	case wire.Fault:
		return fmt.Sprintf("code %d about %d head %d", m.Code, m.About, m.HeadSeq)
	case wire.Ack:
		return fmt.Sprint(m.Seq)
	case wire.Keys:
		return fmt.Sprintf("%d items, mark %d", len(m.Items), m.Mark)
	case wire.Ready:
		return fmt.Sprintf("inc %x", m.Incarnation)
	}
	return ""
}

// closeFrom is one end closing: the other learns of it behind what is under way.
func (w *world) closeFrom(l *link, byDesk bool) {
	if byDesk {
		w.deskGone(l)
		w.after(max(l.up-w.now, 0)+w.delay(), func() { w.hubGone(l) })
	} else {
		w.hubGone(l)
		w.after(max(l.down-w.now, 0)+w.delay(), func() { w.deskGone(l) })
	}
}

func (w *world) deskGone(l *link) {
	if l.deskGone {
		return
	}
	l.deskGone = true
	if d := l.desk; d.link == l {
		d.step(Gone{})
		d.core, d.link, d.caught = nil, nil, false
		d.comeBack()
	}
}

func (w *world) hubGone(l *link) {
	if l.hubGone {
		return
	}
	l.hubGone = true
	w.hub.links = slices.DeleteFunc(w.hub.links, func(o *link) bool { return o == l })
	w.hub.step(Gone{Conn: l.id})
}

// cutLink ends a connection in the middle of everything; half says that only one end notices, the other by silence.
func (w *world) cutLink(l *link, half int) {
	l.cut = true
	if half != 1 {
		w.after(w.delay(), func() { w.deskGone(l) })
	}
	if half != 2 {
		w.after(w.delay(), func() { w.hubGone(l) })
	}
}

func (w *world) cutAll() {
	for _, l := range slices.Clone(w.hub.links) {
		w.cutLink(l, 0)
	}
}
