package hub

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics is what the hub tells a monitoring system. The operating guide says what each alarm means.
type metrics struct {
	registry *prometheus.Registry
	desks    prometheus.Gauge       // connected
	entries  prometheus.Counter     // durable
	ack      prometheus.Histogram   // seconds from a push's arrival to its acknowledgement
	sent     prometheus.Counter     // bytes to desks
	received prometheus.Counter     // bytes from desks
	alarms   *prometheus.CounterVec // by what
	refused  *prometheus.CounterVec // connections and messages, by why
}

func (m *metrics) start() {
	m.registry = prometheus.NewRegistry()
	m.desks = prometheus.NewGauge(prometheus.GaugeOpts{Name: "zw110_desks_connected", Help: "Desks with a session."})
	m.entries = prometheus.NewCounter(prometheus.CounterOpts{Name: "zw110_entries_total", Help: "Entries stored durably."})
	m.ack = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "zw110_ack_seconds", Help: "From the arrival of a push to its acknowledgement.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	})
	m.sent = prometheus.NewCounter(prometheus.CounterOpts{Name: "zw110_sent_bytes_total", Help: "Bytes sent to desks."})
	m.received = prometheus.NewCounter(prometheus.CounterOpts{Name: "zw110_received_bytes_total", Help: "Bytes received from desks."})
	m.alarms = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "zw110_alarms_total", Help: "What a person should look at."}, []string{"what"})
	for _, what := range alarms { // from the start, so that a monitoring system sees the first one come
		m.alarms.WithLabelValues(what)
	}
	m.alarms.WithLabelValues(damaged)
	m.refused = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "zw110_refused_total", Help: "What was refused."}, []string{"why"})
	m.registry.MustRegister(m.desks, m.entries, m.ack, m.sent, m.received, m.alarms, m.refused,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
