package room

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"zw110/data/duty"
	"zw110/data/incident"
)

// Setting returns the value of a setting in force, as SetSetting takes it: a row of the pack such as duty/0501 or limits/sign, town,
// or calendar/2027. ErrNotFound when there is none of that name.
func (r *Room) Setting(name string) ([]byte, error) {
	value, ok := r.rules.Load().Setting(name, 0)
	if !ok {
		return nil, fmt.Errorf("setting %q: %w", name, ErrNotFound)
	}
	return value, nil
}

// SetSetting journals a setting that holds from now on; incidents received before keep the rules of their time. Only the director
// and shift leaders may. A setting that is wrong, or with which the directory no longer fits together, is refused.
func (r *Room) SetSetting(ctx context.Context, by incident.Login, name string, value []byte) error {
	actor, ok := r.rules.Load().Person(by)
	if !ok {
		return refusal("setting", "actor", string(by))
	}
	if actor.Role != incident.RoleDirector && actor.Role != incident.RoleShift {
		return refusal("setting", "setting_role")
	}
	if strings.HasPrefix(name, operatorSetting) {
		return refusal("setting", "setting", name, name)
	}
	now := r.Now()
	fact := incident.Fact{
		Kind: incident.KindSettingChanged, At: now, ActorRole: actor.Role, Fields: incident.Fields{Setting: name, Value: value},
	}
	var next *Rules
	check := func() (err error) {
		next, err = r.rules.Load().with(fact)
		if err == nil {
			err = next.Validate()
		}
		if err != nil {
			return refusal("setting", "setting", name, r.faultText(err))
		}
		return nil
	}
	j := &job{desk: []incident.Fact{fact}, by: by, check: check, written: func() { r.useRules(next) }}
	return r.submit(ctx, j, nil)
}

// with returns the rules after one more setting entry.
func (r *Rules) with(fact incident.Fact) (*Rules, error) {
	if login, ok := strings.CutPrefix(fact.Setting, operatorSetting); ok {
		return r.withColleague(incident.Login(login), fact.Value)
	}
	dir, err := r.Directory.Apply(duty.Change{Name: fact.Setting, From: fact.At, Value: fact.Value})
	if err != nil {
		return nil, err
	}
	if fact.Setting == duty.PlacesSetting || strings.HasPrefix(fact.Setting, duty.PlacesSetting+"/") {
		// The reader of reports doesn't depend on places, and there may be many such entries.
		next := *r
		next.Directory, next.index = dir, indexOf(dir)
		return &next, nil
	}
	next, err := newRules(dir, r.accounts, r.keywords)
	if err == nil {
		next.colleagues, next.plan = r.colleagues, r.plan
	}
	return next, err
}

// operatorSetting begins the name of the setting that tells the town's other desks of an operator. It is written with the operator, not
// by SetSetting.
const operatorSetting = "operator/"

// colleague is the value of such a setting. Names and PINs stay at the desk.
type colleague struct {
	Role incident.Role `json:"role"`
}

func (r *Rules) withColleague(login incident.Login, value []byte) (*Rules, error) {
	var c colleague
	if err := json.Unmarshal(value, &c); err != nil || login == "" || c.Role == "" {
		return nil, fmt.Errorf("operator %q of another desk: no role", login)
	}
	next := *r
	next.colleagues = maps.Clone(r.colleagues)
	if next.colleagues == nil {
		next.colleagues = map[incident.Login]incident.Role{}
	}
	next.colleagues[login] = c.Role
	return &next, nil
}

// tellOperators returns the facts that tell other desks of this desk's operators.
func tellOperators(now incident.Stamp, by incident.Role, accounts ...account) ([]incident.Fact, error) {
	facts := make([]incident.Fact, 0, len(accounts))
	for _, a := range accounts {
		value, err := json.Marshal(colleague{Role: a.Role})
		if err != nil {
			return nil, fmt.Errorf("tell of operator %q: %w", a.Login, err)
		}
		facts = append(facts, incident.Fact{
			Kind: incident.KindSettingChanged, At: now, ActorRole: by,
			Fields: incident.Fields{Setting: operatorSetting + string(a.Login), Value: value},
		})
	}
	return facts, nil
}

// useRules puts new rules in force and lets the board fold everything that is open again.
func (r *Room) useRules(next *Rules) {
	r.rules.Store(next)
	r.board.SetRules(next)
	if err := r.refold(); err != nil {
		r.log.WithField("error", err.Error()).Error("fold again after a setting")
	}
	r.feed.send(Change{All: true, Settings: true})
}

// faultText puts what is wrong with a setting into words.
func (r *Room) faultText(err error) string {
	var faults duty.Faults
	if !errors.As(err, &faults) || len(faults) == 0 {
		return err.Error()
	}
	return r.text(faults[0].Key, faults[0].Args)
}

// Local reads what belongs to this window alone; into stays as it is when the setting was never written.
func (r *Room) Local(name string, into any) error {
	raw, err := r.store.Local(name)
	if err == nil && raw != nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		return fmt.Errorf("read local setting %q: %w", name, err)
	}
	return nil
}

// SetLocal writes what belongs to this window alone; it is never journalled.
func (r *Room) SetLocal(name string, value any) error {
	raw, err := json.Marshal(value)
	if err == nil {
		err = r.store.SetLocal(name, raw)
	}
	if err != nil {
		return fmt.Errorf("write local setting %q: %w", name, err)
	}
	return nil
}

// SetOperator adds an operator of this desk, or changes one; with an empty PIN the old PIN stays. Only the director and shift
// leaders may, or anybody as long as there is no operator.
func (r *Room) SetOperator(ctx context.Context, by incident.Login, op Operator) error {
	a, err := newAccount(op, r.cfg.Rand)
	if err != nil {
		return refusal("operator", "operator", string(op.Login), err.Error())
	}
	actor, _ := r.rules.Load().Person(by)
	facts, err := tellOperators(r.Now(), actor.Role, a)
	if err != nil {
		return err
	}
	return r.submit(ctx, &job{desk: facts, by: by, check: func() error { return r.putAccount(by, a) }}, nil)
}

// putAccount runs on the committer, which alone changes the rules.
func (r *Room) putAccount(by incident.Login, a account) error {
	next := *r.rules.Load()
	actor, _ := next.Person(by)
	if len(next.accounts) > 0 && actor.Role != incident.RoleDirector && actor.Role != incident.RoleShift {
		return refusal("operator", "operator_role")
	}
	next.accounts = slices.Clone(next.accounts)
	at := slices.IndexFunc(next.accounts, func(old account) bool { return old.Login == a.Login })
	if at < 0 {
		next.accounts = append(next.accounts, a)
	} else {
		if a.Hash == nil {
			a.Salt, a.Hash = next.accounts[at].Salt, next.accounts[at].Hash
		}
		next.accounts[at] = a
	}
	if err := r.SetLocal(localOperators, next.accounts); err != nil {
		return err
	}
	r.rules.Store(&next)
	r.board.SetRules(&next)
	r.feed.send(Change{Settings: true})
	return nil
}
