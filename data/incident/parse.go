package incident

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// batchLine is an act as a batch writes it, with the keys that only tests and people read.
type batchLine struct {
	Act
	Place     json.RawMessage `json:"place,omitempty"` // an object, or the place in words
	Expect    json.RawMessage `json:"expect,omitempty"`
	RuleNo    json.RawMessage `json:"rule,omitempty"`
	Evaluator json.RawMessage `json:"evaluator,omitempty"`
	Why       json.RawMessage `json:"why,omitempty"`
	Attempt   json.RawMessage `json:"attempt,omitempty"` // calls are counted from the entries
}

// ParseAct reads one line of a batch: a JSON object with the keys of Act. Unknown keys, a second value on the line and a missing
// verb are errors that hold a Refusal, which says in words what is wrong and where. Whether the values make sense is for Decide.
func ParseAct(line []byte) (Act, error) {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	var b batchLine
	if err := dec.Decode(&b); err != nil {
		return Act{}, unread(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Act{}, fmt.Errorf("read act: more than one object on a line: %w", &Refusal{Key: "refuse.act.more"})
	}
	if b.Do == "" {
		return Act{}, fmt.Errorf(`read act: "do" is missing: %w`, &Refusal{Key: "refuse.act.verb"})
	}
	var err error
	if b.Act.Place, err = parsePlace(b.Place); err != nil {
		return Act{}, unread(err)
	}
	b.CoGiven = b.Co != nil
	return b.Act, nil
}

// unread finds the words for what the JSON reader says.
func unread(err error) error {
	var (
		said   *Refusal
		syntax *json.SyntaxError
		other  *json.UnmarshalTypeError
	)
	if errors.As(err, &said) {
		return fmt.Errorf("read act: %w", err)
	}
	said = &Refusal{Key: "refuse.act.object"}
	field, unknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	switch {
	case errors.As(err, &syntax):
		said = &Refusal{Key: "refuse.act.syntax", Args: []string{strconv.FormatInt(syntax.Offset, 10)}}
	case errors.Is(err, io.ErrUnexpectedEOF):
		said = &Refusal{Key: "refuse.act.cut"}
	case errors.As(err, &other) && other.Field != "":
		said = &Refusal{Key: "refuse.act.type", Args: []string{strings.TrimPrefix(strings.TrimPrefix(other.Field, "Act."), "Fields.")}}
	case unknown:
		said = &Refusal{Key: "refuse.act.field", Args: []string{strings.Trim(field, `"`)}}
	}
	return fmt.Errorf("read act: %w: %w", said, err)
}

func parsePlace(raw json.RawMessage) (*Place, error) {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil, nil
	}
	if raw[0] == '"' {
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return nil, fmt.Errorf("place: %w: %w", &Refusal{Key: "refuse.act.type", Args: []string{"place"}}, err)
		}
		return &Place{Text: text}, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var p Place
	if err := dec.Decode(&p); err != nil {
		if field, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
			return nil, fmt.Errorf("%w: %w", &Refusal{Key: "refuse.act.field", Args: []string{"place." + strings.Trim(field, `"`)}}, err)
		}
		return nil, fmt.Errorf("place: %w: %w", &Refusal{Key: "refuse.act.type", Args: []string{"place"}}, err)
	}
	return &p, nil
}
