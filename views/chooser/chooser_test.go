package chooser

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"zw110/data/incident"
	"zw110/views/kit"
)

// host is a window that holds what is opened.
type host struct {
	window  fyne.Window
	dialogs []*kit.Dialog
}

func (h *host) Open(d *kit.Dialog) {
	h.dialogs = append(h.dialogs, d)
	h.window.Canvas().Overlays().Add(d)
}

func (h *host) Close(d *kit.Dialog) {
	h.dialogs = slices.DeleteFunc(h.dialogs, func(have *kit.Dialog) bool { return have == d })
	h.window.Canvas().Overlays().Remove(d)
}
func (h *host) Say(kit.Message)     {}
func (h *host) Run(kit.Command)     {}
func (h *host) Canvas() fyne.Canvas { return h.window.Canvas() }

// memory keeps one folder.
type memory struct{ folder string }

func (m *memory) Local(_ string, into any) error {
	*into.(*string) = m.folder
	return nil
}

func (m *memory) SetLocal(_ string, value any) error {
	m.folder = value.(string)
	return nil
}

// bench is an open dialog over a home folder with two folders and three files.
type bench struct {
	*Chooser
	host   *host
	memory *memory
	home   string
	chosen []string
}

func open(t *testing.T, lang string, save bool, name string) *bench {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(kit.NewTheme(kit.Light))
	b := &bench{host: &host{window: test.NewTempWindow(t, container.NewStack())}, memory: &memory{}, home: filepath.Join(t.TempDir(), "值班")}
	b.host.window.Resize(fyne.NewSize(1280, 720))
	for _, dir := range []string{"桌面", "工单", filepath.Join("工单", "八月")} {
		if err := os.MkdirAll(filepath.Join(b.home, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{"照片.jpg", "a.xlsx", ".hidden", "工单/派单.xlsx"} {
		if err := os.WriteFile(filepath.Join(b.home, f), []byte("内容"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := kit.NewText(lang)
	if err != nil {
		t.Fatal(err)
	}
	env := &kit.Env{
		Text: text, Keys: kit.NewKeymap(), Post: func(f func()) { f() }, Now: func() incident.Stamp { return 0 }, Work: func(f func()) { f() }, Host: b.host,
	}
	b.Chooser = Open(Params{
		Env: env, Memory: b.memory, Apart: func(f func()) { f() }, Words: func(err error) string { return "words of " + err.Error() }, Home: b.home,
		Save: save, Name: name, Chosen: func(path string) { b.chosen = append(b.chosen, path) },
	})
	return b
}

func (b *bench) names() string {
	names := make([]string, len(b.shown))
	for i, item := range b.shown {
		names[i] = item.Name
	}
	return strings.Join(names, " ")
}

func (b *bench) keys(names ...fyne.KeyName) {
	for _, k := range names {
		b.key(k)
	}
}

func TestOpen_FindsAFileByKeysAlone(t *testing.T) {
	b := open(t, "zh-Hans", false, "")
	if got := b.names(); got != ".. 工单 桌面 a.xlsx 照片.jpg" {
		t.Fatalf("items %s", got)
	}
	b.keys(fyne.KeyReturn)
	if got := b.names(); got != ".. 八月 派单.xlsx" || b.folder != filepath.Join(b.home, "工单") {
		t.Fatalf("in %s: %s", b.folder, got)
	}
	b.keys(fyne.KeyBackspace)
	b.entry.SetText("zp")
	if got := b.names(); got != "照片.jpg" {
		t.Fatalf("by initials %s", got)
	}
	b.keys(fyne.KeyReturn)
	if want := []string{filepath.Join(b.home, "照片.jpg")}; !slices.Equal(b.chosen, want) || len(b.host.dialogs) != 0 {
		t.Fatalf("chosen %v", b.chosen)
	}
	if b.memory.folder != b.home {
		t.Errorf("folder of the next time %q", b.memory.folder)
	}
}

func TestOpen_TakesAWholePathAndTheDot(t *testing.T) {
	b := open(t, "zh-Hans", false, "")
	b.entry.SetText(".h")
	if got := b.names(); got != ".hidden" {
		t.Errorf("with a dot %s", got)
	}
	b.entry.SetText(filepath.Join(b.home, "工单"))
	b.keys(fyne.KeyReturn)
	if len(b.chosen) != 0 || b.folder != filepath.Join(b.home, "工单") {
		t.Fatalf("in %s, chosen %v", b.folder, b.chosen)
	}
	b.entry.SetText(filepath.Join(b.home, "a.xlsx"))
	b.keys(fyne.KeyReturn)
	if want := []string{filepath.Join(b.home, "a.xlsx")}; !slices.Equal(b.chosen, want) {
		t.Errorf("chosen %v", b.chosen)
	}
}

func TestOpen_SaysWhyAndStays(t *testing.T) {
	b := open(t, "zh-Hans", false, "")
	b.keys(fyne.KeyUp, fyne.KeyReturn)
	if b.folder != filepath.Dir(b.home) {
		t.Fatalf("the way up leads to %s", b.folder)
	}
	b.goTo(filepath.Join(b.home, "没有"))
	if !strings.HasPrefix(b.note.Text(), "words of ") || b.note.Hidden || b.folder != filepath.Dir(b.home) {
		t.Errorf("note %q in %s", b.note.Text(), b.folder)
	}
	b.entry.SetText("qqq")
	b.keys(fyne.KeyReturn)
	if b.note.Text() == "" || len(b.chosen) != 0 || b.empty.Hidden {
		t.Errorf("note %q, chosen %v", b.note.Text(), b.chosen)
	}
}

func TestOpen_BeginsAboveAFolderThatIsGone(t *testing.T) {
	b := open(t, "en", false, "")
	b.memory.folder = filepath.Join(b.home, "工单", "拔掉的U盘", "x")
	b.begin()
	if b.folder != filepath.Join(b.home, "工单") {
		t.Errorf("begins in %s", b.folder)
	}
}

func TestSave_AsksBeforeAFileIsReplaced(t *testing.T) {
	b := open(t, "zh-Hans", true, "新.db")
	b.keys(fyne.KeyReturn)
	if want := []string{filepath.Join(b.home, "新.db")}; !slices.Equal(b.chosen, want) {
		t.Fatalf("chosen %v", b.chosen)
	}
	if _, err := os.Stat(b.chosen[0]); !errors.Is(err, os.ErrNotExist) {
		t.Error("choosing made a file")
	}

	b = open(t, "zh-Hans", true, "a.xlsx")
	b.keys(fyne.KeyReturn)
	if len(b.chosen) != 0 || !strings.Contains(b.note.Text(), "a.xlsx") {
		t.Fatalf("chosen %v without asking: %q", b.chosen, b.note.Text())
	}
	b.entry.SetText("照片.jpg")
	b.keys(fyne.KeyReturn)
	if len(b.chosen) != 0 {
		t.Fatal("the answer about one file counted for another")
	}
	b.keys(fyne.KeyReturn)
	if len(b.chosen) != 1 {
		t.Fatalf("chosen %v after the answer", b.chosen)
	}
	if raw, err := os.ReadFile(b.chosen[0]); err != nil || string(raw) != "内容" {
		t.Errorf("the file holds %q, %v before anybody wrote", raw, err)
	}
}

func TestSave_NameStaysWhileGoingThroughFolders(t *testing.T) {
	b := open(t, "zh-Hans", true, "备份.db")
	b.keys(fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn)
	if b.folder != filepath.Join(b.home, "工单") || b.entry.Text() != "备份.db" {
		t.Fatalf("in %s with %s", b.folder, b.entry.Text())
	}
	b.entry.SetText("没有这个夹/备份.db")
	b.take()
	if len(b.chosen) != 0 || b.note.Text() == "" {
		t.Errorf("chosen %v in a folder that is not there", b.chosen)
	}
	b.entry.SetText(" ")
	b.take()
	if len(b.chosen) != 0 || b.note.Text() == "" {
		t.Errorf("chosen %v without a name", b.chosen)
	}
}

// Times are those of the room's clock, whatever zone the computer keeps.
func TestRow_ShowsTheTimeInBeijing(t *testing.T) {
	b := open(t, "zh-Hans", false, "")
	r := newItemRow()
	r.show(b.p.Env, Item{Name: "a.xlsx", Bytes: 2048, Changed: time.Date(2026, 8, 18, 23, 30, 0, 0, time.UTC)}, false)
	if r.changed.Text != "2026-08-19 07:30" || r.size.Text != "2 KB" {
		t.Errorf("%s %s", r.changed.Text, r.size.Text)
	}
}

// Only the newest of several readings is shown, whatever order they come back in.
func TestGoTo_TheLastFolderAskedForIsShown(t *testing.T) {
	b := open(t, "zh-Hans", false, "")
	var jobs []func()
	b.p.Apart = func(f func()) { jobs = append(jobs, f) }
	b.goTo(filepath.Join(b.home, "工单"))
	b.goTo(filepath.Join(b.home, "桌面"))
	jobs[1]()
	jobs[0]()
	if b.folder != filepath.Join(b.home, "桌面") {
		t.Errorf("shows %s", b.folder)
	}
}
