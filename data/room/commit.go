package room

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zw110/data/incident"
)

// chunk is the most acts one commit holds, and the step of a batch.
const chunk = 512

// gather is how long the committer waits at most until as many jobs are there as the last commit held.
const gather = time.Millisecond

// job is what one caller wants done: acts in order, or facts about the desk itself.
type job struct {
	acts  []incident.Act
	desk  []incident.Fact
	by    incident.Login                 // who does the desk facts
	refs  map[string]incident.IncidentID // names inside a batch; used by the committer only while the job runs
	check func() error                   // asked on the committer before anything is decided
	// ctx, when set, gives the job a transaction of its own that is dropped if the context ends before it is written.
	ctx   context.Context
	steps chan int // acts decided so far, nil if nobody asks; one slot, a full one is passed over

	// written runs on the committer once the desk facts are on the disk.
	written func()

	results []result
	err     error // of the desk facts and of check
	done    chan struct{}
}

// result answers one act.
type result struct {
	out Outcome
	err error
}

// submit hands a job to the committer and waits for its answer, telling progress (which may be nil) on the way. Once the committer
// has the job, the answer comes even if the context ends meanwhile: what is written is written.
func (r *Room) submit(ctx context.Context, j *job, progress func(done, total int)) error {
	j.done = make(chan struct{})
	if progress != nil {
		j.steps = make(chan int, 1)
	}
	j.results = make([]result, len(j.acts))
	if r.ctx.Err() != nil {
		return ErrClosed
	}
	r.coming.Add(1)
	select {
	case r.jobs <- j:
	case <-ctx.Done():
		r.coming.Add(-1)
		return fmt.Errorf("wait for the committer: %w", ctx.Err())
	case <-r.ctx.Done():
		r.coming.Add(-1)
		return ErrClosed
	}
	for {
		select {
		case n := <-j.steps:
			progress(n, len(j.acts))
		case <-j.done:
			return j.err
		}
	}
}

// step tells how many acts are decided.
func (j *job) step(n int) {
	select {
	case j.steps <- n:
	default:
	}
}

// run is the committer: the one goroutine that decides and writes. It takes all jobs that wait and commits at once; only if others
// are about to hand theirs over, or the last commit held more than one, does it wait a moment for as many, so that a lone writer never waits
// and many share one fsync.
func (r *Room) run(ctx context.Context) {
	held := 0
	for {
		select {
		case <-ctx.Done():
			return
		case first := <-r.jobs:
			jobs := r.collect(first, held)
			held = len(jobs)
			r.serve(jobs)
		}
	}
}

// collect takes the jobs that wait or are about to, up to chunk acts, and waits a moment until they are as many as the last commit held.
func (r *Room) collect(first *job, held int) []*job {
	jobs, acts := []*job{first}, len(first.acts)
	left := r.coming.Add(-1)
	var deadline <-chan time.Time
	for acts < chunk && (len(jobs) < held || left > 0) {
		if deadline == nil {
			t := time.NewTimer(gather)
			defer t.Stop()
			deadline = t.C
		}
		select {
		case j := <-r.jobs:
			jobs, acts = append(jobs, j), acts+len(j.acts)
			left = r.coming.Add(-1)
		case <-deadline:
			return jobs
		}
	}
	return jobs
}

// serve decides and commits jobs together, then answers all of them, whatever happens.
func (r *Room) serve(jobs []*job) {
	defer func() {
		for _, j := range jobs {
			if j.err == nil && j.written != nil {
				r.guard("after writing", j.written)
			}
			close(j.done)
		}
	}()
	ended := r.guard("commit", func() {
		b := r.newBatch()
		for _, j := range jobs {
			b = r.take(b, j)
		}
		b.flush()
	})
	if ended {
		return
	}
	for _, j := range jobs {
		j.failUnanswered(errors.New("the program made an error while writing; the act may not be saved, look before doing it again"))
	}
}

func (j *job) failUnanswered(err error) {
	for i := range j.results {
		if len(j.results[i].out.Entries) == 0 && j.results[i].err == nil {
			j.results[i].err = err
		}
	}
	if len(j.desk) > 0 && j.err == nil {
		j.err = err
	}
}

// take decides the acts of one job inside the batch and returns the batch to go on with.
func (r *Room) take(b *batch, j *job) *batch {
	if j.check != nil || j.ctx != nil {
		b.flush()
		b = r.newBatch()
	}
	if j.check != nil {
		if j.err = j.check(); j.err != nil {
			return b
		}
	}
	for i := range j.acts {
		if j.ctx != nil && j.ctx.Err() != nil {
			j.err = fmt.Errorf("nothing was written: %w", j.ctx.Err())
			return r.newBatch()
		}
		j.step(i)
		err := b.act(j, i)
		if errors.Is(err, errFlush) {
			b.flush()
			b = r.newBatch()
			err = b.act(j, i)
		}
		j.results[i].err = err
	}
	b.deskFacts(j)
	return b
}
