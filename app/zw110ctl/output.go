package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"zw110/assets"
	"zw110/data/incident"
	"zw110/data/room"
)

// output is where a command tells what it did.
type output struct {
	std, err io.Writer
	texts    *assets.Catalogue
	live     bool // standard error is a terminal: progress is shown
	drawn    bool // a progress line stands there
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// say writes a text of the catalogue to standard output.
func (o *output) say(key string, args ...any) error {
	o.clear()
	if _, err := fmt.Fprintln(o.std, o.texts.T(key, args...)); err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	return nil
}

// json writes one value as one line.
func (o *output) json(v any) error {
	o.clear()
	enc := json.NewEncoder(o.std)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// complain writes to standard error. That it cannot be written has nobody to be told to.
func (o *output) complain(text string) {
	o.clear()
	fmt.Fprintln(o.err, text)
}

// progress shows how far long work is, on a terminal only.
func (o *output) progress(key string) func(done, total int) {
	if !o.live {
		return nil
	}
	return func(done, total int) {
		fmt.Fprint(o.err, "\r", o.texts.T(key, done, total), "\x1b[K")
		o.drawn = true
	}
}

func (o *output) clear() {
	if o.drawn {
		fmt.Fprint(o.err, "\r\x1b[K")
		o.drawn = false
	}
}

// code tells an error in words and returns the exit code.
func (o *output) code(err error) int {
	var usage *usageError
	switch {
	case err == nil:
		o.clear()
		return exitDone
	case errors.As(err, &usage):
		o.complain(o.texts.T("usage.wrong", o.texts.T(usage.key, usage.args...), programName))
		return exitUsage
	case errors.Is(err, errBad):
		return exitRefused
	}
	o.complain(o.words(err))
	return exitRefused
}

// words puts an error into the user's language; what has no catalogue key comes as it is.
func (o *output) words(err error) string {
	var refused *incident.Refusal
	if errors.As(err, &refused) {
		return o.refusal(refused)
	}
	if key, args := room.Explain(err); key != "" {
		return o.texts.T(key, args...)
	}
	if text, ok := o.syncWords(err); ok {
		return text
	}
	return o.texts.T("ctl.error", err)
}

// refusal is a refusal in words, its rule first.
func (o *output) refusal(r *incident.Refusal) string {
	args := make([]any, len(r.Args))
	for i, a := range r.Args {
		args[i] = a
	}
	text := o.texts.T(r.Key, args...)
	if r.Rule == "" {
		return text
	}
	return r.Rule + ": " + text
}

// never is a ticker that does not tick.
func never() <-chan time.Time { return make(chan time.Time) }
