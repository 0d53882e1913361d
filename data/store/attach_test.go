package store

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"zw110/data/journal"
)

func TestAttachment_TravelsInPiecesAndGoesOn(t *testing.T) {
	from, to := create(t), create(t)
	content := make([]byte, 3*ChunkSize+77)
	for i := range content {
		content[i] = byte(i*i>>7) + byte(i/ChunkSize) // no two pieces alike
	}
	id, err := from.PutBlob(Blob{Mime: "image/jpeg"}, bytes.NewReader(content))
	must(t, err)
	if m, err := from.UnsentBlob(); err != nil || m != nil {
		t.Errorf("a photo that no entry names is to be sent: %x, error %v", m, err)
	}
	d := note(incidentNo(1), "现场照片")
	d.Fact.Blobs = [][]byte{id[:]}
	appendAll(t, from, d)
	raw, err := from.UnsentBlob()
	must(t, err)
	if BlobID(hashOf(raw)) != id {
		t.Fatalf("to be sent: manifest %x", raw)
	}
	if _, err := to.BeginBlob(raw); !errors.Is(err, ErrNotFound) {
		t.Errorf("a photo that no entry names was taken: %v", err)
	}
	if _, err := to.AppendForeign([]journal.Run{wholeRun(t, from, from.Origin())}, "county", nil); err != nil {
		t.Fatal(err)
	}
	want, have, found, err := to.LackingBlob(BlobID{})
	if err != nil || !found || want != id || have != nil {
		t.Fatalf("lacks %x with %x, found %v, error %v", want, have, found, err)
	}
	if have, err = to.BeginBlob(raw); err != nil || !bytes.Equal(have, []byte{0}) {
		t.Fatalf("has %x at the beginning, error %v", have, err)
	}
	piece := func(i uint32) []byte {
		chunk, err := from.BlobChunk(id, i)
		must(t, err)
		return chunk
	}
	if _, _, err := to.PutBlobChunk(id, 1, piece(0)); !errors.Is(err, ErrInvalid) {
		t.Errorf("another piece was taken: %v", err)
	}
	for i, wantHave := range []byte{0b0001, 0b1001} {
		have, whole, err := to.PutBlobChunk(id, uint32(3*i), piece(uint32(3*i)))
		if err != nil || whole || !bytes.Equal(have, []byte{wantHave}) {
			t.Errorf("after %d pieces has %b, whole %v, error %v", i+1, have, whole, err)
		}
	}
	to = reopen(t, to) // cut off in the middle
	if _, have, found, err = to.LackingBlob(BlobID{}); err != nil || !found || !bytes.Equal(have, []byte{0b1001}) {
		t.Errorf("after the cut has %b, found %v, error %v", have, found, err)
	}
	for _, i := range []uint32{2, 1} {
		_, whole, err := to.PutBlobChunk(id, i, piece(i))
		if err != nil || whole != (i == 1) {
			t.Errorf("piece %d: whole %v, error %v", i, whole, err)
		}
	}
	info, r, err := to.OpenBlob(id)
	must(t, err)
	got, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(got, content) || info.Mime != "image/jpeg" {
		t.Errorf("%d bytes of %s, error %v", len(got), info.Mime, err)
	}
	if _, _, found, err := to.LackingBlob(BlobID{}); err != nil || found {
		t.Errorf("still lacks something: %v, error %v", found, err)
	}
	if m, err := to.UnsentBlob(); err != nil || m != nil {
		t.Errorf("sends back what came: %x, error %v", m, err)
	}
	must(t, from.BlobSent(id))
	if m, err := from.UnsentBlob(); err != nil || m != nil {
		t.Errorf("sends once more: %x, error %v", m, err)
	}
	for _, s := range []*Store{from, to} {
		if rep := verify(t, s); len(rep.Faults) > 0 {
			t.Errorf("faults %+v", rep.Faults)
		}
	}
}
