package incident_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"zw110/data/incident"
)

var graphID = incident.IncidentID{15: 7}

// drawGraph draws the entries of one incident with a random parent graph: any kinds, with and without sense, from three desks. Some
// entries may name a parent that never arrives.
func drawGraph(t *rapid.T) []incident.Entry {
	n := rapid.IntRange(1, 14).Draw(t, "entries")
	linear := rapid.IntRange(0, 3).Draw(t, "linear") == 0
	es := make([]incident.Entry, 0, n)
	for i := range n {
		f := drawFact(t, es)
		if i == 0 {
			f = incident.Fact{Kind: incident.KindRegistered, Fields: report(nil)}
		}
		f.Incident = graphID
		f.At = incident.Stamp(1_785_000_000_000 + rapid.Int64Range(0, 3_600_000).Draw(t, "at"))
		e := incident.Entry{
			ID:     sha256.Sum256(fmt.Appendf(nil, "%d %d", i, rapid.IntRange(0, 1<<20).Draw(t, "id"))),
			Origin: incident.Origin{byte(rapid.IntRange(1, 3).Draw(t, "origin"))}, Seq: uint64(i + 1),
			HLC: incident.HLC(rapid.Uint64Range(1, 20).Draw(t, "clock")) << 16, Scope: incident.ScopeID(rapid.IntRange(1, 2).Draw(t, "scope")),
			Incident: graphID, Actor: "op1", Kind: f.Kind, Fact: &f,
		}
		switch {
		case i > 0 && linear:
			e.Parents = []incident.ParentRef{es[i-1].ID.Ref()}
		case i > 0:
			for range rapid.IntRange(1, 2).Draw(t, "parents") {
				e.Parents = append(e.Parents, es[rapid.IntRange(0, i-1).Draw(t, "parent")].ID.Ref())
			}
			if rapid.IntRange(0, 30).Draw(t, "orphan") == 0 {
				e.Parents = append(e.Parents, incident.ParentRef{9, 9})
			}
		}
		if rapid.IntRange(0, 20).Draw(t, "newer") == 0 && i > 0 {
			e.Kind, e.Fact = 900, nil
		}
		es = append(es, e)
	}
	return es
}

func drawFact(t *rapid.T, before []incident.Entry) incident.Fact {
	units := []incident.UnitID{"建设办", "执法队", "村委会"}
	f := incident.Fact{ActorRole: rapid.SampledFrom([]incident.Role{incident.RoleOperator, incident.RoleCounty}).Draw(t, "role")}
	f.Kind = incident.Kind(rapid.IntRange(10, 50).Draw(t, "kind"))
	f.Unit, f.Lead = rapid.SampledFrom(units).Draw(t, "unit"), rapid.SampledFrom(units).Draw(t, "lead")
	if rapid.Bool().Draw(t, "co?") {
		f.Co, f.CoGiven = []incident.UnitID{rapid.SampledFrom(units).Draw(t, "co")}, true
	}
	f.Pass = rapid.Bool().Draw(t, "pass")
	f.Result = rapid.SampledFrom([]string{"", "settled", "staged", "closed"}).Draw(t, "result")
	f.Answer = rapid.SampledFrom([]string{"satisfied", "refused", "not_reached"}).Draw(t, "answer")
	f.DueNew = incident.Stamp(rapid.Int64Range(1, 4).Draw(t, "due")) * 1_785_000_000_000
	f.Other = incident.IncidentID{15: byte(rapid.IntRange(6, 9).Draw(t, "other"))}
	switch f.Kind {
	case incident.KindEdited, incident.KindAccepted:
		f.Title = rapid.SampledFrom([]string{"", "甲", "乙"}).Draw(t, "title")
		f.Village = rapid.SampledFrom([]string{"", "罗山村", "塔石村"}).Draw(t, "village")
		if rapid.Bool().Draw(t, "clear") {
			f.Cleared = []string{"place"}
		}
	case incident.KindUndone, incident.KindSplit, incident.KindReleased:
		if len(before) > 0 {
			f.Undoes = []incident.EntryID{before[rapid.IntRange(0, len(before)-1).Draw(t, "undoes")].ID}
		}
	case incident.KindNoted:
		f.Question = rapid.SampledFrom([]string{"", "?"}).Draw(t, "question")
	case incident.KindSettled:
		drawSettling(t, before, &f)
	}
	return f
}

// drawSettling settles one of the conflicts there are, mostly with one of its choices.
func drawSettling(t *rapid.T, before []incident.Entry, f *incident.Fact) {
	open := incident.Fold(before).Conflicts
	if len(open) == 0 {
		return
	}
	c := open[rapid.IntRange(0, len(open)-1).Draw(t, "conflict")]
	f.Conflict, f.Choice = c.ID, "settle.nothing"
	if len(c.Choices) > 0 {
		f.Choice = rapid.SampledFrom(c.Choices).Draw(t, "choice")
	}
}

// checks is how many random cases the cheap properties see.
const checks = 2000

// many runs a property until it has seen enough cases; each run of rapid draws 100.
func many(t *testing.T, prop func(*rapid.T)) {
	t.Helper()
	for range checks / 100 {
		rapid.Check(t, prop)
		if t.Failed() {
			return
		}
	}
}

func shuffle(t *rapid.T, es []incident.Entry) []incident.Entry {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	out := slices.Clone(es)
	for range r.IntN(4) { // some twice
		out = append(out, out[r.IntN(len(es))])
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func TestFold_IsTheSameInAnyOrderAndTwice(t *testing.T) {
	many(t, func(t *rapid.T) {
		es := drawGraph(t)
		want := incident.Fold(es)
		got := incident.Fold(shuffle(t, es))
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("in another order\n%+v\nnot\n%+v", got, want)
		}
		if !reflect.DeepEqual(incident.Segments(&want), incident.Segments(&got)) {
			t.Fatal("segments differ")
		}
	})
}

// TestFold_WaitsForMissingParents folds what is there and gets the rest right when it comes.
func TestFold_WaitsForMissingParents(t *testing.T) {
	many(t, func(t *rapid.T) {
		es := drawGraph(t)
		gone := rapid.IntRange(0, len(es)-1).Draw(t, "gone")
		part := slices.Delete(slices.Clone(es), gone, gone+1)
		there := map[incident.ParentRef]bool{}
		pending, folded := 0, 0
		for _, e := range part { // drawn in an order that has parents first
			ok := true
			for _, p := range e.Parents {
				ok = ok && there[p]
			}
			if there[e.ID.Ref()] = ok; ok {
				folded++
			} else {
				pending++
			}
		}
		st := incident.Fold(part)
		if st.Pending != pending || len(st.Log) != folded {
			t.Fatalf("%d wait and %d folded, want %d and %d", st.Pending, len(st.Log), pending, folded)
		}
		if !reflect.DeepEqual(incident.Fold(append(part, es[gone])), incident.Fold(es)) {
			t.Fatal("the late entry changes the outcome")
		}
	})
}

func TestFold_StaysSane(t *testing.T) {
	rules := rulesOf(t)
	known := map[incident.Status]bool{}
	for _, s := range allStates() {
		known[s] = true
	}
	many(t, func(t *rapid.T) {
		es := drawGraph(t)
		st := incident.Fold(es)
		if len(st.Log)+st.Pending != len(es) {
			t.Fatalf("%d logged and %d waiting of %d", len(st.Log), st.Pending, len(es))
		}
		if len(st.Log) > 0 && !known[st.Status] {
			t.Fatalf("status %q", st.Status)
		}
		if st.Status.Open() && (st.ClosedAt != 0 || st.EndedAt != 0) || !st.MergedInto.IsZero() != (st.Status == incident.Merged) {
			t.Fatalf("%s closed %v ended %v merged into %v", st.Status, st.ClosedAt, st.EndedAt, st.MergedInto)
		}
		units := map[incident.UnitID]bool{}
		for _, task := range st.Tasks {
			if task.Live() && units[task.Unit] {
				t.Fatalf("%s has two live tasks", task.Unit)
			}
			units[task.Unit] = units[task.Unit] || task.Live()
		}
		segs := incident.Segments(&st)
		for i, s := range segs {
			if i == 0 && s.From != st.ReceivedAt || i > 0 && s.From != segs[i-1].To || s.To != 0 && s.To <= s.From || s.To == 0 && i != len(segs)-1 {
				t.Fatalf("segments %+v from %v", segs, st.ReceivedAt)
			}
		}
		now := incident.Stamp(1_785_100_000_000)
		for _, c := range incident.Clocks(&st, rules, now) {
			if c.Running() && !st.Status.Open() {
				t.Fatalf("%s runs in %s", c.Name, st.Status)
			}
		}
		incident.NextClock(&st, rules, now)
		incident.SettleDue(&st, rules)
	})
}

// naive is the conflict table written again, for every pair, straight from its definition.
type naive struct {
	es   []incident.Entry
	anc  []map[int]bool
	gone map[int]bool
}

// newNaive sorts the entries that have all their parents, and finds ancestors by walking.
func newNaive(es []incident.Entry) *naive {
	n := &naive{gone: map[int]bool{}}
	depth := map[incident.EntryID]int{}
	byRef := map[incident.ParentRef]incident.EntryID{}
	var ok []incident.Entry
	for _, e := range es {
		d := 1
		for _, p := range e.Parents {
			id, there := byRef[p]
			if !there {
				d = 0
				break
			}
			d = max(d, depth[id]+1)
		}
		if d == 0 {
			continue
		}
		depth[e.ID] = d
		byRef[e.ID.Ref()] = e.ID
		ok = append(ok, e)
	}
	slices.SortFunc(ok, func(a, b incident.Entry) int {
		switch {
		case depth[a.ID] != depth[b.ID]:
			return depth[a.ID] - depth[b.ID]
		case a.HLC != b.HLC:
			return int(int64(a.HLC>>16) - int64(b.HLC>>16))
		case a.Origin != b.Origin:
			return int(a.Origin[0]) - int(b.Origin[0])
		}
		return int(a.Seq) - int(b.Seq)
	})
	n.es = ok
	at := map[incident.ParentRef]int{}
	for i, e := range ok {
		at[e.ID.Ref()] = i
		seen := map[int]bool{}
		for _, p := range e.Parents {
			seen[at[p]] = true
			for a := range n.anc[at[p]] {
				seen[a] = true
			}
		}
		n.anc = append(n.anc, seen)
	}
	n.undo()
	return n
}

func (n *naive) undo() {
	for j := len(n.es) - 1; j >= 0; j-- {
		e := n.es[j]
		if n.gone[j] || e.Fact == nil || !slices.Contains([]incident.Kind{incident.KindUndone, incident.KindSplit, incident.KindReleased}, e.Kind) {
			continue
		}
		for i := range n.anc[j] {
			if slices.Contains(e.Fact.Undoes, n.es[i].ID) {
				n.gone[i] = true
			}
		}
	}
}

func in(k incident.Kind, kinds ...incident.Kind) bool { return slices.Contains(kinds, k) }

func closes(e incident.Entry) bool {
	return e.Kind == incident.KindForceClosed || e.Kind == incident.KindVerified && e.Fact.Pass ||
		e.Kind == incident.KindCalledBack && e.Fact.Result == "closed"
}

func sends(e incident.Entry) bool {
	return in(e.Kind, incident.KindDispatched, incident.KindReassigned, incident.KindRuled)
}

func active(e incident.Entry) bool {
	return sends(e) || in(e.Kind, incident.KindArrived, incident.KindCoAdded) || e.Kind == incident.KindNoted && e.Fact.Question != "" ||
		e.Kind == incident.KindVerified && !e.Fact.Pass
}

func withdraws(e incident.Entry) bool { return in(e.Kind, incident.KindRefused, incident.KindVoided) }

func moves(e incident.Entry) bool {
	return sends(e) || in(e.Kind, incident.KindAccepted, incident.KindInfoAsked, incident.KindSigned, incident.KindReturned, incident.KindDisputed,
		incident.KindArrived, incident.KindCoAdded, incident.KindCoWaived, incident.KindSuspended, incident.KindResumed, incident.KindEscalated,
		incident.KindCountyReturned, incident.KindCountyClosed, incident.KindFedBack, incident.KindVerified, incident.KindReopened, incident.KindCalledBack)
}

// values returns what an entry sets the two fields of the drawn facts to.
func values(e incident.Entry) map[string]string {
	out := map[string]string{}
	if !in(e.Kind, incident.KindEdited, incident.KindAccepted) {
		return out
	}
	if e.Fact.Title != "" {
		out["title"] = e.Fact.Title
	}
	if e.Fact.Village != "" {
		out["village"] = e.Fact.Village
	}
	return out
}

func contested(a, b incident.Entry) []string {
	var out []string
	for name, v := range values(a) {
		if w, ok := values(b)[name]; ok && v != w {
			out = append(out, name)
		}
	}
	return out
}

func result(e incident.Entry) string {
	switch e.Kind {
	case incident.KindCalledBack:
		return e.Fact.Answer
	case incident.KindVerified:
		return "closed"
	}
	return fmt.Sprint(e.Kind, e.Fact.Reason)
}

// rulesFor says which rules a concurrent pair falls under.
func rulesFor(a, b incident.Entry) []string {
	var out []string
	cross := func(x, y func(incident.Entry) bool) bool { return x(a) && y(b) || x(b) && y(a) }
	kind := func(k ...incident.Kind) func(incident.Entry) bool {
		return func(e incident.Entry) bool { return in(e.Kind, k...) }
	}
	if sends(a) && sends(b) {
		same := a.Fact.Lead == b.Fact.Lead && slices.Equal(a.Fact.Co, b.Fact.Co)
		out = append(out, map[bool]string{true: "same_dispatch", false: "double_dispatch"}[same])
	}
	ends := func(e incident.Entry) bool { return closes(e) || withdraws(e) }
	switch {
	case cross(withdraws, moves):
		out = append(out, "withdrawn_while_active")
	case ends(a) && ends(b):
		if result(a) != result(b) {
			out = append(out, "two_results")
		}
	case cross(closes, active):
		out = append(out, "closed_while_active")
	case cross(closes, kind(incident.KindReopened)):
		out = append(out, "closed_and_reopened")
	}
	if in(a.Kind, incident.KindCountyReturned) && in(b.Kind, incident.KindCountyReturned) && a.Scope != b.Scope {
		out = append(out, "two_owners")
	}
	merged := kind(incident.KindMerged)
	switch {
	case cross(merged, kind(incident.KindAbsorbed)):
		out = append(out, map[bool]string{true: "merge_cycle", false: "merge_chain"}[a.Fact.Other == b.Fact.Other])
	case cross(merged, func(e incident.Entry) bool { return moves(e) || ends(e) }):
		out = append(out, "merged_while_active")
	case cross(merged, kind(incident.KindSplit, incident.KindReleased)):
		out = append(out, "split_while_merging")
	}
	if len(contested(a, b)) > 0 {
		out = append(out, "two_values")
	}
	if a.Kind == incident.KindExtended && b.Kind == incident.KindExtended && a.Fact.DueNew != b.Fact.DueNew {
		out = append(out, "two_deadlines")
	}
	return out
}

// aspect reports whether a later entry is of the matter of a rule.
func aspect(rule string, e incident.Entry) bool {
	switch rule {
	case "double_dispatch", "same_dispatch":
		return sends(e) || closes(e) || in(e.Kind, incident.KindReturned, incident.KindDisputed, incident.KindEscalated)
	case "closed_while_active", "closed_and_reopened", "two_results":
		return closes(e) || e.Kind == incident.KindReopened
	case "two_owners":
		return in(e.Kind, incident.KindCountyReturned, incident.KindReturned, incident.KindDisputed, incident.KindEscalated)
	case "merge_cycle":
		return in(e.Kind, incident.KindMerged, incident.KindAbsorbed, incident.KindSplit, incident.KindReleased)
	case "merge_chain":
		return e.Kind == incident.KindMerged
	case "merged_while_active", "split_while_merging":
		return in(e.Kind, incident.KindMerged, incident.KindSplit, incident.KindReleased)
	case "two_deadlines":
		return in(e.Kind, incident.KindExtended, incident.KindReopened, incident.KindCountyReturned)
	case "withdrawn_while_active":
		return withdraws(e) || closes(e)
	}
	return false
}

func (n *naive) conflicts() map[string]string {
	out := map[string]string{}
	for j := range n.es {
		for i := range j {
			a, b := n.es[i], n.es[j]
			if n.anc[j][i] || n.gone[i] || n.gone[j] || a.Fact == nil || b.Fact == nil {
				continue
			}
			for _, rule := range rulesFor(a, b) {
				if id := naiveID(rule, a.ID, b.ID); !n.settled(rule, id, i, j) {
					out[id] = rule
				}
			}
		}
	}
	return out
}

func (n *naive) settled(rule, id string, i, j int) bool {
	left := contested(n.es[i], n.es[j])
	for k := j + 1; k < len(n.es); k++ {
		e := n.es[k]
		if e.Fact == nil || n.gone[k] || !n.anc[k][i] || !n.anc[k][j] {
			continue
		}
		if e.Kind == incident.KindSettled && e.Fact.Conflict == id || aspect(rule, e) {
			return true
		}
		if rule == "two_values" {
			left = slices.DeleteFunc(left, func(name string) bool { _, ok := values(e)[name]; return ok })
			if len(left) == 0 {
				return true
			}
		}
	}
	return false
}

func naiveID(rule string, a, b incident.EntryID) string {
	lo, hi := a[:], b[:]
	if slices.Compare(lo, hi) > 0 {
		lo, hi = hi, lo
	}
	sum := sha256.Sum256(slices.Concat(graphID[:], []byte(rule), lo, hi))
	return hex.EncodeToString(sum[:])
}

func TestFold_FindsTheConflictsOfTheTable(t *testing.T) {
	seen := map[string]int{}
	many(t, func(t *rapid.T) {
		es := drawGraph(t)
		want := newNaive(es).conflicts()
		got := map[string]string{}
		for _, c := range incident.Fold(es).Conflicts {
			got[c.ID] = c.Rule
			seen[c.Rule]++
		}
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
	if len(seen) < 10 {
		t.Errorf("the drawn graphs reach only %v", seen)
	}
}

func TestFold_LongChainsAndWideForks(t *testing.T) {
	const n = 3000
	es := make([]incident.Entry, n)
	for i := range es {
		f := incident.Fact{Kind: incident.KindNoted, At: incident.Stamp(i + 1), Fields: fields{Text: "x"}}
		es[i] = incident.Entry{ID: sha256.Sum256(fmt.Append(nil, i)), Seq: uint64(i), HLC: incident.HLC(i), Incident: graphID, Kind: f.Kind, Fact: &f}
		if i > 0 {
			es[i].Parents = []incident.ParentRef{es[i-1].ID.Ref()}
		}
	}
	slices.Reverse(es)
	if st := incident.Fold(es); len(st.Log) != n || len(st.Heads) != 1 {
		t.Errorf("%d of %d, heads %d", len(st.Log), n, len(st.Heads))
	}
	for i := range es {
		es[i].Parents = nil
	}
	if st := incident.Fold(es); len(st.Log) != n || len(st.Heads) != n {
		t.Errorf("%d of %d, heads %d", len(st.Log), n, len(st.Heads))
	}
	es[0].Parents, es[1].Parents = []incident.ParentRef{es[1].ID.Ref()}, []incident.ParentRef{es[0].ID.Ref()}
	if st := incident.Fold(es); st.Pending != 2 {
		t.Errorf("a circle of two: %d wait", st.Pending)
	}
	if st := incident.Fold(nil); st.Status != "" || len(st.Log) != 0 {
		t.Errorf("%+v", st)
	}
}
