package townmap

import (
	"zw110/data/incident"
	"zw110/views/kit"
)

// HandleKey deals with the keys of the map.
func (m *Page) HandleKey(p kit.Press) bool {
	switch p.Command {
	case kit.CmdPanUp:
		m.plan.Pan(0, -step)
	case kit.CmdPanDown:
		m.plan.Pan(0, step)
	case kit.CmdPanLeft:
		m.plan.Pan(-step, 0)
	case kit.CmdPanRight:
		m.plan.Pan(step, 0)
	case kit.CmdZoomIn:
		m.plan.Zoom(factor, m.plan.Middle())
	case kit.CmdZoomOut:
		m.plan.Zoom(1/factor, m.plan.Middle())
	case kit.CmdWhole:
		m.plan.Whole()
	case kit.CmdNextIncident:
		m.walk(1)
	case kit.CmdPrevIncident:
		m.walk(-1)
	case kit.CmdFirst:
		m.walk(-len(m.inView))
	case kit.CmdLast:
		m.walk(len(m.inView))
	case kit.CmdPageUp:
		m.walk(-m.panel.page())
	case kit.CmdPageDown:
		m.walk(m.panel.page())
	case kit.CmdLayers:
		m.floats.toggleLayers()
	case kit.CmdMeasure:
		m.toggleMeasure()
	case kit.CmdOpen:
		m.enter()
	case kit.CmdBack:
		return m.leave()
	default:
		return false
	}
	return true
}

// enter opens the file of the cursor, or sets a corner of the line that is measured.
func (m *Page) enter() {
	switch {
	case m.measure != nil:
		m.measure.add(m.plan.Centre())
		m.afterMeasure()
	case !m.cursor.IsZero():
		m.p.Open(m.cursor)
	}
}

// leave takes away what Esc takes away: the measured line.
func (m *Page) leave() bool {
	if m.measure == nil {
		return false
	}
	m.toggleMeasure()
	return true
}

// walk moves the cursor along the list of what is in view.
func (m *Page) walk(by int) {
	n := len(m.inView)
	if n == 0 {
		return
	}
	at := m.at()
	switch {
	case at < 0:
		at = 0
	case by == 1:
		at = (at + 1) % n // round and round
	case by == -1:
		at = (at + n - 1) % n
	default:
		at = max(0, min(n-1, at+by))
	}
	m.point(m.sorted[m.inView[at]].row.ID)
}

// at is the place of the cursor among what is in view, or -1.
func (m *Page) at() int {
	for n, i := range m.inView {
		if m.sorted[i].row.ID == m.cursor {
			return n
		}
	}
	return -1
}

// StatusKeys are the keys that do something now.
func (m *Page) StatusKeys() []kit.Hint {
	t := m.env.T
	cap := m.env.Keys.Cap
	hints := []kit.Hint{
		{Cap: "+ −", Text: t("map.key.zoom")},
		{Cap: t("map.key.arrows"), Text: t("map.key.pan")},
		{Cap: cap(kit.CmdNextIncident), Text: t("cmd.next_incident")},
		{Cap: cap(kit.CmdLayers), Text: t("cmd.layers")},
		{Cap: cap(kit.CmdMeasure), Text: t("cmd.measure")},
		{Cap: cap(kit.CmdWhole), Text: t("cmd.whole")},
	}
	if m.measure != nil {
		hints = []kit.Hint{
			{Cap: t("map.key.arrows"), Text: t("map.key.pan")}, {Cap: cap(kit.CmdOpen), Text: t("map.key.corner")}, {Cap: cap(kit.CmdBack), Text: t("map.key.end")},
		}
	}
	return append(hints, kit.Hint{Cap: cap(kit.CmdHelp), Text: t(kit.CmdHelp.Label())})
}

// toggleMeasure begins or ends measuring; the first corner is the middle of the map.
func (m *Page) toggleMeasure() {
	if m.measure != nil {
		m.measure = nil
	} else {
		m.measure = &ruler{}
		m.measure.add(m.plan.Centre())
	}
	m.afterMeasure()
}

func (m *Page) afterMeasure() {
	m.floats.paintScale()
	m.plan.Repaint(true)
}

// toggleOrder sorts the list by urgency or by clock.
func (m *Page) toggleOrder() {
	m.byClock = !m.byClock
	m.sort()
}

// queue shows the cursor's incident in the queue.
func (m *Page) queue() {
	if id := m.cursor; id != (incident.IncidentID{}) {
		m.p.Queue(id)
	}
}
