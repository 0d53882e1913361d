package room

import (
	"maps"
	"sync"

	"zw110/data/board"
	"zw110/data/duty"
	"zw110/data/incident"
)

// standing counts what each unit has in hand and how its leads went, kept up act by act.
type standing struct {
	mu   sync.RWMutex // guards open and past
	open map[incident.UnitID]int
	past map[string]map[incident.UnitID]duty.Success // by category
}

func newStanding() *standing {
	return &standing{open: map[incident.UnitID]int{}, past: map[string]map[incident.UnitID]duty.Success{}}
}

// share is what one incident counts.
type share struct {
	busy     []incident.UnitID // live tasks
	category string
	lead     incident.UnitID // first lead of a closed incident
	good     bool            // settled by it without return, rework or reopening
}

func shareOf(st *incident.State) share {
	var s share
	if st.Status.Open() {
		for _, t := range st.Tasks {
			if t.Live() {
				s.busy = append(s.busy, t.Unit)
			}
		}
		return s
	}
	if st.Status == incident.Closed {
		s.category, s.lead = st.Category, st.FirstLead
		s.good = !st.LeadWrong && st.Fails == 0 && st.Reopens == 0
	}
	return s
}

// move replaces what an incident counted before by what it counts now.
func (s *standing) move(before, after share) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count(before, -1)
	s.count(after, +1)
}

func (s *standing) count(of share, n int) {
	for _, u := range of.busy {
		s.open[u] += n
	}
	if of.lead == "" {
		return
	}
	units := s.past[of.category]
	if units == nil {
		units = map[incident.UnitID]duty.Success{}
		s.past[of.category] = units
	}
	score := units[of.lead]
	score.Total += n
	if of.good {
		score.First += n
	}
	units[of.lead] = score
}

// of returns open tasks by unit and the past of one category.
func (s *standing) of(category string) (map[incident.UnitID]duty.Workload, map[duty.Past]duty.Success) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	loads := make(map[incident.UnitID]duty.Workload, len(s.open))
	for u, n := range s.open {
		loads[u] = duty.Workload{Open: n}
	}
	past := map[duty.Past]duty.Success{}
	for u, n := range maps.All(s.past[category]) {
		past[duty.Past{Unit: u, Category: category}] = n
	}
	return loads, past
}

// Suggest proposes who should lead and help with a draft, with reasons in the window's language.
func (r *Room) Suggest(f incident.Fields) []Suggestion { return r.suggest(f, r.rules.Load()) }

func (r *Room) suggest(f incident.Fields, rules *Rules) []Suggestion {
	loads, past := r.standing.of(f.Category)
	late := r.board.Snapshot(board.Filter{Groups: []board.Group{board.Overdue}})
	for i := range late.Len() {
		row := late.Row(i)
		l := loads[row.Lead]
		l.Overdue++
		loads[row.Lead] = l
	}
	at := f.ReceivedAt
	if at == 0 {
		at = r.Now()
	}
	var out []Suggestion
	for _, s := range rules.Recommend(f, at, loads, past) {
		words := make([]string, 0, len(s.Reasons))
		for _, why := range s.Reasons {
			words = append(words, r.text(why.Key, why.Args))
		}
		out = append(out, Suggestion{Unit: s.Unit, Lead: s.Lead, Open: s.Load.Open, Overdue: s.Load.Overdue, Load: s.Share, Reasons: words})
	}
	return out
}

// text puts a catalogue key into words.
func (r *Room) text(key string, args []string) string {
	places := make([]any, len(args))
	for i, a := range args {
		places[i] = a
	}
	return r.cfg.Text(key, places...)
}
