// Command zw110 is the desk of a command room: window, local store, sound. It only wires the parts together; room decides and
// views show.
package main

import (
	"fmt"
	"os"
)

// version is set when a release is built.
var version = "0.1.0"

func main() {
	var o options
	if code, ended := o.parse(os.Args[1:], os.Stdout, os.Stderr); ended {
		os.Exit(code)
	}
	p, err := newProgram(o)
	if err == nil {
		err = p.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "zw110:", err)
		os.Exit(1)
	}
}
