package room

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"zw110/data/incident"
	"zw110/data/lists"
)

// ClearExport asks for a list that names its reporters in clear text. The director approves it: by the PIN given at this desk, or by telephone, of
// which Vouched is the record.
type ClearExport struct {
	List     incident.List
	Day      incident.Day
	By       incident.Login
	Approver incident.Login
	PIN      string
	Vouched  *incident.Proxy
	Reason   string
	Out      string // folder or file
}

// ClearEntry tells of a list that left in clear text.
type ClearEntry struct {
	List     incident.List
	Day      incident.Day
	Approver incident.Login
	Vouched  *incident.Proxy
	Reason   string
	Rows     int
	Check    string
	Author   // who exported it, where and when
}

// clearValue is the value of such an entry in the journal, as JSON.
type clearValue struct {
	Day   incident.Day `json:"day"`
	Rows  int          `json:"rows"`
	Check string       `json:"check"`
}

// ExportClear writes a list in clear text and returns the file. It is journalled before the file is written: who, approved by whom, why, how many
// rows. Informants and people in need of protection stay masked, and no ID number is shown.
func (r *Room) ExportClear(ctx context.Context, want ClearExport) (string, error) {
	by, err := r.mayExportClear(ctx, want)
	if err != nil {
		return "", err
	}
	placements, err := r.Placements(ctx, want.List, want.Day)
	if err != nil {
		return "", err
	}
	rules, now, w := r.rules.Load(), r.Now(), words(r.cfg.Text)
	mark := w.T("lists.clear.mark", r.called(by.Login), r.called(want.Approver), stamped(now))
	s, err := lists.Make(lists.Params{
		Town: rules.Town(), Rules: rules, Words: w, List: want.List, Day: want.Day, MadeAt: now, Version: 1, Clear: mark, Placements: placements,
	})
	if err != nil {
		return "", err
	}
	value, err := json.Marshal(clearValue{want.Day, len(s.Rows), s.Check()})
	if err != nil {
		return "", fmt.Errorf("export in clear text: %w", err)
	}
	fact := incident.Fact{Kind: incident.KindListUnsealed, At: now, ActorRole: by.Role, Fields: incident.Fields{
		List: want.List, Text: strings.TrimSpace(want.Reason), ApprovedBy: want.Approver, Vouched: want.Vouched, Value: value,
	}}
	j := &job{desk: []incident.Fact{fact}, by: by.Login, written: func() { r.feed.send(Change{Lists: true}) }}
	if err := r.submit(ctx, j, nil); err != nil {
		return "", err
	}
	out := want.Out
	if info, err := os.Stat(out); err == nil && info.IsDir() {
		out = filepath.Join(out, lists.FileName(rules.Town(), w, want.List, want.Day)+"_"+w.T("lists.file.clear")+".xlsx")
	}
	return saveSheet(out, func(int) (lists.Sheet, error) { return s, nil })
}

// mayExportClear checks who wants it, why, and the director's word. A PIN that is given is tried, and the try journalled, as at signing in.
func (r *Room) mayExportClear(ctx context.Context, want ClearExport) (incident.Actor, error) {
	rules := r.rules.Load()
	by, known := rules.Person(want.By)
	if !known {
		return by, refusal("clear", "actor", string(want.By))
	}
	if !slices.Contains([]incident.Role{incident.RoleOperator, incident.RoleShift, incident.RoleDirector}, by.Role) {
		return by, refusal("clear", "clear_role")
	}
	if strings.TrimSpace(want.Reason) == "" {
		return by, refusal("clear", "clear_reason")
	}
	if approver, known := rules.Person(want.Approver); !known || approver.Role != incident.RoleDirector {
		return by, refusal("clear", "clear_approver", string(want.Approver))
	}
	if v := want.Vouched; v != nil && v.Name != "" && v.Number != "" && v.Time != 0 {
		return by, nil
	}
	if _, err := r.SignIn(ctx, want.Approver, want.PIN); err != nil {
		return by, err
	}
	return by, nil
}

// called is a login's name, or the login of somebody without one.
func (r *Room) called(login incident.Login) string {
	if name := r.rules.Load().nameOf(login); name != "" {
		return name
	}
	return string(login)
}

// ClearExports returns which lists of a period left in clear text, oldest first.
func (r *Room) ClearExports(list incident.List, day incident.Day) ([]ClearEntry, error) {
	period, err := lists.PeriodName(list, day)
	if err != nil {
		return nil, err
	}
	entries, err := r.store.DeskEntries()
	if err != nil {
		return nil, fmt.Errorf("read the exports of %s: %w", period, err)
	}
	scope := r.rules.Load().Scope()
	var out []ClearEntry
	for n := range entries {
		e := &entries[n]
		if e.Kind != incident.KindListUnsealed || e.Fact == nil || e.Scope != scope || e.Fact.List != list {
			continue
		}
		var v clearValue
		if err := json.Unmarshal(e.Fact.Value, &v); err != nil {
			r.log.WithField("entry", fmt.Sprintf("%x", e.ID[:4])).WithField("error", err.Error()).Error("read an export in clear text")
			continue
		}
		if p, err := lists.PeriodName(list, v.Day); err == nil && p == period {
			out = append(out, ClearEntry{
				List: list, Day: v.Day, Approver: e.Fact.ApprovedBy, Vouched: e.Fact.Vouched, Reason: e.Fact.Text, Rows: v.Rows, Check: v.Check, Author: r.author(e),
			})
		}
	}
	slices.SortStableFunc(out, func(a, b ClearEntry) int { return int(a.At - b.At) })
	return out, nil
}
