package main

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/sirupsen/logrus"

	"zw110/app/yield"
)

// worker runs jobs off the UI goroutine. A panic in one is logged and ends only that job.
type worker struct {
	log  logrus.FieldLogger
	mu   sync.Mutex // guards jobs and ended
	jobs []func()
	// wake has one slot; full means the runner already knows.
	wake  chan struct{}
	ended bool
	wg    sync.WaitGroup
	busy  atomic.Int64 // jobs queued or running
}

// newWorker starts the goroutine that runs ordered jobs one after the other, until end.
func newWorker(log logrus.FieldLogger) *worker {
	w := &worker{log: log, wake: make(chan struct{}, 1)}
	w.wg.Add(1)
	go w.loop()
	return w
}

// do queues a job behind the others. Jobs are as many as the user's keys; nothing is dropped.
func (w *worker) do(job func()) {
	w.busy.Add(1)
	w.mu.Lock()
	w.jobs = append(w.jobs, job)
	w.mu.Unlock()
	w.ring()
}

// apart runs a long job beside the queue.
func (w *worker) apart(job func()) {
	w.busy.Add(1)
	w.wg.Go(func() { w.guard(job) })
}

// long runs a job that may take many seconds, such as an export, and gives way to the window.
func (w *worker) long(job func()) { w.apart(func() { yield.Run(job) }) }

func (w *worker) ring() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *worker) loop() {
	defer w.wg.Done()
	for range w.wake {
		for {
			w.mu.Lock()
			if len(w.jobs) == 0 {
				ended := w.ended
				w.mu.Unlock()
				if ended {
					return
				}
				break
			}
			job := w.jobs[0]
			w.jobs = w.jobs[1:]
			w.mu.Unlock()
			w.guard(job)
		}
	}
}

func (w *worker) guard(job func()) {
	defer w.busy.Add(-1)
	defer func() {
		if p := recover(); p != nil {
			w.log.WithField("panic", fmt.Sprint(p)).WithField("stack", string(debug.Stack())).Error("panic in a job")
		}
	}()
	job()
}

// end lets the queued jobs finish and stops.
func (w *worker) end() {
	w.mu.Lock()
	w.ended = true
	w.mu.Unlock()
	w.ring()
	w.wg.Wait()
}
