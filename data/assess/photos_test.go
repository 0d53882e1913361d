package assess_test

import (
	"slices"
	"testing"
	"time"

	"zw110/data/assess"
	"zw110/data/assess/assesstest"
	"zw110/data/incident"
)

func TestFindings_PhotosTooOldOrAlikeButNotHonestOnes(t *testing.T) {
	received := at(t, "08-10 09:00")
	looks := func(n uint64, taken incident.Stamp) assess.Photo {
		return assess.Photo{Taken: taken, Look: n, Like: func(o assess.Photo) bool { return o.Look == n }}
	}
	for name, c := range map[string]struct {
		first, second assess.Photo // of the feedbacks of two incidents, the second two hours later
		want          map[assess.FindingKind][]string
	}{
		"honest":                  {looks(1, received.Add(time.Hour)), looks(2, received.Add(3*time.Hour)), nil},
		"taken with a slow clock": {looks(1, received.Add(-9*time.Minute)), looks(2, 0), nil},
		"taken before":            {looks(1, received.Add(-11*time.Minute)), looks(2, 0), map[assess.FindingKind][]string{assess.PhotoOld: {"a"}}},
		"alike":                   {looks(1, 0), looks(1, 0), map[assess.FindingKind][]string{assess.PhotoAlike: {"a", "b"}}},
		"nothing known":           {assess.Photo{}, assess.Photo{}, nil},
	} {
		d := assesstest.New(assesstest.Rules(t))
		photos := map[incident.AttachmentID]assess.Photo{{7}: c.first, {8}: c.second}
		for i, ref := range []string{"a", "b"} {
			start := received.Add(time.Duration(i) * 2 * time.Hour)
			blobs := incident.Blobs(incident.Attachment{Preview: incident.AttachmentID{byte(1 + i)}, Whole: incident.AttachmentID{byte(7 + i)}})
			run(t, d, ref, course{received: start, signed: start.Add(10 * time.Minute), fed: start.Add(70 * time.Minute), blobs: blobs}.acts()...)
		}
		got := map[assess.FindingKind][]string{}
		for _, f := range report(t, d, func(p *assess.Params) {
			p.Photos = func(id incident.AttachmentID) (assess.Photo, bool) {
				photo, ok := photos[id]
				return photo, ok
			}
		}).Findings {
			got[f.Kind] = append(got[f.Kind], f.Incidents...)
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		for kind, want := range c.want {
			if !slices.Equal(got[kind], want) {
				t.Errorf("%s, %s: %v, want %v", name, kind, got[kind], want)
			}
		}
	}
}
