package boltjournal

import (
	"context"
	"fmt"
	"sync"
	"time"

	"zw110/data/incident"
	"zw110/sync/hub/feed"
	"zw110/sync/session"
	"zw110/sync/wire"
)

const (
	// maxEntries ends the gathering of a transaction.
	maxEntries = 4096
	// gatherTime is how long the committer waits for company, and only if the commit before had some.
	gatherTime = time.Millisecond
)

// county is one county's file with its committer.
type county struct {
	code  incident.ScopeID
	file  *feed.File
	codec *feed.Codec
	clock func() incident.Stamp
	log   *appendLog
	bells *feed.Bells

	jobs chan *job
	done chan struct{} // closed when the committer has ended

	mu      sync.Mutex // guards closed
	closed  bool
	senders sync.WaitGroup // whoever is about to send on jobs
}

// job is one Append.
type job struct {
	runs    []session.HubRun
	entries int
	raws    [][]byte // of what was added, for the log
	answer  answer
	finish  chan error // room for one
}

// answer is what an Append returns, one of each for a run.
type answer struct {
	stamps []wire.Stamp
	errs   []error
}

func (c *county) start() {
	c.jobs, c.done = make(chan *job), make(chan struct{})
	go c.commitLoop()
}

func (c *county) close() error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.senders.Wait()
	close(c.jobs)
	<-c.done
	return c.file.Close()
}

// append hands runs to the committer. If ctx ends first, nobody knows yet whether they are stored.
func (c *county) append(ctx context.Context, runs []session.HubRun) (answer, error) {
	j := &job{runs: runs, finish: make(chan error, 1), answer: answer{stamps: make([]wire.Stamp, len(runs)), errs: make([]error, len(runs))}}
	for i := range runs {
		j.entries += len(runs[i].Run.Entries)
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return answer{}, errClosed
	}
	c.senders.Add(1)
	c.mu.Unlock()
	defer c.senders.Done()
	select {
	case c.jobs <- j:
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
	select {
	case err := <-j.finish:
		return j.answer, err
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
}

// commitLoop is the only goroutine that writes the file. It takes everything that waits, commits it at once and answers.
func (c *county) commitLoop() {
	defer close(c.done)
	company := false
	for first := range c.jobs {
		jobs := c.gather(first, company)
		company = len(jobs) > 1
		err := c.commit(jobs)
		if err == nil {
			c.bells.Ring()
		}
		for _, j := range jobs {
			if err == nil && c.log != nil {
				c.log.runs(c.code, j.raws)
			}
			j.finish <- err
		}
	}
}

func (c *county) gather(first *job, wait bool) []*job {
	jobs, entries := []*job{first}, first.entries
	var timeout <-chan time.Time
	if wait {
		timer := time.NewTimer(gatherTime)
		defer timer.Stop()
		timeout = timer.C
	}
	for entries < maxEntries {
		select {
		case j, open := <-c.jobs:
			if !open {
				return jobs
			}
			jobs, entries = append(jobs, j), entries+j.entries
			continue
		default:
		}
		if timeout == nil {
			return jobs
		}
		select {
		case j, open := <-c.jobs:
			if !open {
				return jobs
			}
			jobs, entries = append(jobs, j), entries+j.entries
		case <-timeout:
			return jobs
		}
	}
	return jobs
}

// commit stores what fits of the jobs in one transaction. Its error concerns all of them: nothing is stored, unless the disk failed
// at the very last write; then the next commit that succeeds makes it durable before it answers.
func (c *county) commit(jobs []*job) error {
	now := c.clock()
	return c.file.Update(func(t *feed.Tx) error {
		for _, j := range jobs {
			for i := range j.runs {
				judged, stamp, err := t.Judge(&j.runs[i])
				j.answer.stamps[i], j.answer.errs[i] = stamp, unavailable("append", err)
				if err != nil || judged == feed.Stored {
					continue
				}
				raw, err := c.codec.Encode(&j.runs[i], now)
				if err != nil {
					j.answer.errs[i] = fmt.Errorf("%w: %w", session.ErrFork, err)
					continue
				}
				stamp = wire.Stamp{Pos: t.End() + 1, ReceivedAt: now, Flags: j.runs[i].Flags}
				if err := t.Add(stamp.Pos, &j.runs[i], raw); err != nil {
					return err
				}
				j.answer.stamps[i] = stamp
				j.raws = append(j.raws, raw)
			}
		}
		return nil
	})
}
