package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/sirupsen/logrus"

	"zw110/data/incident"
	"zw110/sync/hub/natsjournal"
	"zw110/sync/hub/natsnode"
)

// clusterName is the name of a cluster whose members are hubs themselves.
const clusterName = "zw110"

// cluster says how the journal is kept on NATS JetStream.
type cluster struct {
	Journal  string `help:"${hub_help_journal}" placeholder:"nats://HOST:4222"`
	System   string `help:"${hub_help_system}" placeholder:"nats://USER:PASSWORD@HOST:4222"`
	Synced   bool   `help:"${hub_help_synced}"`
	Replicas int    `help:"${hub_help_replicas}" default:"3"`
}

// member makes the hub itself a member of the cluster.
type member struct {
	Node        string   `help:"${hub_help_node}"`
	NodeListen  string   `help:"${hub_help_node_listen}" placeholder:"HOST:6222"`
	NodePeers   []string `help:"${hub_help_node_peers}" placeholder:"HOST:6222"`
	NodeSecret  string   `help:"${hub_help_node_secret}" type:"existingfile"`
	NodeClients string   `help:"${hub_help_node_clients}" placeholder:"127.0.0.1:4222"`
}

// options make a connection come back for ever.
func options(log logrus.FieldLogger) []nats.Option {
	return []nats.Option{
		nats.Name("zw110hub"), nats.MaxReconnects(-1), nats.ReconnectWait(time.Second), nats.RetryOnFailedConnect(true),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { log.WithError(err).Warn("the cluster is away") }),
		nats.ReconnectHandler(func(c *nats.Conn) { log.WithField("server", c.ConnectedUrlRedacted()).Info("the cluster is back") }),
	}
}

// openCluster opens the stores of a hub on servers that run by themselves.
func openCluster(ctx context.Context, p place, log logrus.FieldLogger) (stores, error) {
	conn, err := nats.Connect(p.Journal, options(log)...)
	if err != nil {
		return stores{}, fmt.Errorf("connect to the cluster: %w", err)
	}
	params := natsjournal.Params{Conn: conn, Synced: p.Synced}
	if p.System != "" {
		if params.System, err = nats.Connect(p.System, options(log)...); err != nil {
			conn.Close()
			return stores{}, fmt.Errorf("connect to the cluster's system account: %w", err)
		}
	}
	return onCluster(ctx, p, params, log, func() {
		if params.System != nil {
			params.System.Close()
		}
		conn.Close()
	})
}

// openMember starts a member of the cluster in this process and opens the stores on it.
func openMember(ctx context.Context, p place, m member, log logrus.FieldLogger) (stores, error) {
	secret, err := os.ReadFile(m.NodeSecret)
	if err != nil {
		return stores{}, fmt.Errorf("read the cluster's secret: %w", err)
	}
	node, err := natsnode.Start(natsnode.Params{
		Name: m.Node, Cluster: clusterName, Dir: filepath.Join(p.Dir, "node"), Listen: m.NodeListen, Peers: m.NodePeers,
		Secret: strings.TrimSpace(string(secret)), Clients: m.NodeClients, Log: log,
	})
	if err != nil {
		return stores{}, err
	}
	conn, err := node.Connect(options(log)...)
	if err != nil {
		node.Stop()
		return stores{}, fmt.Errorf("connect to the own member: %w", err)
	}
	return onCluster(ctx, p, natsjournal.Params{Conn: conn, Synced: true}, log, func() {
		conn.Close()
		node.Stop()
	})
}

// onCluster opens the stores; end is called after they are closed, or at once if they don't open.
func onCluster(ctx context.Context, p place, params natsjournal.Params, log logrus.FieldLogger, end func()) (stores, error) {
	params.Replicas, params.Dir, params.Log = p.Replicas, filepath.Join(p.Dir, "copy"), log
	params.Clock = func() incident.Stamp { return incident.StampOf(time.Now()) }
	var s *natsjournal.Store
	err := errors.New("not tried")
	for err != nil && ctx.Err() == nil { // a cluster that just starts elects its leaders first
		if s, err = natsjournal.Open(ctx, params); err == nil || errors.Is(err, natsjournal.ErrNotSynced) {
			break
		}
		log.WithError(err).Info("waiting for the cluster")
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	if err != nil {
		end()
		return stores{}, fmt.Errorf("open the journal on the cluster: %w", err)
	}
	return stores{journal: s, registry: s, blobs: s, keep: clusterKeep{s: s}, close: func() error {
		err := s.Close()
		end()
		return err
	}}, nil
}
