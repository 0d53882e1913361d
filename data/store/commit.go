package store

import (
	"errors"
	"time"

	"go.etcd.io/bbolt"

	"zw110/data/incident"
	"zw110/data/journal"
)

// Bounds of one commit.
const (
	maxJobs = 256
	// gatherTime is how long the committer waits at most until as many jobs are there as the commit before held.
	gatherTime = time.Millisecond
	// entryFill leaves little room in pages of the journal, which grows at its end only.
	entryFill = 0.9
)

// job is one caller's change of the journal. prepare works out what to write, from the state that the job before left; it must not
// write, so that its error leaves the jobs beside it alone.
type job struct {
	prepare func(tx *bbolt.Tx, st *chainState) ([]put, error)
	finish  chan error // room for one
	whole   bool       // it reads or erases keys of the index, so the index must be whole in the file before and after
}

// put is one key to write, or with erase to delete. A key of the index waits until it is written with others.
type put struct {
	bucket string
	key    []byte
	value  []byte
	erase  bool
}

// enter counts a caller in who will write. Whoever got nil calls senders.Done.
func (s *Store) enter() error {
	if s.p.ReadOnly {
		return &Error{Kind: ErrReadOnly, Place: "write to a store opened for reading"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return &Error{Kind: ErrClosed, Place: "write to a closed store"}
	case s.broken != nil:
		return &Error{Kind: ErrDisk, Place: "write after a failed commit; open the store anew", Err: s.broken}
	}
	s.senders.Add(1)
	return nil
}

// commit hands a change to the committer and waits until it is durable or refused.
func (s *Store) commit(place string, prepare func(*bbolt.Tx, *chainState) ([]put, error)) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.senders.Done()
	return s.send(place, &job{prepare: prepare})
}

// commitWhole is commit for a change that reads or erases keys of the index.
func (s *Store) commitWhole(place string, prepare func(*bbolt.Tx, *chainState) ([]put, error)) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.senders.Done()
	return s.send(place, &job{prepare: prepare, whole: true})
}

// send waits for the committer's answer. The caller stands in senders, or is Close.
func (s *Store) send(place string, j *job) error {
	j.finish = make(chan error, 1)
	s.jobs <- j
	return fail(place, <-j.finish)
}

// commitLoop is the only goroutine that moves the chain. It takes everything that waits, commits it at once and answers.
func (s *Store) commitLoop() {
	defer close(s.done)
	held := 0
	for first := range s.jobs {
		jobs := s.gather(first, held)
		held = len(jobs)
		s.commitJobs(jobs)
	}
}

// gather takes all jobs that wait, and waits a moment until they are as many as the last commit held: who was answered just now may
// well come again, and one more commit costs more than the moment. A lone writer never waits.
func (s *Store) gather(first *job, held int) []*job {
	jobs := []*job{first}
	var timeout <-chan time.Time
	if held > 1 {
		timer := time.NewTimer(gatherTime)
		defer timer.Stop()
		timeout = timer.C
	}
	for len(jobs) < maxJobs {
		select {
		case j, open := <-s.jobs:
			if !open {
				return jobs
			}
			jobs = append(jobs, j)
			continue
		default:
		}
		if len(jobs) >= held {
			return jobs
		}
		select {
		case j, open := <-s.jobs:
			if !open {
				return jobs
			}
			jobs = append(jobs, j)
		case <-timeout:
			return jobs
		}
	}
	return jobs
}

func (s *Store) commitJobs(jobs []*job) {
	answers := make([]error, len(jobs))
	state := s.state // only this goroutine changes it
	base := state
	var trail trail
	err := s.update("commit", func(tx *bbolt.Tx) error {
		for i, j := range jobs {
			if j.whole && !trail.whole {
				if err := s.catchUp(tx, &trail); err != nil {
					return err
				}
			}
			trial := state
			puts, err := j.prepare(tx, &trial)
			if err != nil {
				answers[i] = err
				continue
			}
			if trial.origin != state.origin { // the journal so far ends here, unless what follows rewrites its end
				if err := s.putEnds(tx, base, state); err != nil {
					return err
				}
				base = chainState{origin: trial.origin} // with no clock: none of its entries tells it yet
			}
			if err := s.apply(tx, puts, &trail); err != nil {
				return err
			}
			state = trial
		}
		if err := s.putEnds(tx, base, state); err != nil {
			return err
		}
		return s.putIndex(tx, &trail)
	})
	s.mu.Lock()
	switch {
	case err != nil:
		s.unindexed.drop(trail.fresh)
	case trail.whole:
		s.unindexed = unindexed{}
	}
	if err == nil {
		s.state = state
	} else if !errors.Is(err, ErrDiskFull) {
		s.broken = err // a disk that failed to sync may say yes the next time without having written
	}
	s.mu.Unlock()
	for i, j := range jobs {
		if answers[i] == nil {
			answers[i] = err
		}
		j.finish <- answers[i]
	}
}

// apply writes what a job puts; keys of the index join the trail.
func (s *Store) apply(tx *bbolt.Tx, puts []put, trail *trail) error {
	for _, p := range puts {
		if p.bucket == bIncident && !p.erase && !trail.whole {
			trail.fresh = append(trail.fresh, p.key)
			continue
		}
		b := tx.Bucket([]byte(p.bucket))
		if p.bucket == bEntry {
			b.FillPercent = entryFill
		}
		var err error
		switch {
		case p.erase:
			err = b.Delete(p.key)
		case p.bucket == bIncident:
			err = b.Put(p.key, nil)
		default:
			err = s.putValue(tx, p.bucket, p.key, p.value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// putEnds writes the sealed head, and the clock where the newest own entry doesn't hold it.
func (s *Store) putEnds(tx *bbolt.Tx, before, after chainState) error {
	if after.seq != before.seq {
		h := headRecord{
			Seq: after.seq, Hash: after.hash, SealSeq: after.seq, SealHash: after.hash,
			Seal: journal.Seal(s.sign, after.origin, after.seq, after.hash),
		}
		if err := s.putRecord(tx, bHead, after.origin[:], h); err != nil {
			return err
		}
	}
	if after.clock == before.clock || after.clock == (journal.Clock{Offset: before.clock.Offset, Last: after.own}) {
		return nil
	}
	return s.putClock(tx, after.clock)
}

// Now returns where the hybrid clock stands: the largest value written or received.
func (s *Store) Now() incident.HLC {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.clock.Last
}

// SetClockOffset stores how far the hub's clock is ahead of this one, as measured at a Welcome.
func (s *Store) SetClockOffset(d time.Duration) error {
	return s.commit("set the clock's offset", func(_ *bbolt.Tx, st *chainState) ([]put, error) {
		st.clock.Offset = d.Round(time.Millisecond)
		return nil, nil
	})
}
