package lists

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"strconv"

	"zw110/data/incident"
)

// Origin says which list a workbook is: of which town, which list, which day.
type Origin struct {
	Town incident.ScopeID
	List incident.List
	Day  incident.Day
}

// RowKey names the row of a list: the incident's number, and on a joint list the unit.
type RowKey struct {
	No   string
	Unit incident.UnitID
}

// keySep parts the key from the hash; no number and no unit holds it.
const keySep = "|"

// keyText is what the hidden cell of a row holds: the key, then a hash over list, key and all that the row says. The hash ties the row to what
// stands of it on the hidden sheet.
func (o Origin) keyText(k RowKey, row []Cell) string {
	h := sha256.New()
	put := hashText(h)
	put(fmt.Sprint(o.Town))
	put(string(o.List))
	put(string(o.Day))
	put(k.No)
	put(string(k.Unit))
	for _, c := range row {
		put(c.String())
	}
	return k.No + keySep + string(k.Unit) + keySep + fmt.Sprintf("%x", h.Sum(nil)[:8])
}

// hashText returns what adds a text with its length to a hash.
func hashText(h hash.Hash) func(string) {
	var buf []byte
	return func(s string) {
		buf = append(strconv.AppendInt(buf[:0], int64(len(s)), 10), ':')
		buf = append(append(buf, s...), '\n')
		h.Write(buf) // a hash never fails
	}
}
