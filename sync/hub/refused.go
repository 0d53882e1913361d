package hub

import (
	"errors"

	"zw110/sync/session"
)

// RefusedError is a refusal as it comes back through the administrator's door.
type RefusedError struct {
	Key  string // of the catalogue; empty for what has no words of its own
	Text string
}

func (e *RefusedError) Error() string { return e.Text }

// words are the catalogue keys of what people can do something about.
var words = []struct {
	err error
	key string
}{
	{ErrScope, "hub.err.scope"},
	{ErrNoDesk, "hub.err.no_desk"},
	{ErrNoName, "hub.err.no_name"},
	{ErrPerson, "hub.err.person"},
	{ErrPassword, "hub.err.password"},
	{ErrSamePerson, "hub.err.same_person"},
	{ErrReason, "hub.err.reason"},
	{ErrMoved, "hub.err.moved"},
	{session.ErrUnavailable, "hub.err.unavailable"},
}

// refused makes an error one that travels.
func refused(err error) *RefusedError {
	for _, w := range words {
		if errors.Is(err, w.err) {
			return &RefusedError{Key: w.key, Text: err.Error()}
		}
	}
	return &RefusedError{Text: err.Error()}
}
