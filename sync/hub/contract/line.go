package contract

import (
	"crypto/sha256"
	"encoding/binary"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/session"
)

// County is the county of the suite, with two townships.
const (
	County incident.ScopeID = 330825
	TownA  incident.ScopeID = 330825111
	TownB  incident.ScopeID = 330825112
)

// Line is one origin that writes runs as a desk would, without deciding yet that they are stored.
type Line struct {
	Origin incident.Origin
	Scope  incident.ScopeID
	Seq    uint64
	Hash   journal.Hash
	codec  *journal.Codec
}

// NewLine returns the line of a desk's first life, numbered.
func NewLine(desk, life byte, scope incident.ScopeID) (*Line, error) {
	codec, err := journal.NewCodec()
	if err != nil {
		return nil, err
	}
	l := &Line{Scope: scope, codec: codec}
	l.Origin[0], l.Origin[16] = desk, life
	l.Hash = journal.Start(l.Origin)
	return l, nil
}

// IncidentNo returns an incident's ID by number.
func IncidentNo(n int) (id incident.IncidentID) {
	binary.BigEndian.PutUint64(id[8:], uint64(n)+1)
	return id
}

// Entry is what an entry of a Run says; a negative Incident stands for a desk-level one.
type Entry struct {
	Incident int
	Scope    incident.ScopeID
	Text     string
	// Moved is an entry that comes from another chain, after the hash OldBefore there; zero follows the moved entry before it in the run.
	Moved     bool
	OldBefore journal.Hash
}

// Run returns the run of entries that would come next.
func (l *Line) Run(entries ...Entry) (session.HubRun, error) {
	return l.after(l.Seq, l.Hash, entries)
}

func (l *Line) after(seq uint64, hash journal.Hash, entries []Entry) (run session.HubRun, err error) {
	run = session.HubRun{Run: journal.Run{Origin: l.Origin, First: seq + 1, Before: hash}, Scope: l.Scope}
	for i, e := range entries {
		r := journal.Record{
			Seq: seq + uint64(i) + 1, HLC: incident.HLC(seq+uint64(i)+1) << 16, Scope: e.Scope, Actor: "op1", Kind: incident.KindNoted,
			Ver: journal.PayloadVersion, Payload: []byte(e.Text),
		}
		if e.Incident >= 0 {
			r.Incident = IncidentNo(e.Incident)
		}
		raw, err := l.codec.Encode(r)
		if err != nil {
			return run, err
		}
		next := journal.Next(hash, journal.DigestOf(raw))
		run.Run.Entries = append(run.Run.Entries, raw)
		it := session.Item{Incident: r.Incident, Scope: r.Scope, Kind: r.Kind, ID: next, Before: hash}
		if e.Moved {
			if it.Before = e.OldBefore; it.Before == (journal.Hash{}) && i > 0 {
				it.Before = run.Items[i-1].ID
			}
			it.ID = journal.Next(it.Before, journal.DigestOf(raw))
			if i == 0 {
				run.Run.OldBefore = it.Before
			}
		}
		run.Items = append(run.Items, it)
		run.HLC = r.HLC
		hash = next
	}
	run.Last = hash
	run.Run.Seal = seal(hash)
	return run, nil
}

// seal stands for a signature, of its size: the stores keep it and never look at it.
func seal(hash journal.Hash) []byte {
	sum := sha256.Sum256(hash[:])
	return append(append([]byte{journal.AlgSet1}, sum[:]...), hash[:]...)
}

// Stored says that a run of this line was stored, so that the next one follows it.
func (l *Line) Stored(run session.HubRun) { l.Seq, l.Hash = run.Run.Last(), run.Last }
