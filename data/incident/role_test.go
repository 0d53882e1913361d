package incident_test

import (
	"slices"
	"strings"
	"testing"

	"zw110/data/incident"
)

// allowed says who may try a verb, from which states, and who only with a telephone record. The shift leader sits at a desk of the
// room and may do what an operator may.
type allowed struct {
	rule    string
	roles   string
	states  string
	byPhone string
}

func allowedActs() map[incident.Verb]allowed {
	const open = "R I A J P H S U F V"
	return map[incident.Verb]allowed{
		incident.Respond:      {rule: "t2", roles: "OP SL", states: "R"},
		incident.Accept:       {rule: "t3", roles: "OP SL", states: "R I"},
		incident.AskInfo:      {rule: "t4", roles: "OP SL", states: "R"},
		incident.Refuse:       {rule: "t5", roles: "SL", states: "R I"},
		incident.Merge:        {rule: "t6", roles: "SL", states: "R I A P H"},
		incident.Dispatch:     {rule: "t7", roles: "OP SL", states: "A"},
		incident.Sign:         {rule: "t8", roles: "OP SL UN GR", states: "P H"},
		incident.Return:       {rule: "t9", roles: "UN GR", byPhone: "OP SL", states: "P H"},
		incident.Reassign:     {rule: "t10", roles: "OP SL", states: "P H"},
		incident.Dispute:      {rule: "t11", roles: "SL SY", states: "A P"},
		incident.Rule:         {rule: "t12", roles: "RD CC", states: "J"},
		incident.Arrive:       {rule: "t13", roles: "UN GR", byPhone: "OP SL", states: "H"},
		incident.Progress:     {rule: "t14", roles: "OP SL UN GR", states: "H"},
		incident.AddCo:        {rule: "t15", roles: "OP SL", states: "H"},
		incident.WaiveCo:      {rule: "t15", roles: "OP SL", states: "H"},
		incident.Suspend:      {rule: "t16", roles: "UN GR RD TL", states: "H"},
		incident.Resume:       {rule: "t17", roles: "UN GR RD SY", states: "S"},
		incident.Extend:       {rule: "t18", roles: "UN GR RD TL", states: "H"},
		incident.Escalate:     {rule: "t19", roles: "RD", states: "A J H"},
		incident.CountyReturn: {rule: "t20", roles: "CC OP SL", states: "U"},
		incident.CountyClose:  {rule: "t21", roles: "CC", states: "U"},
		incident.Feedback:     {rule: "t22", roles: "UN GR", byPhone: "OP SL", states: "H"},
		incident.Verify:       {rule: "t23", roles: "OP SL GR", states: "F"},
		incident.Reopen:       {rule: "t24", roles: "OP SL", states: "V C"},
		incident.Callback:     {rule: "t25", roles: "OP SL", states: "V X2"},
		incident.ForceClose:   {rule: "t26", roles: "RD TL", states: open},
		incident.VoidIt:       {rule: "t27", roles: "SL", states: "R I A"},
		incident.Supervise:    {rule: "t28", roles: "SY RD TL CC", states: open},
		incident.Urge:         {rule: "t29", roles: "SY OP SL", states: "P H"},
		incident.Split:        {rule: "t31", roles: "SL", states: "X2"},
		incident.Edit:         {rule: "edit", roles: "OP SL RD", states: open + " C X2 X3"},
		incident.Note:         {rule: "note", roles: "OP SL RD TL UN GR CC", states: open + " C X1 X2 X3 X4"},
		incident.Move:         {rule: "move", roles: "OP SL RD", states: open},
		incident.Settle:       {rule: "settle", roles: "OP SL RD CC", states: open + " C X1 X2 X3 X4"},
		incident.Unseal:       {rule: "unseal", roles: "OP SL RD UN GR", states: open + " C X1 X2 X3 X4"},
		incident.Undo:         {rule: "undo", roles: "OP SL RD TL UN GR CC", states: open + " C X1 X2 X3 X4"},
	}
}

func allRoles() []incident.Role {
	return []incident.Role{
		incident.RoleOperator, incident.RoleShift, incident.RoleDirector, incident.RoleTown, incident.RoleUnit, incident.RoleGrid,
		incident.RoleCounty, incident.RoleSystem, "", "XX",
	}
}

// TestDecide_DeniesEveryOtherRole tries each verb in each state as each role: only what the table names gets past role and state.
func TestDecide_DeniesEveryOtherRole(t *testing.T) {
	for _, from := range allStates() {
		s := reach(t, from, nil)
		st := s.state()
		for verb, may := range allowedActs() {
			for _, role := range allRoles() {
				a := act{At: s.now, Do: verb, ID: st.ID, Actor: incident.Actor{Login: "nobody", Role: role}}
				_, err := incident.Decide(&st, &a, incident.Env{Rules: s.rules, World: s})
				roleOK := role != "" && slices.Contains(strings.Fields(may.roles), string(role))
				stateOK := slices.Contains(strings.Fields(may.states), string(from))
				key := ""
				if err != nil {
					key = refusalOf(t, err).Key
				}
				switch phone := slices.Contains(strings.Fields(may.byPhone), string(role)); {
				case phone && stateOK:
					if key != "refuse."+may.rule+".role" {
						t.Errorf("%s by %s in %s without a telephone record: %q", verb, role, from, key)
					}
				case phone:
				case !roleOK && role == incident.RoleOperator && verb == incident.Merge && !stateOK:
				case !roleOK:
					if key != "refuse."+may.rule+".role" {
						t.Errorf("%s by %s in %s: %q, want a refusal of the role", verb, role, from, key)
					}
				case !stateOK:
					if !strings.HasSuffix(key, ".state") && !strings.HasSuffix(key, ".not_sent") {
						t.Errorf("%s by %s in %s: %q, want a refusal of the state", verb, role, from, key)
					}
				case strings.HasSuffix(key, ".role"), strings.HasSuffix(key, ".state"):
					t.Errorf("%s by %s in %s: %q", verb, role, from, key)
				}
			}
		}
	}
}

func TestDecide_RegistersForThreeRolesOnly(t *testing.T) {
	rules := rulesOf(t)
	for _, role := range allRoles() {
		a := act{At: at(t, monday), Do: incident.Register, Actor: incident.Actor{Login: "x", Role: role}, Fields: report(nil)}
		_, err := incident.Decide(&incident.State{}, &a, incident.Env{Rules: rules})
		want := slices.Contains([]incident.Role{incident.RoleOperator, incident.RoleShift, incident.RoleSystem, incident.RoleGrid}, role)
		if (err == nil) != want {
			t.Errorf("%s: %v", role, err)
		}
	}
}

func TestDecide_RefusesVerbsNobodyKnows(t *testing.T) {
	s := reach(t, incident.Handling, nil)
	if r := refusalOf(t, s.try("op1", "fly", fields{})); r.Key != "refuse.any.verb" {
		t.Error(r)
	}
	for verb := range allowedActs() {
		_, err := incident.Decide(&incident.State{}, &act{At: s.now, Do: verb, Actor: incident.Actor{Role: incident.RoleDirector, Login: "rd"}}, incident.Env{Rules: s.rules})
		if err == nil {
			t.Errorf("%s of an incident that isn't there", verb)
		}
	}
}
