package room

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/lists"
)

// words gives lists the texts of the window's language.
type words func(key string, args ...any) string

// T returns the text of a catalogue key.
func (w words) T(key string, args ...any) string { return w(key, args...) }

// Placements returns where every incident that was open in the period of a list, or settled in it, stands at the period's end, or now if that
// is not over; for a monthly list also those that ended before with a re-check still to make. A cancelled context ends it.
func (r *Room) Placements(ctx context.Context, list incident.List, day incident.Day) ([]lists.Placement, error) {
	_, end, err := lists.Period(list, day)
	if err != nil {
		return nil, err
	}
	return r.placements(ctx, list, day, sight{asOf: min(end, r.Now()), rules: r.rules.Load()})
}

// placements is Placements from what is in sight.
func (r *Room) placements(ctx context.Context, list incident.List, day incident.Day, view sight) ([]lists.Placement, error) {
	from, end, err := lists.Period(list, day)
	if err != nil {
		return nil, err
	}
	follow := lists.Follow
	if list == incident.ListJoint {
		follow = lists.FollowWeek
	}
	all := r.board.Snapshot(board.Filter{Ended: true})
	var out []lists.Placement
	for i := range all.Len() {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("%s list of %s: %w", list, day, err)
		}
		Progress(ctx, i, all.Len())
		row := all.Row(i)
		if row.ReceivedAt >= end || list != incident.ListMonthly && row.ClosedAt != 0 && row.ClosedAt < from {
			continue
		}
		f, err := r.file(row.ID)
		if err != nil {
			return nil, fmt.Errorf("%s list of %s: %w", list, day, err)
		}
		entries := view.of(f.entries)
		if len(entries) == 0 {
			continue
		}
		p, err := follow(trackOf(entries), view.rules, day, view.asOf)
		if err != nil {
			return nil, fmt.Errorf("%s list of %s: incident %s: %w", list, day, row.No, err)
		}
		if p.List != "" {
			out = append(out, p)
		}
	}
	return out, nil
}

// listNow returns the list of Detail, and how many lists the incident stood on before.
func (r *Room) listNow(f *file, rules *Rules, now incident.Stamp) (incident.List, lists.Earlier) {
	st := &f.state
	track := trackOf(f.entries)
	p, err := lists.Follow(track, rules, incident.DayOf(now), now+1)
	if err == nil && p.List == "" && (st.Status == incident.Verified || st.Status == incident.Closed) {
		p, err = lists.Follow(track, rules, incident.DayOf(st.VerifiedAt), 0)
	}
	if err != nil {
		r.log.WithField("incident", st.No).WithField("error", err.Error()).Error("place on the lists")
		return "", lists.Earlier{}
	}
	switch st.Status {
	case incident.Received, incident.InfoNeeded, incident.Accepted:
		if st.ListMoved == "" {
			row, _ := rules.Category(st.Category, st.ReceivedAt)
			p.List = row.List
		}
	}
	return p.List, p.Earlier
}

// trackOf follows an incident along its days. On most days nothing happens, and the state of the day before is that of the day.
func trackOf(entries []incident.Entry) lists.Track {
	var (
		st     incident.State
		folded = -1
	)
	return lists.Track{StateAt: func(at incident.Stamp) incident.State {
		past := incident.AsOf(entries, at)
		if len(past) != folded {
			st, folded = incident.Fold(past), len(past)
		}
		return st
	}}
}

// ListSheet returns a list as it would be written now, for the screen.
func (r *Room) ListSheet(ctx context.Context, list incident.List, day incident.Day) (lists.Sheet, error) {
	build, err := r.listBuilder(ctx, list, day)
	if err != nil {
		return lists.Sheet{}, err
	}
	return build(1)
}

// listBuilder places all incidents once; the answer makes any version of the sheet from that.
func (r *Room) listBuilder(ctx context.Context, list incident.List, day incident.Day) (func(version int) (lists.Sheet, error), error) {
	placements, err := r.Placements(ctx, list, day)
	if err != nil {
		return nil, err
	}
	rules, now := r.rules.Load(), r.Now()
	return func(version int) (lists.Sheet, error) {
		return lists.Make(lists.Params{
			Town: rules.Town(), Rules: rules, Words: words(r.cfg.Text), List: list, Day: day, MadeAt: now, Version: version, Placements: placements,
		})
	}, nil
}

// ExportList writes a list as a workbook and returns the file. Out is a folder, in which the list gets its usual name and next version, or a file;
// one that is there already is kept and the next version written beside it.
func (r *Room) ExportList(ctx context.Context, list incident.List, day incident.Day, out string) (string, error) {
	build, err := r.listBuilder(ctx, list, day)
	if err != nil {
		return "", err
	}
	rules := r.rules.Load()
	if info, err := os.Stat(out); err == nil && info.IsDir() {
		return lists.Save(out, lists.FileName(rules.Town(), words(r.cfg.Text), list, day), build)
	}
	return saveSheet(out, build)
}

// paper is what can be written as a workbook.
type paper interface{ Write(w io.Writer) error }

// saveSheet writes a list or slip to a file that must not be there, trying name, name_v2, name_v3 ...
func saveSheet[P paper](name string, build func(version int) (P, error)) (string, error) {
	ext := filepath.Ext(name)
	for version := 1; ; version++ {
		file := name
		if version > 1 {
			file = strings.TrimSuffix(name, ext) + "_v" + strconv.Itoa(version) + ext
		}
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("write list: %w", err)
		}
		sheet, err := build(version)
		if err == nil {
			err = sheet.Write(f)
		}
		if err == nil {
			err = f.Sync()
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return "", errors.Join(fmt.Errorf("write list %s: %w", file, err), os.Remove(file))
		}
		return file, nil
	}
}
