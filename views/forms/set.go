package forms

import (
	"strconv"
	"strings"
	"time"

	"zw110/data/incident"
)

// setter puts a field's value into an act. An error says that the text is no such value.
type setter func(f *Form, to *incident.Fields, value string) error

// text makes a setter of a plain assignment.
func text(assign func(to *incident.Fields, value string)) setter {
	return func(_ *Form, to *incident.Fields, value string) error {
		assign(to, value)
		return nil
	}
}

// yes makes a setter of a check box; it is called only for a ticked one.
func yes(assign func(to *incident.Fields)) setter {
	return func(_ *Form, to *incident.Fields, _ string) error {
		assign(to)
		return nil
	}
}

func setDay(assign func(to *incident.Fields, d incident.Day)) setter {
	return func(f *Form, to *incident.Fields, value string) error {
		d, err := ParseDay(value, f.Now)
		if err == nil {
			assign(to, d)
		}
		return err
	}
}

func setMoment(assign func(to *incident.Fields, s incident.Stamp)) setter {
	return func(f *Form, to *incident.Fields, value string) error {
		s, err := ParseMoment(value, f.Now)
		if err == nil {
			assign(to, s)
		}
		return err
	}
}

func setNumber(least, most int, assign func(to *incident.Fields, n int)) setter {
	return func(_ *Form, to *incident.Fields, value string) error {
		n, err := strconv.Atoi(value)
		if err == nil && (n < least || n > most) {
			err = strconv.ErrRange
		}
		if err == nil {
			assign(to, n)
		}
		return err
	}
}

// reporter and proxy return the act's, made on first use.
func reporter(to *incident.Fields) *incident.Reporter {
	if to.Reporter == nil {
		to.Reporter = &incident.Reporter{}
	}
	return to.Reporter
}

func proxy(to *incident.Fields) *incident.Proxy {
	if to.Proxy == nil {
		to.Proxy = &incident.Proxy{}
	}
	return to.Proxy
}

func place(to *incident.Fields) *incident.Place {
	if to.Place == nil {
		to.Place = &incident.Place{}
	}
	return to.Place
}

// setters says for each field key what it sets. Two verbs that use one key mean the same by it.
func setters() map[string]setter {
	all := reportSetters()
	for k, v := range handlingSetters() {
		all[k] = v
	}
	for k, v := range decisionSetters() {
		all[k] = v
	}
	return all
}

// reportSetters are the fields of registration, acceptance and correction.
func reportSetters() map[string]setter {
	return map[string]setter{
		"channel":   text(func(to *incident.Fields, v string) { to.Channel = incident.Channel(v) }),
		"source_no": text(func(to *incident.Fields, v string) { to.SourceNo = v }),
		"title":     text(func(to *incident.Fields, v string) { to.Title = v }),
		"content":   text(func(to *incident.Fields, v string) { to.Content = v }),
		"village":   text(func(to *incident.Fields, v string) { to.Village = v }),
		"place": func(f *Form, to *incident.Fields, v string) error {
			// The point, if there is one, stays: only the words are asked for.
			if old := f.Subject.State.Place; old != nil {
				point := *old
				to.Place = &point
			}
			place(to).Text = v
			return nil
		},
		"category":     text(func(to *incident.Fields, v string) { to.Category = v }),
		"urgency":      text(func(to *incident.Fields, v string) { to.Urgency = incident.Urgency(v) }),
		"difficulty":   setNumber(1, 4, func(to *incident.Fields, n int) { to.Difficulty = n }),
		"name":         text(func(to *incident.Fields, v string) { reporter(to).Name = v }),
		"phone":        text(func(to *incident.Fields, v string) { reporter(to).Phone = v }),
		"address":      text(func(to *incident.Fields, v string) { reporter(to).Address = v }),
		"confidential": yes(func(to *incident.Fields) { reporter(to).Confidential = true }),
		"protected":    yes(func(to *incident.Fields) { reporter(to).Protected = true }),
		"emergency":    yes(func(to *incident.Fields) { to.Emergency = true }),
		"happened_at":  setMoment(func(to *incident.Fields, s incident.Stamp) { to.HappenedAt = s }),
		"due_src":      setMoment(func(to *incident.Fields, s incident.Stamp) { to.DueSource = s }),
	}
}

// handlingSetters are what units and their callers report.
func handlingSetters() map[string]setter {
	return map[string]setter{
		"unit": text(func(to *incident.Fields, v string) { to.Unit = incident.UnitID(v) }),
		"lead": text(func(to *incident.Fields, v string) { to.Lead = incident.UnitID(v) }),
		"co": func(f *Form, to *incident.Fields, v string) error {
			for u := range strings.SplitSeq(v, "\n") {
				if u = strings.TrimSpace(u); u != "" && u != f.Value("lead") {
					to.Co = append(to.Co, incident.UnitID(u))
				}
			}
			to.CoGiven = f.chosen["co"] || len(to.Co) > 0
			return nil
		},
		"proxy_name":   text(func(to *incident.Fields, v string) { proxy(to).Name = v }),
		"proxy_number": text(func(to *incident.Fields, v string) { proxy(to).Number = v }),
		"proxy_time":   setMoment(func(to *incident.Fields, s incident.Stamp) { proxy(to).Time = s }),
		"evidence":     text(func(to *incident.Fields, v string) { to.Evidence = v }),
		"result":       text(func(to *incident.Fields, v string) { to.Result = v }),
		attachField:    setAttachments,
		"photo":        setNumber(0, 999, func(to *incident.Fields, n int) { to.Photos = n }),
		"contacted":    yes(func(to *incident.Fields) { to.Contacted = true }),
		"document_no":  text(func(to *incident.Fields, v string) { to.DocumentNo = v }),
		"followup_due": setDay(func(to *incident.Fields, d incident.Day) { to.FollowupDue = d }),
		"by_phone":     yes(func(to *incident.Fields) { to.ByPhone = true }),
	}
}

// decisionSetters are reasons, words, other people and dates.
func decisionSetters() map[string]setter {
	return map[string]setter{
		"reason":   text(func(to *incident.Fields, v string) { to.Reason = v }),
		"text":     text(func(to *incident.Fields, v string) { to.Text = v }),
		"question": text(func(to *incident.Fields, v string) { to.Question = v }),
		"whom":     text(func(to *incident.Fields, v string) { to.Whom = v }),
		"basis":    text(func(to *incident.Fields, v string) { to.Basis = v }),
		"opinion":  text(func(to *incident.Fields, v string) { to.Opinion = v }),
		"opinion_a": func(_ *Form, to *incident.Fields, v string) error {
			to.Opinions = append([]string{v}, to.Opinions...)
			return nil
		},
		"opinion_b":    text(func(to *incident.Fields, v string) { to.Opinions = append(to.Opinions, v) }),
		"draft":        text(func(to *incident.Fields, v string) { to.Draft = v }),
		"into":         text(func(to *incident.Fields, v string) { to.Into = v }),
		"confirmed_by": text(func(to *incident.Fields, v string) { to.ConfirmedBy = incident.Login(v) }),
		"approved_by":  text(func(to *incident.Fields, v string) { to.ApprovedBy = incident.Login(v) }),
		"proposed_by":  text(func(to *incident.Fields, v string) { to.ProposedBy = incident.Login(v) }),
		"asked_by":     text(func(to *incident.Fields, v string) { to.AskedBy = incident.Login(v) }),
		"decided_by":   text(func(to *incident.Fields, v string) { to.DecidedBy = incident.Login(v) }),
		"second":       text(func(to *incident.Fields, v string) { to.Second = incident.Login(v) }),
		"asked_at":     setMoment(func(to *incident.Fields, s incident.Stamp) { to.AskedAt = s }),
		"due_new":      setMoment(func(to *incident.Fields, s incident.Stamp) { to.DueNew = s }),
		"review":       setDay(func(to *incident.Fields, d incident.Day) { to.Review = d }),
		"reply_due":    setDay(func(to *incident.Fields, d incident.Day) { to.ReplyDue = d }),
		"upstream_ok":  yes(func(to *incident.Fields) { to.UpstreamOK = true }),
		"pass": func(_ *Form, to *incident.Fields, v string) error {
			to.Pass = v == "pass"
			return nil
		},
		"followup":      yes(func(to *incident.Fields) { to.FollowUp = true }),
		"answer":        text(func(to *incident.Fields, v string) { to.Answer = v }),
		"returned":      yes(func(to *incident.Fields) { to.ReturnedToSource = true }),
		"supervise_no":  text(func(to *incident.Fields, v string) { to.SupervisionNo = v }),
		"level":         setNumber(1, 3, func(to *incident.Fields, n int) { to.Level = n }),
		"list":          text(func(to *incident.Fields, v string) { to.List = incident.List(v) }),
		"accept_now":    yes(func(*incident.Fields) {}), // read by the register dialog, no field of the act
		"settle_choice": text(func(to *incident.Fields, v string) { to.Choice = v }),
		"conflict":      text(func(to *incident.Fields, v string) { to.Conflict = v }),
	}
}

// endOfOffice returns the moment field text n days ahead at 17:30.
func endOfOffice(n int) func(*Form) string {
	return func(f *Form) string {
		d := f.Now.Time().In(incident.Local).AddDate(0, 0, n)
		return FormatMoment(incident.StampOf(time.Date(d.Year(), d.Month(), d.Day(), 17, 30, 0, 0, incident.Local)))
	}
}
