package chooser

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Item is a folder or file as a person chooses it.
type Item struct {
	Name    string
	Folder  bool
	Bytes   int64 // of a file
	Changed time.Time
}

// Up is the name of the item that leads to the folder above.
const Up = ".."

// Read lists a folder: the way up unless it is the topmost, then folders, then files, each by name. What can't be looked at is left out.
func Read(folder string) ([]Item, error) {
	found, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	items := make([]Item, 0, len(found)+1)
	for _, e := range found {
		info, err := os.Stat(filepath.Join(folder, e.Name())) // follows links
		if err != nil {
			continue
		}
		items = append(items, Item{Name: e.Name(), Folder: info.IsDir(), Bytes: info.Size(), Changed: info.ModTime()})
	}
	slices.SortFunc(items, func(a, b Item) int {
		if a.Folder != b.Folder {
			if a.Folder {
				return -1
			}
			return 1
		}
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	if filepath.Dir(folder) != folder {
		items = slices.Insert(items, 0, Item{Name: Up, Folder: true})
	}
	return items, nil
}

// hidden reports whether an item is shown only to whoever types the dot.
func (i Item) hidden() bool { return i.Name != Up && strings.HasPrefix(i.Name, ".") }

// Place is a folder to begin at.
type Place struct {
	Key  string // catalogue key of its name; empty: Name
	Name string
	Path string
}

// Places returns the folders of the home folder that are there, and the disks and sticks of the computer.
func Places(home string) []Place {
	all := []Place{{Key: "files.home", Path: home}}
	for _, p := range []struct{ key, zh, en string }{
		{"files.desktop", "桌面", "Desktop"}, {"files.documents", "文档", "Documents"}, {"files.downloads", "下载", "Downloads"}, {"files.pictures", "图片", "Pictures"},
	} {
		for _, name := range []string{p.zh, p.en} {
			if path := filepath.Join(home, name); isFolder(path) {
				all = append(all, Place{Key: p.key, Path: path})
				break
			}
		}
	}
	return append(all, disks(filepath.Base(home))...)
}

// disks returns drives on Windows, elsewhere what is mounted for the user and the topmost folder.
func disks(user string) []Place {
	var out []Place
	if runtime.GOOS == "windows" {
		for letter := 'A'; letter <= 'Z'; letter++ {
			if path := string(letter) + `:\`; isFolder(path) {
				out = append(out, Place{Name: path, Path: path})
			}
		}
		return out
	}
	for _, pattern := range []string{"/media/" + user + "/*", "/run/media/" + user + "/*", "/mnt/*", "/Volumes/*"} {
		found, _ := filepath.Glob(pattern) //nolint:errcheck // the only error is of the pattern, and a user's name with brackets has no sticks shown
		for _, path := range found {
			if isFolder(path) {
				out = append(out, Place{Name: filepath.Base(path), Path: path})
			}
		}
	}
	return append(out, Place{Key: "files.computer", Path: "/"})
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// nearest returns the folder itself, or the lowest one above it that is there: a stick may have been pulled since.
func nearest(folder string) string {
	for folder != "" && !isFolder(folder) {
		up := filepath.Dir(folder)
		if up == folder {
			return ""
		}
		folder = up
	}
	return folder
}

// kindOf says what stands at a path: "" nothing, "folder" or "file".
func kindOf(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	case info.IsDir():
		return "folder", nil
	}
	return "file", nil
}
