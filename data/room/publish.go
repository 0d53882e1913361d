package room

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"zw110/assets"
	"zw110/data/incident"
	"zw110/data/lists"
	"zw110/data/store"
)

// Issue is a published version of a list, and who published it where.
type Issue struct {
	lists.Issue
	Author
	// Twice: two desks that did not know of each other gave the same version.
	Twice bool
}

// Unlike says that the journal no longer gives what an issue said, and which rows differ.
type Unlike struct {
	Issue lists.Issue
	Rows  []lists.RowChange
}

// Error names the issue.
func (e *Unlike) Error() string {
	return fmt.Sprintf("%s list of %s, version %d: %d rows are not what was published", e.Issue.List, e.Issue.Period, e.Issue.Version, len(e.Rows))
}

// publishTries is how often an issue is prepared beside the committer; if somebody wrote each time, the last is prepared on it.
const publishTries = 3

// errMoved says that something was written while an issue was prepared.
var errMoved = errors.New("something was written meanwhile")

// MayPublish returns nil when a login may publish a list: the director any, a shift leader all but the monthly one.
func (r *Room) MayPublish(by incident.Login, list incident.List) error {
	actor, known := r.rules.Load().Person(by)
	switch {
	case !known:
		return refusal("publish", "actor", string(by))
	case actor.Role == incident.RoleDirector, actor.Role == incident.RoleShift && list != incident.ListMonthly:
		return nil
	}
	return refusal("publish", "publish_role")
}

// PublishList freezes a list as it is now as the next version of its period and journals that: hash and row digests, and from which entries it was
// made. It is refused when nothing has changed since the last version, and without a reason from the second on.
func (r *Room) PublishList(ctx context.Context, by incident.Login, list incident.List, day incident.Day, reason string) (Issue, error) {
	if err := r.MayPublish(by, list); err != nil {
		return Issue{}, err
	}
	reason = strings.TrimSpace(reason)
	var issue lists.Issue
	for try := 1; ; try++ {
		j := &job{by: by, written: func() { r.feed.send(Change{Lists: true}) }}
		var heads []store.Head
		prepare := func() (err error) {
			if heads, err = r.store.Heads(); err != nil {
				return fmt.Errorf("publish: %w", err)
			}
			issue, err = r.draftIssue(ctx, list, day, reason, heads)
			if err == nil {
				j.desk, err = r.issueFacts(&issue, by)
			}
			return err
		}
		j.check = prepare
		if try < publishTries {
			if err := prepare(); err != nil {
				return Issue{}, err
			}
			j.check = func() error { return r.unmoved(heads) }
		}
		err := r.submit(ctx, j, nil)
		if errors.Is(err, errMoved) {
			continue
		}
		if err != nil {
			return Issue{}, err
		}
		actor, _ := r.rules.Load().Person(by)
		return Issue{Issue: issue, Author: Author{Login: by, Role: actor.Role, Seat: r.seats.ownName(), At: issue.At, Own: true}}, nil
	}
}

// unmoved returns errMoved when entries came since the heads were read.
func (r *Room) unmoved(heads []store.Head) error {
	now, err := r.store.Heads()
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if !slices.EqualFunc(heads, now, func(a, b store.Head) bool { return a.Origin == b.Origin && a.Seq == b.Seq }) {
		return errMoved
	}
	return nil
}

// draftIssue makes the next issue of a list from the entries up to heads.
func (r *Room) draftIssue(ctx context.Context, list incident.List, day incident.Day, reason string, heads []store.Head) (lists.Issue, error) {
	from, end, err := lists.Period(list, day)
	if err != nil {
		return lists.Issue{}, err
	}
	now := r.Now()
	if from > now {
		return lists.Issue{}, refusal("publish", "publish_early")
	}
	earlier, err := r.Issues(list, day)
	if err != nil {
		return lists.Issue{}, err
	}
	i := lists.Issue{List: list, Day: day, Version: 1, At: now, AsOf: min(end, now), Reason: reason, Lang: r.lang(), Known: map[incident.Origin]uint64{}}
	if i.Period, err = lists.PeriodName(list, day); err != nil {
		return lists.Issue{}, err
	}
	for _, h := range heads {
		i.Known[h.Origin] = h.Seq
	}
	for _, e := range earlier {
		i.Version = max(i.Version, e.Version+1)
	}
	if len(earlier) > 0 && reason == "" {
		return lists.Issue{}, refusal("publish", "publish_reason", fmt.Sprint(i.Version))
	}
	s, err := r.issueSheet(ctx, &i, r.rules.Load(), nil)
	if err != nil {
		return lists.Issue{}, err
	}
	if i.Hash, i.Check = s.Hash(), s.Check(); len(earlier) > 0 && earlier[len(earlier)-1].Hash == i.Hash {
		return lists.Issue{}, refusal("publish", "publish_same", fmt.Sprint(i.Version-1))
	}
	i.Rows = lists.IssuedRows(s)
	return i, nil
}

// issueFacts puts an issue into the form of the journal.
func (r *Room) issueFacts(i *lists.Issue, by incident.Login) ([]incident.Fact, error) {
	values, err := i.Encode()
	if err != nil {
		return nil, err
	}
	actor, _ := r.rules.Load().Person(by)
	facts := make([]incident.Fact, len(values))
	for n, v := range values {
		facts[n] = incident.Fact{Kind: incident.KindListPublished, At: i.At, ActorRole: actor.Role, Fields: incident.Fields{List: i.List, Value: v}}
	}
	return facts, nil
}

// issueSheet makes the sheet of an issue. With known, only from entries up to there, and what else it was made from is added to the issue's.
func (r *Room) issueSheet(ctx context.Context, i *lists.Issue, rules *Rules, known map[incident.Origin]uint64) (lists.Sheet, error) {
	text, err := assets.LoadCatalogue(i.Lang)
	if err != nil {
		return lists.Sheet{}, fmt.Errorf("words of issue %s: %w", i.Period, err)
	}
	view := sight{asOf: i.AsOf, rules: rules, known: known}
	if known == nil {
		view.used = i.Known
	}
	placements, err := r.placements(ctx, i.List, i.Day, view)
	if err != nil {
		return lists.Sheet{}, err
	}
	return lists.Make(lists.Params{
		Town: rules.Town(), Rules: rules, Words: text, List: i.List, Day: i.Day, MadeAt: i.At, Version: i.Version, Issued: true, Placements: placements,
	})
}

// lang is the language of the window, by its words.
func (r *Room) lang() string {
	const sample = "lists.sheet.daily"
	for _, lang := range assets.Languages {
		if c, err := assets.LoadCatalogue(lang); err == nil && c.T(sample) == r.cfg.Text(sample) {
			return lang
		}
	}
	return assets.Languages[0]
}

// Issues returns the published versions of a list's period, oldest first.
func (r *Room) Issues(list incident.List, day incident.Day) ([]Issue, error) {
	period, err := lists.PeriodName(list, day)
	if err != nil {
		return nil, err
	}
	entries, err := r.store.DeskEntries()
	if err != nil {
		return nil, fmt.Errorf("read the issues of %s: %w", period, err)
	}
	scope := r.rules.Load().Scope()
	values, first := map[string][][]byte{}, map[string]*incident.Entry{}
	for n := range entries {
		e := &entries[n]
		if e.Kind != incident.KindListPublished || e.Fact == nil || e.Scope != scope || e.Fact.List != list {
			continue
		}
		name, ok := lists.IssuePart(e.Fact.Value)
		if !ok {
			r.log.WithField("entry", fmt.Sprintf("%x", e.ID[:4])).Error("read an issue")
			continue
		}
		name += string(e.Origin[:])
		values[name] = append(values[name], e.Fact.Value)
		if first[name] == nil {
			first[name] = e
		}
	}
	var out []Issue
	for name, parts := range values {
		i, err := lists.DecodeIssue(parts)
		if err != nil {
			r.log.WithField("entry", fmt.Sprintf("%x", first[name].ID[:4])).WithField("error", err.Error()).Error("read an issue")
			continue
		}
		if i.Period == period {
			out = append(out, Issue{Issue: i, Author: r.author(first[name])})
		}
	}
	slices.SortFunc(out, func(a, b Issue) int {
		return cmp.Or(a.Version-b.Version, cmp.Compare(a.Issue.At, b.Issue.At), strings.Compare(a.Check, b.Check))
	})
	for n := 1; n < len(out); n++ {
		if out[n].Version == out[n-1].Version {
			out[n].Twice, out[n-1].Twice = true, true
		}
	}
	return out, nil
}

// IssueSheet returns an issue as it stood when it was published, made again from the entries and settings known then. An *Unlike error when that is
// not what its hash says: entries were erased, or a later version of the program words things otherwise.
func (r *Room) IssueSheet(ctx context.Context, i Issue) (lists.Sheet, error) {
	rules, err := r.rulesFrom(i.Known)
	if err != nil {
		return lists.Sheet{}, err
	}
	s, err := r.issueSheet(ctx, &i.Issue, rules, i.Known)
	if err != nil {
		return lists.Sheet{}, err
	}
	if s.Hash() != i.Hash {
		return lists.Sheet{}, &Unlike{i.Issue, lists.DiffRows(i.Rows, lists.IssuedRows(s))}
	}
	return s, nil
}

// ExportIssue writes an issue as a workbook, the same bytes each time, and returns the file. Out is a folder, in which it gets its usual name, or a file.
// What is there already is kept: if it is the issue nothing is written, else the next free name is taken.
func (r *Room) ExportIssue(ctx context.Context, i Issue, out string) (string, error) {
	s, err := r.IssueSheet(ctx, i)
	if err != nil {
		return "", err
	}
	var buf bytes.Buffer
	if err := s.Write(&buf); err != nil {
		return "", err
	}
	if info, err := os.Stat(out); err == nil && info.IsDir() {
		w := words(r.cfg.Text)
		out = filepath.Join(out, lists.FileName(r.rules.Load().Town(), w, i.List, i.Day)+"_"+w.T("lists.file.issued", i.Version)+".xlsx")
	}
	if old, err := os.ReadFile(out); err == nil && bytes.Equal(old, buf.Bytes()) {
		return out, nil
	}
	return saveSheet(out, func(int) (written, error) { return buf.Bytes(), nil })
}

// written is a workbook that is made already.
type written []byte

// Write writes it out.
func (b written) Write(w io.Writer) error {
	_, err := w.Write(b)
	return err
}

// sight is from which entries and by which rules a list is made.
type sight struct {
	asOf  incident.Stamp
	rules *Rules
	known map[incident.Origin]uint64 // the last entry of each origin; nil: all
	used  map[incident.Origin]uint64 // is told what was read, when not nil
}

// of returns the entries that are in sight.
func (s *sight) of(entries []incident.Entry) []incident.Entry {
	for i := range entries {
		if e := &entries[i]; s.used != nil {
			s.used[e.Origin] = max(s.used[e.Origin], e.Seq)
		}
	}
	return inSight(entries, s.known)
}

// inSight returns the entries up to known; all of them for nil.
func inSight(entries []incident.Entry, known map[incident.Origin]uint64) []incident.Entry {
	if known == nil {
		return entries
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e incident.Entry) bool { return e.Seq > known[e.Origin] })
}
