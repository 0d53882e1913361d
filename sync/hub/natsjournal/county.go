package natsjournal

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/sirupsen/logrus"

	"zw110/data/incident"
	"zw110/sync/hub/feed"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// Headers of a message, for people who look at the stream; programs read the body.
const (
	headFirst = "Zw-First"
	headLast  = "Zw-Last"
	headHash  = "Zw-Hash"
	headAt    = "Zw-At"
)

// Bounds of following.
const (
	applyBatch = 256             // messages of one transaction of the copy
	retryAfter = time.Second     // after the stream could not be followed
	heartbeat  = 2 * time.Second // of what sends the stream; after two that are missed another member is asked
)

// county is one county's stream with this process' copy of it.
type county struct {
	code  incident.ScopeID
	js    jetstream.JetStream
	codec *feed.Codec
	clock func() incident.Stamp
	log   logrus.FieldLogger
	bells *feed.Bells

	stream jetstream.Stream
	made   time.Time // the stream
	life   []byte
	file   *feed.File
	path   string

	rewound bool // stream and copy disagree: the stream was put back

	acked atomic.Uint64 // highest position that this process has stored
	spoil atomic.Bool   // the copy is damaged

	mu    sync.Mutex // guards end, moved and query
	end   uint64     // how far the copy is
	moved chan struct{}
	query *query

	cancel   context.CancelFunc
	ended    chan struct{} // closed when nothing follows any more
	closing  sync.Once
	closeErr error
}

// query is a question to the cluster for the end of the stream that several callers share.
type query struct {
	done chan struct{}
	pos  uint64
	err  error
}

func streamName(code incident.ScopeID) string { return fmt.Sprintf("J_%d", code) }

func subjects(code incident.ScopeID) string { return fmt.Sprintf("j.%d.>", code) }

// endSubject takes messages that say nothing: that one is stored tells where the stream ends.
func endSubject(code incident.ScopeID) string { return fmt.Sprintf("j.%d.end", code) }

// subject is an origin's own, whatever township its desk belongs to: the fence is the subject's.
func subject(code incident.ScopeID, origin incident.Origin) string {
	return fmt.Sprintf("j.%d.%x.%x", code, origin[:16], origin[16:])
}

// open finds or makes the stream and this process' copy of it. The copy's name tells which stream it is of.
func (c *county) open(ctx context.Context, dir string, replicas int) error {
	cfg := jetstream.StreamConfig{
		Name: streamName(c.code), Subjects: []string{subjects(c.code)}, Storage: jetstream.FileStorage, Replicas: replicas,
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew, MaxMsgs: -1, MaxBytes: -1, DenyDelete: true, DenyPurge: true,
		Compression: jetstream.S2Compression,
	}
	err := again(ctx, func(ctx context.Context) (err error) {
		c.stream, err = openStream(ctx, c.js, cfg)
		return err
	})
	if err != nil {
		return fmt.Errorf("open the stream: %w", err)
	}
	c.made, c.moved = c.stream.CachedInfo().Created, make(chan struct{})
	c.life = []byte(c.made.UTC().Format(time.RFC3339Nano))
	c.path = filepath.Join(dir, fmt.Sprintf("%d-%s.db", c.code, hex.EncodeToString(c.life)))
	if err := c.dropOthers(dir); err != nil {
		return err
	}
	return c.openCopy(ctx)
}

// openStream makes a stream if it is not there. One that is there keeps its configuration: an administrator may have moved it.
func openStream(ctx context.Context, js jetstream.JetStream, cfg jetstream.StreamConfig) (jetstream.Stream, error) {
	stream, err := js.Stream(ctx, cfg.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = js.CreateStream(ctx, cfg)
	}
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // another process was quicker
		stream, err = js.Stream(ctx, cfg.Name)
	}
	return stream, err
}

// dropOthers removes copies of a stream that is no more.
func (c *county) dropOthers(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, strconv.FormatUint(uint64(c.code), 10)+"-*.db"))
	if err != nil {
		return err
	}
	for _, name := range names {
		if name != c.path {
			if err := os.Remove(name); err != nil {
				return fmt.Errorf("remove an old copy: %w", err)
			}
		}
	}
	return nil
}

// openCopy opens the copy, or begins it anew if it can't be read, or was read from a stream that is not there any more.
func (c *county) openCopy(ctx context.Context) error {
	pos, raw, err := c.load()
	if err != nil {
		c.log.WithError(err).Warn("begin a copy anew")
		if err := c.renew(); err != nil {
			return err
		}
		pos, raw = 0, nil
	}
	same, err := c.compare(ctx, pos, raw)
	if err == nil && !same {
		c.log.WithField("copy", c.end).Error("the stream is not the one that was read: begin its copy anew")
		c.rewound = true
		return c.renew()
	}
	if err != nil {
		return errors.Join(err, c.file.Close())
	}
	return nil
}

// load opens the copy and reads where it stands: its end and its last run.
func (c *county) load() (pos uint64, raw []byte, err error) {
	if c.file, err = feed.Open(c.path, c.codec); err != nil {
		return 0, nil, err
	}
	if c.end, _, err = c.file.End(); err == nil {
		pos, raw, err = c.file.Last()
	}
	return pos, raw, err
}

// renew begins an empty copy.
func (c *county) renew() (err error) {
	if c.file != nil {
		if err := c.file.Close(); err != nil {
			return err
		}
	}
	if err := os.Remove(c.path); err != nil {
		return err
	}
	c.end = 0
	c.file, err = feed.Open(c.path, c.codec)
	return err
}

// compare reports whether the stream has what the copy read from it: it goes as far, and the copy's last run is there.
func (c *county) compare(ctx context.Context, pos uint64, raw []byte) (bool, error) {
	last, err := c.ask(ctx)
	if err != nil || c.end > last {
		return false, err
	}
	if pos == 0 {
		return true, nil
	}
	var msg *jetstream.RawStreamMsg
	err = again(ctx, func(ctx context.Context) (err error) {
		msg, err = c.stream.GetMsg(ctx, pos)
		return err
	})
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	return err == nil && bytes.Equal(msg.Data, raw), err
}

// ask stores an empty message and returns its position: everything that was ever acknowledged is at or before it. An answer that costs no
// write could come from a member that was cut off and does not know it.
func (c *county) ask(ctx context.Context) (uint64, error) {
	for wait := firstAnswer; ; wait = min(2*wait, attempt) {
		ack, err := c.publish(ctx, wait, &nats.Msg{Subject: endSubject(c.code)})
		if err == nil {
			return ack.Sequence, nil
		}
		if ctx.Err() != nil {
			return 0, fmt.Errorf("ask where the stream ends: %w", err)
		}
	}
}

// publish makes one attempt of bounded time.
func (c *county) publish(ctx context.Context, wait time.Duration, msg *nats.Msg, opts ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	opts = append(opts, jetstream.WithExpectStream(streamName(c.code)))
	ack, err := c.js.PublishMsg(ctx, msg, opts...)
	if err != nil && ctx.Err() == nil && !isRefused(err) {
		<-pause(ctx) // no responders, or a server that says it is not ready: not at once again
	}
	return ack, err
}

// isRefused reports whether the fence refused a message.
func isRefused(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence
}

func pause(ctx context.Context) <-chan struct{} {
	ctx, cancel := context.WithTimeout(ctx, retryAfter/10)
	context.AfterFunc(ctx, cancel)
	return ctx.Done()
}

// catchUp waits until the copy has everything that was acknowledged, to whomever, before the call. Callers that wait at the same time share
// one question, unless it was asked before they came.
func (c *county) catchUp(ctx context.Context) error {
	c.mu.Lock()
	running := c.query
	c.mu.Unlock()
	if running != nil { // asked before this call: its answer may be older
		select {
		case <-running.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	c.mu.Lock()
	q := c.query
	mine := q == nil || q == running
	if mine {
		q = &query{done: make(chan struct{})}
		c.query = q
	}
	c.mu.Unlock()
	if mine {
		q.pos, q.err = c.ask(ctx)
		c.mu.Lock()
		if c.query == q {
			c.query = nil
		}
		c.mu.Unlock()
		close(q.done)
	}
	select {
	case <-q.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	if q.err != nil {
		return q.err
	}
	return c.waitFor(ctx, q.pos)
}

// waitFor waits until the copy has read up to a position.
func (c *county) waitFor(ctx context.Context, pos uint64) error {
	for {
		c.mu.Lock()
		end, moved := c.end, c.moved
		c.mu.Unlock()
		if end >= pos {
			return nil
		}
		select {
		case <-moved:
		case <-c.ended:
			return errClosed
		case <-ctx.Done():
			return fmt.Errorf("wait for position %d at %d: %w", pos, end, ctx.Err())
		}
	}
}

// append stores one run. Whatever an attempt's fate was, the next one finds out: the fence lets a run in once.
func (c *county) append(ctx context.Context, run *session.HubRun) (wire.Stamp, error) {
	if err := c.waitFor(ctx, c.acked.Load()); err != nil {
		return wire.Stamp{}, err
	}
	looked := false // whether the subject's newest message was looked up: it is not the one that the copy says
	var newest uint64
	for {
		judged, stamp, fence, err := c.judge(run)
		if err != nil || judged == feed.Stored {
			return stamp, err
		}
		if looked {
			fence = newest
		}
		now := c.clock()
		raw, err := c.codec.Encode(run, now)
		if err != nil {
			return wire.Stamp{}, fmt.Errorf("%w: %w", session.ErrFork, err)
		}
		ack, err := c.publish(ctx, attempt, c.message(run, raw, now), jetstream.WithExpectLastSequencePerSubject(fence))
		if err == nil {
			c.noteAcked(ack.Sequence)
			return wire.Stamp{Pos: ack.Sequence, ReceivedAt: now, Flags: run.Flags}, nil
		}
		if ctx.Err() != nil {
			return wire.Stamp{}, fmt.Errorf("store a run: %w", err)
		}
		if err := c.catchUp(ctx); err != nil {
			return wire.Stamp{}, err
		}
		if looked = isRefused(err); looked {
			if newest, err = c.newest(ctx, run); err != nil {
				return wire.Stamp{}, err
			}
		}
	}
}

func (c *county) judge(run *session.HubRun) (judged feed.Judgement, stamp wire.Stamp, fence uint64, err error) {
	err = c.file.View(func(t *feed.Tx) error {
		if judged, stamp, err = t.Judge(run); err == nil {
			fence, err = t.Fence(run.Run.Origin)
		}
		return err
	})
	return judged, stamp, fence, err
}

// newest returns the sequence of the newest message of a run's subject that the copy has read, 0 if there is none. A message that was
// refused by all copies, or the loss of one, moves it from what the copy knows.
func (c *county) newest(ctx context.Context, run *session.HubRun) (uint64, error) {
	var msg *jetstream.RawStreamMsg
	err := again(ctx, func(ctx context.Context) (err error) {
		msg, err = c.stream.GetLastMsgForSubject(ctx, subject(c.code, run.Run.Origin))
		return err
	})
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return msg.Sequence, c.waitFor(ctx, msg.Sequence)
}

func (c *county) message(run *session.HubRun, raw []byte, now incident.Stamp) *nats.Msg {
	return &nats.Msg{Subject: subject(c.code, run.Run.Origin), Data: raw, Header: nats.Header{
		headFirst: {strconv.FormatUint(run.Run.First, 10)}, headLast: {strconv.FormatUint(run.Run.Last(), 10)},
		headHash: {hex.EncodeToString(run.Last[:])}, headAt: {strconv.FormatInt(int64(now), 10)},
	}}
}

func (c *county) noteAcked(pos uint64) {
	for {
		old := c.acked.Load()
		if pos <= old || c.acked.CompareAndSwap(old, pos) {
			return
		}
	}
}

// follow reads the stream into the copy until ctx ends, the county is closed, or lost was called: then stream or copy are not what they were.
func (c *county) follow(ctx context.Context, lost func()) {
	ctx, c.cancel = context.WithCancel(ctx)
	c.ended = make(chan struct{})
	c.file.OnDamage(func() {
		c.spoil.Store(true)
		c.cancel()
	})
	go func() {
		err := c.followLoop(ctx)
		close(c.ended)
		if errors.Is(err, errLost) || c.spoil.Load() {
			c.log.WithError(err).Error("begin the county's copy anew")
			lost()
		}
	}()
}

// errLost says that the stream is not the one that was opened.
var errLost = errors.New("the stream was recreated")

func (c *county) followLoop(ctx context.Context) error {
	for ctx.Err() == nil {
		err := c.read(ctx)
		if ctx.Err() != nil {
			break
		}
		c.log.WithError(err).Warn("the stream is not being read")
		if err := c.same(ctx); err != nil {
			return err
		}
		<-pause(ctx)
	}
	return ctx.Err()
}

// same asks whether the stream is still the one that was opened. No answer is no news.
func (c *county) same(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	stream, err := c.js.Stream(ctx, streamName(c.code))
	if errors.Is(err, jetstream.ErrStreamNotFound) || err == nil && !stream.CachedInfo().Created.Equal(c.made) {
		return errLost
	}
	return nil
}

// read reads the stream from where the copy stands, until something fails.
func (c *county) read(ctx context.Context) error {
	c.mu.Lock()
	after := c.end
	c.mu.Unlock()
	consumer, err := c.js.OrderedConsumer(ctx, streamName(c.code), jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: after + 1,
	})
	if err != nil {
		return err
	}
	messages := make(chan jetstream.Msg, applyBatch) // when full, the consumer waits for the copy
	stop := make(chan struct{})
	defer close(stop)
	failed := make(chan error, 1)
	consuming, err := consumer.Consume(func(msg jetstream.Msg) {
		select {
		case messages <- msg:
		case <-stop:
		}
	}, jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
		if errors.Is(err, jetstream.ErrNoHeartbeat) { // the consumer finds its way by itself
			return
		}
		select {
		case failed <- err:
		default:
		}
	}), jetstream.PullHeartbeat(heartbeat))
	if err != nil {
		return err
	}
	defer consuming.Stop()
	closed := consuming.Closed() // each call waits in a goroutine of its own
	for {
		select {
		case msg := <-messages:
			if err := c.apply(gather(msg, messages)); err != nil {
				return err
			}
		case err := <-failed:
			return err
		case <-closed:
			return errors.New("the consumer was closed")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func gather(first jetstream.Msg, messages <-chan jetstream.Msg) []jetstream.Msg {
	batch := []jetstream.Msg{first}
	for len(batch) < applyBatch {
		select {
		case msg := <-messages:
			batch = append(batch, msg)
		default:
			return batch
		}
	}
	return batch
}

// apply puts messages into the copy. What it makes of a message depends on the stream alone, so that all copies have the same checks.
func (c *county) apply(batch []jetstream.Msg) error {
	var end uint64
	err := c.file.Update(func(t *feed.Tx) error {
		for _, msg := range batch {
			meta, err := msg.Metadata()
			if err != nil {
				return err
			}
			if pos := meta.Sequence.Stream; pos > t.End() {
				if err := c.one(t, pos, msg); err != nil {
					return fmt.Errorf("copy message %d: %w", pos, err)
				}
			}
		}
		end = t.End()
		return nil
	})
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.end = end
	close(c.moved)
	c.moved = make(chan struct{})
	c.mu.Unlock()
	c.bells.Ring()
	return nil
}

func (c *county) one(t *feed.Tx, pos uint64, msg jetstream.Msg) error {
	defer t.Pass(pos)
	if strings.HasSuffix(msg.Subject(), ".end") {
		return nil
	}
	run, _, _, err := c.codec.Decode(msg.Data())
	if err == nil && msg.Subject() != subject(c.code, run.Run.Origin) {
		err = errors.New("on another subject")
	}
	if err != nil {
		c.log.WithError(err).WithField("pos", pos).Error("a message is no run")
		return nil
	}
	fits, err := t.Fits(&run)
	if err != nil {
		return err
	}
	if !fits {
		c.log.WithField("pos", pos).Error("a run does not fit")
		return nil
	}
	return t.Add(pos, &run, msg.Data())
}

// close ends following and closes the copy, once; a damaged one is removed.
func (c *county) close() error {
	c.closing.Do(func() {
		if c.cancel != nil {
			c.cancel()
			<-c.ended
		}
		c.closeErr = c.file.Close()
		if c.spoil.Load() {
			c.closeErr = errors.Join(c.closeErr, os.Remove(c.path))
		}
	})
	return c.closeErr
}
