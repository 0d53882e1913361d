package room

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"zw110/data/incident"
)

// digest sums up what every incident folds to: desks with the same entries have the same one, whatever order they came in. An incident
// that changed counts anew when somebody asks. Filled at the start, it belongs to the committer afterwards. Of an incident it keeps 16 bytes: with
// 100,000 of them the odds that two share a key are 1 in 10^9.
type digest struct {
	of  map[uint64]uint64 // by a hash of the ID, a hash of the state
	sum uint64            // XOR of all
}

func newDigest() *digest { return &digest{of: map[uint64]uint64{}} }

// put counts an incident by its encoded state, as encodeFold gives it.
func (d *digest) put(id incident.IncidentID, state []byte) {
	h := sha256.New()
	h.Write(id[:])
	key := binary.BigEndian.Uint64(h.Sum(nil))
	h.Write(binary.BigEndian.AppendUint64(nil, incident.FoldVersion))
	h.Write(state)
	fresh := binary.BigEndian.Uint64(h.Sum(nil))
	d.sum ^= d.of[key] ^ fresh
	d.of[key] = fresh
}

// FoldDigest returns what all incidents here fold to, as 8 bytes that are equal at desks with the same entries and the same fold
// version. It holds for everything that was committed when it was asked.
func (l *Link) FoldDigest(ctx context.Context) (sum []byte, err error) {
	err = l.r.alone(ctx, func() error {
		for _, id := range l.r.unsummed.take() {
			if err := l.r.sumUp(id); err != nil {
				l.r.unsummed.add(id)
				return err
			}
		}
		sum = binary.BigEndian.AppendUint64(sum, l.r.digest.sum)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("sum up the folded incidents: %w", err)
	}
	return sum, nil
}

func (r *Room) sumUp(id incident.IncidentID) error {
	f, err := r.file(id)
	if err != nil {
		return err
	}
	state, err := encodeFold(r.codec, &f.state)
	if err != nil {
		return err
	}
	r.digest.put(id, state)
	return nil
}
