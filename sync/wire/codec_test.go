package wire

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
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

// messages returns one message of each type with every field set.
func messages() []Message {
	var all []Message
	n := 0
	for _, m := range []any{
		&Challenge{}, &Hello{}, &Welcome{}, &Ready{}, &Vector{}, &Push{}, &Ack{}, &Feed{}, &FeedAck{}, &HashAt{}, &HashIs{},
		&Want{}, &Give{}, &BlobOffer{}, &BlobNeed{}, &BlobChunk{}, &BlobDone{}, &Beat{}, &Notice{}, &Fault{}, &Enrol{}, &Enrolled{},
		&Keys{}, &Presence{},
	} {
		fill(reflect.ValueOf(m).Elem(), &n)
		if filled, ok := reflect.ValueOf(m).Elem().Interface().(Message); ok {
			all = append(all, filled)
		}
	}
	return all
}

func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString("文" + hex.EncodeToString([]byte{byte(*n)}))
	case reflect.Int64:
		v.SetInt(int64(*n) << 33)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8:
		v.SetUint(uint64(*n % 200))
	case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(*n) * 3)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "_" {
				fill(v.Field(i), n)
			}
		}
	}
}

func TestCodec_GoldenBytes(t *testing.T) {
	c := newCodec(t)
	seen := map[Type]bool{}
	for _, m := range messages() {
		seen[m.Type()] = true
		name := strings.ToLower(reflect.TypeOf(m).Name())
		t.Run(name, func(t *testing.T) {
			frame, err := c.Encode(m)
			if err != nil {
				t.Fatal(err)
			}
			body := frame[1:]
			if frame[0] == flagDeflate { // golden bytes are those before compressing, which may differ between versions of Go
				if body, err = c.inflate(body); err != nil {
					t.Fatal(err)
				}
			}
			file := filepath.Join("testdata", name+".hex")
			if *update {
				if err := os.WriteFile(file, []byte(hex.EncodeToString(body)+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(body); got != strings.TrimSpace(string(want)) {
				t.Errorf("encoded to\n%s\nwant\n%s", got, want)
			}
			back, err := c.Decode(frame)
			if err != nil || !reflect.DeepEqual(back, m) {
				t.Errorf("decoded to %+v, error %v\nwant %+v", back, err, m)
			}
		})
	}
	if len(seen) != len(decoders) {
		t.Errorf("%d types tested of %d", len(seen), len(decoders))
	}
}

func TestDecode_RefusesWhatIsNoMessage(t *testing.T) {
	c := newCodec(t)
	var bomb bytes.Buffer
	bomb.WriteByte(flagDeflate)
	w, err := flate.NewWriter(&bomb, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 64 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	beat, err := c.Encode(Beat{Time: 1})
	if err != nil {
		t.Fatal(err)
	}
	deep := append([]byte{flagPlain, 0xa2, 0, byte(TypeBeat), 4}, bytes.Repeat([]byte{0x81}, 100)...)
	for name, tc := range map[string]struct {
		frame []byte
		want  error
	}{
		"nothing":           {nil, ErrProtocol},
		"flag only":         {[]byte{0}, ErrProtocol},
		"other flag":        {append([]byte{2}, beat[1:]...), ErrProtocol},
		"text":              {[]byte(`{"type":18}`), ErrProtocol},
		"cut":               {beat[:len(beat)-3], ErrProtocol},
		"tail":              {append(bytes.Clone(beat), 0), ErrProtocol},
		"no type":           {[]byte{flagPlain, 0xa1, 1, 1}, ErrProtocol},
		"type is text":      {[]byte{flagPlain, 0xa1, 0, 0x61, 'x'}, ErrProtocol},
		"unknown type":      {[]byte{flagPlain, 0xa1, 0, 0x18, 99}, ErrUnknown},
		"key twice":         {[]byte{flagPlain, 0xa3, 0, byte(TypeFeedAck), 1, 1, 1, 2}, ErrProtocol},
		"indefinite":        {[]byte{flagPlain, 0xbf, 0, byte(TypeFeedAck), 1, 1, 0xff}, ErrProtocol},
		"too deep":          {deep, ErrProtocol},
		"wrong field":       {[]byte{flagPlain, 0xa2, 0, byte(TypeFeedAck), 1, 0x61, 'x'}, ErrProtocol},
		"no deflate stream": {[]byte{flagDeflate, 0xff, 0xff, 0xff}, ErrProtocol},
		"bomb":              {bomb.Bytes(), ErrTooBig},
		"too long":          {make([]byte, MaxFrame+1), ErrTooBig},
	} {
		if m, err := c.Decode(tc.frame); !errors.Is(err, tc.want) {
			t.Errorf("%s: message %+v, error %v, want %v", name, m, err, tc.want)
		}
	}
	var unknown *UnknownError
	if _, err := c.Decode([]byte{flagPlain, 0xa1, 0, 0x18, 99}); !errors.As(err, &unknown) || unknown.Type != 99 {
		t.Errorf("unknown type: %v", err)
	}
}

func TestDecode_PassesOverUnknownKeysAndOtherOrders(t *testing.T) {
	c := newCodec(t)
	for name, body := range map[string][]byte{
		"unknown key": {0xa3, 0, byte(TypeFeedAck), 1, 7, 0x18, 50, 0x63, 'n', 'e', 'w'},
		"type last":   {0xa2, 1, 7, 0, byte(TypeFeedAck)},
	} {
		if m, err := c.Decode(append([]byte{flagPlain}, body...)); err != nil || m != (FeedAck{Pos: 7}) {
			t.Errorf("%s: %+v, error %v", name, m, err)
		}
	}
}

func TestEncode_Limits(t *testing.T) {
	c := newCodec(t)
	frame, err := c.Encode(BlobChunk{Bytes: make([]byte, BlobChunkSize)})
	if err != nil || frame[0] != flagDeflate || len(frame) > 2000 {
		t.Errorf("zeros: flag %d, %d bytes, error %v", frame[0], len(frame), err)
	}
	random := sha256.Sum256([]byte("what doesn't become smaller"))
	noise := random[:]
	for len(noise) < 600 {
		random = sha256.Sum256(noise)
		noise = append(noise, random[:]...)
	}
	if frame, err = c.Encode(BlobChunk{Bytes: noise}); err != nil || frame[0] != flagPlain {
		t.Errorf("noise: flag %d, error %v", frame[0], err)
	}
	if _, err := c.Encode(BlobChunk{Bytes: make([]byte, MaxBody)}); !errors.Is(err, ErrTooBig) {
		t.Errorf("a body over the limit: %v", err)
	}
	if frame, err = c.Encode(Keys{}); err != nil || frame[0] != flagPlain {
		t.Errorf("small: flag %d, error %v", frame[0], err)
	}
}

func FuzzDecode(f *testing.F) {
	c := newCodec(f)
	for _, m := range messages() {
		frame, err := c.Encode(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame)
		if body, err := c.body(m); err == nil {
			f.Add(body)
		}
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		m, err := c.Decode(frame)
		if err != nil {
			if !errors.Is(err, ErrProtocol) && !errors.Is(err, ErrTooBig) && !errors.Is(err, ErrUnknown) {
				t.Fatalf("error without a kind: %v", err)
			}
			return
		}
		again, err := c.Encode(m)
		if err != nil {
			t.Fatalf("%+v decodes and doesn't encode: %v", m, err)
		}
		back, err := c.Decode(again)
		if err != nil {
			t.Fatal(err)
		}
		once, err := cbor.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := cbor.Marshal(back)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%+v became %+v (%v)", m, back, err)
		}
	})
}
