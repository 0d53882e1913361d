package wire

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"

	"zw110/data/incident"
	"zw110/data/journal"
)

func keyPair(b byte) (ed25519.PublicKey, ed25519.PrivateKey) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize))
	return ed25519.PublicKey(key[ed25519.SeedSize:]), key
}

func TestHello_SignatureBindsAllOfIt(t *testing.T) {
	c := newCodec(t)
	pub, key := keyPair(1)
	other, _ := keyPair(2)
	hub, nonce, exp := HubID{1}, Nonce{2}, Exporter{3}
	h, err := c.SignHello(key, Hello{Proto: 1, Desk: DeskID{4}, HeadSeq: 5, Cursor: &Cursor{Pos: 6}, App: "zw110"}, hub, nonce, exp)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.VerifyHello(pub, h, hub, nonce, exp); err != nil {
		t.Errorf("good: %v", err)
	}
	seq, cursor, desk := h, h, h
	seq.HeadSeq, cursor.Cursor, desk.Nonce = 6, nil, Nonce{9}
	for name, err := range map[string]error{
		"another key":      c.VerifyHello(other, h, hub, nonce, exp),
		"another hub":      c.VerifyHello(pub, h, HubID{9}, nonce, exp),
		"another nonce":    c.VerifyHello(pub, h, hub, Nonce{9}, exp),
		"another session":  c.VerifyHello(pub, h, hub, nonce, Exporter{}),
		"another head":     c.VerifyHello(pub, seq, hub, nonce, exp),
		"another cursor":   c.VerifyHello(pub, cursor, hub, nonce, exp),
		"another own side": c.VerifyHello(pub, desk, hub, nonce, exp),
		"no key":           c.VerifyHello(nil, h, hub, nonce, exp),
	} {
		if !errors.Is(err, ErrSignature) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestWelcome_SignatureBindsBothNonces(t *testing.T) {
	c := newCodec(t)
	pub, key := keyPair(1)
	hub, a, b, exp := HubID{1}, Nonce{2}, Nonce{3}, Exporter{4}
	w, err := c.SignWelcome(key, Welcome{Verdict: VerdictHubBehind, Credit: Credit}, hub, a, b, exp)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.VerifyWelcome(pub, w, hub, a, b, exp); err != nil {
		t.Errorf("good: %v", err)
	}
	better := w
	better.Verdict = VerdictOK
	for name, err := range map[string]error{
		"hub's nonce":     c.VerifyWelcome(pub, w, hub, Nonce{}, b, exp),
		"desk's nonce":    c.VerifyWelcome(pub, w, hub, a, Nonce{}, exp),
		"swapped":         c.VerifyWelcome(pub, w, hub, b, a, exp),
		"session":         c.VerifyWelcome(pub, w, hub, a, b, Exporter{}),
		"another verdict": c.VerifyWelcome(pub, better, hub, a, b, exp),
	} {
		if !errors.Is(err, ErrSignature) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestBaton_BelongsToOneLine(t *testing.T) {
	secret, origin := [32]byte{1}, incident.Origin{2}
	b := NewBaton(secret, origin, 3, [16]byte{4})
	counter, nonce := b, b
	counter.Counter, nonce.Nonce = 4, [16]byte{5}
	for name, got := range map[string]bool{
		"another line":    b.Genuine(secret, incident.Origin{3}),
		"another hub":     b.Genuine([32]byte{2}, origin),
		"another counter": counter.Genuine(secret, origin),
		"another nonce":   nonce.Genuine(secret, origin),
		"none":            Baton{}.Genuine(secret, origin),
	} {
		if got {
			t.Errorf("%s passes", name)
		}
	}
	if !b.Genuine(secret, origin) {
		t.Error("the baton itself doesn't pass")
	}
}

func TestVectorDigest_IsOfASet(t *testing.T) {
	heads := []Head{
		{Origin: incident.Origin{1}, Seq: 1, Hash: journal.Hash{1}},
		{Origin: incident.Origin{2}, Seq: 2, Hash: journal.Hash{2}},
		{Origin: incident.Origin{3}},
	}
	want := VectorDigest(heads)
	turned := slices.Clone(heads)
	slices.Reverse(turned)
	if VectorDigest(turned) != want || VectorDigest(heads[:2]) != want {
		t.Error("the order, or a line that never wrote, changes the digest")
	}
	if turned[0] != heads[2] {
		t.Error("the caller's heads were sorted")
	}
	for i, change := range []Head{
		{Origin: incident.Origin{1}, Seq: 2, Hash: journal.Hash{1}},
		{Origin: incident.Origin{1}, Seq: 1, Hash: journal.Hash{9}},
		{Origin: incident.Origin{9}, Seq: 1, Hash: journal.Hash{1}},
	} {
		if VectorDigest([]Head{change, heads[1]}) == want {
			t.Errorf("change %d leaves the digest", i)
		}
	}
}

func TestNextCheck_IsAChain(t *testing.T) {
	a := NextCheck([8]byte{}, incident.Origin{1}, 1, journal.Hash{1})
	seen := map[[8]byte]bool{
		a: true,
		NextCheck([8]byte{}, incident.Origin{2}, 1, journal.Hash{1}): true,
		NextCheck([8]byte{}, incident.Origin{1}, 2, journal.Hash{1}): true,
		NextCheck([8]byte{}, incident.Origin{1}, 1, journal.Hash{2}): true,
		NextCheck(a, incident.Origin{1}, 1, journal.Hash{1}):         true,
	}
	if len(seen) != 5 {
		t.Errorf("%d different values of 5", len(seen))
	}
}

func TestBranch_SameDeskOtherIncarnation(t *testing.T) {
	origin := incident.Origin{0: 1, 15: 2, 16: 3, 23: 4}
	b := Branch(origin, journal.Hash{5})
	if !bytes.Equal(b[:16], origin[:16]) || bytes.Equal(b[16:], origin[16:]) {
		t.Errorf("branch %x of %x", b, origin)
	}
	if b != Branch(origin, journal.Hash{5}) || b == Branch(origin, journal.Hash{6}) {
		t.Error("the name isn't made from the divergent entry alone")
	}
}

func TestExcerpts_Signature(t *testing.T) {
	c := newCodec(t)
	pub, key := keyPair(1)
	items := []Excerpt{{Origin: incident.Origin{1}, Seq: 2, Entry: []byte{3}}}
	sig, err := c.SignExcerpts(key, items)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.VerifyExcerpts(pub, items, sig); err != nil {
		t.Errorf("good: %v", err)
	}
	changed := slices.Clone(items)
	changed[0].Seq = 3
	if err := c.VerifyExcerpts(pub, changed, sig); !errors.Is(err, ErrSignature) {
		t.Errorf("changed: %v", err)
	}
}

func TestCode_AsPeopleTypeIt(t *testing.T) {
	hub := HubID{1}
	code, err := NewCode(bytes.NewReader(bytes.Repeat([]byte{0x21, 0x7f, 0x03, 0xc4}, 4)), CodeLength)
	if err != nil || len(code) != CodeLength {
		t.Fatalf("code %q, error %v", code, err)
	}
	want, err := StretchCode("AB1DE-0GH1K", hub)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := StretchCode(" ab1deoghlk ", hub); err != nil || got != want {
		t.Errorf("as typed: error %v", err)
	}
	if got, err := StretchCode("AB1DE-0GH1K", HubID{2}); err != nil || got == want {
		t.Errorf("the same key for another hub, error %v", err)
	}
	for _, bad := range []string{"", "AB1DE", "AB1DE-0GH1U", "AB1DE-0GH1K-2", "甲乙丙丁戊己庚辛壬癸", "AB1DE0GH1KAB1DE0GH1K"} {
		if _, err := StretchCode(bad, hub); !errors.Is(err, ErrCode) {
			t.Errorf("%q: error %v", bad, err)
		}
	}
	if shown := ShowCode("AB1DE0GH1K"); shown != "AB1DE-0GH1K" {
		t.Errorf("shown as %s", shown)
	}
	desk, _ := keyPair(1)
	other, _ := keyPair(2)
	proof := want.DeskProof(Exporter{1}, desk)
	for name, p := range map[string][32]byte{
		"another session": want.DeskProof(Exporter{2}, desk),
		"another key":     want.DeskProof(Exporter{1}, other),
		"the hub's":       want.HubProof(Exporter{1}, desk),
		"another code":    CodeKey{}.DeskProof(Exporter{1}, desk),
	} {
		if SameProof(p, proof) {
			t.Errorf("%s: same proof", name)
		}
	}
	if want.Lookup() == (CodeKey{}).Lookup() {
		t.Error("two codes share a name")
	}
}

func TestManifest_Figures(t *testing.T) {
	c := newCodec(t)
	m := Manifest{Version: 1, Size: BlobChunkSize + 5, Mime: "image/jpeg", ChunkSize: BlobChunkSize, Chunks: make([][32]byte, 2)}
	encode := func(change func(*Manifest)) []byte {
		t.Helper()
		n := m
		change(&n)
		b, err := c.enc.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	got, id, err := c.Manifest(encode(func(*Manifest) {}))
	if err != nil || id == (BlobID{}) || got.ChunkLen(0) != BlobChunkSize || got.ChunkLen(1) != 5 || got.ChunkLen(2) != 0 {
		t.Errorf("manifest %+v, %x, error %v", got, id, err)
	}
	for name, tc := range map[string]struct {
		change func(*Manifest)
		want   error
	}{
		"version":     {func(m *Manifest) { m.Version = 2 }, ErrProtocol},
		"empty":       {func(m *Manifest) { m.Size = 0 }, ErrProtocol},
		"chunks":      {func(m *Manifest) { m.Chunks = m.Chunks[:1] }, ErrProtocol},
		"chunk size":  {func(m *Manifest) { m.ChunkSize = 1 }, ErrProtocol},
		"too big":     {func(m *Manifest) { m.Size = MaxBlob + 1 }, ErrTooBig},
		"overflowing": {func(m *Manifest) { m.Size = 1<<64 - 1 }, ErrTooBig},
	} {
		if _, _, err := c.Manifest(encode(tc.change)); !errors.Is(err, tc.want) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, _, err := c.Manifest([]byte("no manifest")); !errors.Is(err, ErrProtocol) {
		t.Errorf("garbage: %v", err)
	}
}
