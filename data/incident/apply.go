package incident

// applier changes the state by one fact. Facts happened: an applier never refuses, it does what still makes sense.
type applier func(*folder, *Entry, *Fact)

// apply returns what a kind does, nil for nothing, and whether this version knows the kind.
func (k Kind) apply() (applier, bool) {
	switch k {
	case KindRegistered:
		return applyRegistered, true
	case KindResponded:
		return applyResponded, true
	case KindAccepted:
		return applyAccepted, true
	case KindInfoAsked:
		return applyInfoAsked, true
	case KindRefused:
		return applyRefused, true
	case KindMerged:
		return applyMerged, true
	case KindAbsorbed:
		return applyAbsorbed, true
	case KindEdited:
		return applyEdited, true
	case KindListMoved:
		return applyListMoved, true
	case KindSettled:
		return applySettled, true
	case KindSupervised:
		return applySupervised, true
	case KindUrged:
		return applyUrged, true
	case KindVoided:
		return applyVoided, true
	case KindPersonErased:
		return applyPersonErased, true
	case KindWarningHandled:
		return applyWarningHandled, true
	case KindSplit, KindReleased, KindNoted, KindUnsealed, KindUndone,
		KindSettingChanged, KindClockJumped, KindPayloadErased, KindSessionOpened, KindSessionClosed, KindListPublished, KindListUnsealed,
		KindDeskEnrolled, KindDeskRevoked, KindDeskHeld, KindDeskReleased, KindHubRewound:
		return nil, true
	}
	if a := k.applyWork(); a != nil {
		return a, true
	}
	a := k.applyEnd()
	return a, a != nil
}

// applyWork covers dispatch and handling.
func (k Kind) applyWork() applier {
	switch k {
	case KindDispatched:
		return applyDispatched
	case KindSigned:
		return applySigned
	case KindReturned:
		return applyReturned
	case KindReassigned:
		return applyReassigned
	case KindDisputed:
		return applyDisputed
	case KindRuled:
		return applyRuled
	case KindArrived:
		return applyArrived
	case KindProgressed:
		return applyProgressed
	case KindCoAdded:
		return applyCoAdded
	case KindCoWaived:
		return applyCoWaived
	case KindSuspended:
		return applySuspended
	case KindResumed:
		return applyResumed
	case KindExtended:
		return applyExtended
	}
	return nil
}

// applyEnd covers the county, feedback and what follows it.
func (k Kind) applyEnd() applier {
	switch k {
	case KindEscalated:
		return applyEscalated
	case KindCountyReturned:
		return applyCountyReturned
	case KindCountyClosed:
		return applyCountyClosed
	case KindFedBack:
		return applyFedBack
	case KindVerified:
		return applyVerified
	case KindReopened:
		return applyReopened
	case KindCalledBack:
		return applyCalledBack
	case KindForceClosed:
		return applyForceClosed
	case KindFollowedUp:
		return applyFollowedUp
	}
	return nil
}

func applyRegistered(f *folder, e *Entry, fact *Fact) {
	st := &f.st
	if st.Status != "" {
		return
	}
	st.Fields = fact.Fields
	st.Undoes, st.Reason, st.Text = nil, "", ""
	if st.ReceivedAt == 0 {
		st.ReceivedAt = fact.At
	}
	st.Registrar, st.RegisteredAt, st.Status = e.Actor, fact.At, Received
}

// answered notes the first human act; a program's receipt doesn't count.
func (st *State) answered(fact *Fact) {
	if st.RespondedAt == 0 && fact.ActorRole != RoleSystem {
		st.RespondedAt = fact.At
	}
}

func applyResponded(f *folder, _ *Entry, fact *Fact) { f.st.answered(fact) }

func applyAccepted(f *folder, _ *Entry, fact *Fact) {
	st := &f.st
	st.answered(fact)
	f.edit(fact)
	if st.AcceptedAt == 0 {
		st.AcceptedAt = fact.At
	}
	switch st.Status {
	case Received, InfoNeeded, "":
		st.Status, st.WaitingAt = Accepted, fact.At
	}
}

func applyInfoAsked(f *folder, _ *Entry, fact *Fact) {
	st := &f.st
	st.answered(fact)
	st.Question, st.Whom = fact.Question, fact.Whom
	if st.Status == Received {
		st.Status = InfoNeeded
	}
}

func applyRefused(f *folder, _ *Entry, fact *Fact) {
	f.st.answered(fact)
	if !f.is(softened) {
		f.st.refuse(fact)
	}
}

func (st *State) refuse(fact *Fact) {
	st.endTasks(TaskWithdrawn, fact.At, nil)
	st.Status, st.EndedAt = Refused, fact.At
	st.Reason, st.Text, st.ReturnedToSource = fact.Reason, fact.Text, fact.ReturnedToSource
}

func applyVoided(f *folder, _ *Entry, fact *Fact) {
	if !f.is(softened) {
		f.st.Reason, f.st.Text = fact.Reason, fact.Text
		f.st.void(fact.At)
	}
}

func applyMerged(f *folder, e *Entry, fact *Fact) {
	f.st.answered(fact)
	if !f.is(softened) {
		f.st.merge(e, fact)
	}
}

func (st *State) merge(e *Entry, fact *Fact) {
	if st.MergedInto.IsZero() && fact.Other != st.ID {
		st.MergedInto, st.MergedAt, st.MergeEntry = fact.Other, fact.At, e.ID
	}
}

func applyAbsorbed(f *folder, e *Entry, fact *Fact) {
	if !f.is(softened) {
		f.st.absorb(e, fact)
	}
}

func (st *State) absorb(e *Entry, fact *Fact) {
	for _, a := range st.Absorptions {
		if a.Other == fact.Other {
			return
		}
	}
	if fact.Other != st.ID {
		st.Absorptions = append(st.Absorptions, Absorption{Entry: e.ID, Other: fact.Other, At: fact.At, Due: fact.DueNew})
	}
}

func applyEdited(f *folder, _ *Entry, fact *Fact) { f.edit(fact) }

func applyListMoved(f *folder, _ *Entry, fact *Fact) { f.st.ListMoved = fact.List }

func applySupervised(f *folder, e *Entry, fact *Fact) {
	f.st.Supervisions = append(f.st.Supervisions, Supervision{
		No: fact.SupervisionNo, Level: fact.Level, At: fact.At, By: e.Actor, ReplyDue: fact.ReplyDue, Text: fact.Text,
	})
}

func applyUrged(f *folder, _ *Entry, fact *Fact) {
	f.st.Urged++
	for i := range f.st.Tasks {
		if t := &f.st.Tasks[i]; t.Live() && (fact.Unit == "" && t.Lead || t.Unit == fact.Unit) {
			t.Urged++
		}
	}
}
