package room

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"zw110/assets"
	"zw110/data/duty"
	"zw110/data/gazetteer"
	"zw110/data/geo"
	"zw110/data/incident"
	"zw110/data/intake"
)

// SystemLogin is who acts when no person does: the intake of a file at night.
const SystemLogin incident.Login = "system"

// Rules are the settings in force: the directory with the desk's own operators and those of the town's other desks, and the reader
// that knows the town. A change makes new Rules.
type Rules struct {
	*duty.Directory
	accounts []account
	// colleagues sign in at other desks, or did at this one; only their roles are known.
	colleagues map[incident.Login]incident.Role
	keywords   intake.Keywords
	plan       geo.Town // without villages
	index      func() *gazetteer.Index
	reader     *intake.Reader
	grids      map[incident.Login]string // grid workers' villages
}

// Person returns who a login is: an operator of this desk, somebody in the directory, an operator of another desk, or the system.
func (r *Rules) Person(login incident.Login) (incident.Actor, bool) {
	for _, a := range r.accounts {
		if a.Login == login {
			return incident.Actor{Login: login, Role: a.Role}, true
		}
	}
	if actor, ok := r.Directory.Person(login); ok {
		if village := r.grids[login]; village != "" && !strings.Contains(string(actor.Unit), " ") {
			actor.Unit += incident.UnitID(" " + village) // the closed loop knows a grid worker as 网格 罗山村
		}
		return actor, true
	}
	if role, ok := r.colleagues[login]; ok {
		return incident.Actor{Login: login, Role: role}, true
	}
	return incident.Actor{Login: login, Role: incident.RoleSystem}, login == SystemLogin
}

// Scope returns the town's division code.
func (r *Rules) Scope() incident.ScopeID { return r.Town().Code }

// someone returns a login with a role, or none.
func (r *Rules) someone(role incident.Role) incident.Login {
	for _, a := range r.accounts {
		if a.Role == role {
			return a.Login
		}
	}
	for _, p := range r.People() {
		if p.Role == role {
			return p.Login
		}
	}
	return ""
}

// liaison returns a login that acts for a unit, or none.
func (r *Rules) liaison(unit incident.UnitID) incident.Login {
	for _, p := range r.People() {
		if p.Role == incident.RoleUnit && p.Unit == unit {
			return p.Login
		}
	}
	return ""
}

// spareUnit returns a unit that counts and has nothing to do with an incident.
func (r *Rules) spareUnit(st *incident.State) incident.UnitID {
	for _, u := range r.Units(0) {
		busy := slices.ContainsFunc(st.Tasks, func(t incident.Task) bool { return t.Unit == u.ID })
		if u.Counts && !u.County && !busy && u.ID != st.LeadUnit {
			return u.ID
		}
	}
	return ""
}

// newRules joins a directory with accounts and keywords and prepares the reader.
func newRules(dir *duty.Directory, accounts []account, kw intake.Keywords) (*Rules, error) {
	r := &Rules{Directory: dir, accounts: accounts, keywords: kw, grids: map[incident.Login]string{}, index: indexOf(dir)}
	town := intake.Town{Name: dir.Town().Name}
	for _, v := range dir.Villages() {
		town.Villages = append(town.Villages, intake.Village{Name: v.Name, Aliases: v.Aliases})
	}
	for _, u := range dir.Units(0) {
		town.Units = append(town.Units, intake.Unit{ID: u.ID, Aliases: []string{u.Full}})
	}
	for _, c := range dir.Categories(0) {
		cat := intake.Category{Code: c.Code, Major: c.Major, Minor: c.Minor, Lead: c.Lead, Urgency: c.Urgency}
		for _, s := range c.Splits {
			cat.Splits = append(cat.Splits, intake.Split{Unit: s.Lead, Words: s.Words})
		}
		town.Categories = append(town.Categories, cat)
	}
	for _, p := range dir.People() {
		if p.Role == incident.RoleGrid {
			r.grids[p.Login] = p.Village
		}
	}
	var err error
	if r.reader, err = intake.NewReader(town, kw); err != nil {
		return nil, fmt.Errorf("prepare the reader: %w", err)
	}
	return r, nil
}

// indexOf makes the index of a directory's places when it is first asked for.
func indexOf(dir *duty.Directory) func() *gazetteer.Index {
	return sync.OnceValue(func() *gazetteer.Index { return gazetteer.New(dir.Places(0)) })
}

// keywordsName is the file of a town's vocabulary in a pack.
const keywordsName = "keywords.csv"

// loadRules reads a pack.
func loadRules(pack fs.FS, accounts []account) (*Rules, error) {
	holidays, err := assets.Holidays()
	if err != nil {
		return nil, fmt.Errorf("open the embedded calendars: %w", err)
	}
	dir, err := duty.Load(pack, holidays)
	if err != nil {
		return nil, fmt.Errorf("load town pack: %w", err)
	}
	kw, err := loadKeywords(pack)
	if err != nil {
		return nil, err
	}
	rules, err := newRules(dir, accounts, kw)
	if err == nil {
		rules.plan, err = planOf(pack, dir.Town())
	}
	return rules, err
}

func loadKeywords(pack fs.FS) (intake.Keywords, error) {
	raw, err := fs.ReadFile(pack, keywordsName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read town pack: %w", err)
	}
	kw, err := intake.ReadKeywords(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("load town pack: %w", err)
	}
	return kw, nil
}

// openPack finds an embedded pack by name, or a folder.
func openPack(name string) (fs.FS, error) {
	if slices.Contains(assets.Packs(), name) {
		return assets.Pack(name)
	}
	info, err := os.Stat(name)
	if err != nil || !info.IsDir() {
		return nil, fmt.Errorf("town pack %q: neither one of %v nor a folder", name, assets.Packs())
	}
	return os.DirFS(name), nil
}

// The bounds of a pack.
const (
	maxPackFile  = 4 << 20
	maxPackFiles = 200
)

// packed writes a pack's files as one value, so that a store keeps the pack it was made with.
func packed(pack fs.FS) ([]byte, error) {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	files := 0
	err := fs.WalkDir(pack, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if ext := path.Ext(name); ext != ".csv" && ext != ".toml" && name != geo.PlanFile {
			return nil
		}
		if files++; files > maxPackFiles {
			return fmt.Errorf("more than %d files", maxPackFiles)
		}
		raw, err := fs.ReadFile(pack, name)
		if err != nil {
			return err
		}
		if len(raw) > maxPackFile {
			return fmt.Errorf("%s has more than %d bytes", name, maxPackFile)
		}
		to, err := w.Create(name)
		if err != nil {
			return err
		}
		_, err = io.Copy(to, bytes.NewReader(raw))
		return err
	})
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("keep town pack: %w", err)
	}
	return buf.Bytes(), nil
}

// unpacked opens what packed wrote.
func unpacked(raw []byte) (fs.FS, error) {
	r, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("open the kept town pack: %w", err)
	}
	return r, nil
}

// villageNames returns the town's villages.
func (r *Rules) villageNames() []string {
	var names []string
	for _, v := range r.Villages() {
		names = append(names, v.Name)
	}
	return names
}
