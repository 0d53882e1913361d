package room

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"zw110/assets"
	"zw110/data/incident"
	"zw110/data/lists"
)

// localTemplate begins the name of the local setting that keeps what the columns of a template hold.
const localTemplate = "template/"

// everyWords are the catalogues of all languages, in which lists are written and templates may be.
func everyWords() ([]lists.Words, error) {
	var words []lists.Words
	for _, lang := range assets.Languages {
		text, err := assets.LoadCatalogue(lang)
		if err != nil {
			return nil, fmt.Errorf("read the words of %s: %w", lang, err)
		}
		words = append(words, text)
	}
	return words, nil
}

// ReadTemplate looks at a town's own workbook for a list: what each column holds, as somebody confirmed it at this desk, else as its heads or marks
// say. An *intake.Problem says why it can't be filled, and where.
func (r *Room) ReadTemplate(list incident.List, content []byte) (lists.Template, error) {
	words, err := everyWords()
	if err != nil {
		return lists.Template{}, err
	}
	t, err := lists.ReadTemplate(content, list, words...)
	if err != nil {
		return lists.Template{}, err
	}
	var mapping map[string]string
	if err := r.Local(localTemplate+t.ID(), &mapping); err != nil {
		return lists.Template{}, err
	}
	t.Remembered(mapping)
	return t, nil
}

// AssignTemplate lets a column of a template, by letter or head, hold a column of the list, by head or key; empty: none.
func (r *Room) AssignTemplate(t *lists.Template, column, holds string) error {
	words, err := everyWords()
	if err != nil {
		return err
	}
	return t.Assign(column, holds, words...)
}

// RememberTemplate keeps what a person confirmed that the columns of a template hold.
func (r *Room) RememberTemplate(t lists.Template) error {
	return r.SetLocal(localTemplate+t.ID(), t.Mapping())
}

// FillTemplate writes a list into a town's own workbook and returns the file. Out is a folder, in which it gets the list's name, or a file; one that is
// there already is kept.
func (r *Room) FillTemplate(s lists.Sheet, content []byte, t lists.Template, out string) (string, error) {
	if info, err := os.Stat(out); err == nil && info.IsDir() {
		w := words(r.cfg.Text)
		out = filepath.Join(out, lists.FileName(r.rules.Load().Town(), w, s.Origin.List, s.Origin.Day)+"_"+w.T("lists.file.template")+".xlsx")
	}
	return saveSheet(out, func(int) (templated, error) { return templated{s, content, t}, nil })
}

// templated is a list that goes into a template.
type templated struct {
	sheet   lists.Sheet
	content []byte
	in      lists.Template
}

// Write writes the filled template.
func (t templated) Write(w io.Writer) error { return t.sheet.Fill(t.content, t.in, w) }
