package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/alecthomas/kong"
)

// options are the flags of the program.
type options struct {
	Dir     string           `help:"Folder of the store. 数据文件夹。" placeholder:"DIR"`
	Lang    string           `help:"Language, zh-Hans or en, instead of the one in the settings." enum:",zh-Hans,en" default:""`
	Theme   string           `help:"Theme: light, dark or auto, instead of the one in the settings." enum:",auto,light,dark" default:""`
	Scale   float32          `help:"Scale of the window, 0.75 to 3, instead of the one in the settings." default:"0"`
	Watch   string           `help:"File that gets a line for every screen the window comes to rest at, for programs that drive it." placeholder:"FILE" hidden:""`
	Version kong.VersionFlag `help:"Print the version and exit."`
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
