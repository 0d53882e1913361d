package forms

import (
	"zw110/data/incident"
)

// draftName is where a dialog's unsent values are kept on this desk.
func draftName(v incident.Verb, id incident.IncidentID) string {
	if id.IsZero() {
		return "draft." + string(v)
	}
	return "draft." + string(v) + "." + id.String()
}

// loadDraft returns a kept draft, nil when there is none. A draft that can't be read is as good as none.
func (f *Forms) loadDraft(name string) map[string]string {
	var draft map[string]string
	if err := f.Desk.Local(name, &draft); err != nil {
		return nil
	}
	return draft
}

// saveDraft keeps a draft, or forgets it when empty, off the UI goroutine, and then says key if it is given.
func (f *Forms) saveDraft(name string, draft map[string]string, key string) {
	if draft == nil {
		draft = map[string]string{}
	}
	f.Work(func() {
		err := f.Desk.SetLocal(name, draft)
		f.Env.Post(func() {
			switch {
			case err != nil:
				f.sayError(err)
			case key != "":
				f.say(key, false)
			}
		})
	})
}
