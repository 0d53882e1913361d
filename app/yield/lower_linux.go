package yield

import "syscall"

// niceness is how far below the usual: about a third of the share of a thread that doesn't give way.
const niceness = 5

// lower asks for less. Where the system refuses, the job runs as others do.
func lower() {
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), niceness) //nolint:errcheck // nothing to do about a refusal
}
