package gate

import (
	"context"
	"errors"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"zw110/data/incident"
	"zw110/data/room"
	"zw110/views/kit"
)

func good() Answers {
	return Answers{
		Pack: "330825111", Seat: "指挥室1", SeatNo: "1", Dir: "/data/zw110",
		Operators: []room.Operator{{Login: "op1", Name: "值班甲", Role: incident.RoleShift, PIN: "2468"}},
	}
}

func TestAnswers_FirstWrongAnswerIsNamed(t *testing.T) {
	second := room.Operator{Login: "op1", Name: "乙", Role: incident.RoleOperator, PIN: "1357"}
	for name, c := range map[string]struct {
		change   func(*Answers)
		question int
		key      string
	}{
		"no pack":          {func(a *Answers) { a.Pack = " " }, 1, "gate.fault.pack"},
		"no seat":          {func(a *Answers) { a.Seat = "" }, 2, "gate.fault.seat"},
		"seat 27":          {func(a *Answers) { a.SeatNo = "27" }, 2, "gate.fault.seat_no"},
		"seat x":           {func(a *Answers) { a.SeatNo = "x" }, 2, "gate.fault.seat_no"},
		"nobody":           {func(a *Answers) { a.Operators = nil }, 3, "gate.fault.leader"},
		"no leader":        {func(a *Answers) { a.Operators[0].Role = incident.RoleOperator }, 3, "gate.fault.leader"},
		"short PIN":        {func(a *Answers) { a.Operators[0].PIN = "123" }, 3, "gate.fault.pin"},
		"letters in a PIN": {func(a *Answers) { a.Operators[0].PIN = "12a4" }, 3, "gate.fault.pin"},
		"login twice":      {func(a *Answers) { a.Operators = append(a.Operators, second) }, 3, "gate.fault.twice"},
		"no folder":        {func(a *Answers) { a.Dir = "" }, 4, "gate.fault.dir"},
		"folder not whole": {func(a *Answers) { a.Dir = "data" }, 4, "gate.fault.dir"},
	} {
		a := good()
		c.change(&a)
		_, err := a.Params()
		var fault *Fault
		if !errors.As(err, &fault) || fault.Question != c.question || fault.Key != c.key {
			t.Errorf("%s: got %v, want question %d, %s", name, err, c.question, c.key)
		}
	}
}

func TestAnswers_GoodOnesMakeAStore(t *testing.T) {
	p, err := good().Params()
	if err != nil || p.SeatNo != 1 || p.Drill || len(p.Operators) != 1 {
		t.Errorf("got %+v, %v", p, err)
	}
}

// door lets nobody in.
type door struct{}

func (door) Operators() []room.Operator { return []room.Operator{{Login: "op1", Name: "值班甲"}} }

func (door) SignIn(context.Context, incident.Login, string) (incident.Actor, error) {
	return incident.Actor{}, errors.New("wrong")
}

func TestSignIn_TheFaultTakesNoRoomUntilThereIsOne(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(kit.NewTheme(kit.Light))
	text, err := kit.NewText("zh-Hans")
	if err != nil {
		t.Fatal(err)
	}
	w := test.NewTempWindow(t, nil)
	w.Resize(fyne.NewSize(1280, 720))
	atOnce := func(f func()) { f() }
	host := NewHost(w, nil)
	env := &kit.Env{Text: text, Keys: kit.NewKeymap(), Post: atOnce, Work: atOnce, Host: host}
	d := SignIn(SignInParams{Env: env, Door: door{}, Work: atOnce, Words: func(error) string { return "密码不对" }, Done: func(incident.Actor) { t.Error("let in") }})
	height := func() float32 { return test.WidgetRenderer(d).Objects()[2].Size().Height }
	before := height()
	d.HandleKey(kit.Press{Command: kit.CmdConfirm})
	if after := height(); after <= before {
		t.Errorf("the dialog is %v high before the fault and %v with it", before, after)
	}
	if least := kit.InputHeight*2 + 2*56; before > least+160 {
		t.Errorf("the empty dialog is %v high", before)
	}
}
