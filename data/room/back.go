package room

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/data/lists"
)

// BackVerdict says what becomes of a change in a list that came back.
type BackVerdict string

// The verdicts.
const (
	BackChange   BackVerdict = "change"   // it can be entered
	BackSame     BackVerdict = "same"     // the store says so already
	BackConflict BackVerdict = "conflict" // the store says something else by now; entering it needs a person's decision
	BackRefused  BackVerdict = "refused"  // the rules refuse it
)

// BackItem is one change beside what the store says now.
type BackItem struct {
	lists.Change
	Now     string
	Verdict BackVerdict
	// Conflict: the store says something else by now; also of a change that the rules refuse.
	Conflict bool
	Why      error // of a refusal, with its catalogue key
	act      incident.Act
}

// Returned is a list that came back: what lists.ReadBack found, and each change's verdict.
type Returned struct {
	lists.Back
	File  string // its name, as the entries will tell
	Items []BackItem
}

// ReadBack reads an edited list. Nothing is written. Editor is the person who filled it in, as the entries will tell; empty takes whom the
// workbook names. An *intake.Problem refuses the file whole.
func (r *Room) ReadBack(file string, content []byte, by incident.Login, editor string) (Returned, error) {
	words, err := everyWords()
	if err != nil {
		return Returned{}, err
	}
	back, err := lists.ReadBack(content, words...)
	if err != nil {
		return Returned{}, err
	}
	rules := r.rules.Load()
	if town := rules.Scope(); back.Town != town {
		return Returned{}, &intake.Problem{Code: "lists.back.err.other_town", Detail: fmt.Sprint(back.Town)}
	}
	if editor = strings.TrimSpace(editor); editor != "" {
		back.Editor = editor
	}
	if back.Editor == "" && len(back.Changes) > 0 {
		return Returned{}, &intake.Problem{Code: "lists.back.err.no_editor"}
	}
	out := Returned{Back: back, File: file}
	for _, c := range back.Changes {
		it, err := r.backItem(c, back, file, by, rules)
		if errors.Is(err, ErrNotFound) {
			out.Loose = append(out.Loose, lists.Loose{Place: c.Place, Key: "lists.back.loose.unknown", Args: []string{c.Row.No, c.Is}})
			continue
		}
		if err != nil {
			return Returned{}, err
		}
		out.Items = append(out.Items, it)
	}
	return out, nil
}

func (r *Room) backItem(c lists.Change, back lists.Back, file string, by incident.Login, rules *Rules) (BackItem, error) {
	id, err := r.ByNo(c.Row.No)
	if err != nil {
		return BackItem{}, err
	}
	f, err := r.file(id)
	if err != nil {
		return BackItem{}, err
	}
	st := f.state
	it := BackItem{Change: c, Verdict: BackChange, Now: lists.Present(st, words(r.cfg.Text), c.Column, c.UnitOf())}
	act := incident.Act{By: by, ID: id, Do: incident.Note, Fields: incident.Fields{
		Text: c.Is, Basis: r.text("room.back.basis", []string{file, c.Place, back.Editor}),
	}}
	if lists.Work(c.Column) {
		act.Do = incident.Progress
		act.Unit, act.Text = speaker(&st, c)
	} else {
		act.Whom, act.Tags = string(c.UnitOf()), []string{lists.NoteTag(c.Column)}
	}
	it.act = act
	switch {
	case it.Now == c.Is || it.Now == intake.MaskFor(c.Is, st.Reporter):
		it.Verdict = BackSame
		return it, nil
	case it.Now != c.Was && lists.Spoken(st, c.Column, c.UnitOf()):
		it.Verdict, it.Conflict = BackConflict, true
	}
	try := act
	try.At = r.Now()
	actor, known := rules.Person(by)
	if !known {
		return it, refusal(act.Do, "actor", string(by))
	}
	try.Actor = actor
	if _, err := incident.Decide(&st, &try, incident.Env{Rules: rules, World: world{r}, Now: try.At}); err != nil {
		it.Verdict, it.Why = BackRefused, err
	}
	return it, nil
}

// speaker tells which unit a text about the work is of: the row's, or one of the incident's named before a colon, else the lead.
func speaker(st *incident.State, c lists.Change) (incident.UnitID, string) {
	if u := c.UnitOf(); u != "" {
		return u, c.Is
	}
	name, rest, found := strings.Cut(c.Is, "：")
	if found && strings.TrimSpace(rest) != "" && slices.ContainsFunc(st.Tasks, func(t incident.Task) bool { return t.Live() && string(t.Unit) == name }) {
		return incident.UnitID(name), strings.TrimSpace(rest)
	}
	return st.LeadUnit, c.Is
}

// EnterBack enters items of a list that came back, in one go. The answers are parallel to the items.
func (r *Room) EnterBack(ctx context.Context, items []BackItem) ([]Done, error) {
	acts := make([]incident.Act, len(items))
	for i, it := range items {
		acts[i] = it.act
	}
	return r.DoAll(ctx, acts, nil)
}
