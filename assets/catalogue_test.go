package assets

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	placePattern = regexp.MustCompile(`\{\d+\}`)
	keyPattern   = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[A-Za-z0-9_]+)+$`)
	// headPattern is the fixed head of keys that code puts together, such as "reason." + code or "forms.limit_" + name.
	headPattern = regexp.MustCompile(`^[a-z][a-z0-9_]*\.([A-Za-z0-9_]+\.)*([A-Za-z0-9_]+_)?$`)
)

func load(t *testing.T, lang string) *Catalogue {
	t.Helper()
	c, err := LoadCatalogue(lang)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCatalogue_LanguagesHaveTheSameKeysAndPlaces(t *testing.T) {
	first := load(t, Languages[0])
	for _, lang := range Languages[1:] {
		other := load(t, lang)
		for _, key := range first.Keys() {
			if !other.Has(key) {
				t.Errorf("%s lacks %q", lang, key)
				continue
			}
			if a, b := places(first.T(key)), places(other.T(key)); !slices.Equal(a, b) {
				t.Errorf("%q has places %v in %s and %v in %s", key, a, Languages[0], b, lang)
			}
		}
		for _, key := range other.Keys() {
			if !first.Has(key) {
				t.Errorf("%s lacks %q", Languages[0], key)
			}
		}
	}
}

func TestCatalogue_NoTextIsEmpty(t *testing.T) {
	for _, lang := range Languages {
		c := load(t, lang)
		for _, key := range c.Keys() {
			if strings.TrimSpace(c.T(key)) == "" {
				t.Errorf("%s: %q has no text", lang, key)
			}
		}
	}
}

// places returns which {n} a text has, sorted, each once: a language may use one twice.
func places(text string) []string {
	found := placePattern.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestCatalogue_CodeAndTextsFitTogether(t *testing.T) {
	c := load(t, Languages[0])
	code := readCode(t, "..")
	for key, where := range code.asked {
		if !c.Has(key) {
			t.Errorf("%s asks for %q, which no catalogue has", where, key)
		}
	}
	for _, key := range c.Keys() {
		if code.written[key] || slices.ContainsFunc(code.heads, func(head string) bool { return strings.HasPrefix(key, head) }) {
			continue
		}
		t.Errorf("no code uses %q", key)
	}
}

// code is what all Go files say about keys.
type code struct {
	asked   map[string]string // literals passed to a method or function T or Text, with where they stand
	written map[string]bool   // literals that look like a key, wherever they stand
	heads   []string          // literals something is added to, such as "reason." + code
}

// readCode walks all Go files below root, tests aside.
func readCode(t *testing.T, root string) code {
	t.Helper()
	out := code{asked: map[string]string{}, written: map[string]bool{}}
	files := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "build" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != root) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			out.note(files, n)
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// note takes down what one node says about keys.
func (c *code) note(files *token.FileSet, n ast.Node) {
	switch n := n.(type) {
	case *ast.BasicLit:
		if key, ok := literal(n, keyPattern); ok {
			c.written[key] = true
		}
	case *ast.BinaryExpr:
		if text, ok := literal(n.X, headPattern); ok && n.Op == token.ADD {
			c.heads = append(c.heads, text)
		}
	case *ast.CallExpr:
		for i, arg := range n.Args {
			if key, ok := literal(arg, keyPattern); ok && i == 0 && isText(n.Fun) {
				c.asked[key] = files.Position(arg.Pos()).String()
			}
			// A head may be handed on: named("urgency.", value).
			if text, ok := literal(arg, headPattern); ok {
				c.heads = append(c.heads, text)
			}
		}
	}
}

// literal returns the text of a string literal that fits a pattern.
func literal(e ast.Expr, pattern *regexp.Regexp) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil && pattern.MatchString(s)
}

// isText reports whether a function is called T or Text, bare or of something.
func isText(fun ast.Expr) bool {
	switch f := fun.(type) {
	case *ast.Ident:
		return f.Name == "T" || f.Name == "Text"
	case *ast.SelectorExpr:
		return f.Sel.Name == "T" || f.Sel.Name == "Text"
	}
	return false
}

func TestFonts_HaveEveryCharacterOfTheCatalogues(t *testing.T) {
	for name, raw := range map[string][]byte{"regular": FontRegular, "bold": FontBold} {
		has := fontRunes(t, raw)
		for _, lang := range Languages {
			c := load(t, lang)
			for _, key := range c.Keys() {
				for _, r := range c.T(key) {
					if r >= ' ' && !has(r) {
						t.Errorf("%s font lacks %q of %s %q; run fonts/subset.sh", name, r, lang, key)
					}
				}
			}
		}
	}
}
