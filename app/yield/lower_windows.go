package yield

import "golang.org/x/sys/windows"

// belowNormal is THREAD_PRIORITY_BELOW_NORMAL.
const belowNormal = ^uintptr(0)

// lower asks for less. Where the system refuses, the job runs as others do.
func lower() {
	set := windows.NewLazySystemDLL("kernel32.dll").NewProc("SetThreadPriority")
	_, _, _ = set.Call(uintptr(windows.CurrentThread()), belowNormal)
}
