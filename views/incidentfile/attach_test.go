package incidentfile

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/assets"
	"zw110/data/duty"
	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// fileDesk has one incident with a photo that is here, one on its way, and a document.
type fileDesk struct {
	detail  room.Detail
	content map[incident.AttachmentID][]byte
	rules   incident.Rules
	tell    func(room.Change)
	reads   int
}

func (d *fileDesk) Detail(incident.IncidentID, incident.Login) (room.Detail, error) {
	d.reads++
	return d.detail, nil
}
func (d *fileDesk) Rules() incident.Rules { return d.rules }
func (d *fileDesk) Subscribe(f func(room.Change)) func() {
	d.tell = f
	return func() {}
}

func (d *fileDesk) Thumbnail(a incident.Attachment) ([]byte, error) { return d.content[a.Preview], nil }

func (d *fileDesk) OpenAttachment(id incident.AttachmentID) (room.Attached, io.Reader, error) {
	b, ok := d.content[id]
	if !ok {
		return room.Attached{}, nil, errors.New("not here")
	}
	return room.Attached{Size: int64(len(b))}, bytes.NewReader(b), nil
}

// fileHost keeps the dialogs it was given.
type fileHost struct {
	window fyne.Window
	stack  []*kit.Dialog
	said   []kit.Message
}

func (h *fileHost) Open(d *kit.Dialog) {
	h.stack = append(h.stack, d)
	h.window.Canvas().Overlays().Add(d)
}

func (h *fileHost) Close(d *kit.Dialog) {
	h.stack = slices.DeleteFunc(h.stack, func(o *kit.Dialog) bool { return o == d })
	h.window.Canvas().Overlays().Remove(d)
	d.Closed()
}
func (h *fileHost) Say(m kit.Message)   { h.said = append(h.said, m) }
func (h *fileHost) Run(kit.Command)     {}
func (h *fileHost) Canvas() fyne.Canvas { return h.window.Canvas() }

func jpegOf(t *testing.T, w, h int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, w, h)), nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// attachedPage shows the incident of a fileDesk; everything runs at once.
func attachedPage(t *testing.T) (*Page, *fileDesk, *fileHost) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(kit.NewTheme(kit.Light))
	text, err := kit.NewText("zh-Hans")
	if err != nil {
		t.Fatal(err)
	}
	host := &fileHost{window: test.NewTempWindow(t, nil)}
	host.window.Resize(fyne.NewSize(1366, 768))
	id := func(n byte) incident.AttachmentID { return incident.AttachmentID{n} }
	desk := &fileDesk{rules: sampleRules(t), content: map[incident.AttachmentID][]byte{id(1): jpegOf(t, 32, 24), id(2): jpegOf(t, 200, 150), id(5): []byte("%PDF")}}
	entry := incident.EntryID{1}
	desk.detail.Row.No = "2026-0818-029"
	desk.detail.State.Log = []incident.LogLine{{Entry: entry, Kind: incident.KindNoted, Fact: &incident.Fact{Kind: incident.KindNoted}}}
	photo := func(preview, whole byte, here bool) room.Attached {
		return room.Attached{Attachment: incident.Attachment{Preview: id(preview), Whole: id(whole)}, Here: here, PreviewHere: here}
	}
	file := photo(5, 5, true)
	file.Name, file.Size = "通知.pdf", 4
	desk.detail.Attached = map[incident.EntryID][]room.Attached{entry: {photo(1, 2, true), photo(3, 4, false), file}}
	atOnce := func(f func()) { f() }
	env := &kit.Env{Text: text, Keys: kit.NewKeymap(), Post: atOnce, Work: atOnce, Host: host, Now: func() incident.Stamp { return at(14, 9) }}
	page := New(Params{Env: env, Desk: desk, Who: func() incident.Login { return "op1" }, Name: func(l incident.Login) string { return string(l) }, Back: func() {}})
	page.Show(incident.IncidentID{2})
	host.window.SetContent(page.Content())
	return page, desk, host
}

// pictures returns the photos of the log in order.
func pictures(p *Page) (out []*kit.Picture) {
	for _, o := range test.LaidOutObjects(p.Content()) {
		if picture, ok := o.(*kit.Picture); ok {
			out = append(out, picture)
		}
	}
	return out
}

func TestAttachments_PreviewsPlaceHoldersAndTheLargeView(t *testing.T) {
	page, _, host := attachedPage(t)
	shown := pictures(page)
	if len(shown) != 2 || shown[0].Photo() == nil || shown[1].Photo() != nil || shown[1].Caption() != "照片在途" {
		t.Fatalf("%d photos in the log", len(shown))
	}
	shown[0].TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if len(host.stack) != 1 || host.stack[0].Name() != "photo" {
		t.Fatalf("Enter opens %d dialogs", len(host.stack))
	}
	host.stack[0].HandleKey(kit.Press{Stroke: kit.Stroke{Key: fyne.KeyRight}})
	host.stack[0].HandleKey(kit.Press{Command: kit.CmdBack})
	if len(host.stack) != 0 {
		t.Error("Esc leaves the large view open")
	}
}

func TestAttachments_ViewerShowsThePhotoAndWhyNot(t *testing.T) {
	page, desk, _ := attachedPage(t)
	list := desk.detail.Attached[incident.EntryID{1}]
	for _, c := range []struct {
		a    room.Attached
		want bool
	}{{list[0], true}, {list[1], false}} {
		img, err := readPhoto(desk, c.a.Whole)
		if (err == nil) != c.want || c.want && img.Bounds().Dx() != 200 {
			t.Errorf("photo %x: %v", c.a.Whole[:1], err)
		}
	}
	if got := len(page.photos()); got != 2 {
		t.Errorf("%d photos to walk through", got)
	}
	if _, err := readPhoto(desk, list[2].Whole); !errors.Is(err, errNoPhoto) {
		t.Errorf("a document as a photo: %v", err)
	}
}

func TestAttachments_FilesAreSavedNeverOpened(t *testing.T) {
	page, desk, host := attachedPage(t)
	list := desk.detail.Attached[incident.EntryID{1}]
	path := filepath.Join(t.TempDir(), "x.pdf")
	var proposed []string
	page.p.Browse = func(save bool, name string, chosen func(string)) {
		proposed = append(proposed, name)
		if save {
			chosen(path)
		}
	}
	page.saveFile(list[2])
	if got, err := os.ReadFile(path); err != nil || string(got) != "%PDF" {
		t.Errorf("saved %q, %v", got, err)
	}
	page.saveFile(list[1])
	page.saveFile(list[0])
	if !slices.Equal(proposed, []string{"通知.pdf", "2026-0818-029_0200.jpg"}) {
		t.Errorf("proposed %q", proposed)
	}
	if len(host.said) != 3 || host.said[0].Bad || !strings.Contains(host.said[0].Text, path) || !host.said[1].Bad {
		t.Errorf("said %+v", host.said)
	}
}

func TestAttachments_PageReadsAnewWhenOneArrives(t *testing.T) {
	page, desk, _ := attachedPage(t)
	page.Shown()
	before := desk.reads
	desk.content[incident.AttachmentID{3}] = jpegOf(t, 32, 24)
	list := slices.Clone(desk.detail.Attached[incident.EntryID{1}])
	list[1].PreviewHere, list[1].Here = true, true
	desk.detail.Attached = map[incident.EntryID][]room.Attached{{1}: list}
	desk.tell(room.Change{Attachments: true})
	if shown := pictures(page); desk.reads != before+1 || len(shown) != 2 || shown[1].Photo() == nil {
		t.Errorf("%d reads more", desk.reads-before)
	}
	desk.tell(room.Change{Attachments: true})
	if desk.reads != before+1 {
		t.Error("it reads anew though nothing is on its way")
	}
}

// sampleRules are those of the embedded town.
func sampleRules(t *testing.T) incident.Rules {
	t.Helper()
	pack, err := assets.Pack("330825111")
	if err != nil {
		t.Fatal(err)
	}
	holidays, err := assets.Holidays()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := duty.Load(pack, holidays)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
