package boltjournal

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/sirupsen/logrus"

	"zw110/data/incident"
)

const (
	// logSync is how often the append file is made durable: as much is lost with the store's own disk at most.
	logSync   = time.Second
	suffixLog = ".runs"
	// maxLogRecord bounds what a torn or foreign file can make a reader allocate.
	maxLogRecord = 16 << 20
)

// logRecord is a run of a county, or with an empty Run a change of the registry.
type logRecord struct {
	_      struct{} `cbor:",toarray"`
	County incident.ScopeID
	Run    []byte
	Key    string
	Value  []byte // nil: deleted
	// Revision orders the changes of one key, which two writers may hand in the wrong way round.
	Revision uint64
}

// appendLog writes everything that was stored to a file on another disk. It never keeps anybody waiting for that disk's sync, and never
// refuses: what it could not write it says in the log, and the next backup has it.
type appendLog struct {
	dir  string
	fail logrus.FieldLogger

	mu    sync.Mutex // guards file, buf and bad; writes go to memory, or a page of the file
	file  *os.File
	buf   *bufio.Writer
	bad   error
	stop  chan struct{}
	ended chan struct{}
}

func openLog(dir string, now incident.Stamp, fail logrus.FieldLogger) (*appendLog, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the append file: %w", err)
	}
	l := &appendLog{dir: dir, fail: fail, stop: make(chan struct{}), ended: make(chan struct{})}
	if err := l.rotate(now); err != nil {
		return nil, err
	}
	go l.syncLoop()
	return l, nil
}

// rotate goes on in a new file, named by the time so that names sort.
func (l *appendLog) rotate(now incident.Stamp) error {
	for n := int64(now); ; n++ {
		file, err := os.OpenFile(filepath.Join(l.dir, fmt.Sprintf("%015d%s", n, suffixLog)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("begin an append file: %w", err)
		}
		if err := syncDir(l.dir); err != nil {
			return fmt.Errorf("begin an append file: %w", errors.Join(err, file.Close()))
		}
		err = l.flush()
		l.mu.Lock()
		old := l.file
		l.file, l.buf, l.bad = file, bufio.NewWriterSize(file, 1<<20), nil
		l.mu.Unlock()
		if old != nil {
			err = errors.Join(err, old.Close())
		}
		return err
	}
}

func (l *appendLog) runs(county incident.ScopeID, raws [][]byte) {
	for _, raw := range raws {
		l.put(logRecord{County: county, Run: raw})
	}
}

func (l *appendLog) record(key string, value []byte, revision uint64) {
	l.put(logRecord{Key: key, Value: value, Revision: revision})
}

func (l *appendLog) put(r logRecord) {
	b, err := cbor.Marshal(r)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bad != nil {
		return
	}
	if err == nil {
		head := binary.BigEndian.AppendUint32(nil, uint32(len(b)))
		_, err = l.buf.Write(append(binary.BigEndian.AppendUint32(head, crc32.ChecksumIEEE(b)), b...))
	}
	l.bad = err
}

func (l *appendLog) syncLoop() {
	defer close(l.ended)
	tick := time.NewTicker(logSync)
	defer tick.Stop()
	said := false
	for {
		select {
		case <-tick.C:
		case <-l.stop:
			return
		}
		if err := l.flush(); err != nil && !said {
			l.fail.WithError(err).Error("append file is not being written")
			said = true
		} else if err == nil {
			said = false
		}
	}
}

// flush writes what is buffered and makes it durable. What failed once stays failed until the file is changed.
func (l *appendLog) flush() error {
	l.mu.Lock()
	file, err := l.file, l.bad
	if file == nil {
		l.mu.Unlock()
		return nil
	}
	if err == nil {
		err = l.buf.Flush()
		l.bad = err
	}
	l.mu.Unlock()
	if err == nil {
		err = file.Sync()
	}
	return err
}

func (l *appendLog) close() error {
	close(l.stop)
	<-l.ended
	return errors.Join(l.flush(), l.file.Close())
}

// readLog gives the records of an append file to fn, up to where it was torn.
func readLog(path string, fn func(r logRecord) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<20)
	for {
		var head [8]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return torn(err)
		}
		size := binary.BigEndian.Uint32(head[:])
		if size > maxLogRecord {
			return nil
		}
		b := make([]byte, size)
		if _, err := io.ReadFull(in, b); err != nil {
			return torn(err)
		}
		var r logRecord
		if crc32.ChecksumIEEE(b) != binary.BigEndian.Uint32(head[4:]) || cbor.Unmarshal(b, &r) != nil {
			return nil
		}
		if err := fn(r); err != nil {
			return err
		}
	}
}

func torn(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
