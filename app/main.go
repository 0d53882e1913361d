// Command zw110 is the desk of a command room: window, local store, sound. It only wires the parts together; room decides and
// views show.
package main

import (
	"fmt"
	"os"

	"github.com/alecthomas/kong"
)

// version is set when a release is built.
var version = "0.1.0"

func main() {
	var o options
	kong.Parse(&o, kong.Name("zw110"), kong.Description("政务110 · Government Affairs 110"), kong.Vars{"version": version})
	p, err := newProgram(o)
	if err == nil {
		err = p.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "zw110:", err)
		os.Exit(1)
	}
}
