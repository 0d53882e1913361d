package queue

import (
	"testing"

	"pgregory.net/rapid"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/views/kit"
)

// groups makes a room of which each group has so many rows.
func groups(sizes ...int) *fakeRoom {
	f := newFakeRoom()
	f.rows = nil
	for g, n := range sizes {
		for range n {
			f.rows = append(f.rows, board.Row{ID: idOf(len(f.rows)), Group: board.Group(g + 1)})
		}
	}
	return f
}

func TestModel_ItemsAndHeightsFitTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(0, 5), 1, 6).Draw(t, "sizes")
		m := newModel()
		for g := range sizes {
			m.folded[board.Group(g+1)] = rapid.Bool().Draw(t, "folded")
		}
		m.take(groups(sizes...).Snapshot(board.Filter{Ended: true}))
		if m.Len() == 0 {
			return
		}
		row := 0
		for i := range m.Len() {
			height := m.Top(i+1) - m.Top(i)
			r := m.rowAt(i)
			want := kit.RowHeight
			if r < 0 {
				want = kit.GroupHeight
			}
			if height != want {
				t.Fatalf("item %d is %g high, want %g", i, height, want)
			}
			if m.At(m.Top(i)) != i || m.At(m.Top(i+1)-0.5) != i {
				t.Fatalf("item %d isn't found by its height", i)
			}
			if r >= 0 {
				if r < row {
					t.Fatalf("item %d goes back to row %d", i, r)
				}
				row = r
				if m.itemOf(r) != i {
					t.Fatalf("row %d is item %d, not %d", r, m.itemOf(r), i)
				}
			}
		}
	})
}

func TestModel_CursorNeverRestsOnAFoldedRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(0, 4), 1, 6).Draw(t, "sizes")
		m := newModel()
		m.take(groups(sizes...).Snapshot(board.Filter{Ended: true}))
		for range 12 {
			if rapid.Bool().Draw(t, "fold") {
				m.fold(board.Group(rapid.IntRange(1, 6).Draw(t, "group")))
			} else {
				m.moveTo(m.row + rapid.IntRange(-3, 3).Draw(t, "step"))
			}
			if m.rows() == 0 {
				continue
			}
			open := false
			for _, s := range m.sections {
				open = open || !s.folded
			}
			if open && m.holding(m.row).folded {
				t.Fatalf("cursor on row %d, which is folded", m.row)
			}
			if m.snap.Row(m.row).ID != m.cursor {
				t.Fatal("row and incident of the cursor differ")
			}
		}
	})
}

func TestModel_CursorStaysOnItsIncident(t *testing.T) {
	f := groups(2, 3)
	m := newModel()
	m.take(f.Snapshot(board.Filter{}))
	m.moveTo(3)
	id := m.cursor
	f.rows = append([]board.Row{{ID: idOf(90), Group: board.Unanswered}}, f.rows...)
	m.take(f.Snapshot(board.Filter{}))
	if m.cursor != id || m.row != 4 {
		t.Errorf("cursor on row %d of %v after a row came above", m.row, m.cursor)
	}
	f.rows = append(f.rows[:4], f.rows[5:]...) // its own row goes
	m.take(f.Snapshot(board.Filter{}))
	if m.row != 4 || m.cursor == id || m.cursor.IsZero() {
		t.Errorf("cursor on row %d of %v after its incident went", m.row, m.cursor)
	}
	f.rows = nil
	m.take(f.Snapshot(board.Filter{}))
	if m.cursor != (incident.IncidentID{}) {
		t.Error("cursor on nothing")
	}
}

func TestChoice_NarrowsTogetherWithTheView(t *testing.T) {
	late := board.Filter{Groups: []board.Group{board.Overdue, board.DueSoon}}
	f := Choice{State: []string{"group:3", "group:5"}}.Apply(late)
	if len(f.Groups) != 1 || f.Groups[0] != board.Overdue {
		t.Errorf("groups in both are %v", f.Groups)
	}
	f = Choice{State: []string{"group:5"}}.Apply(late)
	if newFakeRoom().Count(f) != 0 {
		t.Error("a view and a choice with nothing in common show something")
	}
	if len(late.Groups) != 2 {
		t.Error("the view itself was changed")
	}
	f = Choice{State: []string{stateEnded}}.Apply(board.Filter{})
	if !f.OnlyEnded || !f.Ended {
		t.Error("ended incidents aren't asked for")
	}
}
