package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// anchor is the small file in the configuration folder that shows whether the store's folder is still the one that was closed last:
// a restored or copied folder has another token, or its anchor has another place.
type anchor struct {
	Current string `json:"current"`
	Next    string `json:"next"`
	Place   string `json:"place"`
	// Line is the desk's own line, Head the last sequence known of it; a store that holds less, or that never had the line, was put back.
	Line string `json:"line,omitempty"`
	Head uint64 `json:"head"`
}

// anchorPath names the anchor by store and folder, so that a copy elsewhere does not disturb it.
func anchorPath(configDir, storeID, dir string) string {
	sum := sha256.Sum256([]byte(storeID + "\x00" + dir))
	return filepath.Join(configDir, hex.EncodeToString(sum[:8])+".anchor")
}

func placeOf(dir string) string {
	sum := sha256.Sum256([]byte(machineName() + "\x00" + dir))
	return hex.EncodeToString(sum[:])
}

// readAnchor returns the anchor, or the zero anchor if there is none that can be read.
func readAnchor(path string) (anchor, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return anchor{}, nil
	}
	if err != nil {
		return anchor{}, fmt.Errorf("read anchor: %w", err)
	}
	var a anchor
	if json.Unmarshal(b, &a) != nil {
		return anchor{}, nil
	}
	return a, nil
}

func writeAnchor(path string, a anchor) error {
	b, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode anchor: %w", err)
	}
	return writeFile(path, b)
}

// holds reports whether a store with this token and head is the one the anchor was written for.
func (a anchor) holds(token, place string, head uint64) bool {
	return token != "" && a.Place == place && head >= a.Head && (token == a.Current || token == a.Next)
}
