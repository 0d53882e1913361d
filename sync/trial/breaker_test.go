package trial

import (
	"crypto/tls"
	"io"
	"net"
	"testing"
	"time"

	"zw110/sync/hub"
)

// breaker is a proxy that ends TLS with a certificate of its own and begins it anew towards the hub. It returns its address.
func (w *world) breaker(t *testing.T) string {
	t.Helper()
	cert, err := hub.Certificate(t.TempDir(), "", "", []string{"127.0.0.1"}, time.Now())
	noError(t, err)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	noError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go w.pass(near)
		}
	}()
	return l.Addr().String()
}

func (w *world) pass(near net.Conn) {
	defer near.Close()
	far, err := tls.Dial("tcp", w.addr(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		return
	}
	defer far.Close()
	go func() {
		_, _ = io.Copy(far, near)
		_ = far.Close()
	}()
	_, _ = io.Copy(near, far)
}
