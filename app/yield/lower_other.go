//go:build !linux && !windows

package yield

// lower does nothing: here threads have no priority of their own.
func lower() {}
