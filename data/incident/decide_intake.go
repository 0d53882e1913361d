package incident

import "time"

func doRegister(d *decision) ([]Fact, *Refusal) {
	a, rules := d.act, d.env.Rules
	latest := a.At.Add(skew)
	switch {
	case blank(a.Title) && blank(a.Content):
		return nil, d.refuse("empty")
	case !a.Channel.known():
		return nil, d.refuse("channel", string(a.Channel))
	case a.ReceivedAt > latest || a.HappenedAt > latest || a.PushedAt > latest:
		return nil, d.refuse("future")
	case a.Urgency != "" && !a.Urgency.known():
		return nil, d.refuse("bad_urgency", string(a.Urgency))
	case a.Difficulty < 0 || a.Difficulty > 4:
		return nil, d.refuse("bad_difficulty")
	}
	if a.Category != "" {
		if _, ok := rules.Category(a.Category, a.At); !ok {
			return nil, d.refuse("bad_category", a.Category)
		}
	}
	if a.SourceNo != "" && d.env.World != nil {
		if id, twice := d.env.World.BySource(a.Channel, a.SourceNo); twice {
			no := ""
			if st, ok := d.other(id); ok {
				no = st.No
			}
			return nil, d.refuse("source_known", a.SourceNo, no)
		}
	}
	f := Fields{
		No: a.No, Channel: a.Channel, SourceNo: a.SourceNo, Title: a.Title, Content: a.Content, Village: a.Village, Place: a.Place,
		Category: a.Category, Urgency: a.Urgency, Difficulty: a.Difficulty, Reporter: a.Reporter, KeyID: a.KeyID, Sealed: a.Sealed,
		ReceivedAt: a.ReceivedAt, PushedAt: a.PushedAt, HappenedAt: a.HappenedAt, DueSource: a.DueSource, Emergency: a.Emergency,
		Tags: a.Tags, Raw: a.Raw, RiskWords: a.RiskWords, Blobs: a.Blobs,
	}
	if f.ReceivedAt == 0 {
		f.ReceivedAt = a.At
	}
	f.shield()
	return d.one(KindRegistered, f)
}

// shield says openly what everyone may know of a sealed reporter.
func (f *Fields) shield() {
	r := f.Reporter
	if r == nil {
		return
	}
	f.Callable = !blank(r.Phone)
	switch {
	case r.Protected:
		f.Shield = "protected"
	case r.Confidential:
		f.Shield = "confidential"
	case r.Anonymous:
		f.Shield = "anonymous"
	}
}

func (c Channel) known() bool {
	switch c {
	case Channel110, Channel12345, ChannelSPT, ChannelGrid, ChannelLink, ChannelVest, ChannelLYT, ChannelWindow, ChannelPhone, ChannelLeader:
		return true
	}
	return false
}

func (u Urgency) known() bool {
	switch u {
	case Critical, Urgent, Normal, Low:
		return true
	}
	return false
}

func doRespond(d *decision) ([]Fact, *Refusal) {
	if d.st.RespondedAt != 0 {
		return nil, d.refuse("twice", stampText(d.st.RespondedAt))
	}
	return d.one(KindResponded, Fields{Text: d.act.Text})
}

// doAccept needs village, category, urgency and description, from the register or from the act; the fact keeps what the act gives.
func doAccept(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	f := d.edits()
	after := st.Fields
	for i := range editFields {
		if editFields[i].has(&f) {
			editFields[i].set(&after, &f)
		}
	}
	switch {
	case blank(after.Village):
		return nil, d.refuse("village")
	case after.Category == "":
		return nil, d.refuse("category")
	case after.Urgency == "":
		return nil, d.refuse("urgency")
	case blank(after.Content) && blank(after.Title):
		return nil, d.refuse("content")
	}
	if r := d.plausible(&after); r != nil {
		return nil, r
	}
	f.Text = a.Text
	return d.one(KindAccepted, f)
}

// edits returns the fields of the act that Accept and Edit may change.
func (d *decision) edits() Fields {
	var f Fields
	for i := range editFields {
		if editFields[i].has(&d.act.Fields) {
			editFields[i].set(&f, &d.act.Fields)
		}
	}
	if f.Reporter != nil {
		f.shield()
	}
	return f
}

// plausible checks the values that must be one of a set.
func (d *decision) plausible(f *Fields) *Refusal {
	rules := d.env.Rules
	if f.Category != "" {
		if _, ok := rules.Category(f.Category, d.act.At); !ok {
			return d.refuse("bad_category", f.Category)
		}
	}
	switch {
	case f.Urgency != "" && !f.Urgency.known():
		return d.refuse("bad_urgency", string(f.Urgency))
	case f.Village != "" && !rules.Village(f.Village) && !rules.Village(f.Village+"村"):
		return d.refuse("bad_village", f.Village)
	case f.Difficulty < 0 || f.Difficulty > 4:
		return d.refuse("bad_difficulty")
	case f.HappenedAt > d.act.At.Add(skew):
		return d.refuse("future")
	}
	return nil
}

func doAskInfo(d *decision) ([]Fact, *Refusal) {
	a := d.act
	switch {
	case !d.coded():
		return nil, d.refuse("reason", a.Reason)
	case blank(a.Question):
		return nil, d.refuse("question")
	case blank(a.Whom):
		return nil, d.refuse("whom")
	}
	return d.one(KindInfoAsked, Fields{Reason: a.Reason, Question: a.Question, Whom: a.Whom, Text: a.Text})
}

func doRefuse(d *decision) ([]Fact, *Refusal) {
	a := d.act
	switch {
	case !d.coded():
		return nil, d.refuse("reason", a.Reason)
	case blank(a.Text):
		return nil, d.refuse("text")
	}
	return d.one(KindRefused, Fields{Reason: a.Reason, Text: a.Text, ReturnedToSource: a.ReturnedToSource})
}

func doVoid(d *decision) ([]Fact, *Refusal) {
	if !d.coded() {
		return nil, d.refuse("reason", d.act.Reason)
	}
	return d.one(KindVoided, Fields{Reason: d.act.Reason, Text: d.act.Text})
}

// mergeWindow is how long after its closing an incident may still become a master; it is reopened then.
const mergeWindow = 7 * 24 * time.Hour

func doMerge(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	if a.Actor.Role == RoleOperator && !d.person(a.ConfirmedBy, RoleShift) {
		return nil, d.refuse("role")
	}
	if a.ProposedBy != "" && !d.person(a.ProposedBy, RoleOperator, RoleShift) {
		return nil, d.refuse("proposed_by", string(a.ProposedBy))
	}
	master, ok := d.other(a.Other)
	reopen := false
	switch {
	case !ok:
		return nil, d.refuse("no_master", a.Into)
	case a.Other == a.ID:
		return nil, d.refuse("itself")
	case master.Status == Merged:
		return nil, d.refuse("master_is_merged", master.No)
	case len(st.Absorbed) > 0:
		return nil, d.refuse("is_master")
	case master.Status == Closed && a.At <= master.ClosedAt.Add(mergeWindow):
		reopen = true
	case !master.Status.Open():
		return nil, d.refuse("master_ended", master.No)
	}
	if d.otherQuarrel(&master) {
		return nil, d.refuse("dispute")
	}
	due, _ := settleDue(st, d.env.Rules)
	merged := d.fact(KindMerged, Fields{
		Other: a.Other, Reason: a.Reason, Text: a.Text, ProposedBy: a.ProposedBy, ConfirmedBy: a.ConfirmedBy, DueNew: due,
	})
	absorbed := d.fact(KindAbsorbed, Fields{Other: a.ID, DueNew: due})
	absorbed.Incident = a.Other
	facts := []Fact{merged, absorbed}
	if reopen {
		again := d.fact(KindReopened, Fields{Reason: reasonRecurrence, Other: a.ID})
		again.Incident = a.Other
		facts = append(facts, again)
	}
	return facts, nil
}

// otherQuarrel reports whether the two are disputes of different people: a quarrel that two sides report is one, so a dispute of
// other people counts as another one when it is of another kind or in another village.
func (d *decision) otherQuarrel(master *State) bool {
	st := d.st
	mine, _ := d.env.Rules.Category(st.Category, st.ReceivedAt)
	theirs, _ := d.env.Rules.Category(master.Category, master.ReceivedAt)
	if !mine.Dispute && !theirs.Dispute {
		return false
	}
	return !samePerson(st.Reporter, master.Reporter) && (st.Category != master.Category || !sameVillage(st.Village, master.Village))
}

// samePerson compares two reporters as far as both are known.
func samePerson(a, b *Reporter) bool {
	if a == nil || b == nil {
		return false
	}
	if !blank(a.Phone) && !blank(b.Phone) {
		return digits(a.Phone) == digits(b.Phone)
	}
	return !blank(a.Name) && a.Name == b.Name
}

func digits(s string) string {
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			out = append(out, s[i])
		}
	}
	return string(out)
}

func doSplit(d *decision) ([]Fact, *Refusal) {
	a, st := d.act, d.st
	if !a.Other.IsZero() && a.Other != st.MergedInto {
		return nil, d.refuse("other_master")
	}
	split := d.fact(KindSplit, Fields{Other: st.MergedInto, Undoes: []EntryID{st.MergeEntry}, Reason: a.Reason, Text: a.Text})
	facts := []Fact{split}
	if released, ok := d.releaseFrom(st.MergedInto); ok {
		facts = append(facts, released)
	}
	return facts, nil
}

// releaseFrom returns the fact that takes this incident off a master, should the master know of the merge.
func (d *decision) releaseFrom(id IncidentID) (Fact, bool) {
	master, ok := d.other(id)
	if !ok {
		return Fact{}, false
	}
	for _, m := range master.Absorptions {
		if m.Other == d.act.ID {
			f := d.fact(KindReleased, Fields{Other: d.act.ID, Undoes: []EntryID{m.Entry}})
			f.Incident = id
			return f, true
		}
	}
	return Fact{}, false
}
