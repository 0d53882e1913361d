package room

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"zw110/data/incident"
)

// foldSum stands for one incident's state.
type foldSum [16]byte

// digest sums up what every incident folds to: desks with the same entries have the same one, whatever order they came in. An incident
// that changed counts anew when somebody asks. Filled at the start, it belongs to the committer afterwards.
type digest struct {
	of  map[incident.IncidentID]foldSum
	sum foldSum // XOR of all
}

func newDigest() *digest { return &digest{of: map[incident.IncidentID]foldSum{}} }

// put counts an incident by its encoded state, as encodeFold gives it.
func (d *digest) put(id incident.IncidentID, state []byte) {
	h := sha256.New()
	h.Write(id[:])
	h.Write(binary.BigEndian.AppendUint64(nil, incident.FoldVersion))
	h.Write(state)
	fresh := foldSum(h.Sum(nil)[:len(foldSum{})])
	old := d.of[id]
	for i := range d.sum {
		d.sum[i] ^= old[i] ^ fresh[i]
	}
	d.of[id] = fresh
}

// FoldDigest returns what all incidents here fold to, as 16 bytes that are equal at desks with the same entries and the same fold
// version. It holds for everything that was committed when it was asked.
func (l *Link) FoldDigest(ctx context.Context) (sum []byte, err error) {
	err = l.r.alone(ctx, func() error {
		for _, id := range l.r.unsummed.take() {
			if err := l.r.sumUp(id); err != nil {
				l.r.unsummed.add(id)
				return err
			}
		}
		sum = append(sum, l.r.digest.sum[:]...)
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
