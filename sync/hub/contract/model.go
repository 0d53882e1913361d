package contract

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// model is what a county's journal should hold.
type model struct {
	records []session.HubRecord
	lines   map[incident.Origin]*modelLine
}

// modelLine is one origin: entry i has sequence base+i+1.
type modelLine struct {
	base    uint64
	before  journal.Hash // of the first entry
	entries [][]byte
	hashes  []journal.Hash
	items   []session.Item
	stamps  []wire.Stamp   // of the record that holds the entry
	ends    map[uint64]int // last sequence of a run → index of its record
	scope   incident.ScopeID
	seal    []byte
}

func newModel() *model { return &model{lines: map[incident.Origin]*modelLine{}} }

func (m *model) head(origin incident.Origin) wire.Head {
	l := m.lines[origin]
	if l == nil {
		return wire.Head{Origin: origin, Hash: journal.Start(origin)}
	}
	return wire.Head{Origin: origin, Seq: l.base + uint64(len(l.entries)), Hash: l.hashes[len(l.hashes)-1]}
}

func (m *model) add(run session.HubRun, stamp wire.Stamp) {
	var check [8]byte
	if n := len(m.records); n > 0 {
		check = m.records[n-1].Check
	}
	check = wire.NextCheck(check, run.Run.Origin, run.Run.First, run.Last)
	l := m.lines[run.Run.Origin]
	if l == nil {
		l = &modelLine{base: run.Run.First - 1, before: run.Run.Before, ends: map[uint64]int{}}
		m.lines[run.Run.Origin] = l
	}
	l.scope, l.seal = run.Scope, run.Run.Seal
	l.ends[run.Run.Last()] = len(m.records)
	m.records = append(m.records, session.HubRecord{HubRun: run, Stamp: stamp, Check: check})
	hash := run.Run.Before
	for i, e := range run.Run.Entries {
		hash = journal.Next(hash, journal.DigestOf(e))
		l.entries, l.hashes, l.items, l.stamps = append(l.entries, e), append(l.hashes, hash), append(l.items, run.Items[i]), append(l.stamps, stamp)
	}
}

// at returns the index of an entry's record.
func (l *modelLine) at(seq uint64) wire.Stamp { return l.stamps[seq-l.base-1] }

func (m *model) incident(id incident.IncidentID) (entries []wire.Excerpt, parties []incident.ScopeID) {
	scopes := map[incident.ScopeID]bool{}
	for origin, l := range m.lines {
		for i, it := range l.items {
			if it.Incident != id {
				continue
			}
			entries = append(entries, wire.Excerpt{Origin: origin, Seq: l.base + uint64(i) + 1, Before: it.Before, Entry: l.entries[i]})
			scopes[it.Scope], scopes[l.scope] = true, true
		}
	}
	slices.SortFunc(entries, func(a, b wire.Excerpt) int {
		return cmp.Or(bytes.Compare(a.Origin[:], b.Origin[:]), cmp.Compare(a.Seq, b.Seq))
	})
	return entries, slices.Sorted(maps.Keys(scopes))
}

// rangeOf works out what Range returns.
func (l *modelLine) rangeOf(origin incident.Origin, from, to uint64, maxBytes int, m *model) journal.Run {
	run := journal.Run{Origin: origin, First: from, Before: l.before}
	if from > l.base+1 {
		run.Before = l.hashes[from-l.base-2]
	}
	if l.items[from-l.base-1].Before != run.Before {
		run.OldBefore = l.items[from-l.base-1].Before
	}
	size, end, fits := 0, uint64(0), uint64(0)
	for seq := from; seq <= to && seq <= l.base+uint64(len(l.entries)); seq++ {
		i := seq - l.base - 1
		size += len(l.entries[i])
		if seq > from && (size > maxBytes || seq-from >= wire.MaxRunEntries || l.items[i].Before != l.hashes[i-1] && l.items[i].Before != l.items[i-1].ID) {
			break
		}
		fits = seq
		if record, ends := l.ends[seq]; ends && len(m.records[record].Run.Seal) > 0 {
			end, run.Seal = seq, m.records[record].Run.Seal
		}
	}
	if end == 0 {
		end = fits
	}
	run.Entries = l.entries[from-l.base-1 : end-l.base]
	return run
}
