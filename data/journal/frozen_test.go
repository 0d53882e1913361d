package journal

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zw110/data/incident"
)

// The entries in testdata/v1 lie on disks: each must be read for ever, field by field, and be written again with the same bytes.
func TestDecode_EntriesOfTheFirstVersionForEver(t *testing.T) {
	c := newCodec(t)
	files, err := filepath.Glob(filepath.Join("testdata", "v1", "*.golden"))
	if err != nil || len(files) != 46 {
		t.Fatalf("%d golden files, error %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := hex.DecodeString(strings.TrimSpace(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		r, err := c.Decode(raw)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		again, err := c.Encode(r)
		if err != nil || !bytes.Equal(again, raw) {
			t.Errorf("%s: written again as %x, error %v", file, again, err)
		}
		inner, _, err := c.Unwrap(r, incident.Origin{})
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		fact, err := c.Fact(inner)
		if err != nil || fact == nil {
			t.Fatalf("%s: fact %+v, error %v", file, fact, err)
		}
		payload, err := c.EncodeFact(fact)
		if err != nil || !bytes.Equal(payload, inner.Payload) {
			t.Errorf("%s: payload is read and written as\n%x, was\n%x, error %v", file, payload, inner.Payload, err)
		}
	}
}
