package settings

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"zw110/views/kit"
)

// townPane changes the lines of the town's file that people change: names, office hours, list titles.
type townPane struct {
	p     Params
	file  string
	cells map[string]string
	root  *fyne.Container
}

func newTownPane(p Params) *townPane { return &townPane{p: p, root: container.NewStack()} }

func (t *townPane) content() fyne.CanvasObject { return t.root }

func (t *townPane) key(p kit.Press) bool {
	if p.Command != kit.CmdSave && p.Command != kit.CmdConfirm {
		return false
	}
	t.save()
	return true
}

func (t *townPane) shown() {
	files, err := t.p.Desk.Files()
	if err != nil {
		t.p.say(err, "")
		return
	}
	t.file, t.cells = string(files["pack.toml"]), map[string]string{}
	form := kit.VBox(12)
	for _, key := range TownKeys() {
		t.cells[key] = TownValue(t.file, key)
		e := kit.NewEntry(t.p.Env.T("settings.unset"))
		e.SetText(t.cells[key])
		e.OnChanged = func(v string) { t.cells[key] = strings.TrimSpace(v) }
		form.Add(kit.Field(t.p.Env.T("settings.town."+key), e))
	}
	save := kit.NewButton(kit.Primary, "", t.p.Env.T("settings.save"), t.p.Env.Keys.Cap(kit.CmdSave), t.save)
	form.Add(kit.HBox(0, save))
	body := container.NewVScroll(kit.Pad(kit.VBox(0, kit.HBox(0, kit.Fixed(form, 560, 0))), 0, 24, 16, 24))
	t.root.Objects = []fyne.CanvasObject{section(t.p.Env, "town", body)}
	t.root.Refresh()
}

func (t *townPane) save() {
	file := t.file
	for _, key := range TownKeys() {
		file = SetTownValue(file, key, t.cells[key])
	}
	t.p.change("town", []byte(file), t.p.Env.T("settings.saved", t.p.Env.T("settings.town")))
}

// change journals a setting off the UI goroutine and says what came of it.
func (p Params) change(name string, value []byte, done string) {
	by := p.Who().Login
	p.Work(func() { p.say(p.Desk.SetSetting(context.Background(), by, name, value), done) })
}

// calendarPane shows which years are loaded and takes a new year's file.
type calendarPane struct {
	p    Params
	path *kit.Entry
	root *fyne.Container
}

func newCalendarPane(p Params) *calendarPane { return &calendarPane{p: p, root: container.NewStack()} }

func (c *calendarPane) content() fyne.CanvasObject { return c.root }
func (c *calendarPane) key(kit.Press) bool         { return false }

func (c *calendarPane) shown() {
	t := c.p.Env.T
	years, err := c.years()
	if err != nil {
		c.p.say(err, "")
	}
	rows := kit.VBox(6)
	for _, y := range slices.Sorted(maps.Keys(years)) {
		rows.Add(kit.HBox(16, kit.Fixed(kit.NewLabel(y, kit.Body.Heavy(), kit.T1), 56, kit.Body.Line),
			kit.NewLabel(t("settings.calendar.days", years[y].off, years[y].work), kit.Body, kit.T2)))
	}
	c.path = kit.NewEntry(t("settings.calendar.path"))
	c.path.OnSubmit = func(string) { c.take() }
	row := kit.HBox(8, kit.Fixed(c.path, 400, kit.InputHeight))
	if c.p.Browse != nil {
		row.Add(kit.NewButton(kit.Secondary, "", t("settings.browse"), "", func() { c.p.Browse(false, "", c.path.SetText) }))
	}
	row.Add(kit.NewButton(kit.Primary, "", t("settings.calendar.take"), "", c.take))
	body := kit.VBox(16, rows, kit.Divider(), kit.Field(t("settings.calendar.file"), row), kit.NewPara(t("settings.calendar.form"), kit.Small, kit.T3))
	c.root.Objects = []fyne.CanvasObject{section(c.p.Env, "calendar", kit.Pad(body, 0, 24, 0, 24))}
	c.root.Refresh()
}

type yearDays struct{ off, work int }

// years counts the days off and make-up working days of each loaded year.
func (c *calendarPane) years() (map[string]yearDays, error) {
	files, err := c.p.Desk.Files()
	if err != nil {
		return nil, err
	}
	out := map[string]yearDays{}
	for name, raw := range files {
		if !strings.HasPrefix(name, "calendar") {
			continue
		}
		lines, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff")))).ReadAll()
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		for _, l := range lines[min(1, len(lines)):] {
			year, days := l[0][:min(4, len(l[0]))], out[l[0][:min(4, len(l[0]))]]
			if l[len(l)-1] == "work" {
				days.work++
			} else {
				days.off++
			}
			out[year] = days
		}
	}
	return out, nil
}

// largestCalendar bounds what is read of a calendar file, in bytes; a year's file has some two kilobytes.
const largestCalendar = 1 << 20

// take reads a year's file and journals it; the room refuses what is no calendar, with its line.
func (c *calendarPane) take() {
	path := strings.TrimSpace(c.path.Text())
	if path == "" {
		c.path.Focus()
		return
	}
	info, err := os.Stat(path)
	if err == nil && (info.IsDir() || info.Size() > largestCalendar) {
		err = fmt.Errorf("%s: %s", filepath.Base(path), c.p.Env.T("settings.calendar.not_one"))
	}
	var raw []byte
	if err == nil {
		raw, err = os.ReadFile(path)
	}
	year := yearOf(raw)
	if err == nil && year == "" {
		err = fmt.Errorf("%s: %s", filepath.Base(path), c.p.Env.T("settings.calendar.not_one"))
	}
	if err != nil {
		c.p.Env.Host.Say(kit.Message{Text: err.Error(), Bad: true})
		return
	}
	c.p.change("calendar/"+year, raw, c.p.Env.T("settings.calendar.taken", year))
}

// yearOf returns the year of the first date in a file, empty for none.
func yearOf(raw []byte) string {
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
		if len(line) >= 10 && line[4] == '-' && line[7] == '-' && strings.Trim(line[:4], "0123456789") == "" {
			return line[:4]
		}
	}
	return ""
}
