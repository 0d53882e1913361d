package room

import (
	"context"
	"slices"
	"strings"

	"zw110/data/incident"
	"zw110/data/intake"
)

// item is a group of personal fields that DOMAIN 5.3 treats alike.
type item int

const (
	itemName item = iota
	itemPhone
	itemIDNo
	itemAddress
)

// maySee is the table of DOMAIN 5.3: which role sees which item of an incident's reporter in clear text. Nobody else does.
func maySee(st *incident.State, actor incident.Actor, what item) bool {
	rep := st.Reporter
	if rep == nil {
		return false
	}
	switch {
	case what == itemIDNo:
		return actor.Role == incident.RoleDirector
	case rep.Protected:
		return actor.Role == incident.RoleDirector || handles(st, actor)
	case rep.Confidential:
		return actor.Role == incident.RoleDirector
	case what == itemAddress:
		return handles(st, actor) || atDesk(st, actor)
	}
	return atDesk(st, actor) || leadsSigned(st, actor)
}

// atDesk reports an operator of the incident, a shift leader or the director.
func atDesk(st *incident.State, actor incident.Actor) bool {
	switch actor.Role {
	case incident.RoleShift, incident.RoleDirector:
		return true
	case incident.RoleOperator:
		return touched(st, actor.Login)
	}
	return false
}

// touched reports whether a login registered the incident or did something to it beyond looking.
func touched(st *incident.State, login incident.Login) bool {
	if st.Registrar == login {
		return true
	}
	for _, l := range st.Log {
		if l.Actor == login && l.Kind != incident.KindUnsealed {
			return true
		}
	}
	return false
}

// leadsSigned reports the lead unit's liaison after signing.
func leadsSigned(st *incident.State, actor incident.Actor) bool {
	for _, t := range st.Tasks {
		if t.Lead && t.Live() && t.SignedAt != 0 && worksFor(st, actor, t.Unit) {
			return true
		}
	}
	return false
}

// handles reports a liaison or grid worker with a live signed task.
func handles(st *incident.State, actor incident.Actor) bool {
	for _, t := range st.Tasks {
		if t.Live() && t.SignedAt != 0 && worksFor(st, actor, t.Unit) {
			return true
		}
	}
	return false
}

// worksFor reports whether the actor is of the unit; a grid worker's unit is written with its village: "网格 罗山村".
func worksFor(st *incident.State, actor incident.Actor, unit incident.UnitID) bool {
	switch actor.Role {
	case incident.RoleUnit:
		return actor.Unit == unit
	case incident.RoleGrid:
		return actor.Unit == unit || actor.Unit == incident.UnitID(string(unit)+" "+st.Village)
	}
	return false
}

// shown returns the reporter as an actor sees it without asking: names and addresses in clear where the table allows it, phone
// and ID number always masked, since they are shown on request only and each request is logged.
func shown(st *incident.State, actor incident.Actor) *incident.Reporter {
	return masked(st, func(what item) bool {
		return (what == itemName || what == itemAddress) && maySee(st, actor, what)
	})
}

// masked returns the reporter with everything hidden that may says no to.
func masked(st *incident.State, may func(item) bool) *incident.Reporter {
	if st.Reporter == nil {
		return nil
	}
	rep := *st.Reporter
	if !may(itemName) {
		rep.Name = intake.MaskName(rep.Name)
		switch {
		case rep.Protected:
			rep.Name = "（保护）"
		case rep.Confidential:
			rep.Name = "保密"
		}
	}
	if !may(itemPhone) {
		rep.Phone = intake.MaskPhone(rep.Phone)
		if rep.Protected || rep.Confidential {
			rep.Phone = ""
		}
	}
	if !may(itemIDNo) {
		rep.IDNo = intake.MaskID(rep.IDNo)
	}
	if !may(itemAddress) {
		rep.Address = st.Village
	}
	return &rep
}

// told masks what units are told of an incident.
func told(st *incident.State, row incident.Category) Told {
	rep := st.Reporter
	mask := func(text string) string {
		if rep != nil && rep.Name != "" { // of who is shielded not even the surname is told
			switch {
			case rep.Confidential:
				text = strings.ReplaceAll(text, rep.Name, intake.Secret)
			case rep.Protected:
				text = strings.ReplaceAll(text, rep.Name, intake.Protected)
			}
		}
		return intake.MaskFor(text, rep)
	}
	if rep != nil && rep.Confidential || st.Shield == "confidential" {
		return Told{Title: strings.Trim(row.Major+"·"+row.Minor, "·"), Mask: mask}
	}
	return Told{Title: mask(st.Title), Content: mask(st.Content), Mask: mask}
}

// maskedLog is the log with every reporter in it as the actor sees the incident's: the facts carry the personal fields, too.
func maskedLog(st *incident.State, actor incident.Actor) []incident.LogLine {
	log := slices.Clone(st.Log)
	for i, l := range log {
		if l.Fact == nil || l.Fact.Reporter == nil {
			continue
		}
		then, rep := *st, *l.Fact.Reporter
		if now := st.Reporter; now != nil { // who must not be known now must not be known from then
			rep.Confidential, rep.Protected = rep.Confidential || now.Confidential, rep.Protected || now.Protected
		}
		then.Reporter = &rep
		fact := *l.Fact
		fact.Reporter = shown(&then, actor)
		log[i].Fact = &fact
	}
	return log
}

// Unmask returns the personal fields that the actor may see, and journals who looked and why. An actor who may see none of them is
// refused, and nothing is written.
func (r *Room) Unmask(ctx context.Context, id incident.IncidentID, by incident.Login, purpose string) (incident.Reporter, error) {
	if strings.TrimSpace(purpose) == "" {
		return incident.Reporter{}, refusal(incident.Unseal, "purpose")
	}
	f, err := r.file(id)
	if err != nil {
		return incident.Reporter{}, err
	}
	actor, ok := r.rules.Load().Person(by)
	if !ok {
		return incident.Reporter{}, refusal(incident.Unseal, "actor", string(by))
	}
	if f.state.Reporter == nil {
		return incident.Reporter{}, refusal(incident.Unseal, "no_reporter")
	}
	may := func(what item) bool { return maySee(&f.state, actor, what) }
	if !may(itemName) && !may(itemPhone) && !may(itemIDNo) && !may(itemAddress) {
		return incident.Reporter{}, refusal(incident.Unseal, "may_not_see")
	}
	act := incident.Act{By: by, Do: incident.Unseal, ID: id, Fields: incident.Fields{Text: purpose}}
	if _, err := r.Do(ctx, act); err != nil {
		return incident.Reporter{}, err
	}
	return *masked(&f.state, may), nil
}

// withoutPerson takes a reporter's own fields out of the channel's raw text, which is stored in the open.
func withoutPerson(raw string, rep *incident.Reporter) string {
	if raw == "" || rep == nil {
		return raw
	}
	pairs := make([]string, 0, 8)
	for _, p := range [][2]string{
		{rep.Phone, intake.MaskPhone(rep.Phone)}, {rep.IDNo, intake.MaskID(rep.IDNo)}, {rep.Name, intake.MaskName(rep.Name)}, {rep.Address, "＊"},
	} {
		if len([]rune(p[0])) > 1 {
			pairs = append(pairs, p[0], p[1])
		}
	}
	return strings.NewReplacer(pairs...).Replace(raw)
}
