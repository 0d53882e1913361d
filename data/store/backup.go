package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
)

// compactTx is how many bytes one transaction of a compaction copies.
const compactTx = 4 << 20

// Backup writes a consistent copy of the store to a file while work goes on, with a checksum file beside it, and opens and verifies
// it before it gets its name. The copy is as encrypted as the store and opens with the same key or recovery code. A backup that is
// there already under that name is replaced only by a good one.
func (s *Store) Backup(ctx context.Context, file string) error {
	file, err := filepath.Abs(file)
	if err != nil {
		return fail("name the backup", err)
	}
	if filepath.Dir(file) == s.p.Dir && (filepath.Base(file) == fileDB || filepath.Base(file) == fileSum) {
		return &Error{Kind: ErrInvalid, Place: "write the backup over the store itself"}
	}
	tmp := file + ".new"
	err = s.copyTo(ctx, tmp)
	if err == nil {
		err = s.checkCopy(ctx, tmp)
	}
	if err == nil {
		err = writeSum(tmp, tmp+sumSuffix)
	}
	// The old checksums go first: a backup without is only less checked, one with another's would be taken for damaged.
	for _, step := range []func() error{
		func() error { return removeIfThere(file + sumSuffix) },
		func() error { return os.Rename(tmp, file) },
		func() error { return os.Rename(tmp+sumSuffix, file+sumSuffix) },
		func() error { return syncDir(filepath.Dir(file)) },
	} {
		if err == nil {
			err = step()
		}
	}
	if err == nil {
		return nil
	}
	err = errors.Join(err, removeIfThere(tmp), removeIfThere(tmp+sumSuffix))
	if cerr := ctx.Err(); cerr != nil { // bbolt doesn't wrap what its writer says
		return fmt.Errorf("write the backup: %w: %w", cerr, err)
	}
	return fail("write the backup", err)
}

// copyTo writes the current snapshot to a file and syncs it.
func (s *Store) copyTo(ctx context.Context, file string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = s.view("copy the store", func(tx *bbolt.Tx) error {
		_, err := tx.WriteTo(&cancelled{ctx: ctx, w: f})
		return err
	})
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// cancelled is a writer that stops with its context.
type cancelled struct {
	ctx context.Context
	w   io.Writer
}

func (c *cancelled) Write(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(b)
}

// checkCopy opens a copy as a store of its own and verifies it.
func (s *Store) checkCopy(ctx context.Context, file string) error {
	faults, err := inspect(file, file+sumSuffix)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return &Error{Kind: ErrDamaged, Place: "backup: " + faults[0].What}
	}
	p := s.p
	p.ReadOnly, p.copied = true, file
	c := &Store{p: p, wrap: s.wrap, codec: s.codec, enc: s.enc, id: s.id}
	if c.db, err = openBolt(file, p, true); err != nil {
		return fail("open the backup", err)
	}
	err = c.load()
	if err == nil {
		var report Report
		if report, err = c.Verify(ctx, nil); err == nil && len(report.Faults) > 0 {
			err = &Error{Kind: ErrDamaged, Place: "backup: " + report.Faults[0].What}
		}
	}
	return errors.Join(err, fail("close the backup", c.db.Close()))
}

// Restore puts a backup into a store's folder. A store that is there is moved aside, never written over; asideFile says where to, empty
// if there was none. Opened, the restored store continues in a new incarnation, as it may be older than what others have seen.
func Restore(p Params, file string) (asideFile string, err error) {
	p, err = p.complete()
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(file); err != nil {
		return "", fail("find the backup "+file, err)
	} else if info.IsDir() {
		return "", &Error{Kind: ErrPath, Place: file}
	}
	if err := checkBackup(p, file); err != nil {
		return "", err
	}
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return "", fail("make the store's folder", err)
	}
	if p, err = p.complete(); err != nil {
		return "", err
	}
	l, err := lock(p.Dir, p.Socket)
	if err != nil {
		return "", err
	}
	asideFile, err = replace(p, file)
	return asideFile, errors.Join(fail("restore the backup", err),
		fail("restore the backup", removeIfThere(p.file(fileHolder))), fail("unlock the store", l.Unlock()))
}

// checkBackup looks through a backup without its key: pages, checksums and format.
func checkBackup(p Params, file string) error {
	faults, err := inspect(file, file+sumSuffix)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return &Error{Kind: ErrDamaged, Place: "backup: " + faults[0].What}
	}
	p.ReadOnly, p.copied = true, file
	s := &Store{p: p}
	if s.db, err = openBolt(file, p, true); err != nil {
		return fail("open the backup", err)
	}
	return errors.Join(s.checkFormat(), fail("close the backup", s.db.Close()))
}

// replace copies the backup beside, takes its anchor off, moves the old store aside and puts the copy in its place.
func replace(p Params, file string) (asideFile string, err error) {
	tmp := p.file(fileDB + ".restored")
	if err := copyFile(file, tmp); err != nil {
		return "", errors.Join(err, removeIfThere(tmp))
	}
	if err := dropAnchor(p, tmp); err != nil {
		return "", errors.Join(err, removeIfThere(tmp))
	}
	if err := removeIfThere(p.file(fileSum)); err != nil {
		return "", err
	}
	if asideFile, err = moveAside(p); err != nil {
		return "", err
	}
	if err := os.Rename(tmp, p.file(fileDB)); err != nil {
		return asideFile, err
	}
	if err := syncDir(p.Dir); err != nil {
		return asideFile, err
	}
	return asideFile, writeSum(p.file(fileDB), p.file(fileSum))
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	if err == nil {
		err = dst.Sync()
	}
	if cerr := dst.Close(); err == nil {
		err = cerr
	}
	return err
}

func dropAnchor(p Params, file string) error {
	db, err := openBolt(file, p, false)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bMeta)).Delete([]byte(mAnchor)) })
	return errors.Join(err, db.Close())
}

// moveAside renames the store that is there, after the moment of the restore.
func moveAside(p Params) (string, error) {
	if _, err := os.Stat(p.file(fileDB)); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	name := fileDB + "." + p.Clock().Time().In(incident.Local).Format("20060102-150405")
	for i := 0; ; i++ {
		aside := p.file(fmt.Sprintf("%s-%d.old", name, i))
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			return aside, os.Rename(p.file(fileDB), aside)
		}
	}
}

// compact writes the file anew if something in it was erased, so that no free page keeps it. Without room for the copy the wish stays.
func (s *Store) compact() error {
	if s.p.ReadOnly {
		return nil
	}
	wanted := false
	err := s.view("look for erased keys", func(tx *bbolt.Tx) error {
		wanted = tx.Bucket([]byte(bMeta)).Get([]byte(mCompact)) != nil
		return nil
	})
	if err != nil || !wanted {
		return err
	}
	tmp := s.p.file(fileDB + ".compact")
	err = s.compactInto(tmp)
	if kindOfError(fail("compact", err)) == ErrDiskFull {
		return fail("compact the store", removeIfThere(tmp))
	}
	if err == nil {
		err = s.db.Close()
	}
	if err == nil {
		err = os.Rename(tmp, s.p.db())
	}
	if err == nil {
		err = syncDir(s.p.Dir)
	}
	if err != nil {
		return fail("compact the store", errors.Join(err, removeIfThere(tmp)))
	}
	s.db, err = openBolt(s.p.db(), s.p, false)
	return fail("open the compacted store", err)
}

func (s *Store) compactInto(file string) error {
	if err := removeIfThere(file); err != nil {
		return err
	}
	dst, err := openBolt(file, s.p, false)
	if err != nil {
		return err
	}
	err = caught(func() error { return bbolt.Compact(dst, s.db, compactTx) })
	if err == nil {
		err = dst.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bMeta)).Delete([]byte(mCompact)) })
	}
	return errors.Join(err, dst.Close())
}
