package forms

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

// files writes files with their names as content, and returns where they are.
func files(t *testing.T, names ...string) []fyne.URI {
	t.Helper()
	dir := t.TempDir()
	out := make([]fyne.URI, len(names))
	for i, name := range names {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		out[i] = storage.NewFileURI(path)
	}
	return out
}

// openNote opens the form of a note and gives its box, with the window that things are dropped on.
func openNote(t *testing.T, f *Forms, host *fakeHost) (*formDialog, *dropWindow) {
	t.Helper()
	w := &dropWindow{Window: host.window}
	f.Attach(w)
	f.Run(VerbCommand(incident.Note), f.Desk.(*fakeDesk).detail.State.ID)
	return topForm(t, f, host), w
}

func TestAttachBox_DroppedAndChosenFilesGoIntoTheAct(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	form, w := openNote(t, f, host)
	dropped := files(t, "现场.jpg", "通知.pdf")
	w.drop(fyne.Position{}, dropped)
	f.Browse = func(save bool, _ string, chosen func(string)) {
		if save {
			t.Error("asked to save")
		}
		chosen(files(t, "表.xlsx")[0].Path())
	}
	host.key(kit.CmdAttach)
	w.drop(fyne.Position{}, dropped[:1]) // the same again
	box := form.in.attachments()
	if n := len(box.rows.Objects); n != 3 || len(desk.previewed) != 0 {
		t.Fatalf("%d rows, previewed %q", n, desk.previewed)
	}
	box.remove(1)
	form.form.Set("text", "附现场照片。")
	host.key(kit.CmdConfirm)
	if len(desk.acts) != 1 {
		t.Fatalf("%d acts, banner %q", len(desk.acts), form.banner.text.Text())
	}
	got := incident.Attachments(desk.acts[0].Blobs)
	if len(got) != 2 || !got[0].Photo() || got[1].Photo() {
		t.Errorf("attached %v", got)
	}
}

func TestAttachBox_RefusalIsSaidAndNothingElseLost(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	form, w := openNote(t, f, host)
	w.drop(fyne.Position{}, files(t, "现场.jpg"))
	desk.refuseFile = &incident.Refusal{Rule: "attach", Key: "refuse.room.attach_damaged", Args: []string{"坏.jpg"}}
	w.drop(fyne.Position{}, files(t, "坏.jpg"))
	box := form.in.attachments()
	if !strings.Contains(box.note.Text(), "坏.jpg") || !box.note.Visible() || len(box.rows.Objects) != 1 {
		t.Errorf("it says %q, %d rows", box.note.Text(), len(box.rows.Objects))
	}
}

func TestAttachBox_WhatWasNotTakenIsSaidUntilTheNextDrop(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	form, w := openNote(t, f, host)
	names := make([]string, room.MaxAttached+3)
	for i := range names {
		names[i] = fmt.Sprintf("%d.jpg", i)
	}
	w.drop(fyne.Position{}, files(t, names...))
	box := form.in.attachments()
	if n := len(box.rows.Objects); n != room.MaxAttached || !box.note.Visible() || !strings.Contains(box.note.Text(), strconv.Itoa(room.MaxAttached)) {
		t.Errorf("%d rows, it says %q", n, box.note.Text())
	}
	box.remove(0)
	desk.refuseFile = &incident.Refusal{Rule: "attach", Key: "refuse.room.attach_damaged", Args: []string{"坏.jpg"}}
	w.drop(fyne.Position{}, files(t, "坏.jpg"))
	desk.refuseFile = nil
	if !strings.Contains(box.note.Text(), "坏.jpg") {
		t.Errorf("it says %q", box.note.Text())
	}
	w.drop(fyne.Position{}, files(t, "好.jpg"))
	if box.note.Visible() || len(box.rows.Objects) != room.MaxAttached {
		t.Errorf("after a good one it says %q, %d rows", box.note.Text(), len(box.rows.Objects))
	}
}

func TestAttachBox_StaysInTheDraftAlsoWhenStoredAfterClosing(t *testing.T) {
	f, desk, host := window(t, incident.RoleOperator)
	_, w := openNote(t, f, host)
	w.drop(fyne.Position{}, files(t, "一.jpg"))
	var later []func()
	work := f.Work
	f.Work = func(job func()) { later = append(later, job) }
	w.drop(fyne.Position{}, files(t, "二.jpg"))
	form := topForm(t, f, host)
	form.form.Set("text", "附现场照片。")
	host.key(kit.CmdConfirm)
	if len(desk.acts) != 0 || !strings.Contains(form.banner.text.Text(), "二.jpg") {
		t.Fatalf("sent while a file is being stored; banner %q", form.banner.text.Text())
	}
	host.key(kit.CmdBack)
	f.Work = work
	for _, job := range slices.Backward(later) { // closing kept a draft: that write is older
		job()
	}
	f.Run(VerbCommand(incident.Note), desk.detail.State.ID)
	box := topForm(t, f, host).in.attachments()
	if n := len(box.rows.Objects); n != 2 {
		t.Errorf("%d attachments came back, drafts %v", n, desk.drafts)
	}
	if box.small[attachmentsOf(t, box)[0].Preview] == nil {
		t.Error("no preview beside a photo out of the draft")
	}
}

func attachmentsOf(t *testing.T, b *attachBox) []incident.Attachment {
	t.Helper()
	var to incident.Fields
	if err := setAttachments(nil, &to, b.in.form.Value(attachField)); err != nil {
		t.Fatal(err)
	}
	return incident.Attachments(to.Blobs)
}

func TestAttachment_LineReadsBack(t *testing.T) {
	a := attachment{incident.Attachment{Preview: incident.AttachmentID{1}, Whole: incident.AttachmentID{2}}, 1234, "现场 照片 1.jpg"}
	if got, err := attachmentOf(a.line()); err != nil || got != a {
		t.Errorf("read %+v, %v", got, err)
	}
	for _, bad := range []string{"", "a b c d", strings.Replace(a.line(), "1234", "x", 1), a.line()[2:]} {
		if _, err := attachmentOf(bad); err == nil {
			t.Errorf("%q is an attachment", bad)
		}
	}
}
