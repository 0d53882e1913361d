package journal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"

	"zw110/data/incident"
)

var update = flag.Bool("update", false, "write the golden files anew")

func newCodec(t testing.TB) *Codec {
	t.Helper()
	c, err := NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// kinds returns every kind this version writes.
func kinds() []incident.Kind {
	var all []incident.Kind
	for k := incident.KindRegistered; k <= incident.KindWarningHandled; k++ {
		all = append(all, k)
	}
	for k := incident.KindSettingChanged; k <= incident.KindListUnsealed; k++ {
		all = append(all, k)
	}
	for k := incident.KindDeskEnrolled; k <= incident.KindHubRewound; k++ {
		all = append(all, k)
	}
	return all
}

// filled sets every field of a fact to something, so that a golden file holds each key.
func filled(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("文%d", *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.25)
	case reflect.Uint8:
		v.SetUint(uint64(*n % 256))
	case reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(*n))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		filled(v.Index(0), n)
		filled(v.Index(1), n)
	case reflect.Array:
		for i := range v.Len() {
			filled(v.Index(i), n)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, val := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		filled(key, n)
		filled(val, n)
		v.SetMapIndex(key, val)
	case reflect.Struct:
		for i := range v.NumField() {
			filled(v.Field(i), n)
		}
	}
}

func sampleFact(kind incident.Kind) *incident.Fact {
	f := new(incident.Fact)
	n := 0
	filled(reflect.ValueOf(f).Elem(), &n)
	f.Kind = kind
	f.Incident = incident.IncidentID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	f.Reporter, f.Into = nil, "" // never in a payload
	return f
}

func sampleRecord(t testing.TB, c *Codec, kind incident.Kind) Record {
	t.Helper()
	f := sampleFact(kind)
	payload, err := c.EncodeFact(f)
	if err != nil {
		t.Fatal(err)
	}
	return Record{
		Seq: uint64(kind), HLC: 1_755_216_060_000 << 16, Scope: 330825111, Incident: f.Incident,
		Parents: []incident.ParentRef{{1, 2, 3, 4, 5, 6, 7, 8}}, Actor: "op1", Kind: kind, Ver: PayloadVersion, Payload: payload,
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(hex.EncodeToString(got)+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if hex.EncodeToString(got) != strings.TrimSpace(string(want)) {
		t.Errorf("bytes of %s changed; entries are for ever\n got %x\nwant %s", name, got, want)
	}
}

func TestEncode_GoldenBytesOfEveryKind(t *testing.T) {
	c := newCodec(t)
	for _, kind := range kinds() {
		r := sampleRecord(t, c, kind)
		b, err := c.Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, fmt.Sprintf("kind%02d", kind), b)
		back, err := c.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, r) {
			t.Errorf("kind %d: decoded %+v, want %+v", kind, back, r)
		}
		fact, err := c.Fact(back)
		if err != nil {
			t.Fatal(err)
		}
		if want := sampleFact(kind); !reflect.DeepEqual(fact, want) {
			t.Errorf("kind %d: fact %+v, want %+v", kind, fact, want)
		}
	}
	inner, err := c.Encode(sampleRecord(t, c, incident.KindRegistered))
	if err != nil {
		t.Fatal(err)
	}
	moved, err := c.WrapMoved(incident.Origin{16: 9, 17: 8}, inner)
	if err != nil {
		t.Fatal(err)
	}
	moved.Seq, moved.HLC = 3, 1_755_216_060_000<<16
	b, err := c.Encode(moved)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "kind01", b)
}

func TestEncode_OpenReporterNeverInPayload(t *testing.T) {
	c := newCodec(t)
	f := sampleFact(incident.KindRegistered)
	f.Reporter = &incident.Reporter{Name: "张三丰", Phone: "13800138000", IDNo: "330825199001011234", Address: "双联新村12号"}
	b, err := c.EncodeFact(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"张三丰", "13800138000", "330825199001011234", "双联新村12号"} {
		if bytes.Contains(b, []byte(secret)) {
			t.Errorf("payload holds %q", secret)
		}
	}
}

func TestDecode_UnknownKindKeepsItsBytes(t *testing.T) {
	c := newCodec(t)
	for _, r := range []Record{
		{Seq: 1, Kind: 999, Ver: 1, Payload: []byte{0xff, 0x00, 0x13}},
		{Seq: 2, Kind: incident.KindRegistered, Ver: 2, Payload: []byte{0xa1, 0x01, 0x02}},
	} {
		b, err := c.Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		back, err := c.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if e := c.Entry(back, incident.Origin{}, incident.EntryID{}); e.Fact != nil {
			t.Errorf("kind %d version %d has a fact", e.Kind, e.Ver)
		}
		again, err := c.Encode(back)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again, b) {
			t.Errorf("encoding again gives %x, want %x", again, b)
		}
	}
}

func TestFact_PassesOverKeysOfANewerProgram(t *testing.T) {
	c := newCodec(t)
	payload, err := c.enc.Marshal(map[int]any{1: 1000, 41: "到场", 7777: "later"})
	if err != nil {
		t.Fatal(err)
	}
	f, err := c.Fact(Record{Seq: 1, Kind: incident.KindNoted, Ver: 1, Payload: payload})
	if err != nil || f.Text != "到场" || f.At != 1000 {
		t.Errorf("fact %+v, error %v", f, err)
	}
}

func TestFact_KeepsTextThatIsNoUTF8(t *testing.T) {
	c := newCodec(t)
	payload, err := c.EncodeFact(&incident.Fact{Kind: incident.KindRegistered, Fields: incident.Fields{Raw: "\xb9\xe3\xb2\xa5"}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := c.Fact(Record{Seq: 1, Kind: incident.KindRegistered, Ver: 1, Payload: payload})
	if err != nil || f.Raw != "\xb9\xe3\xb2\xa5" {
		t.Errorf("fact %+v, error %v", f, err)
	}
}

func TestDecode_RefusesOtherSpellings(t *testing.T) {
	c := newCodec(t)
	good, err := c.Encode(Record{Seq: 5, Kind: incident.KindNoted, Ver: 1, Payload: []byte{0xa0}})
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string][]byte{
		"empty":             {},
		"sequence in 2":     append([]byte{0x89, 0x18, 0x05}, good[2:]...),
		"trailing byte":     append(bytes.Clone(good), 0),
		"array of 8":        append([]byte{0x88}, good[1:]...),
		"sequence 0":        append([]byte{0x89, 0x00}, good[2:]...),
		"indefinite length": append(append([]byte{0x9f}, good[1:]...), 0xff),
	}
	for name, b := range cases {
		if _, err := c.Decode(b); !errors.Is(err, ErrCodec) {
			t.Errorf("%s: error %v, want ErrCodec", name, err)
		}
	}
	if _, err := c.Decode(make([]byte, MaxEntry+1)); !errors.Is(err, ErrTooBig) {
		t.Errorf("64 KiB and one: error %v", err)
	}
	big := Record{Seq: 1, Kind: incident.KindNoted, Ver: 1, Payload: make([]byte, MaxEntry)}
	if _, err := c.Encode(big); !errors.Is(err, ErrTooBig) {
		t.Errorf("encode of a big one: error %v", err)
	}
	if _, err := c.Encode(Record{Seq: 1, Parents: make([]incident.ParentRef, MaxParents+1)}); !errors.Is(err, ErrCodec) {
		t.Errorf("9 parents: error %v", err)
	}
}

func genRecord() *rapid.Generator[Record] {
	return rapid.Custom(func(t *rapid.T) Record {
		r := Record{
			Seq: rapid.Uint64Min(1).Draw(t, "seq"), HLC: incident.HLC(rapid.Uint64().Draw(t, "hlc")),
			Scope: incident.ScopeID(rapid.Uint32().Draw(t, "scope")), Actor: incident.Login(rapid.String().Draw(t, "actor")),
			Kind: incident.Kind(rapid.Uint16().Draw(t, "kind")), Ver: rapid.Uint16().Draw(t, "ver"),
			Payload: rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "payload"), Parents: []incident.ParentRef{},
		}
		for range rapid.IntRange(0, MaxParents).Draw(t, "parents") {
			var p incident.ParentRef
			copy(p[:], rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "parent"))
			r.Parents = append(r.Parents, p)
		}
		copy(r.Incident[:], rapid.SliceOfN(rapid.Byte(), 0, 16).Draw(t, "incident"))
		return r
	})
}

func TestCodec_DecodeInvertsEncode(t *testing.T) {
	c := newCodec(t)
	rapid.Check(t, func(t *rapid.T) {
		r := genRecord().Draw(t, "record")
		b, err := c.Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		back, err := c.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, r) {
			t.Fatalf("got %+v, want %+v", back, r)
		}
	})
}

func FuzzDecode(f *testing.F) {
	c := newCodec(f)
	for _, kind := range kinds() {
		b, err := c.Encode(sampleRecord(f, c, kind))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{0x89, 1, 2, 3, 0xf6, 0x80, 0x60, 10, 1, 0x41, 0xa0})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := c.Decode(b)
		if err != nil {
			return
		}
		again, err := c.Encode(r)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x decoded and encoded gives %x, %v", b, again, err)
		}
		c.Entry(r, incident.Origin{}, incident.EntryID{})
		if _, _, err := c.Unwrap(r, incident.Origin{}); err != nil && !errors.Is(err, ErrCodec) && !errors.Is(err, ErrTooBig) {
			t.Fatalf("unwrap: %v", err)
		}
	})
}

func FuzzFact(f *testing.F) {
	c := newCodec(f)
	for _, kind := range kinds() {
		f.Add(uint16(kind), sampleRecord(f, c, kind).Payload)
	}
	f.Fuzz(func(t *testing.T, kind uint16, payload []byte) {
		fact, err := c.Fact(Record{Seq: 1, Kind: incident.Kind(kind), Ver: 1, Payload: payload})
		if err != nil || fact == nil {
			return
		}
		once, err := c.EncodeFact(fact)
		if err != nil {
			t.Fatal(err)
		}
		again, err := c.Fact(Record{Seq: 1, Kind: incident.Kind(kind), Ver: 1, Payload: once})
		if err != nil {
			t.Fatal(err)
		}
		twice, err := c.EncodeFact(again)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%x then %x, %v", once, twice, err)
		}
	})
}

func TestState_SurvivesTheCacheWithoutItsLog(t *testing.T) {
	c := newCodec(t)
	var st incident.State
	n := 0
	filled(reflect.ValueOf(&st).Elem(), &n)
	b, err := c.EncodeState(&st)
	if err != nil {
		t.Fatal(err)
	}
	back, err := c.DecodeState(b)
	if err != nil {
		t.Fatal(err)
	}
	st.Log, st.Reporter, st.Into = nil, nil, ""
	if !reflect.DeepEqual(back, st) {
		t.Errorf("got %+v\nwant %+v", back, st)
	}
	small, err := c.EncodeState(&incident.State{ID: incident.IncidentID{1}, Status: incident.Received})
	if err != nil || len(small) > 64 {
		t.Errorf("a nearly empty state takes %d bytes, %v", len(small), err)
	}
	var keys map[any]cbor.RawMessage
	if err := cbor.Unmarshal(b, &keys); err != nil {
		t.Fatal(err)
	}
	for k := range keys {
		if name, isText := k.(string); isText {
			t.Errorf("field %s of State has no cbor key", name)
		}
	}
}
