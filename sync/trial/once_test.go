package trial

import (
	"encoding/json"
	"testing"
)

// What one connection achieved is told after it has ended.
func TestCase_SyncOnceTellsWhatItAchieved(t *testing.T) {
	w, a, b := pair(t)
	a.stop()
	b.tell("do 1")
	var answer struct {
		Pending int
		Mode    string
		Alarm   string
	}
	raw := w.must("zw110ctl", "sync", "--dir", a.store(), "--once", "--json")
	noError(t, json.Unmarshal([]byte(raw), &answer))
	if answer.Pending != 0 || answer.Mode != "full" || answer.Alarm != "" {
		t.Errorf("zw110ctl says %s", raw)
	}
	w.stopHub()
	if out, err := w.run("zw110ctl", "sync", "--dir", a.store(), "--once", "--json"); err == nil {
		t.Errorf("without a hub it says %s", out)
	}
	w.startHub()
	a.start()
	w.calm(a, b)
	w.whole(a, b)
}
