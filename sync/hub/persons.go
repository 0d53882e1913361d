package hub

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"

	"zw110/data/incident"
	"zw110/sync/session"
)

// ErrPerson says that nobody of that name gave that password.
var ErrPerson = errors.New("name or password is wrong")

// ErrPassword says that a password is too easy to guess.
var ErrPassword = errors.New("the password needs at least eight characters")

const minPassword = 8

// person is an administrator of the county. What stands in for the password is Argon2id over it with a salt of its own.
type person struct {
	_    struct{} `cbor:",toarray"`
	Name string
	Salt [16]byte
	Hash [32]byte
}

// Persons are the county's administrators: those who may hold, release and revoke desks.
type Persons struct {
	reg    session.Registry
	random io.Reader
}

// Set makes an administrator, or gives an old one a new password.
func (p *Persons) Set(ctx context.Context, login incident.Login, name, password string) error {
	if login == "" || strings.TrimSpace(name) == "" {
		return ErrNoName
	}
	if len([]rune(password)) < minPassword {
		return ErrPassword
	}
	rec := person{Name: strings.TrimSpace(name)}
	if _, err := io.ReadFull(p.random, rec.Salt[:]); err != nil {
		return fmt.Errorf("salt a password: %w", err)
	}
	rec.Hash = stretch(password, rec.Salt)
	key := keyPerson + string(login)
	_, revision, err := p.reg.Get(ctx, key)
	if err != nil && !errors.Is(err, session.ErrNotFound) {
		return fmt.Errorf("read %s: %w", key, err)
	}
	return put(ctx, p.reg, key, rec, revision)
}

// Check returns the name of an administrator who gave the right password, ErrPerson otherwise. It takes some tenths of a second.
func (p *Persons) Check(ctx context.Context, login incident.Login, password string) (string, error) {
	var rec person
	if _, err := get(ctx, p.reg, keyPerson+string(login), &rec); err != nil && !errors.Is(err, session.ErrNotFound) {
		return "", err
	}
	hash := stretch(password, rec.Salt) // for an unknown name, too: it must not answer sooner
	if rec.Name == "" || subtle.ConstantTimeCompare(hash[:], rec.Hash[:]) != 1 {
		return "", ErrPerson
	}
	return rec.Name, nil
}

func stretch(password string, salt [16]byte) [32]byte {
	return [32]byte(argon2.IDKey([]byte(password), salt[:], 3, 64<<10, 1, 32))
}
