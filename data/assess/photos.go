package assess

import (
	"cmp"
	"slices"
	"time"

	"zw110/data/incident"
)

// Photo is what a photo's manifest says of it.
type Photo struct {
	Taken incident.Stamp // by the camera's clock, 0 unknown
	// Like reports whether another photo looks the same; nil: nothing is known of its look.
	Like func(other Photo) bool
	Look uint64
}

// cameraSkew is how far the clock of a camera may be off before its time says anything.
const cameraSkew = 10 * time.Minute

// use is one photo at one act.
type use struct {
	deed
	id       incident.AttachmentID
	feedback bool
	received incident.Stamp // when its incident came in
	unit     incident.UnitID
	by       incident.Login
	photo    Photo
	known    bool
}

// finding of a feedback's photo, with the incident it came from.
func (u *use) finding(kind FindingKind, from string) Finding {
	f := Finding{Kind: kind, Unit: u.unit, By: u.by, At: u.at, Incidents: []string{u.no}}
	if from != "" && from != u.no {
		f.Incidents = []string{from, u.no}
	}
	return f
}

// photos finds feedback in the period whose photo was attached before, to another incident or to this one; looks like one that was; or was
// taken before its incident came in.
func (r *Report) photos(all []*subject) []Finding {
	uses := r.uses(all)
	first := map[incident.AttachmentID]int{}
	var out []Finding
	for i := range uses {
		u := &uses[i]
		before, again := first[u.id]
		if !again {
			first[u.id] = i
		}
		if !u.feedback || !r.Period.has(u.at) {
			continue
		}
		switch {
		case again:
			out = append(out, u.finding(PhotoReused, uses[before].no))
		case u.known:
			if j := alike(uses[:i], u); j >= 0 {
				out = append(out, u.finding(PhotoAlike, uses[j].no))
			}
		}
		if u.known && u.photo.Taken != 0 && u.photo.Taken.Add(cameraSkew) < u.received {
			out = append(out, u.finding(PhotoOld, ""))
		}
	}
	return out
}

// uses returns the photos of all acts in order of time.
func (r *Report) uses(all []*subject) []use {
	var out []use
	for _, s := range all {
		for _, l := range s.st.Log {
			if l.Undone || l.Fact == nil {
				continue
			}
			for _, a := range incident.Attachments(l.Fact.Blobs) {
				if !a.Photo() {
					continue
				}
				u := use{deed: deed{l.At, s.no}, id: a.Whole, feedback: l.Kind == incident.KindFedBack, received: s.st.ReceivedAt, unit: l.Unit, by: l.Actor}
				if r.Params.Photos != nil {
					u.photo, u.known = r.Params.Photos(a.Whole)
				}
				out = append(out, u)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b use) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.no, b.no)) })
	return out
}

// alike returns the first earlier use that looks the same, -1 for none. Photos of one act are of one scene and may.
func alike(earlier []use, u *use) int {
	if u.photo.Like == nil {
		return -1
	}
	return slices.IndexFunc(earlier, func(o use) bool {
		return o.known && o.id != u.id && (o.no != u.no || o.at != u.at) && u.photo.Like(o.photo)
	})
}
