package room

import (
	"strconv"
	"unicode/utf8"

	"zw110/data/incident"
)

// maxText bounds all texts of one act, in bytes; an entry may have 64 KiB with everything around them.
const maxText = 48 << 10

// checkText refuses texts that an entry cannot hold: one such act would else spoil the transaction of all others.
func checkText(act *incident.Act) error {
	f := &act.Fields
	texts := []string{
		f.SourceNo, f.Title, f.Content, f.Village, f.Category, f.Raw, string(f.Lead), string(f.Unit), f.Reason, f.Text, f.Question, f.Whom,
		f.Basis, f.Opinion, f.Draft, f.DocumentNo, f.Evidence, f.Result, f.Answer, f.SupervisionNo, f.Conflict, f.Choice, f.Setting,
		string(f.Channel), string(f.Urgency), string(f.List), string(act.By), string(f.ConfirmedBy), string(f.ApprovedBy), string(f.ProposedBy),
		string(f.AskedBy), string(f.DecidedBy), string(f.Second), string(f.Review), string(f.FollowupDue), string(f.ReplyDue),
	}
	texts = append(append(append(append(texts, f.Tags...), f.RiskWords...), f.Opinions...), f.Cleared...)
	for _, u := range f.Co {
		texts = append(texts, string(u))
	}
	if f.Place != nil {
		texts = append(texts, f.Place.Text, f.Place.CoordSys)
	}
	if f.Reporter != nil {
		texts = append(texts, f.Reporter.Name, f.Reporter.Phone, f.Reporter.IDNo, f.Reporter.Address)
	}
	if f.Proxy != nil {
		texts = append(texts, f.Proxy.Name, f.Proxy.Number)
	}
	total := len(f.Value)
	for _, t := range texts {
		if !utf8.ValidString(t) {
			return refusal(act.Do, "text", strconv.QuoteToASCII(t[:min(len(t), 20)]))
		}
		total += len(t)
	}
	if n := len(f.Blobs) / 2; n > MaxAttached {
		return refusal(act.Do, "attach_many", strconv.Itoa(n), strconv.Itoa(MaxAttached))
	}
	if total > maxText {
		return refusal(act.Do, "too_big", strconv.Itoa(total))
	}
	return nil
}
