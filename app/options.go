package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/alecthomas/kong"

	"zw110/assets/usage"
)

// options are the flags of the program.
type options struct {
	Dir     string           `help:"${dir}" placeholder:"DIR"`
	Lang    string           `help:"${lang}" enum:",zh-Hans,en" default:""`
	Theme   string           `help:"${theme}" enum:",auto,light,dark" default:""`
	Scale   float32          `help:"${scale}" default:"0"`
	Watch   string           `help:"File that gets a line for every screen the window comes to rest at, for programs that drive it." placeholder:"FILE" hidden:""`
	Version kong.VersionFlag `help:"${version_help}"`
}

// parse reads the flags. Help and version are printed and end the program; ended says so.
func (o *options) parse(args []string, stdout, stderr io.Writer) (code int, ended bool) {
	texts, err := usage.Texts(args)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1, true
	}
	parser, err := kong.New(o, kong.Name("zw110"), kong.Description(texts.T("app.help")), usage.Help(texts), kong.Writers(stdout, stderr),
		kong.Exit(func(c int) { code, ended = c, true }), kong.Vars{
			"version": version, "dir": texts.T("app.help.dir"), "lang": texts.T("app.help.lang"), "theme": texts.T("app.help.theme"),
			"scale": texts.T("app.help.scale"), "version_help": texts.T("app.help.version"),
		})
	if err == nil {
		_, err = parser.Parse(args)
	}
	if err != nil && !ended {
		fmt.Fprintln(stderr, usage.Wrong(texts, "zw110", err))
		return 2, true
	}
	return code, ended
}

// storeDir returns the folder of the store: as given, else one in the user's own files.
func (o options) storeDir() (string, error) {
	if o.Dir != "" {
		return filepath.Abs(o.Dir)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the home folder (--dir names another): %w", err)
	}
	return filepath.Join(home, "zw110"), nil
}
