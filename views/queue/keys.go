package queue

import (
	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views/kit"
)

// HandleKey deals with moving, ticking, opening and views; actions are left to the window.
func (q *Page) HandleKey(p kit.Press) bool {
	q.touch()
	if step, ok := q.stepOf(p.Command); ok {
		q.m.hold(q.env.Now())
		q.move(step)
		q.thawSoon()
		return true
	}
	switch p.Command {
	case kit.CmdOpen:
		q.open()
	case kit.CmdPeek:
		q.peek()
	case kit.CmdSelect:
		q.m.hold(q.env.Now())
		q.m.tick(q.m.cursor)
		q.move(q.m.row + 1)
		q.selected.paint()
	case kit.CmdSelectUp, kit.CmdSelectDown:
		q.extend(p.Command == kit.CmdSelectDown)
	case kit.CmdSearch:
		q.search.Focus()
	case kit.CmdNextTab:
		q.chooseView((q.view + 1) % len(q.views))
	case kit.CmdPrevTab:
		q.chooseView((q.view + len(q.views) - 1) % len(q.views))
	case kit.CmdColumns:
		q.OpenColumns()
	case kit.CmdToDispatch:
		q.ShowGroup(board.ToDispatch)
	case kit.CmdBack:
		return q.back()
	default:
		return false
	}
	return true
}

// stepOf returns the row a moving key goes to.
func (q *Page) stepOf(c kit.Command) (int, bool) {
	page := max(1, int(q.list.PageSize()/kit.RowHeight)-1)
	switch c {
	case kit.CmdUp:
		return q.m.row - 1, true
	case kit.CmdDown:
		return q.m.row + 1, true
	case kit.CmdPageUp:
		return q.m.row - page, true
	case kit.CmdPageDown:
		return q.m.row + page, true
	case kit.CmdFirst:
		return 0, true
	case kit.CmdLast:
		return q.m.rows() - 1, true
	}
	return 0, false
}

// move puts the cursor on a row and draws only the two rows that changed.
func (q *Page) move(row int) {
	if q.m.rows() == 0 {
		return
	}
	before := q.m.itemOf(q.m.row)
	q.m.moveTo(row)
	after := q.m.itemOf(q.m.row)
	q.list.ScrollTo(after, kit.GroupHeight)
	q.list.UpdateItem(before)
	if after != before {
		q.list.UpdateItem(after)
	}
	q.follow()
}

// extend ticks the row of the cursor and the next one.
func (q *Page) extend(down bool) {
	q.m.hold(q.env.Now())
	if !q.m.ticked[q.m.cursor] {
		q.m.tick(q.m.cursor)
	}
	step := -1
	if down {
		step = 1
	}
	q.move(q.m.row + step)
	if !q.m.ticked[q.m.cursor] {
		q.m.tick(q.m.cursor)
	}
	q.list.UpdateItem(q.m.itemOf(q.m.row))
	q.selected.paint()
}

// follow lets the pane follow once the cursor has rested.
func (q *Page) follow() {
	stop(&q.rest)
	q.rest = q.env.After(restTime, func() {
		q.rest = nil
		q.followNow()
	})
}

func (q *Page) followNow() {
	stop(&q.rest)
	q.side.load(q.m.cursor)
}

// open opens the incident under the cursor.
func (q *Page) open() {
	if !q.m.cursor.IsZero() && q.p.Open != nil {
		delete(q.others, q.m.cursor)
		q.p.Open(q.m.cursor)
	}
}

// peek shows the pane over the list where there is no room beside it.
func (q *Page) peek() {
	if q.widths.Side > 0 {
		q.followNow()
		return
	}
	q.peeking = !q.peeking
	q.content.Refresh()
	q.layout.Layout(nil, q.content.Size())
}

// back undoes, one at a time: search, ticks, peek, filters.
func (q *Page) back() bool {
	switch {
	case q.search.HasFocus() || q.choice.Words != "":
		q.search.SetText("")
		q.env.Host.Canvas().Unfocus()
	case len(q.m.ticked) > 0:
		clear(q.m.ticked)
		q.list.Update()
		q.selected.paint()
	case q.peeking:
		q.peek()
	case !q.choice.Empty():
		q.choice = Choice{}
		q.paintChips()
		q.read()
	case q.view != 0:
		q.chooseView(0)
	default:
		q.env.Host.Canvas().Unfocus()
		return false
	}
	return true
}

// chooseView opens a saved view.
func (q *Page) chooseView(i int) {
	q.view = i
	q.tabs.Choose(i)
	q.m.row = 0
	q.m.cursor = incident.IncidentID{}
	q.list.SetOffset(0)
	q.read()
}
