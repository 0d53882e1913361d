package gate

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"zw110/data/incident"
	"zw110/data/room"
)

// Answers are the four answers of the first start, as typed.
type Answers struct {
	Pack      string // name of an embedded pack, or a folder
	Seat      string
	SeatNo    string
	Operators []room.Operator
	Dir       string
}

// Fault says which answer can't be taken, and why, as a catalogue key.
type Fault struct {
	Question int // 1 to 4
	Key      string
	Args     []any
}

// Error names question and key; people see the catalogue's text.
func (f *Fault) Error() string { return fmt.Sprintf("question %d: %s", f.Question, f.Key) }

// Params returns what a new store is made of, or the first answer that can't be taken as a *Fault.
func (a Answers) Params() (room.InitParams, error) {
	if strings.TrimSpace(a.Pack) == "" {
		return room.InitParams{}, &Fault{Question: 1, Key: "gate.fault.pack"}
	}
	if strings.TrimSpace(a.Seat) == "" {
		return room.InitParams{}, &Fault{Question: 2, Key: "gate.fault.seat"}
	}
	no, err := strconv.Atoi(strings.TrimSpace(a.SeatNo))
	if err != nil || no < 1 || no > 26 {
		return room.InitParams{}, &Fault{Question: 2, Key: "gate.fault.seat_no"}
	}
	if err := checkOperators(a.Operators); err != nil {
		return room.InitParams{}, err
	}
	dir := strings.TrimSpace(a.Dir)
	if !filepath.IsAbs(dir) {
		return room.InitParams{}, &Fault{Question: 4, Key: "gate.fault.dir"}
	}
	return room.InitParams{Dir: filepath.Clean(dir), Pack: strings.TrimSpace(a.Pack), Seat: strings.TrimSpace(a.Seat), SeatNo: no, Operators: a.Operators}, nil
}

// checkOperators wants at least one who may change settings, each login once, and a PIN for everybody.
func checkOperators(ops []room.Operator) error {
	seen, leads := map[incident.Login]bool{}, false
	for _, op := range ops {
		switch {
		case op.Login == "" || op.Name == "":
			return &Fault{Question: 3, Key: "gate.fault.operator"}
		case seen[op.Login]:
			return &Fault{Question: 3, Key: "gate.fault.twice", Args: []any{op.Login}}
		case len(op.PIN) < 4 || len(op.PIN) > 8 || strings.Trim(op.PIN, "0123456789") != "":
			return &Fault{Question: 3, Key: "gate.fault.pin", Args: []any{op.Name}}
		}
		seen[op.Login] = true
		leads = leads || op.Role == incident.RoleShift || op.Role == incident.RoleDirector
	}
	if !leads {
		return &Fault{Question: 3, Key: "gate.fault.leader"}
	}
	return nil
}
