// Package natsnode runs one member of the hub's NATS cluster inside this process, so that a county needs no other program on its three
// machines. It owns the server's options: everything acknowledged is on disk, and only members that know the secret may join. It must
// not know what is stored.
package natsnode

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/sirupsen/logrus"
)

// startTime is how long a member may take to listen; that the cluster has a leader is for the connections to wait for.
const startTime = 30 * time.Second

// maxPayload is the largest message: a run of 256 KiB or a chunk of an attachment, with what stands around it.
const maxPayload = 1 << 20

// user is the name under which programs connect to Params.Clients, with the secret.
const user = "hub"

// Params says who this member is.
type Params struct {
	Name    string // of this member, other than all others of the cluster
	Cluster string // name of the cluster; empty for a member alone
	Dir     string // on a disk of its own power feed
	// Listen is the address for the other members, host:port; Peers are those of the others, this one's may be among them.
	Listen string
	Peers  []string
	Secret string // that all members know
	TLS    *tls.Config
	// Clients is the address for other programs, such as the county's monitoring; empty for none: this process needs no address. A member of
	// a cluster then has one on this machine all the same, for a server looks for the others only once it listens.
	Clients string
	Log     logrus.FieldLogger
}

// Node is a running member.
type Node struct {
	server *server.Server
	login  []nats.Option
}

// Start starts a member and returns when it listens.
func Start(p Params) (*Node, error) {
	o, err := options(p)
	if err != nil {
		return nil, fmt.Errorf("options of member %s: %w", p.Name, err)
	}
	s, err := server.NewServer(o)
	if err != nil {
		return nil, fmt.Errorf("start member %s: %w", p.Name, err)
	}
	s.SetLoggerV2(logger{p.Log}, false, false, false)
	s.Start()
	if !s.ReadyForConnections(startTime) {
		s.Shutdown()
		return nil, fmt.Errorf("member %s does not listen", p.Name)
	}
	n := &Node{server: s}
	if !o.DontListen {
		n.login = append(n.login, nats.UserInfo(user, p.Secret))
	}
	return n, nil
}

func options(p Params) (*server.Options, error) {
	o := &server.Options{
		ServerName: p.Name, JetStream: true, StoreDir: p.Dir, SyncAlways: true, NoSigs: true, DontListen: p.Clients == "" && p.Cluster == "",
		MaxPayload: maxPayload,
	}
	switch {
	case p.Clients != "":
		host, port, err := split(p.Clients)
		if err != nil {
			return nil, err
		}
		o.Host, o.Port = host, port
	case p.Cluster != "":
		o.Host, o.Port = "127.0.0.1", server.RANDOM_PORT
	}
	if !o.DontListen {
		o.Username, o.Password = user, p.Secret
	}
	if p.Cluster == "" {
		return o, nil
	}
	if p.Secret == "" {
		return nil, errors.New("a cluster needs a secret")
	}
	host, port, err := split(p.Listen)
	if err != nil {
		return nil, err
	}
	o.Cluster = server.ClusterOpts{
		Name: p.Cluster, Host: host, Port: port, Username: p.Cluster, Password: p.Secret, PoolSize: -1, NoAdvertise: true,
	}
	if p.TLS != nil {
		o.Cluster.TLSConfig, o.Cluster.TLSTimeout = p.TLS, 5
	}
	for _, peer := range p.Peers {
		if peer != p.Listen {
			o.Routes = append(o.Routes, &url.URL{Scheme: "nats-route", Host: peer, User: url.UserPassword(p.Cluster, p.Secret)})
		}
	}
	return o, nil
}

func split(address string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	port, err = strconv.Atoi(text)
	return host, port, err
}

// Connect returns a connection to this member, inside the process.
func (n *Node) Connect(options ...nats.Option) (*nats.Conn, error) {
	return nats.Connect("", slices.Concat(options, n.login, []nats.Option{nats.InProcessServer(n.server)})...)
}

// Stop leaves the cluster and closes the member's files.
func (n *Node) Stop() {
	n.server.Shutdown()
	n.server.WaitForShutdown()
}

// logger passes on what the server says of itself; it says nothing about what is stored.
type logger struct{ log logrus.FieldLogger }

func (l logger) Noticef(format string, v ...any) {
	l.log.WithField("what", fmt.Sprintf(format, v...)).Debug("cluster member")
}

func (l logger) Warnf(format string, v ...any) {
	l.log.WithField("what", fmt.Sprintf(format, v...)).Warn("cluster member")
}

func (l logger) Errorf(format string, v ...any) {
	l.log.WithField("what", fmt.Sprintf(format, v...)).Error("cluster member")
}

func (l logger) Fatalf(format string, v ...any) {
	l.log.WithField("what", fmt.Sprintf(format, v...)).Error("cluster member")
}
func (l logger) Debugf(string, ...any) {}
func (l logger) Tracef(string, ...any) {}
