package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sirupsen/logrus"

	"zw110/data/incident"
	"zw110/sync/hub"
	"zw110/sync/hub/boltjournal"
	"zw110/sync/hub/feed"
	"zw110/sync/hub/natsjournal"
)

// Names of what a backup folder holds.
const (
	backupPrefix = "zw110hub-"
	backupSuffix = ".tar"
	backupTime   = "20060102-150405"
	runsSuffix   = ".runs"
	keepBackups  = 14
)

// boltKeep is the upkeep of a store of files.
type boltKeep struct{ s *boltjournal.Store }

// Backup writes a new file beside and renames it, so that a half-made backup is never found. A file that is there already is left alone.
func (k boltKeep) Backup(ctx context.Context, file string) (err error) {
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("back up to %s: %w", file, errors.Join(fs.ErrExist, err))
	}
	tmp := file + ".new"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	err = k.s.Backup(ctx, f, nil)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp, file)
	}
	if err != nil {
		return fmt.Errorf("back up to %s: %w", file, errors.Join(err, os.Remove(tmp)))
	}
	return nil
}

// Verify reads every run of the county.
func (k boltKeep) Verify(ctx context.Context, county incident.ScopeID) (faults []string, entries uint64, err error) {
	return verify(ctx, k.s, county)
}

// clusterKeep is the upkeep of a store that keeps its copies itself: what it says is checked, too.
type clusterKeep struct{ s *natsjournal.Store }

// Backup is refused: the cluster's own tools back up its streams.
func (clusterKeep) Backup(context.Context, string) error {
	return &hub.RefusedError{Key: "hub.err.cluster_backup", Text: "a cluster is backed up with its own tools"}
}

// Verify reads every run of the county's stream.
func (k clusterKeep) Verify(ctx context.Context, county incident.ScopeID) (faults []string, entries uint64, err error) {
	return verify(ctx, k.s, county)
}

func verify(ctx context.Context, s interface {
	Verify(ctx context.Context, county incident.ScopeID, progress func(done, total uint64)) (feed.Report, error)
}, county incident.ScopeID,
) (faults []string, entries uint64, err error) {
	report, err := s.Verify(ctx, county, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("verify: %w", err)
	}
	return report.All(), uint64(report.Entries), nil
}

// nightly backs up, if there is a folder for it, and verifies every night until ctx ends.
func nightly(ctx context.Context, log logrus.FieldLogger, keep hub.Upkeep, dir string, at time.Duration, county incident.ScopeID) {
	for {
		wait := time.NewTimer(untilNext(time.Now(), at))
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-wait.C:
		}
		if err := night(ctx, keep, dir, time.Now(), county); err != nil {
			log.WithError(err).WithField("alarm", "backup").Error("the nightly backup failed")
			continue
		}
		if dir == "" {
			log.Info("verified")
			continue
		}
		log.WithField("dir", dir).Info("backed up and verified")
	}
}

// untilNext returns how long it is to a time of day; a day when it is just now.
func untilNext(now time.Time, at time.Duration) time.Duration {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	next := midnight.Add(at)
	if !next.After(now) {
		next = midnight.AddDate(0, 0, 1).Add(at)
	}
	return next.Sub(now)
}

// night makes one backup, verifies the store and drops all but the newest backups, and the stream from before the oldest of those. Without
// a folder it verifies alone.
func night(ctx context.Context, keep hub.Upkeep, dir string, now time.Time, county incident.ScopeID) error {
	if dir == "" {
		return check(ctx, keep, county)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the backup folder: %w", err)
	}
	if err := keep.Backup(ctx, filepath.Join(dir, backupPrefix+now.Format(backupTime)+backupSuffix)); err != nil {
		return err
	}
	if err := check(ctx, keep, county); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(dir, backupPrefix+"*"+backupSuffix))
	if err != nil {
		return fmt.Errorf("list the backups: %w", err)
	}
	slices.Sort(old)
	for len(old) > keepBackups {
		if err := os.Remove(old[0]); err != nil {
			return fmt.Errorf("drop an old backup: %w", err)
		}
		old = old[1:]
	}
	return dropRuns(dir, old[0], now.Location())
}

// check verifies the store.
func check(ctx context.Context, keep hub.Upkeep, county incident.ScopeID) error {
	faults, _, err := keep.Verify(ctx, county)
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("the store has %d faults, the first: %s", len(faults), faults[0])
	}
	return err
}

// dropRuns drops the append files that were begun before a backup: it began one of its own, and needs none of before.
func dropRuns(dir, backup string, zone *time.Location) error {
	name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(backup), backupPrefix), backupSuffix)
	made, err := time.ParseInLocation(backupTime, name, zone)
	if err != nil {
		return nil //nolint:nilerr // somebody's own file: nothing follows from its name
	}
	files, err := logsIn(dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		begun, err := strconv.ParseInt(strings.TrimSuffix(filepath.Base(file), runsSuffix), 10, 64)
		if err != nil || begun >= made.UnixMilli() {
			continue
		}
		if err := os.Remove(file); err != nil {
			return fmt.Errorf("drop an old append file: %w", err)
		}
	}
	return nil
}

// restore makes a store from a backup.
func restore(_ context.Context, p place, file, logDir string) (err error) {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("open the backup: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	logs, err := logsIn(logDir)
	if err != nil {
		return err
	}
	err = boltjournal.Restore(p.Dir, f, logs)
	if errors.Is(err, fs.ErrExist) {
		return &hub.RefusedError{Key: "hub.err.not_empty", Text: err.Error()}
	}
	return err
}

// logsIn returns the append files of a folder, in order.
func logsIn(dir string) ([]string, error) {
	if dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the stream's folder: %w", err)
	}
	var files []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), runsSuffix) {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	slices.Sort(files)
	return files, nil
}
