package listpage

import (
	"math"
	"slices"
	"testing"

	"fyne.io/fyne/v2/test"

	"zw110/data/incident"
	"zw110/data/lists"
	"zw110/views/kit"
)

func sheet() lists.Sheet {
	s := lists.Sheet{Columns: []lists.Column{
		{Head: "No.", Width: 5}, {Head: "Co-handlers", Width: 8}, {Head: "Channel", Width: 6}, {Head: "事项", Width: 38}, {Head: "Light", Width: 6},
	}}
	s.Rows = append(s.Rows, []lists.Cell{{IsNum: true, Number: 1}, {Text: "Agriculture office"}, {Text: "Blue vest"}, {Text: "路灯连续三晚不亮，村口漆黑一片"}, {Text: "Overdue", Light: incident.Red}})
	return s
}

func TestShare_NoWordBreaksWhereThereIsRoom(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(kit.NewTheme(kit.Light))
	s := sheet()
	least := leastColumns(s)
	for _, width := range []float32{420, 600, 900, 1600} {
		cols := share(s.Columns, least, width)
		var sum float32
		for i, w := range cols {
			sum += w
			for _, c := range []lists.Cell{{Text: s.Columns[i].Head}, s.Rows[0][i]} {
				for _, line := range kit.Wrap(c.String(), styleOf(c), w-2*cellPad) {
					if i != 3 && !slices.Contains([]string{"No.", "1", "Co-handlers", "Agriculture", "office", "Agriculture office", "Channel", "Blue", "vest", "Blue vest", "Light", "Overdue"}, line) {
						t.Errorf("at %g column %d has the line %q", width, i, line)
					}
				}
			}
		}
		if math.Abs(float64(sum-width)) > 0.5 {
			t.Errorf("at %g the columns take %g", width, sum)
		}
	}
}

func TestShare_TooNarrowGivesAllALittle(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(kit.NewTheme(kit.Light))
	s := sheet()
	for i, w := range share(s.Columns, leastColumns(s), 150) {
		if w < leastWidth {
			t.Errorf("column %d has %g", i, w)
		}
	}
}
