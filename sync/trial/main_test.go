package trial

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// soak is how long the kill loop goes on; `make soak` takes half an hour.
var soak = flag.Duration("soak", time.Minute, "how long the kill loop goes on")

// seed repeats a kill loop; 0 takes one from the clock, which is logged.
var seed = flag.Uint64("seed", 0, "the kill loop's seed")

// envChild makes this test binary a desk.
const envChild = "ZW110_TRIAL_DESK"

// bin is the folder of the programs under test.
var bin string

func TestMain(m *testing.M) {
	if spec := os.Getenv(envChild); spec != "" {
		os.Exit(runChild(spec))
	}
	// The tests wait for other processes most of the time. What the command line says comes later and holds.
	if err := flag.Set("test.parallel", "8"); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	flag.Parse()
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "trial")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(dir)
	bin = dir
	zerolog.SetGlobalLevel(zerolog.Disabled) // the network's ills tell of themselves
	for _, pkg := range []string{"zw110/sync/zw110hub", "zw110/app/zw110ctl"} {
		out, err := exec.Command("go", "build", "-o", filepath.Join(dir, filepath.Base(pkg)), pkg).CombinedOutput()
		if err != nil {
			fmt.Printf("build %s: %v\n%s", pkg, err, out)
			return 1
		}
	}
	return m.Run()
}
