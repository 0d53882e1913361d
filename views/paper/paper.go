// Package paper owns the pages that go to a printer: the sheet of one incident (事项办理单) and the task slip with its receipt (任务单). A page is one
// HTML file with its own style that any browser prints on A4, so no printer has to be known here. Personal data is masked as in every export. It
// writes nothing into the journal.
package paper

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"

	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/data/room"
	"zw110/views/incidentfile"
)

// Page is one page to print.
type Page struct {
	Words incidentfile.Words
	// Town is the heading, such as 塔石镇综合信息指挥室.
	Town   string
	Detail room.Detail
	Rules  incident.Rules
	Now    incident.Stamp
	// Name returns the name of a login, By is who prints.
	Name func(incident.Login) string
	By   incident.Login
}

//go:embed sheet.html
var sheetHTML string

//go:embed slip.html
var slipHTML string

// line is a caption with its value; row is a row of a table.
type (
	line struct{ Caption, Value string }
	row  []string
)

// content is what the templates show.
type content struct {
	Town, Title, No, Version, Code, Printed string
	Heads                                   map[string]string
	Facts                                   []line
	Steps, Units, Log                       []row
	StepHeads, UnitHeads, LogHeads          row
	To, Text, Foot                          []string
}

// Sheet returns the sheet of an incident: facts, the steps of the loop, the units with their times, and the log, oldest first.
func (p *Page) Sheet() ([]byte, error) {
	c := p.content("paper.sheet")
	c.Facts = p.facts()
	c.StepHeads, c.Steps = p.heads("step", "at", "who"), p.steps()
	c.UnitHeads, c.Units = p.heads("unit", "role", "state", "sent", "signed", "arrived", "first", "fed_back"), p.units()
	c.LogHeads, c.Log = p.heads("at", "act", "text", "who"), p.log()
	c.Foot = []string{p.Words("paper.foot_clerk"), p.Words("paper.foot_leader"), p.Words("paper.foot_date")}
	return p.render(sheetHTML, &c)
}

// Slip returns the task slip of a dispatch: the text as it went to the units, the place for signature and seal, and below the tear line the receipt
// that comes back.
func (p *Page) Slip(text string) ([]byte, error) {
	c := p.content("paper.slip")
	for i := range p.Detail.State.Tasks {
		if t := &p.Detail.State.Tasks[i]; t.Live() {
			c.To = append(c.To, string(t.Unit)+p.Words(roleKey(t.Lead)))
		}
	}
	c.Text = strings.Split(strings.TrimSpace(text), "\n")
	c.Foot = []string{p.Words("paper.foot_issuer"), p.Words("paper.foot_seal"), p.Words("paper.foot_date")}
	return p.render(slipHTML, &c)
}

func roleKey(lead bool) string {
	if lead {
		return "paper.as_lead"
	}
	return "paper.as_co"
}

func (p *Page) content(title string) content {
	heads := map[string]string{}
	for _, key := range []string{"no", "version", "code", "printed", "facts", "steps", "units", "log", "to", "matter", "tear", "receipt", "receipt_unit", "receipt_name", "receipt_time", "receipt_note", "private"} {
		heads[key] = p.Words("paper." + key)
	}
	return content{
		Town: p.Town, Title: p.Words(title), No: p.Detail.Row.No, Version: fmt.Sprint(len(p.Detail.State.Log)), Heads: heads,
		Printed: moment(p.Now) + " " + p.Name(p.By),
	}
}

func (p *Page) heads(keys ...string) row {
	out := make(row, len(keys))
	for i, k := range keys {
		out[i] = p.Words("paper.head_" + k)
	}
	return out
}

func (p *Page) facts() []line {
	d := &p.Detail
	st := &d.State
	var out []line
	add := func(key, value string) {
		if value = strings.Trim(value, " ·"); value != "" {
			out = append(out, line{p.Words("paper.fact_" + key), value})
		}
	}
	add("title", d.Told.Title)
	add("state", p.Words("status."+string(st.Status)))
	add("urgency", p.Words("urgency."+string(st.Urgency)))
	add("channel", p.Words("channel."+string(st.Channel))+" "+st.SourceNo)
	add("category", d.Category.Code+" "+d.Category.Major+"·"+d.Category.Minor)
	place := st.Village
	if st.Place != nil {
		place += "·" + intake.MaskAddress(st.Place.Text)
	}
	add("place", place)
	add("reporter", p.reporter())
	add("content", d.Told.Content)
	add("received", moment(st.ReceivedAt))
	due, _ := incident.SettleDue(st, p.Rules)
	add("due", moment(due))
	if d.List != "" {
		add("list", p.Words("list."+string(d.List)))
	}
	for _, s := range st.Supervisions {
		add("supervised", s.No+" "+s.Text+" "+string(s.ReplyDue))
	}
	return out
}

// reporter is masked whatever the one who prints may see on the screen.
func (p *Page) reporter() string {
	st := &p.Detail.State
	switch r := st.Reporter; {
	case st.Shield == "confidential":
		return intake.Secret
	case st.Shield == "protected":
		return intake.Protected
	case r != nil:
		return intake.MaskName(r.Name) + " " + intake.MaskPhone(r.Phone)
	}
	return ""
}

func (p *Page) steps() []row {
	var out []row
	for _, s := range incidentfile.Steps(&p.Detail.State, p.Name) {
		out = append(out, row{p.Words("incidentfile.step_" + s.Key), moment(s.At), s.Who})
	}
	return out
}

func (p *Page) units() []row {
	var out []row
	for i := range p.Detail.State.Tasks {
		t := &p.Detail.State.Tasks[i]
		role := p.Words("forms.co")
		if t.Lead {
			role = p.Words("forms.lead")
		}
		out = append(out, row{
			string(t.Unit), role, p.Words("task." + string(t.Status)), moment(t.SentAt), moment(t.SignedAt), moment(t.ArrivedAt), moment(t.FirstFeedbackAt), moment(t.FedBackAt),
		})
	}
	return out
}

func (p *Page) log() []row {
	var out []row
	for i := range p.Detail.State.Log {
		l := &p.Detail.State.Log[i]
		text := incidentfile.LogText(p.Words, l)
		if l.Kind == incident.KindRegistered {
			text = p.Detail.Told.Title
		} else if p.Detail.Told.Mask != nil {
			text = p.Detail.Told.Mask(text)
		}
		if l.Undone {
			text += p.Words("paper.undone")
		}
		out = append(out, row{moment(l.At), p.Words("kind." + fmt.Sprint(int(l.Kind))), text, p.Name(l.Actor)})
	}
	return out
}

// render fills a template. The check code is over the whole page without it, so that paper and data can be matched.
func (p *Page) render(text string, c *content) ([]byte, error) {
	t, err := template.New("page").Parse(text)
	if err != nil {
		return nil, fmt.Errorf("read the page's template: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, c); err != nil {
		return nil, fmt.Errorf("fill the page: %w", err)
	}
	sum := sha256.Sum256(b.Bytes())
	c.Code = strings.ToUpper(hex.EncodeToString(sum[:4]))
	b.Reset()
	if err := t.Execute(&b, c); err != nil {
		return nil, fmt.Errorf("fill the page: %w", err)
	}
	return b.Bytes(), nil
}

func moment(s incident.Stamp) string {
	if s == 0 {
		return ""
	}
	return s.Time().In(incident.Local).Format("2006-01-02 15:04")
}

// Save writes a page into a folder, made if it isn't there, and returns its path. The name has what the page is and the incident's number with its
// version; the same version again replaces the file, which then says the same.
func Save(dir, name string, page []byte) (path string, err error) {
	if name == "" || name != filepath.Base(name) || strings.ContainsAny(name, `\/:*?"<>|`) {
		return "", fmt.Errorf("save page: %q is no file name", name)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("save page: %w", err)
	}
	f, err := os.CreateTemp(dir, ".zw110-*.html")
	if err != nil {
		return "", fmt.Errorf("save page: %w", err)
	}
	_, err = f.Write(page)
	err = errors.Join(err, f.Sync(), f.Close())
	path = filepath.Join(dir, name+".html")
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("save page: %w", err), os.Remove(f.Name()))
	}
	return path, nil
}
