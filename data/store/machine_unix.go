//go:build !windows

package store

import (
	"errors"
	"os"
)

// machineName returns what tells this computer from a copy of its data folder elsewhere.
func machineName() string {
	for _, file := range []string{"/etc/machine-id", "/var/lib/dbus/machine-id"} {
		if b, err := os.ReadFile(file); err == nil && len(b) > 0 {
			return string(b)
		}
	}
	name, err := os.Hostname()
	if err != nil {
		return "" // a computer without any name: the folder's path still counts
	}
	return name
}

// syncDir makes a rename in the folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		return errors.Join(err, d.Close())
	}
	return d.Close()
}
