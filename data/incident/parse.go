package incident

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
// verb are errors. Whether the values make sense is for Decide.
func ParseAct(line []byte) (Act, error) {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	var b batchLine
	if err := dec.Decode(&b); err != nil {
		return Act{}, fmt.Errorf("read act: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Act{}, errors.New("read act: more than one object on a line")
	}
	if b.Do == "" {
		return Act{}, errors.New(`read act: "do" is missing`)
	}
	var err error
	if b.Act.Place, err = parsePlace(b.Place); err != nil {
		return Act{}, fmt.Errorf("read act: %w", err)
	}
	b.CoGiven = b.Co != nil
	return b.Act, nil
}

func parsePlace(raw json.RawMessage) (*Place, error) {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil, nil
	}
	if raw[0] == '"' {
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return nil, fmt.Errorf("place: %w", err)
		}
		return &Place{Text: text}, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var p Place
	if err := dec.Decode(&p); err != nil {
		return nil, fmt.Errorf("place: %w", err)
	}
	return &p, nil
}
