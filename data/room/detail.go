package room

import (
	"errors"

	"zw110/data/incident"
)

// Detail returns one incident whole, as an actor may see it.
func (r *Room) Detail(id incident.IncidentID, by incident.Login) (Detail, error) {
	f, err := r.file(id)
	if err != nil {
		return Detail{}, err
	}
	rules, now := r.rules.Load(), r.Now()
	actor, _ := rules.Person(by) // nobody in particular: everything masked, nothing allowed
	st := f.state
	d := Detail{
		Clocks:   incident.Clocks(&st, rules, now),
		Segments: incident.Segments(&st),
		Suggest:  r.suggest(st.Fields, rules),
		Allowed:  allowed(&st, actor, rules, probeWorld{world{r}, &st}, now),
	}
	d.Row, _ = r.board.Row(id)
	d.Category, _ = rules.Category(st.Category, st.ReceivedAt)
	d.List, d.Earlier = r.listNow(f, rules, now)
	d.Likely = r.likelyTo(id, st.Fields)
	d.Told = told(&f.state, d.Category)
	st.Reporter, st.Log = shown(&f.state, actor), maskedLog(&f.state, actor)
	d.State = st
	r.tellSides(&d, f)
	d.Attached, err = r.attachedTo(st.Log)
	return d, err
}

// Brief is Detail with nothing but Row, State and List: what a listing of thousands needs.
func (r *Room) Brief(id incident.IncidentID, by incident.Login) (Detail, error) {
	f, err := r.file(id)
	if err != nil {
		return Detail{}, err
	}
	rules := r.rules.Load()
	actor, _ := rules.Person(by)
	d := Detail{State: f.state}
	d.Row, _ = r.board.Row(id)
	d.List, d.Earlier = r.listNow(f, rules, r.Now())
	d.State.Reporter, d.State.Log = shown(&f.state, actor), maskedLog(&f.state, actor)
	return d, nil
}

// world answers for the written state, outside a batch.
type world struct{ r *Room }

// BySource finds the incident registered under a channel's own number.
func (w world) BySource(ch incident.Channel, no string) (incident.IncidentID, bool) {
	return w.r.bySource(ch, no)
}

// State returns an incident's state.
func (w world) State(id incident.IncidentID) (incident.State, bool) {
	f, err := w.r.file(id)
	if err != nil {
		return incident.State{}, false
	}
	return f.state, true
}

// allowed tries each verb with acts that have all their fields, so that only state and role can refuse them. The first refusal is
// the one that is told.
func allowed(
	st *incident.State, actor incident.Actor, rules *Rules, world incident.World, now incident.Stamp,
) map[incident.Verb]*incident.Refusal {
	env := incident.Env{Rules: rules, World: world, Now: now}
	out := map[incident.Verb]*incident.Refusal{}
	for verb, trials := range probes(st, actor, rules, now) {
		var first *incident.Refusal
		for _, fields := range trials {
			act := incident.Act{At: now, By: actor.Login, Do: verb, Fields: fields, Actor: actor, ID: st.ID}
			_, err := incident.Decide(st, &act, env)
			var refused *incident.Refusal
			if !errors.As(err, &refused) {
				first = nil
				break
			}
			if first == nil {
				first = refused
			}
		}
		out[verb] = first
	}
	return out
}
