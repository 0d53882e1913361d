package room

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestExplain_FaultsOfFilesHaveWords(t *testing.T) {
	dir := t.TempDir()
	for want, err := range map[string]error{
		"room.file.missing": func() error { _, err := os.Open(filepath.Join(dir, "no")); return err }(),
		"room.file.exists":  os.Mkdir(dir, 0o700),
		"room.file.folder":  os.WriteFile(dir, nil, 0o600),
		"room.file.full":    &fs.PathError{Op: "write", Path: "u", Err: syscall.ENOSPC},
		"room.file.denied":  &fs.PathError{Op: "open", Path: "u", Err: syscall.EACCES},
		"room.file.other":   &os.LinkError{Op: "rename", Old: "a", New: "b", Err: syscall.EIO},
	} {
		key, args := Explain(fmt.Errorf("keep: %w", err))
		if key != want || len(args) != 1 || args[0] == "" {
			t.Errorf("%v: %s %v, want %s", err, key, args, want)
		}
	}
	if key, _ := Explain(errors.New("odd")); key != "" {
		t.Errorf("an error that nobody knows: %s", key)
	}
}
