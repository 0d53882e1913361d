package boltjournal

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
	"zw110/sync/hub/feed"
)

// Backup writes the registry, all counties and the certificates of the folder, by whose keys desks know the hub, to w as a tar archive of
// consistent files, while work goes on. Attachments are not in it:
// their files never change once whole, so copy their folder. Append files that end before the Backup began are not needed
// with it. Progress may be nil.
func (s *Store) Backup(ctx context.Context, w io.Writer, progress func(done, total int64)) error {
	codes, err := s.Counties()
	if err != nil {
		return err
	}
	if s.log != nil {
		if err := s.log.rotate(s.p.Clock()); err != nil {
			return unavailable("back up", err)
		}
	}
	b := &backup{ctx: ctx, tar: tar.NewWriter(w), progress: progress, total: s.sizes(codes)}
	err = s.registry.db.View(func(tx *bbolt.Tx) error {
		if err := b.begin(fileRegistry, tx.Size()); err != nil {
			return err
		}
		_, err := tx.WriteTo(b)
		return err
	})
	for _, code := range codes {
		if err != nil {
			break
		}
		name := path.Join(dirCounties, strconv.FormatUint(uint64(code), 10)+suffixDB)
		err = s.read(ctx, "back up", code, func(f *feed.File) error {
			return f.CopyTo(ctx, b, func(size int64) error { return b.begin(name, size) })
		})
	}
	if err == nil {
		err = s.backUpCertificates(b)
	}
	if err == nil {
		err = b.tar.Close()
	}
	if cerr := ctx.Err(); cerr != nil { // bbolt doesn't wrap what its writer says
		return fmt.Errorf("back up: %w", cerr)
	}
	return unavailable("back up", err)
}

func (s *Store) backUpCertificates(b *backup) error {
	entries, err := os.ReadDir(s.p.Dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !isCertificate(e.Name()) {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(s.p.Dir, e.Name()))
		if err == nil {
			err = b.begin(e.Name(), int64(len(raw)))
		}
		if err == nil {
			_, err = b.Write(raw)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// isCertificate reports whether a file's name is a plain one of a certificate or its key.
func isCertificate(name string) bool {
	return filepath.IsLocal(name) && filepath.Base(name) == name && (path.Ext(name) == ".crt" || path.Ext(name) == ".key")
}

// sizes is about how many bytes a backup has; it is for the progress only.
func (s *Store) sizes(codes []incident.ScopeID) (total int64) {
	names := []string{filepath.Join(s.p.Dir, fileRegistry)}
	for _, code := range codes {
		names = append(names, s.countyFile(code))
	}
	for _, name := range names {
		if info, err := os.Stat(name); err == nil {
			total += info.Size()
		}
	}
	return total
}

type backup struct {
	ctx         context.Context
	tar         *tar.Writer
	progress    func(done, total int64)
	done, total int64
}

func (b *backup) begin(name string, size int64) error {
	return b.tar.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, Format: tar.FormatPAX})
}

func (b *backup) Write(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.tar.Write(p)
	if b.done += int64(n); b.progress != nil {
		b.progress(b.done, max(b.done, b.total))
	}
	return n, err
}

// Restore puts a backup into a folder that holds no store, and then what the append files have beyond it, in order of their names. When
// the store is opened, every county begins a new epoch, and the desks give again what the backup lacks.
func Restore(dir string, from io.Reader, logs []string) error {
	if _, err := os.Stat(filepath.Join(dir, fileRegistry)); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("restore into %s: %w", dir, errors.Join(fs.ErrExist, err))
	}
	if err := os.MkdirAll(filepath.Join(dir, dirCounties), 0o700); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	// The registry's name says that there is a store, so it comes last.
	tmp := filepath.Join(dir, fileRegistry+".new")
	err := unpack(dir, tmp, from)
	if err == nil {
		err = reborn(dir, tmp, logs)
	}
	if err == nil {
		err = os.Rename(tmp, filepath.Join(dir, fileRegistry))
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}

func unpack(dir, registry string, from io.Reader) error {
	in := tar.NewReader(from)
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		file := registry
		switch {
		case h.Name == fileRegistry:
		case isCertificate(h.Name):
			file = filepath.Join(dir, filepath.Base(h.Name))
		default:
			name, ours := strings.CutPrefix(h.Name, dirCounties+"/")
			code, err := strconv.ParseUint(strings.TrimSuffix(name, suffixDB), 10, 32)
			if !ours || err != nil {
				return fmt.Errorf("%q is no part of a backup", h.Name)
			}
			file = filepath.Join(dir, dirCounties, strconv.FormatUint(code, 10)+suffixDB)
		}
		if err := writeFrom(file, in); err != nil {
			return err
		}
	}
	if _, err := os.Stat(registry); err != nil {
		return fmt.Errorf("the backup has no registry: %w", err)
	}
	return syncDir(filepath.Join(dir, dirCounties))
}

func writeFrom(file string, from io.Reader) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// reborn replays the append files and gives every county's file a new life.
func reborn(dir, registryFile string, logs []string) (err error) {
	codec, err := feed.NewCodec()
	if err != nil {
		return err
	}
	reg, err := openRegistry(registryFile)
	if err != nil {
		return err
	}
	r := &replay{dir: dir, codec: codec, reg: reg, files: map[incident.ScopeID]*feed.File{}, revisions: map[string]uint64{}}
	defer func() { err = errors.Join(err, r.close()) }()
	for _, name := range slices.Sorted(slices.Values(logs)) {
		if err := readLog(name, r.one); err != nil {
			return fmt.Errorf("append file %s: %w", filepath.Base(name), err)
		}
	}
	if err := r.flush(); err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(dir, dirCounties, "*"+suffixDB))
	if err != nil {
		return err
	}
	for _, name := range names {
		code, err := strconv.ParseUint(strings.TrimSuffix(filepath.Base(name), suffixDB), 10, 32)
		if err != nil {
			continue
		}
		f, err := r.file(incident.ScopeID(code))
		if err == nil {
			err = f.Reborn()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// replay stores the runs of append files that a backup lacks, some at a time.
type replay struct {
	dir       string
	codec     *feed.Codec
	reg       *registry
	revisions map[string]uint64 // of what was repeated
	files     map[incident.ScopeID]*feed.File
	county    incident.ScopeID
	waiting   [][]byte
}

func (r *replay) close() (err error) {
	for _, f := range r.files {
		err = errors.Join(err, f.Close())
	}
	return errors.Join(err, r.reg.close())
}

func (r *replay) file(code incident.ScopeID) (*feed.File, error) {
	if f := r.files[code]; f != nil {
		return f, nil
	}
	f, err := feed.Open(filepath.Join(r.dir, dirCounties, strconv.FormatUint(uint64(code), 10)+suffixDB), r.codec)
	if err == nil {
		r.files[code] = f
	}
	return f, err
}

func (r *replay) one(rec logRecord) error {
	if len(rec.Run) == 0 {
		return r.record(rec)
	}
	if rec.County != r.county || len(r.waiting) >= maxEntries/16 {
		if err := r.flush(); err != nil {
			return err
		}
	}
	r.county = rec.County
	r.waiting = append(r.waiting, bytes.Clone(rec.Run))
	return nil
}

// record repeats a change of the registry, unless the backup or the append files had a newer one of the key.
func (r *replay) record(rec logRecord) error {
	if r.revisions[rec.Key] >= rec.Revision {
		return nil
	}
	r.revisions[rec.Key] = rec.Revision
	return r.reg.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bRegistry))
		if v := b.Get([]byte(rec.Key)); len(v) >= 8 && binary.BigEndian.Uint64(v) >= rec.Revision {
			return nil
		}
		if err := b.SetSequence(max(b.Sequence(), rec.Revision)); err != nil {
			return err
		}
		if rec.Value == nil {
			return b.Delete([]byte(rec.Key))
		}
		return b.Put([]byte(rec.Key), append(posBytes(rec.Revision), rec.Value...))
	})
}

func (r *replay) flush() error {
	if len(r.waiting) == 0 {
		return nil
	}
	f, err := r.file(r.county)
	if err != nil {
		return err
	}
	err = f.Update(func(t *feed.Tx) error {
		for _, raw := range r.waiting {
			run, _, _, err := r.codec.Decode(raw)
			if err != nil {
				return err
			}
			// What does not belong any more (a hole in the append file before it) the desks give again.
			judged, _, err := t.Judge(&run)
			if err != nil || judged == feed.Stored {
				continue
			}
			if err := t.Add(t.End()+1, &run, raw); err != nil {
				return err
			}
		}
		return nil
	})
	r.waiting = nil
	return err
}
