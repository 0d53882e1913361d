package trial

import (
	"bytes"
	"compress/flate"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zw110/sync/wire"
)

// python is the system's interpreter, for which .ci/deps.sh installs the library.
const python = "/usr/bin/python3"

const (
	opText   = 0x1
	opBinary = 0x2
	opClose  = 0x8
	opPing   = 0x9
	final    = 0x80
	masked   = 0x80
)

// frame builds a websocket frame as a client sends it: masked, with zeros.
func frame(first byte, body []byte) []byte {
	out := []byte{first}
	switch n := len(body); {
	case n < 126:
		out = append(out, masked|byte(n))
	case n < 1<<16:
		out = binary.BigEndian.AppendUint16(append(out, masked|126), uint16(n))
	default:
		out = binary.BigEndian.AppendUint64(append(out, masked|127), uint64(n))
	}
	return append(append(out, 0, 0, 0, 0), body...)
}

func message(body ...byte) []byte { return frame(final|opBinary, body) }

// bomb is a small message that wants to be large.
func bomb(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	out.WriteByte(1)
	z, err := flate.NewWriter(&out, flate.BestCompression)
	noError(t, err)
	_, err = io.CopyN(z, zeros{}, 8<<20)
	noError(t, err)
	noError(t, z.Close())
	return out.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Whoever breaks the rules is told which, and only he is: a desk goes on beside all of them.
func TestClient_HubClosesWithTheRightCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.startHub()
	a, b := w.newDesk(town), w.newDesk(town)
	a.start()
	b.start()
	w.calm(a, b)

	cases := map[string]struct {
		parts [][]byte
		code  int
	}{
		"":                              {nil, 0},
		"frame without a mask":          {[][]byte{{final | opBinary, 1, 0}}, 1002},
		"first reserved bit":            {[][]byte{frame(final|0x40|opBinary, []byte{0})}, 1002},
		"third reserved bit":            {[][]byte{frame(final|0x10|opBinary, []byte{0})}, 1002},
		"reserved opcode":               {[][]byte{frame(final|0x3, []byte{0})}, 1002},
		"reserved control opcode":       {[][]byte{frame(final|0xB, nil)}, 1002},
		"control frame in parts":        {[][]byte{frame(opPing, []byte("p"))}, 1002},
		"control frame too long":        {[][]byte{frame(final|opPing, make([]byte, 126))}, 1002},
		"continues nothing":             {[][]byte{frame(final, []byte{0})}, 1002},
		"begins twice":                  {[][]byte{frame(opBinary, []byte{0}), frame(final|opBinary, []byte{0})}, 1002},
		"close code that is none":       {[][]byte{frame(final|opClose, []byte{0x03, 0xED})}, 1002},
		"close code of one byte":        {[][]byte{frame(final|opClose, []byte{3})}, 1005}, // the library takes it for none,
		"close reason that is no UTF-8": {[][]byte{frame(final|opClose, []byte{0x03, 0xE8, 0xFF})}, 1002},
		"text":                          {[][]byte{frame(final|opText, []byte("hello"))}, 1003},
		"text that is no UTF-8":         {[][]byte{frame(final|opText, []byte{0xFF, 0xFE})}, 1007},
		"message too large":             {[][]byte{message(make([]byte, wire.MaxFrame+1)...)}, 1009},
		"length that nobody has":        {[][]byte{{final | opBinary, masked | 127, 0x7F, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0}}, 1009},
		"too large in parts":            {[][]byte{frame(opBinary, make([]byte, wire.MaxFrame/2)), frame(0, make([]byte, wire.MaxFrame/2)), frame(final, []byte{1})}, 1009},
		"deflate bomb":                  {[][]byte{message(bomb(t)...)}, 1009},
		"flag of nobody":                {[][]byte{message(9, 0xA0)}, 1002},
		"no CBOR":                       {[][]byte{message(0, 0xFF, 0xFF)}, 1002},
		"broken deflate":                {[][]byte{message(1, 0xFF, 0xFF)}, 1002},
		"empty message":                 {[][]byte{message()}, 1002},
		"push before hello":             {[][]byte{message(encoded(t, wire.Push{First: 1, Entries: [][]byte{{0x80}}})...)}, 1002},
		"hello of nobody":               {[][]byte{message(encoded(t, wire.Hello{Proto: 1, Desk: wire.DeskID{7}})...)}, 4001},
		"half a frame, then silence":    {[][]byte{message(make([]byte, 100)...)[:50]}, 1000},
		"half a message, then silence":  {[][]byte{frame(opBinary, []byte{0})}, 1000},
		"silence":                       {nil, 1000},
		"pings, nothing else":           {[][]byte{frame(final|opPing, nil), frame(final|opPing, nil)}, 1000},
		"close at once":                 {[][]byte{frame(final|opClose, []byte{0x03, 0xE8})}, 1000},
	}
	job := struct {
		URI   string              `json:"uri"`
		Cases map[string][]string `json:"cases"`
	}{"wss://" + w.addr() + "/sync", map[string][]string{}}
	for name, c := range cases {
		job.Cases[name] = []string{}
		for _, part := range c.parts {
			job.Cases[name] = append(job.Cases[name], hex.EncodeToString(part))
		}
	}
	in, err := json.Marshal(job)
	noError(t, err)
	cmd := exec.Command(python, filepath.Join("testdata", "client.py"))
	cmd.Stdin = bytes.NewReader(in)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	began := a.tell("do 3") // while all of them are at it
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("client: %v\n%s", err, complaint.String())
	}
	codes := map[string]int{}
	noError(t, json.Unmarshal(out, &codes))
	for name, c := range cases {
		if codes[name] != c.code {
			t.Errorf("%s: closed with %d, want %d", name, codes[name], c.code)
		}
	}
	if began == "" || !w.healthy() {
		t.Error("the hub is not well")
	}
	a.tell("do 1")
	if s := w.calm(a, b); s.Incidents != 4 {
		t.Errorf("%d incidents", s.Incidents)
	}
	w.whole(a, b)
}

func encoded(t testing.TB, m wire.Message) []byte {
	t.Helper()
	codec, err := wire.NewCodec()
	noError(t, err)
	raw, err := codec.Encode(m)
	noError(t, err)
	return raw
}

// Connections that don't get to a handshake, or never say who they are, end; desks come through meanwhile.
func TestClient_SilenceAndSlowHandshakesEnd(t *testing.T) {
	t.Parallel()
	const crowd = 100
	w := newWorld(t)
	w.startHub()
	a, b := w.newDesk(town), w.newDesk(town)
	open := map[string]func() (net.Conn, error){
		"silence on TCP": func() (net.Conn, error) { return net.Dial("tcp", w.addr()) },
		"silence on TLS": func() (net.Conn, error) {
			return tls.Dial("tcp", w.addr(), &tls.Config{InsecureSkipVerify: true})
		},
		"a header that never ends": func() (net.Conn, error) {
			c, err := tls.Dial("tcp", w.addr(), &tls.Config{InsecureSkipVerify: true})
			if err == nil {
				_, err = fmt.Fprint(c, "GET /sync HTTP/1.1\r\nHost: hub\r\nX-Slow: ")
			}
			return c, err
		},
		"alive and idle": func() (net.Conn, error) {
			c, err := tls.Dial("tcp", w.addr(), &tls.Config{InsecureSkipVerify: true})
			if err == nil {
				_, err = fmt.Fprint(c, "GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n")
			}
			return c, err
		},
	}
	type ending struct {
		name string
		err  error
	}
	ended := make(chan ending, crowd*len(open))
	for name, dial := range open {
		for range crowd {
			conn, err := dial()
			noError(t, err)
			t.Cleanup(func() { _ = conn.Close() })
			go func() {
				noError := conn.SetReadDeadline(time.Now().Add(calmIn))
				_, err := io.Copy(io.Discard, conn)
				ended <- ending{name, errors.Join(noError, err)}
			}()
		}
	}
	a.start()
	b.start()
	a.tell("do 2")
	w.calm(a, b)
	for range crowd * len(open) {
		e := <-ended
		if isTimeout(e.err) {
			t.Fatalf("%s: still open after %v", e.name, calmIn)
		}
	}
	a.tell("do 1")
	w.calm(a, b)
	w.whole(a, b)
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}
