package room

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"slices"
	"strings"
	"testing"

	"zw110/data/incident"
	"zw110/data/photo"
	"zw110/data/store"
)

// snapshot is a JPEG from a phone held upright: it lies on its side, and says so together with the camera's name.
func snapshot(t testing.TB, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{R: uint8(x), G: uint8(y), B: uint8(x * y), A: 255})
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00CAMERA"
	head := append([]byte("\xff\xd8\xff\xe1\x00"), byte(len(exif)+2))
	return slices.Concat(head, []byte(exif), out.Bytes()[2:])
}

// contentOf reads an attachment that must be there.
func contentOf(t testing.TB, r *Room, id incident.AttachmentID) (Attached, []byte) {
	t.Helper()
	a, content, err := r.OpenAttachment(id)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	return a, b
}

func put(t testing.TB, r *Room, name string, content []byte) Attached {
	t.Helper()
	a, err := r.PutAttachment(t.Context(), name, bytes.NewReader(content))
	if err != nil {
		t.Fatalf("put %s: %v", name, err)
	}
	return a
}

func TestPutAttachment_PhotoIsUprightSmallAndNameless(t *testing.T) {
	d := newDesk(t, false)
	a := put(t, d.Room, `C:\照片\IMG_0001.JPG`, snapshot(t, 2600, 1300))
	if !a.Photo() || a.Name != "" || a.Mime != "image/jpeg" || a.Width != 1024 || a.Height != 2048 || !a.Here || !a.PreviewHere {
		t.Errorf("put %+v", a)
	}
	got, content := contentOf(t, d.Room, a.Whole)
	if got.Size != int64(len(content)) || got.Size != a.Size || got.Width != 1024 || bytes.Contains(content, []byte("Exif")) || bytes.Contains(content, []byte("CAMERA")) {
		t.Errorf("kept %+v in %d bytes", got, len(content))
	}
	small, err := d.Thumbnail(a.Attachment)
	if err != nil || len(small) == 0 || len(small) > photo.MaxPreview {
		t.Fatalf("preview of %d bytes, error %v", len(small), err)
	}
	cfg, err := jpeg.DecodeConfig(bytes.NewReader(small))
	if err != nil || cfg.Width != 160 || cfg.Height != 320 {
		t.Errorf("preview %+v, error %v", cfg, err)
	}
	if again := put(t, d.Room, "b.jpg", snapshot(t, 2600, 1300)); again.Attachment != a.Attachment {
		t.Error("the same photo again has another ID")
	}
}

func TestPutAttachment_FileAsItIsWithItsName(t *testing.T) {
	d := newDesk(t, false)
	content := bytes.Repeat([]byte("%PDF-1.7 整改通知书"), 40000)
	a := put(t, d.Room, "/home/x/整改/通知 书:1.PDF", content)
	if a.Photo() || a.Name != "通知 书1.PDF" || a.Mime != "application/pdf" || a.Size != int64(len(content)) {
		t.Errorf("put %+v", a)
	}
	got, b := contentOf(t, d.Room, a.Whole)
	if got.Name != a.Name || got.Mime != a.Mime || !bytes.Equal(b, content) {
		t.Errorf("got %+v of %d bytes", got, len(b))
	}
	if small, err := d.Thumbnail(a.Attachment); small != nil || err != nil {
		t.Errorf("a file's preview: %d bytes, %v", len(small), err)
	}
}

// zeros never ends, and counts what was taken.
type zeros struct{ n int64 }

func (z *zeros) Read(p []byte) (int, error) {
	clear(p)
	z.n += int64(len(p))
	return len(p), nil
}

func TestPutAttachment_RefusesInWords(t *testing.T) {
	d := newDesk(t, false)
	jpg := snapshot(t, 300, 200)
	endless := &zeros{}
	for _, c := range []struct {
		name    string
		content io.Reader
		key     string
	}{
		{"empty.pdf", strings.NewReader(""), "attach_empty"},
		{"half.jpg", bytes.NewReader(jpg[:len(jpg)/2]), "attach_damaged"},
		{"big.docx", endless, "attach_big"},
		{"big.jpg", io.MultiReader(bytes.NewReader(jpg[:100]), &zeros{}), "attach_damaged"},
	} {
		_, err := d.PutAttachment(t.Context(), c.name, c.content)
		refused(t, err, c.key)
	}
	// No more of it is read than shows that it is too large, give or take what is read at once.
	if endless.n > MaxAttachment+16*store.ChunkSize {
		t.Errorf("%d bytes were read of a file that is too large", endless.n)
	}
	if a, err := d.PutAttachment(t.Context(), "most.bin", io.LimitReader(&zeros{}, MaxAttachment)); err != nil || a.Size != MaxAttachment {
		t.Errorf("the largest: %+v, %v", a, err)
	}
	broken := errors.New("the stick was pulled")
	if _, err := d.PutAttachment(t.Context(), "a.jpg", io.MultiReader(bytes.NewReader(jpg[:300]), failing{broken})); !errors.Is(err, broken) {
		t.Errorf("a reader that breaks: %v", err)
	}
	called, off := context.WithCancel(t.Context())
	off()
	if _, err := d.PutAttachment(called, "a.jpg", bytes.NewReader(jpg)); !errors.Is(err, context.Canceled) {
		t.Errorf("called off: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestFileName_KeepsTheEndingAndNothingDangerous(t *testing.T) {
	for from, want := range map[string]string{
		"a.pdf": "a.pdf", "../../etc/passwd": "passwd", `..\..\x.exe`: "x.exe", "": "file", "///": "file", "a\x00\u202eb.txt": "ab.txt", " .x. ": "x",
		strings.Repeat("长", 100) + ".docx": strings.Repeat("长", 38) + ".docx",
	} {
		if got := fileName(from); got != want {
			t.Errorf("fileName(%q) = %q, want %q", from, got, want)
		}
	}
}

func TestDetail_NamesTheAttachmentsOfEachEntry(t *testing.T) {
	d := newDesk(t, false)
	photo, file := put(t, d.Room, "a.jpg", snapshot(t, 300, 200)), put(t, d.Room, "b.txt", []byte("记录"))
	id := d.must(t, report("op1", "JJ20260901001")).Incident
	note := incident.Fields{Text: "附现场照片。", Blobs: incident.Blobs(photo.Attachment, file.Attachment)}
	out := d.must(t, on("op1", incident.Note, id, note))
	got := detail(t, d, id).Attached
	if len(got) != 1 || !slices.Equal(got[out.Entries[0]], []Attached{photo, file}) {
		t.Errorf("attached %+v", got)
	}
	for len(note.Blobs) <= 2*MaxAttached {
		note.Blobs = append(note.Blobs, note.Blobs[:2]...)
	}
	_, err := d.Do(t.Context(), on("op1", incident.Note, id, note))
	refused(t, err, "attach_many")
}

// carry brings an attachment across by the doors of the sync layer, at most so many chunks; it reports whether it is whole.
func carry(t testing.TB, from, to *desk, chunks int) bool {
	t.Helper()
	manifest, err := from.Link().UnsentBlob()
	if err != nil || manifest == nil {
		t.Fatalf("nothing to send, error %v", err)
	}
	id := incident.AttachmentID(sha256.Sum256(manifest))
	have, err := to.Link().BeginBlob(manifest)
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(have) * 8 {
		if have[i/8]&(1<<(i%8)) != 0 {
			continue
		}
		if chunks == 0 {
			return false
		}
		chunks--
		chunk, err := from.Link().BlobChunk(id, uint32(i))
		if err != nil {
			t.Fatal(err)
		}
		if _, done, err := to.Link().PutBlobChunk(id, uint32(i), chunk); err != nil || done {
			if err != nil {
				t.Fatal(err)
			}
			return from.Link().BlobSent(id) == nil
		}
	}
	return false
}

func TestAttachment_OnTheWayUntilWholeThenTheScreenIsTold(t *testing.T) {
	a, b := newDesk(t, false), newDesk(t, false)
	file := put(t, a.Room, "b.bin", slices.Concat(bytes.Repeat([]byte{1}, store.ChunkSize), bytes.Repeat([]byte{2}, store.ChunkSize)))
	id := a.must(t, report("op1", "JJ20260901001")).Incident
	a.must(t, on("op1", incident.Note, id, incident.Fields{Text: "附件。", Blobs: incident.Blobs(file.Attachment)}))
	takeAll(t, a, b)
	heard := make(chan Change, 16)
	defer b.Subscribe(func(c Change) { heard <- c })()
	state := func() Attached {
		for _, list := range detail(t, b, id).Attached {
			return list[0]
		}
		t.Fatal("the entry names no attachment")
		return Attached{}
	}
	if got := state(); got.Here || got.Attachment != file.Attachment {
		t.Errorf("before it came: %+v", got)
	}
	if carry(t, a, b, 1) || state().Here {
		t.Error("it is whole after its first half")
	}
	_, _, err := b.OpenAttachment(file.Whole)
	refused(t, err, "attach_on_the_way")
	if !carry(t, a, b, 1) {
		t.Fatal("it is not whole after both halves")
	}
	for c := range heard {
		if c.Attachments {
			break
		}
	}
	if got := state(); got != file {
		t.Errorf("once whole: %+v, want %+v", got, file)
	}
}
