package listpage

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"zw110/data/incident"
	"zw110/data/lists"
	"zw110/data/room"
	"zw110/views/kit"
)

// press is what the page asks of the room about published versions.
type press interface {
	MayPublish(by incident.Login, list incident.List) error
	PublishList(ctx context.Context, by incident.Login, list incident.List, day incident.Day, reason string) (room.Issue, error)
	Issues(list incident.List, day incident.Day) ([]room.Issue, error)
	IssueSheet(ctx context.Context, i room.Issue) (lists.Sheet, error)
	ExportIssue(ctx context.Context, i room.Issue, out string) (string, error)
}

const (
	issueWidth  float32 = 920
	issueHeight float32 = 560
)

// standing says on the page what of the period is published: nothing, a version, a version and rows that moved since; or which version is in view.
func (l *Page) standing(issues []room.Issue, now lists.Sheet) {
	t := l.p.Env.T
	text, token, ground, more := t("listpage.issue.draft"), kit.Urg, kit.Urgbg, ""
	switch n := len(issues); {
	case l.old != nil:
		text, token, ground, more = t("listpage.issue.old", l.old.Version), kit.Onacc, kit.Acc, l.stamp(*l.old)
	case n > 0:
		last := issues[n-1]
		text, token, ground, more = t("listpage.issue.out", last.Version), kit.Ok, kit.Okbg, l.stamp(last)
		if moved := len(lists.DiffRows(last.Rows, lists.IssuedRows(now))); moved > 0 {
			text, token, ground = t("listpage.issue.moved", last.Version, moved), kit.Urg, kit.Urgbg
		}
	}
	l.tag.Set(text, token, ground)
	l.issue.Set(more, kit.T2)
}

// stamp is when a version was published and its check code.
func (l *Page) stamp(i room.Issue) string {
	return l.p.Env.T("listpage.issue.stamp", clockText(i.Issue.At), i.Check)
}

func clockText(at incident.Stamp) string {
	return at.Time().In(incident.Local).Format("01-02 15:04")
}

// about is what a row of a sheet says in its widest column, which tells the matter.
func about(s lists.Sheet, key lists.RowKey) string {
	at, widest := slices.Index(s.Keys, key), 0
	for i, c := range s.Columns {
		if c.Width > s.Columns[widest].Width {
			widest = i
		}
	}
	if at < 0 || widest >= len(s.Rows[at]) {
		return ""
	}
	return s.Rows[at][widest].String()
}

// changeRows writes what moved from one sheet to another.
func (l *Page) changeRows(changes []lists.RowChange, before, now lists.Sheet) [][]lists.Cell {
	t := l.p.Env.T
	out := make([][]lists.Cell, 0, len(changes))
	for _, c := range changes {
		var was, is []string
		for _, cell := range c.Cells {
			name := l.p.Env.Text.Short("lists.col."+cell.Column, cell.Column)
			was, is = append(was, name+"："+cell.Was), append(is, name+"："+cell.Is)
		}
		switch c.Move {
		case lists.RowIn:
			is = []string{about(now, c.Key)}
		case lists.RowOut:
			was = []string{about(before, c.Key)}
		}
		light := map[lists.RowMove]incident.Light{lists.RowIn: incident.Green, lists.RowOut: incident.Grey, lists.RowChanged: incident.Yellow}[c.Move]
		out = append(out, []lists.Cell{
			{Text: strings.TrimSpace(c.Key.No + "\n" + string(c.Key.Unit))},
			{Text: t("listpage.move." + string(c.Move)), Light: light},
			{Text: strings.Join(was, "\n")},
			{Text: strings.Join(is, "\n")},
		})
	}
	return out
}

// moves counts rows in, out and changed.
func moves(changes []lists.RowChange) (in, out, changed int) {
	for _, c := range changes {
		switch c.Move {
		case lists.RowIn:
			in++
		case lists.RowOut:
			out++
		default:
			changed++
		}
	}
	return in, out, changed
}

// publishDialog shows what a new version would say and asks whether to publish it.
type publishDialog struct {
	l       *Page
	next    int
	list    incident.List
	day     incident.Day
	reason  *kit.Entry
	note    *kit.Para
	grid    *grid
	send    *kit.Button
	dialog  *kit.Dialog
	pending bool
}

// publish asks for the next version of the list in view, after comparing it with the last one off the UI goroutine.
func (l *Page) publish() {
	list, day := l.listKind(), l.day
	if err := l.p.Desk.MayPublish(l.p.Who(), list); err != nil {
		l.p.Env.Host.Say(kit.Message{Text: l.p.Words(err), Bad: true})
		return
	}
	l.p.Apart(func() {
		now, err := l.p.Desk.ListSheet(context.Background(), list, day)
		var issues []room.Issue
		if err == nil {
			issues, err = l.p.Desk.Issues(list, day)
		}
		var before lists.Sheet
		var changes []lists.RowChange
		if n := len(issues); err == nil && n > 0 {
			before, changes, err = l.since(issues[n-1], now)
		}
		l.p.Env.Post(func() {
			if err != nil {
				l.p.Env.Host.Say(kit.Message{Text: l.p.Words(err), Bad: true})
				return
			}
			l.openPublish(list, day, now, issues, l.changeRows(changes, before, now), changes)
		})
	})
}

// since is what moved from a version to a sheet; of a version that the journal no longer gives whole, which rows did.
func (l *Page) since(last room.Issue, now lists.Sheet) (lists.Sheet, []lists.RowChange, error) {
	was, err := l.p.Desk.IssueSheet(context.Background(), last)
	var unlike *room.Unlike
	if errors.As(err, &unlike) {
		return lists.Sheet{}, lists.DiffRows(last.Rows, lists.IssuedRows(now)), nil
	}
	if err != nil {
		return lists.Sheet{}, nil, err
	}
	return was, lists.Diff(was, now), nil
}

func (l *Page) openPublish(list incident.List, day incident.Day, now lists.Sheet, issues []room.Issue, rows [][]lists.Cell, changes []lists.RowChange) {
	t := l.p.Env.T
	d := &publishDialog{l: l, next: 1, list: list, day: day, reason: kit.NewEntry(t("listpage.publish.reason_hint")), note: kit.NewPara("", kit.Body, kit.Crit)}
	head := t("listpage.publish.first", t("lists.sheet."+string(list)), periodText(list, day), len(now.Rows))
	params := kit.DialogParams{Name: "publish", Width: 560, OnConfirm: d.enter}
	frozen := kit.NewPara(t("listpage.publish.note"), kit.Small, kit.T2)
	d.note.Hidden = true
	if n := len(issues); n > 0 {
		last := issues[n-1]
		for _, i := range issues {
			d.next = max(d.next, i.Version+1)
		}
		in, out, changed := moves(changes)
		head = t("listpage.publish.next", t("lists.sheet."+string(list)), periodText(list, day), d.next, len(now.Rows), last.Version, clockText(last.Issue.At), in, out, changed)
		d.grid = newGrid([]lists.Column{
			{Head: t("listpage.back.no"), Width: 14},
			{Head: t("listpage.move"), Width: 6, Centre: true},
			{Head: t("listpage.publish.was"), Width: 34},
			{Head: t("listpage.publish.is"), Width: 34},
		}, t("listpage.publish.same"))
		d.grid.set(rows)
		why := kit.HBox(12, kit.NewLabel(t("listpage.publish.reason"), kit.Body, kit.T2), kit.Fixed(d.reason, 480, 0))
		foot := kit.VBox(0, kit.Divider(), kit.Pad(kit.VBox(6, d.note, why, frozen), 8, 24, 8, 24))
		params.Width, params.Height, params.OnKey, params.Focus = issueWidth, issueHeight, d.grid.key, d.reason
		params.Body = kit.Edges(kit.VBox(0, kit.Pad(kit.NewPara(head, kit.Small, kit.T1), 10, 24, 10, 24), kit.Divider()), foot, nil, nil, d.grid.root)
	} else {
		params.Body = kit.Pad(kit.VBox(12, kit.NewPara(head, kit.Body, kit.T1), d.note, frozen), 16, 24, 16, 24)
	}
	d.send = kit.NewButton(kit.Primary, "check", t("listpage.publish.do", d.next), l.p.Env.Keys.Cap(kit.CmdConfirm), d.enter)
	params.Title, params.Actions = t("listpage.publish.title", d.next), []fyne.CanvasObject{d.send}
	d.dialog = kit.NewDialog(l.p.Env, params)
	d.dialog.Open()
}

// enter publishes off the UI goroutine.
func (d *publishDialog) enter() {
	reason := strings.TrimSpace(d.reason.Text())
	switch {
	case d.pending:
		return
	case d.next > 1 && reason == "":
		d.reason.SetBad(true)
		d.reason.Focus()
		d.say(d.l.p.Env.T("listpage.publish.no_reason"))
		return
	}
	d.pending = true
	d.send.Disable()
	by := d.l.p.Who()
	d.l.p.Apart(func() {
		i, err := d.l.p.Desk.PublishList(context.Background(), by, d.list, d.day, reason)
		d.l.p.Env.Post(func() {
			d.pending = false
			d.send.Enable()
			if err != nil {
				d.say(d.l.p.Words(err))
				return
			}
			d.dialog.Close()
			d.l.p.Env.Host.Say(kit.Message{Text: d.l.p.Env.T("listpage.publish.done", i.Version, i.Check)})
			d.l.read()
		})
	})
}

func (d *publishDialog) say(text string) {
	d.note.Hidden = false
	d.note.Set(text, kit.Crit)
	d.dialog.Refresh()
}

// historyDialog lists the published versions of a period, newest first.
type historyDialog struct {
	l      *Page
	issues []room.Issue
	grid   *grid
	dialog *kit.Dialog
}

// history reads the versions of the period in view and shows them.
func (l *Page) history() {
	list, day := l.listKind(), l.day
	l.p.Env.Work(func() {
		issues, err := l.p.Desk.Issues(list, day)
		l.p.Env.Post(func() {
			if err != nil {
				l.p.Env.Host.Say(kit.Message{Text: l.p.Words(err), Bad: true})
				return
			}
			l.openHistory(list, day, issues)
		})
	})
}

func (l *Page) openHistory(list incident.List, day incident.Day, issues []room.Issue) {
	t := l.p.Env.T
	d := &historyDialog{l: l}
	d.grid = newGrid([]lists.Column{
		{Head: t("listpage.history.version"), Width: 8, Centre: true},
		{Head: t("listpage.history.at"), Width: 11, Centre: true},
		{Head: t("listpage.history.who"), Width: 16},
		{Head: t("listpage.history.rows"), Width: 6, Centre: true},
		{Head: t("listpage.history.moved"), Width: 12, Centre: true},
		{Head: t("listpage.history.reason"), Width: 30},
		{Head: t("listpage.history.check"), Width: 11, Centre: true},
	}, t("listpage.history.none"))
	var rows [][]lists.Cell
	for n := len(issues) - 1; n >= 0; n-- {
		i := issues[n]
		moved := ""
		if n > 0 {
			in, out, changed := moves(lists.DiffRows(issues[n-1].Rows, i.Rows))
			moved = t("listpage.history.moves", in, out, changed)
		}
		version := lists.Cell{Text: t("listpage.history.no", i.Version)}
		if i.Twice {
			version = lists.Cell{Text: t("listpage.history.twice", i.Version), Light: incident.Yellow}
		}
		d.issues = append(d.issues, i)
		rows = append(rows, []lists.Cell{
			version,
			{Text: clockText(i.Issue.At)},
			{Text: strings.Trim(l.p.Person(i.Login)+"·"+i.Seat, "·")},
			{Text: strconv.Itoa(len(i.Rows))},
			{Text: moved},
			{Text: i.Reason},
			{Text: i.Check},
		})
	}
	d.grid.set(rows)
	d.grid.OnOpen = d.open
	export := kit.NewButton(kit.Secondary, "export", t("listpage.history.export"), l.p.Env.Keys.Cap(kit.CmdExport), d.export)
	open := kit.NewButton(kit.Primary, "eye", t("listpage.history.open"), "Enter", d.open)
	if len(d.issues) == 0 {
		export.Disable()
		open.Disable()
	}
	d.dialog = kit.NewDialog(l.p.Env, kit.DialogParams{
		Name: "history", Title: t("listpage.history.title", t("lists.sheet."+string(list)), periodText(list, day)), Width: issueWidth, Height: issueHeight, Body: d.grid.root, OnKey: d.key,
		Hints:   []kit.Hint{{Cap: "↑↓", Text: t("listpage.row")}},
		Actions: []fyne.CanvasObject{export, open},
	})
	d.dialog.Open()
}

func (d *historyDialog) key(p kit.Press) bool {
	switch {
	case d.grid.key(p):
	case p.Command == kit.CmdOpen:
		d.open()
	case p.Command == kit.CmdExport:
		d.export()
	default:
		return false
	}
	return true
}

// open shows the version under the cursor on the page, to read alone.
func (d *historyDialog) open() {
	if d.grid.cursor < len(d.issues) {
		i := d.issues[d.grid.cursor]
		d.dialog.Close()
		d.l.cursor, d.l.old = 0, &i
		d.l.read()
	}
}

// export writes the version under the cursor.
func (d *historyDialog) export() {
	if d.grid.cursor < len(d.issues) {
		d.l.writeIssue(d.issues[d.grid.cursor], func(string) {})
	}
}

// writeIssue writes a published version off the UI goroutine and goes on with its path.
func (l *Page) writeIssue(i room.Issue, then func(path string)) {
	folder := l.p.Folder()
	l.written(func(ctx context.Context) (string, error) { return l.p.Desk.ExportIssue(ctx, i, folder) }, then)
}
