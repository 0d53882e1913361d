package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"zw110/sync/wire"
)

// What a connection may fail in, besides the network. Each is shown to the operator in words of its own.
var (
	ErrAddress = errors.New("not the address of a hub")
	ErrPin     = errors.New("the hub's certificate is not the one this desk knows")
	ErrDate    = errors.New("the hub's certificate is not valid on this computer's date")
	ErrNoHub   = errors.New("what answers there is no hub of this protocol")
	ErrHubKey  = errors.New("what answers there doesn't hold the hub's key")
)

// path is where a hub listens.
const path = "/sync"

const (
	dialTimeout  = 20 * time.Second
	writeTimeout = 30 * time.Second
)

// Address says where a hub is and how it is known.
type Address struct {
	URL string // wss://host[:port]; ws:// only on the machine itself
	// Pins are SHA-256 sums of the hub's public keys. A certificate of a trusted authority for the host is as good; before enrolment
	// neither is asked for: the code proves both sides.
	Pins [][]byte
	// Relay says that a trusted proxy ends TLS before the hub.
	Relay bool
}

// ParseAddress completes what a person typed: a host alone means wss and the port 443.
func ParseAddress(text string) (string, error) {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "://") {
		text = "wss://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || strings.Trim(u.Path, "/") != "" && u.Path != path {
		return "", fmt.Errorf("%q: %w", text, ErrAddress)
	}
	local := slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname())
	if u.Scheme != "wss" && (u.Scheme != "ws" || !local) {
		return "", fmt.Errorf("%q: %w", text, ErrAddress)
	}
	return u.Scheme + "://" + u.Host, nil
}

// socket is a connection to a hub.
type socket struct {
	ws  *websocket.Conn
	exp wire.Exporter
	// spki are the sums of the public keys that the hub showed.
	spki [][]byte
}

// dial connects. The proxy of the environment (HTTPS_PROXY, NO_PROXY) is used. With trust nil the certificate isn't judged here; what
// it showed is in the socket.
func dial(ctx context.Context, a Address, judge bool) (*socket, error) {
	target, err := ParseAddress(a.URL)
	if err != nil {
		return nil, err
	}
	s := &socket{}
	var verr error
	d := websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, HandshakeTimeout: dialTimeout, Subprotocols: []string{wire.Protocol},
		ReadBufferSize: 16 << 10, WriteBufferSize: 16 << 10,
		TLSClientConfig: &tls.Config{
			MinVersion: tls.VersionTLS13,
			// What follows replaces the usual judgement: a pinned key, or a certificate that the system trusts.
			InsecureSkipVerify: true, //nolint:gosec // VerifyConnection judges
			VerifyConnection: func(cs tls.ConnectionState) error {
				s.spki = sums(cs.PeerCertificates)
				if judge {
					verr = verifyPeer(cs, a.Pins, s.spki)
				}
				return verr
			},
		},
	}
	if a.Relay {
		d.TLSClientConfig.MinVersion = tls.VersionTLS12
	}
	ws, resp, err := d.DialContext(ctx, target+path, nil)
	if resp != nil && resp.Body != nil {
		defer func() { _ = resp.Body.Close() }()
	}
	switch {
	case verr != nil:
		return nil, verr
	case errors.Is(err, websocket.ErrBadHandshake):
		return nil, fmt.Errorf("%s: %w", target, ErrNoHub)
	case err != nil:
		return nil, fmt.Errorf("connect to %s: %w", target, err)
	}
	if ws.Subprotocol() != wire.Protocol {
		return nil, errors.Join(fmt.Errorf("%s: %w", target, ErrNoHub), ws.Close())
	}
	s.ws = ws
	ws.SetReadLimit(wire.MaxFrame)
	if conn, ok := ws.NetConn().(*tls.Conn); ok && !a.Relay {
		cs := conn.ConnectionState()
		b, err := cs.ExportKeyingMaterial(wire.ExporterLabel, nil, len(s.exp))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("bind to the TLS session: %w", err), ws.Close())
		}
		copy(s.exp[:], b)
	}
	return s, nil
}

func sums(certs []*x509.Certificate) [][]byte {
	all := make([][]byte, len(certs))
	for i, c := range certs {
		sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
		all[i] = sum[:]
	}
	return all
}

// verifyPeer takes a leaf whose key is pinned, or a chain that the system trusts for this host.
func verifyPeer(cs tls.ConnectionState, pins, shown [][]byte) error {
	if len(shown) > 0 && slices.ContainsFunc(pins, func(p []byte) bool { return bytes.Equal(p, shown[0]) }) {
		return nil
	}
	if len(cs.PeerCertificates) == 0 {
		return ErrPin
	}
	opts := x509.VerifyOptions{DNSName: cs.ServerName, Intermediates: x509.NewCertPool()}
	for _, c := range cs.PeerCertificates[1:] {
		opts.Intermediates.AddCert(c)
	}
	return judge(cs.PeerCertificates[0], opts)
}

// judge verifies a certificate, and tells one that would be good on another day from a stranger's.
func judge(leaf *x509.Certificate, opts x509.VerifyOptions) error {
	_, err := leaf.Verify(opts)
	if err == nil {
		return nil
	}
	opts.CurrentTime = leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2)
	if _, then := leaf.Verify(opts); then == nil {
		return fmt.Errorf("%w: %w", ErrDate, err)
	}
	return fmt.Errorf("%w: %w", ErrPin, err)
}

// close closes the connection; the hub may have done so already, and nobody needs to know.
func (s *socket) close() {
	if err := s.ws.Close(); err != nil {
		return
	}
}

// send writes one frame.
func (s *socket) send(frame []byte, now time.Time) error {
	if err := s.ws.SetWriteDeadline(now.Add(writeTimeout)); err != nil {
		return fmt.Errorf("set write deadline: %w", err)
	}
	if err := s.ws.WriteMessage(websocket.BinaryMessage, frame); err != nil {
		return fmt.Errorf("write to the hub: %w", err)
	}
	return nil
}

// receive reads one frame.
func (s *socket) receive() ([]byte, error) {
	kind, frame, err := s.ws.ReadMessage()
	if err != nil {
		return nil, fmt.Errorf("read from the hub: %w", err)
	}
	if kind != websocket.BinaryMessage {
		return nil, fmt.Errorf("a text from the hub: %w", wire.ErrProtocol)
	}
	return frame, nil
}
