package hub

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"zw110/sync/session"
	"zw110/sync/wire"
)

// Paths that a hub serves to desks and to monitoring.
const (
	pathSync    = "/sync"
	pathHealth  = "/healthz"
	pathMetrics = "/metrics"
)

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 30 * time.Second // between two requests of monitoring
	helloTimeout  = 20 * time.Second // until somebody says who he is
	writeTimeout  = 30 * time.Second
	stopTimeout   = 10 * time.Second
	maxHeader     = 8 << 10
)

// Serve answers desks on a listener until ctx ends; then it tells them to come back later and waits for what is being committed.
// metrics says whether /metrics is served there, too.
func (h *Hub) Serve(outer context.Context, l net.Listener, cert *tls.Certificate, withMetrics bool) error {
	mux := http.NewServeMux()
	ctx, cancel := context.WithCancel(context.WithoutCancel(outer)) // goes on while desks are told
	defer cancel()
	h.rim.aside(ctx, h.rim.run)
	mux.HandleFunc("GET "+pathSync, func(w http.ResponseWriter, r *http.Request) { h.accept(ctx, w, r) })
	mux.HandleFunc("GET "+pathHealth, h.health)
	if withMetrics {
		mux.Handle("GET "+pathMetrics, h.stats.handler())
	}
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: nil}
	if cert != nil {
		l = tls.NewListener(l, serverTLS(*cert, h.cfg.Relay))
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	var err error
	select {
	case err = <-ended:
	case <-outer.Done():
		stop, done := context.WithTimeout(ctx, stopTimeout)
		defer done()
		err = srv.Shutdown(stop)
		h.rim.drain()
		if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
	}
	cancel()
	h.rim.wg.Wait()
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// Metrics is the handler of /metrics, for a listener of its own.
func (h *Hub) Metrics() http.Handler { return h.stats.handler() }

// health says 200 while the store answers.
func (h *Hub) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), headerTimeout)
	defer cancel()
	pos, _, err := h.cfg.Journal.End(ctx, h.cfg.County)
	if err != nil {
		h.log.WithError(err).Error("the store doesn't answer")
		what := "the store doesn't answer"
		if errors.Is(err, session.ErrDamaged) {
			what = session.ErrDamaged.Error()
		}
		http.Error(w, what, http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintf(w, "ok %d\n", pos)
}

// writeBuffers are shared by all connections: an idle desk needs none.
var writeBuffers sync.Pool //nolint:gochecknoglobals // a pool is made to be shared

// accept makes a desk's request a connection and stays with it until it ends.
func (h *Hub) accept(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{
		ReadBufferSize: 1 << 10, WriteBufferSize: 4 << 10, WriteBufferPool: &writeBuffers, Subprotocols: []string{wire.Protocol},
		HandshakeTimeout: headerTimeout,
		CheckOrigin:      func(r *http.Request) bool { return r.Header.Get("Origin") == "" }, // desks are no web pages
	}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		h.stats.refused.WithLabelValues("handshake").Inc()
		return // Upgrade has answered
	}
	var exp wire.Exporter
	if r.TLS != nil && !h.cfg.Relay {
		b, err := r.TLS.ExportKeyingMaterial(wire.ExporterLabel, nil, len(exp))
		if err != nil {
			h.log.WithError(errors.Join(err, ws.Close())).Warn("no keying material from the TLS session")
			return
		}
		copy(exp[:], b)
	}
	place, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		place = r.RemoteAddr
	}
	h.rim.open(ctx, ws, exp, place)
}
