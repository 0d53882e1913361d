package room

import (
	"context"
	"crypto/subtle"
	"fmt"
	"io"
	"regexp"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"

	"zw110/data/incident"
)

// localOperators is the local setting that holds who signs in here.
const localOperators = "operators"

// account is an operator as stored: the PIN only as a salted hash.
type account struct {
	Login incident.Login `json:"login"`
	Name  string         `json:"name"`
	Role  incident.Role  `json:"role"`
	Salt  []byte         `json:"salt,omitempty"`
	Hash  []byte         `json:"hash,omitempty"`
}

// The cost of one PIN check: about 50 ms on a weak desk.
const (
	pinPasses  = 2
	pinMemory  = 32 * 1024 // KiB
	pinThreads = 1
	pinBytes   = 32
)

func pinHash(pin string, salt []byte) []byte {
	return argon2.IDKey([]byte(pin), salt, pinPasses, pinMemory, pinThreads, pinBytes)
}

// newAccount hashes an operator's PIN. An operator without a PIN can act in batches but not sign in.
func newAccount(op Operator, random io.Reader) (account, error) {
	a := account{Login: op.Login, Name: op.Name, Role: op.Role}
	if op.Login == "" || op.Role == "" {
		return a, fmt.Errorf("operator %q: login and role are needed", op.Login)
	}
	if op.PIN == "" {
		return a, nil
	}
	if !regexp.MustCompile(`^[0-9]{4,8}$`).MatchString(op.PIN) {
		return a, fmt.Errorf("operator %q: the PIN must have 4 to 8 digits", op.Login)
	}
	a.Salt = make([]byte, 16)
	if _, err := io.ReadFull(random, a.Salt); err != nil {
		return a, fmt.Errorf("salt for operator %q: %w", op.Login, err)
	}
	a.Hash = pinHash(op.PIN, a.Salt)
	return a, nil
}

// lockout counts wrong PINs: after five in a row a login waits a minute.
type lockout struct {
	mu     sync.Mutex // guards byName
	byName map[incident.Login]tries
}

type tries struct {
	wrong int
	until incident.Stamp
}

const (
	wrongPINs = 5
	lockTime  = time.Minute
)

func newLockout() *lockout { return &lockout{byName: map[incident.Login]tries{}} }

// wait returns how long a login has to wait, zero if it may try.
func (l *lockout) wait(login incident.Login, now incident.Stamp) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, l.byName[login].until.Sub(now))
}

func (l *lockout) tried(login incident.Login, ok bool, now incident.Stamp) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ok {
		delete(l.byName, login)
		return
	}
	t := l.byName[login]
	if t.wrong++; t.wrong >= wrongPINs {
		t = tries{until: now.Add(lockTime)}
	}
	l.byName[login] = t
}

// Operators returns who may sign in at this desk, in the order they were made, PINs empty.
func (r *Room) Operators() []Operator {
	accounts := r.rules.Load().accounts
	ops := make([]Operator, 0, len(accounts))
	for _, a := range accounts {
		ops = append(ops, Operator{Login: a.Login, Name: a.Name, Role: a.Role, HasPIN: len(a.Hash) > 0})
	}
	return ops
}

// SignIn checks a PIN, journals the session and says who the operator is. A wrong PIN, an unknown login and a login that has to
// wait after five wrong PINs are refused.
func (r *Room) SignIn(ctx context.Context, login incident.Login, pin string) (incident.Actor, error) {
	now := r.Now()
	if wait := r.pins.wait(login, now); wait > 0 {
		return incident.Actor{}, refusal("sign_in", "locked", fmt.Sprint(int(wait.Seconds()+0.999)))
	}
	rules := r.rules.Load()
	ok := false
	for _, a := range rules.accounts {
		if a.Login == login && len(a.Hash) > 0 {
			ok = subtle.ConstantTimeCompare(pinHash(pin, a.Salt), a.Hash) == 1
		}
	}
	r.pins.tried(login, ok, now)
	if !ok {
		return incident.Actor{}, refusal("sign_in", "pin")
	}
	actor, ok := rules.Person(login)
	if !ok {
		return incident.Actor{}, refusal("sign_in", "actor", string(login))
	}
	// The seat's name lets the other desks say where something was done.
	fact := incident.Fact{Kind: incident.KindSessionOpened, At: now, ActorRole: actor.Role, Fields: incident.Fields{Text: r.seats.ownName()}}
	if err := r.submit(ctx, &job{desk: []incident.Fact{fact}, by: login}, nil); err != nil {
		return incident.Actor{}, fmt.Errorf("journal the session: %w", err)
	}
	return actor, nil
}

// Seat returns the name of this desk's seat, such as 指挥室2; empty for a store that has none.
func (r *Room) Seat() string {
	var seat seatInfo
	if err := r.Local(localSeat, &seat); err != nil {
		return ""
	}
	return seat.Name
}
