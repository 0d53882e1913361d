package assets

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed pack calendar
var packFS embed.FS

// Packs lists the names of the embedded town packs.
func Packs() []string {
	entries, err := fs.ReadDir(packFS, "pack")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// Pack returns the files of an embedded town pack, such as 330825111. The name of no pack is an error.
func Pack(name string) (fs.FS, error) {
	if !fs.ValidPath(name) || name == "." {
		return nil, fmt.Errorf("town pack %q: not the name of a pack", name)
	}
	if _, err := fs.Stat(packFS, "pack/"+name+"/pack.toml"); err != nil {
		return nil, fmt.Errorf("town pack %q: %w", name, err)
	}
	return fs.Sub(packFS, "pack/"+name)
}

// Holidays returns the embedded files of days off and make-up working days, one CSV file for one or several years.
func Holidays() (fs.FS, error) { return fs.Sub(packFS, "calendar") }
