// Package yield lets long work give way to the window: the thread it runs on asks the system for less than a usual share of the processor, so
// that on a machine with few of them keys and frames come first. It changes nothing else.
package yield

import "runtime"

// Run runs a job on a thread of its own that gives way, and returns when it has ended. Goroutines that the job starts don't give way.
func Run(job func()) {
	done := make(chan any)
	go func() {
		defer func() { done <- recover() }()
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine, and its priority with it
		lower()
		job()
	}()
	if v := <-done; v != nil {
		panic(v) //nolint:forbidigo // the job's own panic goes on in who runs it
	}
}
