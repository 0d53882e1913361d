package kit

import (
	"fyne.io/fyne/v2"

	"zw110/data/board"
	"zw110/data/incident"
)

// Sign is a shape, a word's catalogue key and the word's style: what tells urgency, state or channel apart without colour.
type Sign struct {
	Icon  string
	Key   string
	Token Token
	Bold  bool
}

// UrgencySign returns shape, word and colour of an urgency.
func UrgencySign(u incident.Urgency) Sign {
	switch u {
	case incident.Critical:
		return Sign{"u-critical", "urgency.critical", Crit, true}
	case incident.Urgent:
		return Sign{"u-urgent", "urgency.urgent", Urg, true}
	case incident.Low:
		return Sign{"u-low", "urgency.low", Low, false}
	}
	return Sign{"u-normal", "urgency.normal", Norm, false}
}

// StageSign returns ring, word and colour of a state. Only unanswered, to dispatch and closed colour the word.
func StageSign(s board.Stage) Sign {
	icons := map[board.Stage]string{
		board.StageUnanswered: "s-unanswered",
		board.StageReceived:   "s-to_dispatch",
		board.StageInfo:       "s-suspended",
		board.StageToDispatch: "s-to_dispatch",
		board.StageRuling:     "s-returned",
		board.StageToSign:     "s-to_sign",
		board.StageSigned:     "s-signed",
		board.StageOnScene:    "s-on_scene",
		board.StageHandling:   "s-handling",
		board.StageSuspended:  "s-suspended",
		board.StageCounty:     "s-suspended",
		board.StageToVerify:   "s-to_verify",
		board.StageToCallback: "s-to_callback",
		board.StageClosed:     "s-closed",
		board.StageRefused:    "s-returned",
		board.StageMerged:     "s-closed",
		board.StageForced:     "s-closed",
		board.StageVoid:       "s-suspended",
	}
	token := T2
	switch s {
	case board.StageUnanswered:
		token = Crit
	case board.StageToDispatch, board.StageReceived:
		token = Urg
	case board.StageClosed:
		token = Ok
	}
	return Sign{Icon: icons[s], Key: "stage." + string(s), Token: token}
}

// ChannelSign returns icon and word of a channel.
func ChannelSign(c incident.Channel) Sign {
	icons := map[incident.Channel]string{
		incident.Channel110:    "c110",
		incident.Channel12345:  "c12345",
		incident.ChannelSPT:    "c4",
		incident.ChannelGrid:   "cgrid",
		incident.ChannelLink:   "cem",
		incident.ChannelVest:   "cvest",
		incident.ChannelLYT:    "chat",
		incident.ChannelWindow: "user",
		incident.ChannelPhone:  "cphone",
		incident.ChannelLeader: "sign",
	}
	return Sign{Icon: icons[c], Key: "channel." + string(c), Token: T2}
}

// Type returns the style of the sign's word.
func (s Sign) Type() Type {
	ty := Small
	ty.Bold = s.Bold
	return ty
}

// Mark is an icon with its word behind it.
func (s Sign) Mark(env *Env) *fyne.Container {
	iconToken := s.Token
	return HBox(4, NewIcon(s.Icon, 14, iconToken), NewLabel(env.T(s.Key), s.Type(), s.Token))
}

// UrgencyMark returns shape and word of an urgency.
func UrgencyMark(env *Env, u incident.Urgency) *fyne.Container { return UrgencySign(u).Mark(env) }

// StateMark returns ring and word of a state.
func StateMark(env *Env, s board.Stage) *fyne.Container { return StageSign(s).Mark(env) }

// ChannelMark returns icon and word of a channel.
func ChannelMark(env *Env, c incident.Channel) *fyne.Container { return ChannelSign(c).Mark(env) }
