package lists

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

const extension = ".xlsx"

// NextVersion returns the version the next print of a list takes in a folder: one more than the highest there, including prints that are only
// known by the lock file of a program that has them open. base is the name without version, such as 塔石镇_每日清单_20260815.
func NextVersion(dir, base string) (int, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, fmt.Errorf("look for earlier prints of %s: %w", base, err)
	}
	form, err := regexp.Compile(`^(?:~\$|\.~)?` + regexp.QuoteMeta(base) + `_v(\d{1,6})` + regexp.QuoteMeta(extension) + `$`)
	if err != nil {
		return 0, fmt.Errorf("look for earlier prints of %s: %w", base, err)
	}
	next := 1
	for _, e := range entries {
		if m := form.FindStringSubmatch(e.Name()); m != nil {
			if v, err := strconv.Atoi(m[1]); err == nil && v >= next {
				next = v + 1
			}
		}
	}
	return next, nil
}

// Save writes a print into a folder under base and its next version and returns the path. build gets that version and returns the sheet. A file
// that is there, open or not, is never touched: when two desks print at once into one folder, one of them gets the version after.
func Save(dir, base string, build func(version int) (Sheet, error)) (path string, err error) {
	if base == "" || base != filepath.Base(base) || strings.ContainsAny(base, `\/:*?"<>|`) {
		return "", fmt.Errorf("save list: %q is no file name", base)
	}
	version, err := NextVersion(dir, base)
	if err != nil {
		return "", err
	}
	for {
		path = filepath.Join(dir, fmt.Sprintf("%s_v%d%s", base, version, extension))
		taken, err := claim(path)
		if err != nil {
			return "", fmt.Errorf("save list: %w", err)
		}
		if !taken {
			version++
			continue
		}
		if err := fill(path, version, build); err != nil {
			// The claimed name is empty and ours.
			return "", errors.Join(fmt.Errorf("save list %s: %w", filepath.Base(path), err), os.Remove(path))
		}
		return path, nil
	}
}

// claim makes an empty file, so that the name is ours; false when there is one already.
func claim(path string) (bool, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, f.Close()
}

// fill writes the workbook beside the claimed file and renames it over that.
func fill(path string, version int, build func(int) (Sheet, error)) error {
	sheet, err := build(version)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".list-*.tmp")
	if err != nil {
		return err
	}
	err = sheet.Write(f)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
