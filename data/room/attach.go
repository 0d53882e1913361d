package room

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"zw110/data/assess"
	"zw110/data/incident"
	"zw110/data/photo"
	"zw110/data/store"
)

// What an act may carry.
const (
	// MaxAttachment bounds a file in bytes, MaxAttached the photos and files of one act.
	MaxAttachment = store.MaxBlob
	MaxAttached   = 50
	// maxFileName bounds a file's name in bytes.
	maxFileName = 120

	mimeJPEG = "image/jpeg"

	// attaching stands for the verb where an attachment is refused.
	attaching incident.Verb = "attach"
)

// Attached is a photo or file as a screen shows it. Name, Mime, Size and the pixels are known once it is here.
type Attached struct {
	incident.Attachment
	Name          string // as the file was called; photos have none
	Mime          string
	Size          int64          // bytes
	Width, Height int            // pixels; 0 for what is no picture
	Taken         incident.Stamp // by the camera's clock; 0 when it said nothing
	Here          bool           // whole here, else on its way
	PreviewHere   bool
}

// PutAttachment stores a photo or file for an act to name with incident.Blobs; until one does, nobody else knows of it. A JPEG or PNG is
// kept upright, at most 2,048 pixels long and without what the camera wrote about itself, with a preview; anything else as it is, with
// its name. What is empty, too large or damaged is refused.
func (r *Room) PutAttachment(ctx context.Context, name string, content io.Reader) (Attached, error) {
	name = fileName(name)
	in := &bounded{ctx: ctx, from: content}
	head := make([]byte, 16)
	n, err := io.ReadFull(in, head)
	if n == 0 && errors.Is(err, io.EOF) {
		return Attached{}, refusal(attaching, "attach_empty", name)
	}
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Attached{}, fmt.Errorf("read attachment: %w", err)
	}
	again := io.MultiReader(bytes.NewReader(head[:n]), in)
	var a Attached
	if photo.Known(head[:n]) {
		a, err = r.putPhoto(ctx, again)
	} else {
		a, err = r.putFile(name, again)
	}
	switch {
	case ctx.Err() != nil:
		return Attached{}, ctx.Err()
	case in.over || errors.Is(err, store.ErrTooBig):
		return Attached{}, refusal(attaching, "attach_big", name)
	case errors.Is(err, photo.ErrPixels):
		return Attached{}, refusal(attaching, "attach_pixels", name)
	case errors.Is(err, photo.ErrDamaged) && in.err == nil:
		return Attached{}, refusal(attaching, "attach_damaged", name)
	case err != nil:
		return Attached{}, fmt.Errorf("keep attachment: %w", err)
	}
	a.Here, a.PreviewHere = true, a.Photo()
	return a, nil
}

// putPhoto keeps a picture and its preview.
func (r *Room) putPhoto(ctx context.Context, content io.Reader) (a Attached, err error) {
	select {
	case r.darkroom <- struct{}{}:
		defer func() { <-r.darkroom }()
	case <-ctx.Done():
		return a, ctx.Err()
	}
	whole, preview, err := photo.Read(content)
	if err != nil {
		return a, err
	}
	if a.Preview, err = r.putPicture(preview); err != nil {
		return a, err
	}
	a.Mime, a.Size, a.Width, a.Height = mimeJPEG, int64(len(whole.JPEG)), whole.Width, whole.Height
	a.Taken = incident.StampOf(whole.Taken)
	a.Whole, err = r.putPicture(whole)
	return a, err
}

// The parameters of a photo's media type: when the camera says that it was taken, and what it looks like.
const (
	paramTaken = "taken"
	paramLook  = "look"
)

// photoType is the media type of a picture with its parameters.
func photoType(p photo.Picture) string {
	params := map[string]string{}
	if !p.Taken.IsZero() {
		params[paramTaken] = p.Taken.In(incident.Local).Format(time.RFC3339)
	}
	if p.Look != 0 {
		params[paramLook] = strconv.FormatUint(uint64(p.Look), 16)
	}
	return mime.FormatMediaType(mimeJPEG, params)
}

// photoOf returns what a photo's manifest says of it, false for one that is not here.
func (r *Room) photoOf(id incident.AttachmentID) (assess.Photo, bool) {
	blob, _, err := r.store.OpenBlob(store.BlobID(id))
	if err != nil {
		return assess.Photo{}, false // on its way, or damaged: nothing is said of it
	}
	_, params, err := mime.ParseMediaType(blob.Mime)
	if err != nil {
		return assess.Photo{}, false
	}
	out := assess.Photo{Taken: takenOf(params)}
	if look, err := strconv.ParseUint(params[paramLook], 16, 64); err == nil {
		out.Look = look
		out.Like = func(o assess.Photo) bool { return photo.Look(look).Like(photo.Look(o.Look)) }
	}
	return out, true
}

func takenOf(params map[string]string) incident.Stamp {
	t, err := time.Parse(time.RFC3339, params[paramTaken])
	if err != nil {
		return 0
	}
	return incident.StampOf(t)
}

func (r *Room) putPicture(p photo.Picture) (incident.AttachmentID, error) {
	id, err := r.store.PutBlob(store.Blob{Mime: photoType(p), Width: uint32(p.Width), Height: uint32(p.Height)}, bytes.NewReader(p.JPEG))
	return incident.AttachmentID(id), err
}

// putFile keeps what is no picture as it is; its name is a parameter of its media type.
func (r *Room) putFile(name string, content io.Reader) (a Attached, err error) {
	size := &counted{from: content}
	a.Name, a.Mime = name, mediaType(name)
	id, err := r.store.PutBlob(store.Blob{Mime: mime.FormatMediaType(a.Mime, map[string]string{"name": name})}, size)
	a.Preview, a.Whole, a.Size = incident.AttachmentID(id), incident.AttachmentID(id), size.n
	return a, err
}

// OpenAttachment returns what an attachment is and its content. One that is still on its way is refused.
func (r *Room) OpenAttachment(id incident.AttachmentID) (Attached, io.Reader, error) {
	blob, content, err := r.store.OpenBlob(store.BlobID(id))
	if errors.Is(err, store.ErrNotFound) {
		return Attached{}, nil, refusal(attaching, "attach_on_the_way")
	}
	a := Attached{Attachment: incident.Attachment{Preview: id, Whole: id}}
	a.describe(blob)
	return a, content, err
}

// Thumbnail returns the small picture of a photo as a JPEG; nil while it is on its way.
func (r *Room) Thumbnail(a incident.Attachment) ([]byte, error) {
	_, content, err := r.store.OpenBlob(store.BlobID(a.Preview))
	switch {
	case errors.Is(err, store.ErrNotFound) || !a.Photo():
		return nil, nil
	case err != nil:
		return nil, err
	}
	// No desk makes a larger one; another program might.
	b, err := io.ReadAll(io.LimitReader(content, 4*photo.MaxPreview))
	return b, err
}

// attachedTo describes the attachments that a log names.
func (r *Room) attachedTo(log []incident.LogLine) (map[incident.EntryID][]Attached, error) {
	var out map[incident.EntryID][]Attached
	for i := range log {
		l := &log[i]
		if l.Fact == nil || len(l.Fact.Blobs) == 0 {
			continue
		}
		for _, a := range incident.Attachments(l.Fact.Blobs) {
			seen, err := r.attached(a)
			if err != nil {
				return nil, err
			}
			if out == nil {
				out = map[incident.EntryID][]Attached{}
			}
			out[l.Entry] = append(out[l.Entry], seen)
		}
	}
	return out, nil
}

func (r *Room) attached(a incident.Attachment) (Attached, error) {
	out := Attached{Attachment: a}
	blob, _, err := r.store.OpenBlob(store.BlobID(a.Whole))
	switch {
	case err == nil:
		out.Here = true
		out.describe(blob)
	case !errors.Is(err, store.ErrNotFound):
		return out, err
	}
	if !a.Photo() {
		return out, nil
	}
	_, _, err = r.store.OpenBlob(store.BlobID(a.Preview))
	out.PreviewHere = err == nil
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return out, err
}

func (a *Attached) describe(b store.Blob) {
	a.Mime, a.Size, a.Width, a.Height = b.Mime, int64(b.Size), int(b.Width), int(b.Height)
	if kind, params, err := mime.ParseMediaType(b.Mime); err == nil {
		// The name came over the network: it is cut like one that was typed.
		a.Mime, a.Taken = kind, takenOf(params)
		if params["name"] != "" {
			a.Name = fileName(params["name"])
		}
	}
}

// fileName returns the last part of a path without what no file system takes, at most maxFileName bytes long, its ending kept.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Trim(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`/:*?"<>|`, r) {
			return -1
		}
		return r
	}, name), " .")
	if name == "" {
		return "file"
	}
	ending := path.Ext(name)
	if len(ending) > 16 {
		ending = ""
	}
	stem := strings.TrimSuffix(name, ending)
	for len(stem)+len(ending) > maxFileName {
		_, size := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-size]
	}
	return stem + ending
}

// mediaType names what a file is by its ending, the same at every desk whatever its system knows.
func mediaType(name string) string {
	kinds := map[string]string{
		".pdf": "application/pdf", ".txt": "text/plain", ".csv": "text/csv",
		".doc": "application/msword", ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		".xls": "application/vnd.ms-excel", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".wav": "audio/wav", ".amr": "audio/amr", ".mp4": "video/mp4", ".heic": "image/heic",
	}
	if kind := kinds[strings.ToLower(path.Ext(name))]; kind != "" {
		return kind
	}
	return "application/octet-stream"
}

// bounded reads until the context ends or one byte more than an attachment may have has come.
type bounded struct {
	ctx  context.Context
	from io.Reader
	n    int64
	over bool
	err  error // of the reader, other than its end
}

// Read stops with store.ErrTooBig.
func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.from.Read(p)
	if b.n += int64(n); b.n > MaxAttachment {
		b.over = true
		return 0, store.ErrTooBig
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// counted counts what is read.
type counted struct {
	from io.Reader
	n    int64
}

// Read counts.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += int64(n)
	return n, err
}
