package store

import "fmt"

// runChild is what this test binary does when a test starts it again as another process.
func runChild(name string) int {
	fmt.Println("no such child:", name)
	return 2
}
