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
)

// families are prefixes of keys that the program puts together at run time, such as "reason." + code.
var families = []string{
	"reason.", "refuse.", "verb.", "status.", "stage.", "group.", "task.", "role.", "urgency.", "channel.", "list.", "kind.", "light.",
	"clock.", "dup.", "bad.", "conflict.", "settle.", "error.", "view.", "help.", "key.", "cmd.", "field.", "result.", "answer.",
}

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
	asked, written := keysInCode(t, "..")
	for key, where := range asked {
		if !c.Has(key) {
			t.Errorf("%s asks for %q, which no catalogue has", where, key)
		}
	}
	for _, key := range c.Keys() {
		if written[key] || slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(key, f) }) {
			continue
		}
		t.Errorf("no code uses %q", key)
	}
}

// keysInCode walks all Go files below root. asked are literals passed to a method or function T or Text, with where they stand;
// written are all literals that look like a key, wherever they stand. A literal that ends in a dot begins a family.
func keysInCode(t *testing.T, root string) (asked map[string]string, written map[string]bool) {
	t.Helper()
	asked, written = map[string]string{}, map[string]bool{}
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
			if lit, ok := n.(*ast.BasicLit); ok {
				if key, isKey := keyOf(lit); isKey {
					written[key] = true
				}
			}
			if call, ok := n.(*ast.CallExpr); ok && isText(call.Fun) && len(call.Args) > 0 {
				if lit, ok := call.Args[0].(*ast.BasicLit); ok {
					if key, isKey := keyOf(lit); isKey {
						asked[key] = files.Position(lit.Pos()).String()
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return asked, written
}

// keyOf returns the literal's text when it has the shape of a key.
func keyOf(lit *ast.BasicLit) (string, bool) {
	if lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil && keyPattern.MatchString(s)
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
