package county

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"zw110/assets"
	"zw110/data/incident"
	"zw110/data/journal"
	"zw110/data/room"
	"zw110/views/kit"
)

const (
	sampleTown = "330825111"
	longText   = "现场已经处置完毕并告知来电人"
)

// seat is a desk with a store of its own; two of them share a clock that only acts move on.
type seat struct {
	*room.Room
	t     *testing.T
	clock *atomic.Int64
}

// newSeat makes a desk of the sample town, or of its county.
func newSeat(t *testing.T, clock *atomic.Int64, no int, county bool) *seat {
	t.Helper()
	dir := t.TempDir()
	pack, name := sampleTown, fmt.Sprintf("指挥室%d", no)
	if county {
		pack, name = filepath.Join(dir, "pack"), "县中心1"
		from, err := assets.Pack(sampleTown)
		if err == nil {
			err = os.CopyFS(pack, from)
		}
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(pack, "pack.toml")
		raw, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, bytes.Replace(raw, []byte("code = 330825111"), []byte("code = 330825"), 1), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	cfg := room.Config{
		Dir: filepath.Join(dir, "store"), ConfigDir: filepath.Join(dir, "config"), Ticks: make(chan time.Time),
		Clock: func() incident.Stamp { return incident.Stamp(clock.Load()) },
	}
	r, err := room.Init(cfg, room.InitParams{
		Pack: pack, Seat: name, SeatNo: no, Drill: true, Operators: []room.Operator{
			{Login: "op1", Name: "坐席一", Role: incident.RoleOperator, PIN: "1234"},
			{Login: "op2", Name: "坐席二", Role: incident.RoleOperator, PIN: "1234"},
			{Login: "cc", Name: "县中心", Role: incident.RoleCounty, PIN: "1234"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := r.SignIn(t.Context(), "op1", "1234"); err != nil { // names the seat
		t.Fatal(err)
	}
	return &seat{r, t, clock}
}

func (s *seat) do(by incident.Login, verb incident.Verb, id incident.IncidentID, f incident.Fields) incident.IncidentID {
	s.t.Helper()
	s.clock.Add(1)
	out, err := s.Do(s.t.Context(), incident.Act{By: by, Do: verb, ID: id, Fields: f})
	if err != nil {
		s.t.Fatalf("%s by %s: %v", verb, by, err)
	}
	return out.Incident
}

// way registers an incident and takes it up to a step.
func (s *seat) way(stop incident.Verb) incident.IncidentID {
	s.t.Helper()
	now := incident.Stamp(s.clock.Load())
	call := &incident.Proxy{Name: "值班员", Number: "0570-0110000", Time: now}
	id := s.do("op1", incident.Register, incident.IncidentID{}, incident.Fields{
		Channel: incident.Channel110, SourceNo: fmt.Sprint("JJ", now), Title: "晒谷场积水", Content: "晒谷场积水，请派人看一下。", Village: "罗山村", Category: "0603",
		Urgency: incident.Normal, Reporter: &incident.Reporter{Name: "舒金根", Phone: "16856023686"},
	})
	for _, step := range []struct {
		verb incident.Verb
		f    incident.Fields
	}{
		{incident.Respond, incident.Fields{}},
		{incident.Accept, incident.Fields{}},
		{incident.Dispatch, incident.Fields{Lead: "建设办"}},
		{incident.Sign, incident.Fields{Unit: "建设办", Proxy: call}},
		{incident.Feedback, incident.Fields{Unit: "建设办", Result: "settled", Text: longText, Photos: 1, Contacted: true, Proxy: call}},
		{incident.Verify, incident.Fields{Pass: true, Text: longText}},
	} {
		s.do("op1", step.verb, id, step.f)
		if step.verb == stop {
			return id
		}
	}
	s.t.Fatalf("no way to %s", stop)
	return id
}

// gives brings everything that another desk lacks across.
func (s *seat) gives(to *seat) {
	s.t.Helper()
	heads, err := s.Link().Heads()
	if err != nil {
		s.t.Fatal(err)
	}
	in := room.Incoming{Feed: "f", Cursor: []byte{1}}
	for _, h := range heads {
		if h.Origin == to.Link().Origin() {
			continue
		}
		run, err := s.Link().Range(h.Origin, 0, h.Seq, 1<<30)
		if err != nil {
			s.t.Fatal(err)
		}
		in.Runs = append(in.Runs, run)
	}
	in.Runs = slices.DeleteFunc(in.Runs, func(r journal.Run) bool { return len(r.Entries) == 0 })
	if _, err := to.Link().Take(s.t.Context(), in); err != nil {
		s.t.Fatal(err)
	}
	keys, _, err := s.Link().Keys(0, 1<<20)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := to.Link().TakeKeys(s.t.Context(), keys); err != nil {
		s.t.Fatal(err)
	}
}

// meeting is one rule: what both desks do apart, and what the pane must say of either side.
type meeting struct {
	rule        string
	from        incident.Verb
	prep        func(a *seat, id incident.IncidentID) (other incident.IncidentID)
	left, right func(s *seat, id, other incident.IncidentID)
	county      bool
	says        [2]string // of the left and the right side, in Chinese
}

func meetings() []meeting {
	due := func(text string) incident.Fields {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			panic(err)
		}
		return incident.Fields{
			Reason: "EX01", AskedBy: "un_jsb", AskedAt: incident.StampOf(time.Date(2026, 9, 1, 0, 0, 30, 0, incident.Local)), DueNew: incident.StampOf(at), ApprovedBy: "tl1", UpstreamOK: true,
		}
	}
	one := func(by incident.Login, verb incident.Verb, f incident.Fields) func(*seat, incident.IncidentID, incident.IncidentID) {
		return func(s *seat, id, _ incident.IncidentID) { s.do(by, verb, id, f) }
	}
	merge := func(s *seat, by incident.Login, id, into incident.IncidentID) {
		s.do(by, incident.Merge, id, incident.Fields{Other: into, ProposedBy: "op1", Reason: "同一事项"})
	}
	into := func(s *seat, id, other incident.IncidentID) { merge(s, "sl1", id, other) }
	twin := func(a *seat, _ incident.IncidentID) incident.IncidentID { return a.way(incident.Accept) }
	satisfied := one("op1", incident.Callback, incident.Fields{Answer: "satisfied"})
	return []meeting{
		{
			rule: "double_dispatch", from: incident.Accept, says: [2]string{"建设办", "执法队"},
			left: one("op1", incident.Dispatch, incident.Fields{Lead: "建设办"}), right: one("op2", incident.Dispatch, incident.Fields{Lead: "执法队"}),
		},
		{
			rule: "same_dispatch", from: incident.Accept, says: [2]string{"建设办", "建设办"},
			left: one("op1", incident.Dispatch, incident.Fields{Lead: "建设办"}), right: one("op2", incident.Dispatch, incident.Fields{Lead: "建设办"}),
		},
		{
			rule: "closed_while_active", from: incident.Verify, says: [2]string{"满意", "为何未清"},
			left: satisfied, right: one("op2", incident.Note, incident.Fields{Text: "来电", Question: "为何未清"}),
		},
		{
			rule: "closed_and_reopened", from: incident.Verify, says: [2]string{"满意", longText},
			left: satisfied, right: one("sl1", incident.Reopen, incident.Fields{Reason: "RO04", Text: longText}),
		},
		{
			rule: "two_results", from: incident.Verify, says: [2]string{"满意", "拒"},
			left: satisfied, right: one("op2", incident.Callback, incident.Fields{Answer: "refused"}),
		},
		{
			rule: "two_owners", from: incident.Sign, county: true, says: [2]string{"由你镇办理", "由乙镇办理"},
			prep: func(a *seat, id incident.IncidentID) incident.IncidentID {
				a.do("rd", incident.Escalate, id, incident.Fields{Reason: "UP02", Draft: longText})
				return id
			},
			left:  one("op1", incident.CountyReturn, incident.Fields{Opinion: "由你镇办理", ByPhone: true}),
			right: one("cc", incident.CountyReturn, incident.Fields{Opinion: "由乙镇办理", Whom: "330825102"}),
		},
		{
			rule: "merge_cycle", from: incident.Accept, prep: twin, left: into, says: [2]string{"事项", "事项"},
			right: func(s *seat, id, other incident.IncidentID) { merge(s, "sl2", other, id) },
		},
		{
			rule: "merged_while_active", from: incident.Accept, prep: twin, left: into, says: [2]string{"事项", "建设办"},
			right: one("op2", incident.Dispatch, incident.Fields{Lead: "建设办"}),
		},
		{
			rule: "split_while_merging", from: incident.Accept, says: [2]string{"事项", longText},
			prep: func(a *seat, id incident.IncidentID) incident.IncidentID {
				merge(a, "sl1", id, twin(a, id))
				return a.way(incident.Accept)
			},
			left: func(s *seat, id, other incident.IncidentID) {
				s.do("sl1", incident.Split, id, incident.Fields{Reason: longText})
				merge(s, "sl1", id, other)
			},
			right: one("sl2", incident.Split, incident.Fields{Reason: longText}),
		},
		{
			rule: "two_values", from: incident.Accept, says: [2]string{"村道积水", "山洪"},
			left:  one("op1", incident.Edit, incident.Fields{Title: "村道积水", Category: "0206"}),
			right: one("op2", incident.Edit, incident.Fields{Title: "山洪进屋", Category: "0301"}),
		},
		{
			rule: "two_deadlines", from: incident.Sign, says: [2]string{"09-03 10:00", "09-03 12:00"},
			left: one("rd", incident.Extend, due("2026-09-03T10:00:00+08:00")), right: one("rd", incident.Extend, due("2026-09-03T12:00:00+08:00")),
		},
		{
			rule: "withdrawn_while_active", from: incident.Respond, says: [2]string{longText, "受理"},
			left:  one("sl1", incident.Refuse, incident.Fields{Reason: "NR01", Text: longText, ReturnedToSource: true}),
			right: one("op2", incident.Accept, incident.Fields{}),
		},
	}
}

// raw is what no person should read: a catalogue key, an ID, a bare code of a category or reason. A township without a name in the catalogue
// has its division code.
var raw = regexp.MustCompile(`[a-z]+[._][a-z]+|[0-9a-f]{16}|\b[A-Z]{2}\d\d\b|(?m)^\d{4}$`)

// Every rule of the table is told with both sides in words, in both languages at both desks, and each choice is taken by its key.
func TestRules_EachShowsBothSidesInWordsAndTakesEachChoice(t *testing.T) {
	const most = 3 // choices
	env, h := newEnv(t)
	english := *env
	english.Text = words(t, "en")
	for _, county := range []bool{false, true} {
		var clock atomic.Int64
		clock.Store(int64(incident.StampOf(time.Date(2026, 9, 1, 0, 0, 0, 0, incident.Local))))
		a, b := newSeat(t, &clock, 1, false), newSeat(t, &clock, 2, county)
		var rules []meeting
		for _, m := range meetings() {
			if m.county == county {
				rules = append(rules, m)
			}
		}
		ids, others := make([][most]incident.IncidentID, len(rules)), make([][most]incident.IncidentID, len(rules))
		for i, m := range rules {
			for n := range most {
				id := a.way(m.from)
				if ids[i][n], others[i][n] = id, id; m.prep != nil {
					others[i][n] = m.prep(a, id)
				}
			}
		}
		a.gives(b)
		clock.Add(60_000)
		for i, m := range rules {
			for n := range most {
				m.left(a, ids[i][n], others[i][n])
			}
		}
		clock.Add(1000)
		for i, m := range rules {
			for n := range most {
				m.right(b, ids[i][n], others[i][n])
			}
		}
		a.gives(b)
		b.gives(a)
		for i, m := range rules {
			t.Run(m.rule, func(t *testing.T) {
				for _, s := range []*seat{a, b} {
					told(t, s, ids[i][0], m, env, &english)
				}
				for n := range most {
					s := []*seat{a, b}[n%2]
					settles(t, s, ids[i][n], n, county && s == b, env, h)
				}
			})
		}
	}
}

// told looks at what is shown of a conflict.
func told(t *testing.T, s *seat, id incident.IncidentID, m meeting, envs ...*kit.Env) {
	t.Helper()
	d, err := s.Detail(id, "sl1")
	if err != nil || len(d.Clashes) != 1 || d.Clashes[0].Rule != m.rule {
		t.Fatalf("%d conflicts %+v, error %v", len(d.Clashes), d.State.Conflicts, err)
	}
	c := d.Clashes[0]
	for _, env := range envs {
		lang := env.Text.Lang()
		left, right := c.A, c.B
		if left.Seat != "指挥室1" {
			left, right = right, left
		}
		for i, pair := range [][2]room.Side{{left, right}, {right, left}} {
			shown := texts(card(env, "county.side_a", c, pair[0], pair[1], nil))
			if bad := raw.FindString(shown); bad != "" {
				t.Errorf("%s: %q in %q", lang, bad, shown)
			}
			if lang == "zh-Hans" && !strings.Contains(shown, m.says[i]) {
				t.Errorf("side %d lacks %q: %q", i+1, m.says[i], shown)
			}
			if !strings.Contains(shown, pair[0].Seat) || !strings.Contains(shown, string(pair[0].Login)) || len(SideLines(env.Text, c, pair[0], pair[1])) == 0 && pair[0].Kind != incident.KindAccepted {
				t.Errorf("%s: side %d doesn't say who or what: %q", lang, i+1, shown)
			}
		}
		all := texts(Head(env, c, d.Row)) + "\n" + Until(env.Text, c)
		for _, choice := range c.Choices {
			all += "\n" + env.T(choice)
		}
		if bad := raw.FindString(all); bad != "" || !strings.Contains(all, d.Row.ShortNo) {
			t.Errorf("%s: %q in %q", lang, bad, all)
		}
	}
}

// settles settles the conflict of an incident in the pane by the key of its nth choice; where there are fewer, nothing happens.
func settles(t *testing.T, s *seat, id incident.IncidentID, n int, county bool, env *kit.Env, h *host) {
	t.Helper()
	by := incident.Login("sl1")
	if county {
		by = "cc"
	}
	read := func() ([]room.Detail, error) {
		d, err := s.Detail(id, by)
		return []room.Detail{d}, err
	}
	had, err := read()
	if err != nil {
		t.Fatal(err)
	}
	choices := had[0].Clashes[0].Choices
	pane := OpenSettle(SettleParams{
		Env: env, Work: env.Work, Words: func(err error) string { return err.Error() }, Read: read,
		Settle: func(id incident.IncidentID, conflict, choice, text string, done func(error)) {
			s.clock.Add(1)
			_, err := s.Do(t.Context(), incident.Act{By: by, Do: incident.Settle, ID: id, Fields: incident.Fields{Conflict: conflict, Choice: choice, Text: text}})
			done(err)
		},
		Edit: func(id incident.IncidentID) {
			s.do(by, incident.Edit, id, incident.Fields{Title: "两处都积水", Category: "0603"})
		},
	})
	h.press(env, kit.Stroke{Rune: rune('1' + n)})
	if pane.third != nil {
		pane.third.SetText("以第二次通话为准")
		h.press(env, kit.Stroke{Key: fyne.KeyReturn, Mod: fyne.KeyModifierShortcutDefault})
	}
	for len(h.dialogs) > 0 {
		h.dialogs[0].Close()
	}
	left, err := read()
	if err != nil {
		t.Fatal(err)
	}
	if want := n >= len(choices); (len(left[0].Clashes) > 0) != want {
		t.Errorf("choice %d of %v: still to settle %v, told %q", n+1, choices, !want, pane.fault.Text())
	}
}
