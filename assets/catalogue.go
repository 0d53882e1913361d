package assets

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

//go:embed catalogue
var catalogueFS embed.FS

// Languages are the catalogues the program ships, the first being the default.
var Languages = [...]string{"zh-Hans", "en"}

// Catalogue holds every text people see in one language, by key.
type Catalogue struct {
	lang  string
	texts map[string]string
}

// LoadCatalogue reads all files of a language's folder. A key that stands in two files is an error that names it.
func LoadCatalogue(lang string) (*Catalogue, error) {
	c := &Catalogue{lang: lang, texts: map[string]string{}}
	dir := path.Join("catalogue", lang)
	files, err := fs.ReadDir(catalogueFS, dir)
	if err != nil {
		return nil, fmt.Errorf("language %q: %w", lang, err)
	}
	for _, f := range files {
		raw, err := catalogueFS.ReadFile(path.Join(dir, f.Name()))
		if err != nil {
			return nil, err
		}
		var texts map[string]string
		if err := json.Unmarshal(raw, &texts); err != nil {
			return nil, fmt.Errorf("catalogue %s/%s: %w", lang, f.Name(), err)
		}
		for k, v := range texts {
			if _, twice := c.texts[k]; twice {
				return nil, fmt.Errorf("catalogue %s/%s: key %q stands in two files", lang, f.Name(), k)
			}
			c.texts[k] = v
		}
	}
	return c, nil
}

// Lang returns the language tag.
func (c *Catalogue) Lang() string { return c.lang }

// T returns the text of a key with {0}, {1} ... replaced. A missing key comes back as itself, so that it is seen.
func (c *Catalogue) T(key string, args ...any) string {
	text, ok := c.texts[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return text
	}
	pairs := make([]string, 0, 2*len(args))
	for i, a := range args {
		pairs = append(pairs, "{"+strconv.Itoa(i)+"}", fmt.Sprint(a))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Has reports whether the key has a text.
func (c *Catalogue) Has(key string) bool { _, ok := c.texts[key]; return ok }

// Keys returns all keys, in no order.
func (c *Catalogue) Keys() []string {
	keys := make([]string, 0, len(c.texts))
	for k := range c.texts {
		keys = append(keys, k)
	}
	return keys
}
