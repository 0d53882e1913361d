package hub

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"zw110/data/incident"
	"zw110/sync/session"
	"zw110/sync/wire"
)

// The administrator's door is HTTP with JSON on a socket file that only the hub's user can open. zw110hub uses it while the hub runs, and the
// same handler on the store itself when it doesn't. Answers are stable and documented in docs/json.md.

// SeatRequest asks for an enrolment code. Desk names a seat that lost its computer.
type SeatRequest struct {
	Scope incident.ScopeID `json:"scope"`
	Name  string           `json:"name"`
	Desk  string           `json:"desk,omitempty"`
	Long  bool             `json:"long,omitempty"`
}

// SeatAnswer holds the code, in groups as it is printed.
type SeatAnswer struct {
	Code  string `json:"code"`
	Hours int    `json:"valid_hours"`
}

// OrderRequest gives an order about a desk, which is named by its seat or the first digits of its ID.
type OrderRequest struct {
	Order    Order          `json:"order"`
	Desk     string         `json:"desk"`
	By       incident.Login `json:"by"`
	Password string         `json:"password"`
	Reason   string         `json:"reason"`
}

// OrderAnswer says whether the order is in force, or waits for a second person.
type OrderAnswer struct {
	InForce bool   `json:"in_force"`
	Desk    string `json:"desk"`
	Seat    string `json:"seat"`
}

// PersonRequest makes an administrator or changes a password.
type PersonRequest struct {
	Login    incident.Login `json:"login"`
	Name     string         `json:"name"`
	Password string         `json:"password"`
}

// FileRequest names a file on the hub's machine.
type FileRequest struct {
	File string `json:"file"`
}

// DeskStatus is one line of the list of desks.
type DeskStatus struct {
	Desk      string           `json:"desk"`
	Scope     incident.ScopeID `json:"scope"`
	Seat      string           `json:"seat"`
	Connected bool             `json:"connected"`
	Held      bool             `json:"held"`
	Revoked   bool             `json:"revoked"`
}

// Status is the hub at one moment.
type Status struct {
	County incident.ScopeID `json:"county"`
	Hub    string           `json:"hub"`
	Epoch  string           `json:"epoch"`
	Pos    uint64           `json:"pos"`
	Desks  []DeskStatus     `json:"desks"`
	Holes  []HoleStatus     `json:"holes"`
}

// HoleStatus is a part of a line that the hub took and can't read any more; it is wanted from the desks.
type HoleStatus struct {
	Line string `json:"line"`
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// Fault is the answer of a request that was refused: the catalogue key of its words, if it has some, and what it was.
type Fault struct {
	Key   string `json:"key"`
	Error string `json:"error"`
}

// Upkeep is what only the store itself can do.
type Upkeep interface {
	// Backup writes a consistent copy of everything to a new file.
	Backup(ctx context.Context, file string) error
	// Verify reads every run and says what is wrong.
	Verify(ctx context.Context, county incident.ScopeID) (faults []string, entries uint64, err error)
}

// VerifyAnswer lists what is wrong in the store.
type VerifyAnswer struct {
	Entries uint64   `json:"entries"`
	Faults  []string `json:"faults"`
}

// Admin is the administrator's door; without keep nobody can back up or verify.
func (h *Hub) Admin(keep Upkeep) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /seat", answer(h.adminSeat))
	mux.HandleFunc("POST /order", answer(h.adminOrder))
	mux.HandleFunc("POST /person", answer(func(ctx context.Context, r PersonRequest) (struct{}, error) {
		return struct{}{}, h.Persons.Set(ctx, r.Login, r.Name, r.Password)
	}))
	mux.HandleFunc("POST /status", answer(func(ctx context.Context, _ struct{}) (Status, error) { return h.Status(ctx) }))
	if keep == nil {
		return mux
	}
	mux.HandleFunc("POST /backup", answer(func(ctx context.Context, r FileRequest) (struct{}, error) {
		return struct{}{}, keep.Backup(ctx, r.File)
	}))
	mux.HandleFunc("POST /verify", answer(func(ctx context.Context, _ struct{}) (a VerifyAnswer, err error) {
		a.Faults, a.Entries, err = keep.Verify(ctx, h.cfg.County)
		return a, err
	}))
	return mux
}

// answer makes a function a handler: JSON in, JSON out, 422 with a Fault for what is refused.
func answer[In, Out any](fn func(context.Context, In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&in); err != nil {
			reply(w, http.StatusBadRequest, Fault{Error: "no such request: " + err.Error()})
			return
		}
		out, err := fn(r.Context(), in)
		if err != nil {
			no := refused(err)
			reply(w, http.StatusUnprocessableEntity, Fault{Key: no.Key, Error: no.Text})
			return
		}
		reply(w, http.StatusOK, out)
	}
}

func reply(w http.ResponseWriter, code int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(value); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError) // to nobody, if the caller has gone
	}
}

func (h *Hub) adminSeat(ctx context.Context, r SeatRequest) (SeatAnswer, error) {
	var id wire.DeskID
	if r.Desk != "" {
		d, err := h.Seats.Find(ctx, r.Desk)
		if err != nil {
			return SeatAnswer{}, err
		}
		id = d.ID
		if r.Name == "" {
			r.Name = d.Name
		}
		if r.Scope == 0 {
			r.Scope = d.Scope
		}
	}
	length := wire.CodeLength
	if r.Long {
		length = wire.LongCodeLength
	}
	text, err := h.Seats.Code(ctx, r.Scope, r.Name, id, length)
	if err != nil {
		return SeatAnswer{}, fmt.Errorf("make a code: %w", err)
	}
	return SeatAnswer{Code: wire.ShowCode(text), Hours: int(codeLife.Hours())}, nil
}

func (h *Hub) adminOrder(ctx context.Context, r OrderRequest) (OrderAnswer, error) {
	if _, err := h.Persons.Check(ctx, r.By, r.Password); err != nil {
		return OrderAnswer{}, err
	}
	d, err := h.Seats.Find(ctx, r.Desk)
	if err != nil {
		return OrderAnswer{}, err
	}
	inForce, err := h.Give(ctx, r.Order, d.ID, r.By, r.Reason)
	return OrderAnswer{InForce: inForce, Desk: hex.EncodeToString(d.ID[:]), Seat: d.Name}, err
}

// Status reads the hub's state. Connected counts this process only.
func (h *Hub) Status(ctx context.Context) (Status, error) {
	id := h.Identity()
	s := Status{County: id.County, Hub: hex.EncodeToString(id.Hub[:]), Desks: []DeskStatus{}, Holes: []HoleStatus{}}
	epoch, err := session.EpochOf(ctx, h.reg, id.County)
	if err != nil && !errors.Is(err, session.ErrNotFound) {
		return s, err
	}
	s.Epoch = hex.EncodeToString(epoch[:])
	held, err := session.HeldLines(ctx, h.reg)
	if err != nil {
		return s, fmt.Errorf("read the held lines: %w", err)
	}
	heldDesks := map[wire.DeskID]bool{}
	for line := range held {
		heldDesks[deskOf(line)] = true
	}
	pos, _, err := h.cfg.Journal.End(ctx, id.County)
	if err != nil && !errors.Is(err, session.ErrNotFound) {
		return s, fmt.Errorf("read the store: %w", err)
	}
	s.Pos = pos
	holes, err := h.cfg.Journal.Holes(ctx, id.County)
	if err != nil {
		return s, fmt.Errorf("read the store: %w", err)
	}
	for _, hole := range holes {
		s.Holes = append(s.Holes, HoleStatus{Line: hex.EncodeToString(hole.Origin[:]), From: hole.From, To: hole.To})
	}
	desks, err := h.Seats.All(ctx)
	if err != nil {
		return s, err
	}
	for _, d := range desks {
		s.Desks = append(s.Desks, DeskStatus{
			Desk: hex.EncodeToString(d.ID[:]), Scope: d.Scope, Seat: d.Name, Held: heldDesks[d.ID], Revoked: d.Revoked, Connected: len(h.rim.of(d.ID)) > 0,
		})
	}
	return s, nil
}
