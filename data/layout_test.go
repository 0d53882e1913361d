// Package data_test holds the test that keeps the layers apart. It lives at the root of the lowest layer and looks at all of them.
package data_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "zw110"

// listed is what the test reads of `go list -json`.
type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Deps       []string
	GoFiles    []string
}

// only says which packages may import a library directly; all others may not.
var only = map[string][]string{
	"go.etcd.io/bbolt":             {"data/store", "sync/hub/..."},
	"github.com/xuri/excelize/v2":  {"data/lists", "data/intake"},
	"fyne.io/fyne/v2/app":          {"app"},
	"github.com/gorilla/websocket": {"sync/desk", "sync/hub/..."},

	"github.com/nats-io/nats.go":               {"sync/hub/natsjournal", "sync/hub/natsnode", "sync/zw110hub"},
	"github.com/nats-io/nats.go/jetstream":     {"sync/hub/natsjournal"},
	"github.com/nats-io/nats-server/v2/server": {"sync/hub/natsnode"},
}

// may lists the packages of the module that each of these may import, itself and assets aside.
var may = map[string][]string{
	"data/incident":  {},
	"data/journal":   {"data/incident"},
	"data/calendar":  {"data/incident"},
	"data/duty":      {"data/incident", "data/calendar", "data/geo"},
	"data/dbpages":   {},
	"data/store":     {"data/incident", "data/journal", "data/dbpages"},
	"data/board":     {"data/incident", "data/duty", "data/calendar"},
	"data/intake":    {"data/incident"},
	"data/geo":       {},
	"data/gazetteer": {"data/geo", "data/board"},
	"data/lists":     {"data/incident", "data/duty", "data/calendar", "data/intake"},
	"data/assess":    {"data/incident", "data/calendar"},
	"data/warn":      {"data/incident", "data/duty"},
	"data/room":      {"data/..."},
	"sync/wire":      {"data/incident", "data/journal"},
	"sync/session":   {"data/incident", "data/journal", "sync/wire"},

	"sync/hub/feed":        {"data/incident", "data/journal", "data/dbpages", "sync/wire", "sync/session"},
	"sync/hub/boltjournal": {"data/incident", "data/journal", "data/dbpages", "sync/wire", "sync/session", "sync/hub/feed"},
	"sync/hub/natsjournal": {"data/incident", "data/journal", "sync/wire", "sync/session", "sync/hub/feed"},
	"sync/hub/natsnode":    {},
	"sync/hub/contract":    {"data/incident", "data/journal", "sync/wire", "sync/session"},
}

// never lists what a layer must not reach, however indirectly.
var never = map[string][]string{
	"data/...":  {"views/...", "sync/...", "app/...", "fyne.io/..."},
	"views/...": {"sync/...", "app/..."},
	"sync/...":  {"views/...", "app/...", "fyne.io/..."},
	"assets":    {"data/...", "views/...", "sync/...", "app/..."},
}

// neverDirectly lists what a layer must not import itself; views reaches the store only through data/room.
var neverDirectly = map[string][]string{
	"views/...": {"data/store", "data/journal"},
}

func TestLayers_NoForbiddenImport(t *testing.T) {
	packages := goList(t)
	if len(packages) < 5 {
		t.Fatalf("go list found %d packages of the module", len(packages))
	}
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		for _, fault := range faults(name, p) {
			t.Errorf("%s: %s", name, fault)
		}
	}
}

func TestLayers_RuleCatchesWhatItForbids(t *testing.T) {
	cases := []struct {
		name string
		p    listed
		want int
	}{
		{"data/incident", listed{Imports: []string{"time", "zw110/data/duty"}}, 1},
		{"data/incident", listed{Imports: []string{"time", "github.com/a/b"}}, 1},
		{"data/room", listed{Imports: []string{"go.etcd.io/bbolt"}}, 1},
		{"data/room", listed{Deps: []string{"fyne.io/fyne/v2"}}, 1},
		{"views/queue", listed{Imports: []string{"zw110/data/store"}}, 1},
		{"views/queue", listed{Imports: []string{"fyne.io/fyne/v2/app"}}, 1},
		{"sync/hub/boltjournal", listed{Imports: []string{"go.etcd.io/bbolt"}}, 0},
		{"data/room", listed{Imports: []string{"zw110/data/store"}, Deps: []string{"zw110/data/store"}}, 0},
	}
	for _, c := range cases {
		if got := faults(c.name, c.p); len(got) != c.want {
			t.Errorf("%s with %v and %v: faults %v, want %d", c.name, c.p.Imports, c.p.Deps, got, c.want)
		}
	}
}

// faults names every import of a package that the rules forbid.
func faults(name string, p listed) []string {
	var out []string
	for _, imp := range p.Imports {
		if owners, owned := only[imp]; owned && !fits(name, owners) {
			out = append(out, "imports "+imp+", which belongs to "+strings.Join(owners, ", "))
		}
		local, ours := strings.CutPrefix(imp, module+"/")
		if allowed, ruled := may[name]; ruled && ours && local != "assets" && !fits(local, allowed) {
			out = append(out, "imports "+local)
		}
		if name == "data/incident" && !ours && strings.Contains(imp, ".") {
			out = append(out, "imports "+imp+"; it has the standard library alone")
		}
		if ours && fits(local, ruleFor(neverDirectly, name)) {
			out = append(out, "imports "+local+" itself")
		}
	}
	for _, dep := range p.Deps {
		local, ours := strings.CutPrefix(dep, module+"/")
		if (ours || strings.Contains(dep, ".")) && fits(local, ruleFor(never, name)) {
			out = append(out, "reaches "+dep)
		}
	}
	return out
}

// ruleFor joins the rules of every pattern that fits the package.
func ruleFor(rules map[string][]string, name string) []string {
	var out []string
	for pattern, forbidden := range rules {
		if fits(name, []string{pattern}) {
			out = append(out, forbidden...)
		}
	}
	return out
}

// fits reports whether a path equals a pattern or, for a pattern that ends in /..., stands at or below it.
func fits(path string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		tree, isTree := strings.CutSuffix(p, "/...")
		return path == tree || isTree && strings.HasPrefix(path, tree+"/")
	})
}

// goList returns the packages of the module with all they import. It never needs cgo libraries: nothing is compiled.
func goList(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-deps", "-tags", "x11,migrated_fynedo",
		"-json=ImportPath,Standard,Imports,Deps,GoFiles", "./...")
	cmd.Dir = ".."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		if p.ImportPath == module || strings.HasPrefix(p.ImportPath, module+"/") {
			all = append(all, p)
		}
	}
}
