package journal

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"zw110/data/incident"
)

func TestChain_GoldenHashes(t *testing.T) {
	origin := incident.Origin{0: 1, 23: 2}
	start := Start(origin)
	golden(t, "chain_start", start[:])
	next := Next(start, DigestOf([]byte("entry")))
	golden(t, "chain_next", next[:])
}

func TestRecords_ChainAndHoles(t *testing.T) {
	c := newCodec(t)
	run := Run{Origin: incident.Origin{5}, First: 7, Before: Hash{1}}
	for seq := uint64(7); seq < 10; seq++ {
		b, err := c.Encode(Record{Seq: seq, Kind: incident.KindNoted, Ver: 1, Payload: []byte{0xa0}})
		if err != nil {
			t.Fatal(err)
		}
		run.Entries = append(run.Entries, b)
	}
	records, hashes, err := c.Records(run)
	if err != nil || len(records) != 3 || run.Last() != 9 {
		t.Fatalf("%d records, last %d, error %v", len(records), run.Last(), err)
	}
	// An entry replaced by its digest leaves the chain whole.
	h := run.Before
	for i, b := range run.Entries {
		h = Next(h, DigestOf(b))
		if h != hashes[i] {
			t.Errorf("hash %d differs", i)
		}
	}
	run.Entries[1], run.Entries[2] = run.Entries[2], run.Entries[1]
	if _, _, err := c.Records(run); !errors.Is(err, ErrChain) {
		t.Errorf("swapped: error %v", err)
	}
	run.Entries[0] = []byte{1}
	if _, _, err := c.Records(run); !errors.Is(err, ErrCodec) {
		t.Errorf("garbage: error %v", err)
	}
}

func TestSeal_BindsOriginSequenceAndHash(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	pub, isKey := key.Public().(ed25519.PublicKey)
	if !isKey {
		t.Fatal("no public key")
	}
	origin, hash := incident.Origin{1}, Hash{2}
	seal := Seal(key, origin, 3, hash)
	golden(t, "seal", seal)
	if err := VerifySeal(pub, origin, 3, hash, seal); err != nil {
		t.Errorf("good seal: %v", err)
	}
	other := append([]byte{2}, seal[1:]...)
	for name, tc := range map[string]struct {
		err  error
		want error
	}{
		"origin":    {VerifySeal(pub, incident.Origin{9}, 3, hash, seal), ErrSeal},
		"sequence":  {VerifySeal(pub, origin, 4, hash, seal), ErrSeal},
		"hash":      {VerifySeal(pub, origin, 3, Hash{3}, seal), ErrSeal},
		"short":     {VerifySeal(pub, origin, 3, hash, seal[:10]), ErrSeal},
		"empty":     {VerifySeal(pub, origin, 3, hash, nil), ErrSeal},
		"no key":    {VerifySeal(nil, origin, 3, hash, seal), ErrSeal},
		"algorithm": {VerifySeal(pub, origin, 3, hash, other), ErrAlgorithm},
	} {
		if !errors.Is(tc.err, tc.want) {
			t.Errorf("%s: error %v, want %v", name, tc.err, tc.want)
		}
	}
}

func TestUnwrap_FollowsMoves(t *testing.T) {
	c := newCodec(t)
	first := incident.Origin{0: 1, 16: 1}
	second := incident.Origin{0: 1, 16: 2}
	third := incident.Origin{0: 1, 16: 3}
	r := sampleRecord(t, c, incident.KindNoted)
	raw, err := c.Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	once, err := c.WrapMoved(first, raw)
	if err != nil {
		t.Fatal(err)
	}
	once.Seq = 1
	if raw, err = c.Encode(once); err != nil {
		t.Fatal(err)
	}
	twice, err := c.WrapMoved(second, raw)
	if err != nil {
		t.Fatal(err)
	}
	twice.Seq = 9
	inner, origin, err := c.Unwrap(twice, third)
	if err != nil || origin != first || inner.Seq != r.Seq || !bytes.Equal(inner.Payload, r.Payload) {
		t.Errorf("inner %+v of %x, error %v", inner, origin, err)
	}
	bad := twice
	bad.Payload = []byte{0x80}
	if _, _, err := c.Unwrap(bad, third); !errors.Is(err, ErrCodec) {
		t.Errorf("bad wrapper: %v", err)
	}
	if same, o, err := c.Unwrap(r, third); err != nil || o != third || same.Seq != r.Seq {
		t.Errorf("plain entry: %+v, %v", same, err)
	}
}

func TestClock_AlwaysForward(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Clock{Offset: time.Duration(rapid.IntRange(-3600, 3600).Draw(t, "offset")) * time.Second}
		wall := incident.Stamp(1_755_000_000_000)
		var last incident.HLC
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			wall = wall.Add(time.Duration(rapid.Int64Range(-10_000_000, 10_000_000).Draw(t, "step")) * time.Millisecond)
			if rapid.Bool().Draw(t, "receive") {
				got := incident.HLC(rapid.Uint64().Draw(t, "got"))
				c.Merge(wall, got)
				if c.Last > last && WallOf(c.Last) > wall.Add(c.Offset).Add(MergeLimit) {
					t.Fatalf("followed %d, %v ahead", c.Last, WallOf(c.Last).Sub(wall))
				}
				last = c.Last
				continue
			}
			next := c.Next(wall)
			if next <= last || next < incident.HLC(wall.Add(c.Offset))<<16 {
				t.Fatalf("%d after %d at wall %d", next, last, wall)
			}
			last = next
		}
	})
}

func TestJumped(t *testing.T) {
	for _, tc := range []struct {
		wall, mono time.Duration
		want       bool
	}{
		{time.Second, time.Second, false},
		{2 * time.Minute, 0, false},
		{2*time.Minute + time.Second, 0, true},
		{-3 * time.Hour, time.Second, true},
		{8 * time.Hour, 8 * time.Hour, false},
	} {
		if got := Jumped(1_000_000_000, incident.Stamp(1_000_000_000).Add(tc.wall), tc.mono); got != tc.want {
			t.Errorf("wall %v, monotonic %v: %v", tc.wall, tc.mono, got)
		}
	}
}

func TestReporter_OpensOnlyWithItsOwnKey(t *testing.T) {
	c := newCodec(t)
	want := incident.Reporter{Name: "张三", Phone: "13800138000", Confidential: true}
	key, id := Key{1}, incident.KeyID{2}
	sealed, err := c.SealReporter(key, id, want)
	if err != nil || sealed[0] != AlgSet1 || bytes.Contains(sealed, []byte("138")) {
		t.Fatalf("sealed %x, error %v", sealed, err)
	}
	got, err := c.OpenReporter(key, id, sealed)
	if err != nil || got != want {
		t.Errorf("got %+v, error %v", got, err)
	}
	if _, err := c.OpenReporter(Key{2}, id, sealed); !errors.Is(err, ErrSeal) {
		t.Errorf("other key: %v", err)
	}
	if _, err := c.OpenReporter(key, incident.KeyID{3}, sealed); !errors.Is(err, ErrSeal) {
		t.Errorf("other name: %v", err)
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := c.OpenReporter(key, id, bad); !errors.Is(err, ErrSeal) && !errors.Is(err, ErrAlgorithm) {
			t.Errorf("byte %d flipped: %v", i, err)
		}
	}
	if _, err := c.OpenReporter(key, id, nil); !errors.Is(err, ErrSeal) {
		t.Errorf("empty: %v", err)
	}
}

func BenchmarkDecode(b *testing.B) {
	c := newCodec(b)
	r := Record{
		Seq: 77, HLC: 1_755_216_060_000 << 16, Scope: 330825111, Incident: incident.IncidentID{1}, Actor: "op1",
		Parents: []incident.ParentRef{{1}}, Kind: incident.KindDispatched, Ver: 1,
	}
	payload, err := c.EncodeFact(&incident.Fact{At: 1_755_216_060_000, ActorRole: "OP", Fields: incident.Fields{
		Lead: "农业农村办", Co: []incident.UnitID{"派出所", "村委会"}, List: incident.ListJoint, Text: "请于今日到场处置并反馈",
	}})
	if err != nil {
		b.Fatal(err)
	}
	r.Payload = payload
	raw, err := c.Encode(r)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		got, err := c.Decode(raw)
		if err != nil {
			b.Fatal(err)
		}
		c.Entry(got, incident.Origin{}, incident.EntryID{})
	}
}

func TestMoved_NamesAnotherDesksLineWhole(t *testing.T) {
	c := newCodec(t)
	own, other := incident.Origin{0: 1, 16: 1}, incident.Origin{0: 2, 16: 2}
	raw, err := c.Encode(sampleRecord(t, c, incident.KindNoted))
	if err != nil {
		t.Fatal(err)
	}
	for old, desk := range map[incident.Origin][16]byte{{0: 1, 16: 7}: {}, other: {2}} {
		r, err := c.WrapMovedTo(own, old, raw)
		if err != nil {
			t.Fatal(err)
		}
		r.Seq = 4
		m, err := c.DecodeMoved(r)
		if err != nil || m.Desk != desk || m.Old(own) != old || !bytes.Equal(m.Raw, raw) {
			t.Errorf("moved %+v, error %v", m, err)
		}
		if _, origin, err := c.Unwrap(r, own); err != nil || origin != old {
			t.Errorf("origin %x, want %x, error %v", origin, old, err)
		}
	}
	r, err := c.WrapMoved(own, raw)
	if err != nil {
		t.Fatal(err)
	}
	r.Payload = bytes.Replace(r.Payload, []byte{0x48}, []byte{0x47}, 1) // an incarnation of 7 bytes
	if _, err := c.DecodeMoved(r); !errors.Is(err, ErrCodec) {
		t.Errorf("short incarnation: %v", err)
	}
}

func TestEncode_LargestEntryCanStillBeMoved(t *testing.T) {
	c := newCodec(t)
	r := Record{Seq: 1, Kind: incident.KindNoted, Ver: 1, Actor: "op1"}
	size := func(payload int) int {
		r.Payload = make([]byte, payload)
		b, err := c.Encode(r)
		if err != nil && !errors.Is(err, ErrTooBig) {
			t.Fatal(err)
		}
		return len(b)
	}
	payload := MaxEntry
	for size(payload) == 0 {
		payload--
	}
	raw, err := c.Encode(r)
	if err != nil || len(raw) != MaxEntry-movedRoom {
		t.Fatalf("the largest entry has %d bytes, error %v", len(raw), err)
	}
	w, err := c.WrapMovedTo(incident.Origin{1}, incident.Origin{2}, raw)
	if err != nil {
		t.Fatal(err)
	}
	w.Seq, w.HLC = 1<<40, 1<<63
	if _, err := c.Encode(w); err != nil {
		t.Error(err)
	}
}

func TestBranch_SameNameEverywhereOtherForEachFork(t *testing.T) {
	line := incident.Origin{0: 5, 15: 6, 16: 7}
	a, b := Branch(line, Hash{1}), Branch(line, Hash{2})
	if a != Branch(line, Hash{1}) || a == b || a == line || !bytes.Equal(a[:16], line[:16]) {
		t.Errorf("branches %x and %x of %x", a, b, line)
	}
}
