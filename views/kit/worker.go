package kit

import "context"

// backlog is how many jobs a worker keeps waiting; a job more waits in the caller's place.
const backlog = 64

// Worker is one goroutine that does jobs in order, off the UI goroutine.
type Worker struct {
	jobs chan func()
	done chan struct{}
}

// NewWorker starts a worker that ends with ctx.
func NewWorker(ctx context.Context) *Worker {
	w := &Worker{jobs: make(chan func(), backlog), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for {
			select {
			case <-ctx.Done():
				return
			case job := <-w.jobs:
				job()
			}
		}
	}()
	return w
}

// Do hands a job over. After the worker's end jobs are dropped.
func (w *Worker) Do(job func()) {
	select {
	case w.jobs <- job:
	case <-w.done:
	}
}

// Wait returns once the worker has ended.
func (w *Worker) Wait() { <-w.done }
