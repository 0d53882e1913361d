package assess

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"zw110/data/incident"
)

// FindingKind is a pattern that a person should look at. It is no verdict: a heap may have an honest cause.
type FindingKind string

// The patterns.
const (
	HeapBeforeDue  FindingKind = "heap_due"      // a unit reports done just before the limit, far more often than shortly before that
	HeapBeforeSign FindingKind = "heap_sign"     // the same for signing
	MassClosing    FindingKind = "mass_closing"  // one person passes or closes many within minutes
	SameHand       FindingKind = "same_hand"     // who wrote the feedback down passed it too
	OwnUnit        FindingKind = "own_unit"      // passed by somebody of a unit that handled it
	PhotoReused    FindingKind = "photo_reused"  // the photo of a feedback was there before
	PhotoAlike     FindingKind = "photo_alike"   // it looks like one that was there before
	PhotoOld       FindingKind = "photo_old"     // it was taken before the incident came in
	FastFeedback   FindingKind = "fast_feedback" // one person reports many done within minutes
)

// FindingKinds returns all of them.
func FindingKinds() []FindingKind {
	return []FindingKind{HeapBeforeDue, HeapBeforeSign, MassClosing, SameHand, OwnUnit, PhotoReused, PhotoAlike, PhotoOld, FastFeedback}
}

// Finding is one pattern with its incidents.
type Finding struct {
	Kind      FindingKind     `json:"kind"`
	Unit      incident.UnitID `json:"unit,omitempty"`
	By        incident.Login  `json:"by,omitempty"`
	At        incident.Stamp  `json:"at,omitzero"` // of the first act, where it is about acts
	Incidents []string        `json:"incidents"`
}

const (
	massOf     = 8               // incidents of one person ...
	massWithin = 5 * time.Minute // ... within this time
	heapOf     = 5               // in the last twentieth of the limit ...
	heapTimes  = 3               // ... and as many times what lies in the twentieth before
)

// deed is one act of somebody on one incident.
type deed struct {
	at incident.Stamp
	no string
}

// spread counts how much of a limit was left, by unit: nos of the last twentieth, and how many in the one before.
type spread struct {
	last   []string
	before int
}

func (sp *spread) add(no string, from, at, due incident.Stamp) {
	left, whole := due-at, due-from
	switch {
	case left < 0 || whole <= 0:
	case 20*left < whole:
		sp.last = append(sp.last, no)
	case 10*left < whole:
		sp.before++
	}
}

func (sp *spread) heap() bool {
	return len(sp.last) >= heapOf && len(sp.last) >= heapTimes*max(1, sp.before)
}

func (r *Report) findings(all []*subject) []Finding {
	var out []Finding
	due, sign := map[incident.UnitID]*spread{}, map[incident.UnitID]*spread{}
	of := func(m map[incident.UnitID]*spread, u incident.UnitID) *spread {
		if m[u] == nil {
			m[u] = &spread{}
		}
		return m[u]
	}
	passed, fed := map[incident.Login][]deed{}, map[incident.Login][]deed{}
	for _, s := range all {
		if r.Period.has(s.st.HandledAt) && s.due != 0 {
			of(due, s.st.LeadUnit).add(s.no, s.from, s.st.HandledAt, s.due)
		}
		for i := range s.st.Tasks {
			if t := &s.st.Tasks[i]; r.Period.has(t.SignedAt) {
				of(sign, t.Unit).add(s.no, t.SentAt, t.SignedAt, r.signDue(s, t))
			}
		}
		out = append(out, r.hands(s, passed, fed)...)
	}
	out = append(out, r.photos(all)...)
	out = append(out, heaps(HeapBeforeDue, due)...)
	out = append(out, heaps(HeapBeforeSign, sign)...)
	out = append(out, masses(MassClosing, passed)...)
	out = append(out, masses(FastFeedback, fed)...)
	order := FindingKinds()
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)), cmp.Compare(a.At, b.At), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.By, b.By))
	})
	return out
}

// hands notes who did what when, and finds checks by those who should not have made them.
func (r *Report) hands(s *subject, passed, fed map[incident.Login][]deed) []Finding {
	var out []Finding
	var wrote incident.Login
	for _, l := range s.st.Log {
		if l.Undone || l.Fact == nil {
			continue
		}
		d := deed{l.At, s.no}
		switch {
		case l.Kind == incident.KindFedBack:
			if l.Fact.Unit == s.st.LeadUnit {
				wrote = l.Actor
			}
			if r.Period.has(l.At) {
				fed[l.Actor] = append(fed[l.Actor], d)
			}
		case l.Kind == incident.KindVerified && l.Fact.Pass && r.Period.has(l.At):
			passed[l.Actor] = append(passed[l.Actor], d)
			f := Finding{By: l.Actor, At: l.At, Incidents: []string{s.no}}
			if l.Actor == wrote {
				f.Kind = SameHand
				out = append(out, f)
			} else if u := l.Fact.ActorUnit; u != "" && slices.ContainsFunc(s.st.Tasks, func(t incident.Task) bool { return t.Unit == u }) {
				f.Kind, f.Unit = OwnUnit, u
				out = append(out, f)
			}
		case l.Kind == incident.KindCalledBack && l.Fact.Result == "closed" && r.Period.has(l.At):
			passed[l.Actor] = append(passed[l.Actor], d)
		}
	}
	return out
}

func heaps(kind FindingKind, by map[incident.UnitID]*spread) []Finding {
	var out []Finding
	for _, unit := range slices.Sorted(maps.Keys(by)) {
		if sp := by[unit]; sp.heap() {
			out = append(out, Finding{Kind: kind, Unit: unit, Incidents: distinct(sp.last)})
		}
	}
	return out
}

// masses finds stretches in which one person did at least massOf incidents within massWithin.
func masses(kind FindingKind, by map[incident.Login][]deed) []Finding {
	var out []Finding
	for _, who := range slices.Sorted(maps.Keys(by)) {
		deeds := by[who]
		slices.SortStableFunc(deeds, func(a, b deed) int { return cmp.Compare(a.at, b.at) })
		for i := 0; i < len(deeds); {
			end := i
			for j := i; j < len(deeds); j++ { // the stretch grows while its last massOf deeds lie close together
				if j-i+1 < massOf || deeds[j].at.Sub(deeds[j-massOf+1].at) <= massWithin {
					if j-i+1 >= massOf {
						end = j
					}
					continue
				}
				break
			}
			if end == i {
				i++
				continue
			}
			var nos []string
			for _, d := range deeds[i : end+1] {
				nos = append(nos, d.no)
			}
			if nos = distinct(nos); len(nos) >= massOf {
				out = append(out, Finding{Kind: kind, By: who, At: deeds[i].at, Incidents: nos})
			}
			i = end + 1
		}
	}
	return out
}

func distinct(nos []string) []string {
	slices.Sort(nos)
	return slices.Compact(nos)
}
