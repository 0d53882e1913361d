// Package powercut makes, for tests, the file that a power cut in the middle of a bbolt commit may leave behind.
package powercut

import "math/rand/v2"

// sector is what a disk writes as a whole or not at all, in bytes; a meta page says all it says within its first.
const sector = 512

// Cut returns what may stand in the file when the power goes during one commit, given the file as it was before and as it is once that commit is
// durable. bbolt makes room, writes the changed pages in any order, syncs, then writes one of the two meta pages in front and syncs again. So
// before the first sync any changed sectors may be there and any missing; after it all are there, and of the meta page those that were written.
func Cut(before, after []byte, pageSize int, rng *rand.Rand) []byte {
	metas := 2 * pageSize
	out := make([]byte, len(after))
	copy(out, before)
	switch rng.IntN(8) {
	case 0: // not begun
		return out[:len(before)]
	case 1: // over
		return append(out[:0], after...)
	case 2: // all but the meta page
		copy(out[metas:], after[metas:])
	case 3: // and a part of that
		copy(out[metas:], after[metas:])
		first := rng.IntN(pageSize / sector)
		for at := 0; at < metas; at += pageSize {
			copy(out[at+first*sector:at+pageSize], after[at+first*sector:])
		}
	default:
		unit := []int{sector, pageSize}[rng.IntN(2)]
		there := rng.Float64()
		for at := metas; at < len(after); at += unit {
			if rng.Float64() < there {
				copy(out[at:min(at+unit, len(out))], after[at:])
			}
		}
	}
	return out
}
