package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The files of a store's folder.
const (
	fileDB     = "zw110.db"
	fileSum    = "zw110.sum"
	fileLock   = "zw110.lock"
	fileHolder = "zw110.holder"
	// dirConfig inside the store's folder stands for the user's configuration folder in drill stores.
	dirConfig = "config"
	// sumSuffix names the checksum file beside a backup.
	sumSuffix = ".sum"
)

// writeFile puts a small file in place as a whole: written beside, synced, renamed.
func writeFile(path string, content []byte) error {
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return errors.Join(err, removeIfThere(tmp))
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", filepath.Base(path), err)
	}
	return nil
}
