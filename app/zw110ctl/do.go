package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"zw110/data/incident"
	"zw110/data/room"
)

// doCmd takes a batch of acts.
type doCmd struct {
	store
	JSON bool   `name:"json" help:"${ctl_help_json}"`
	File string `arg:"" help:"${ctl_help_acts_file}"`
}

// doneLine is the fixed shape of `do --json`, one for each line of the batch.
type doneLine struct {
	Line     int     `json:"line"`
	OK       bool    `json:"ok"`
	Incident *string `json:"incident"`
	Refusal  *string `json:"refusal"`
}

// maxLine bounds one line of a batch.
const maxLine = 1 << 20

// batchLine is one line read.
type batchLine struct {
	line int
	act  incident.Act
	err  error
}

// Run does the acts in order. A line that cannot be read or is refused leaves the others alone; with any the exit code is 1.
func (c *doCmd) Run(ctx context.Context, out *output) (err error) {
	lines, err := c.read()
	if err != nil {
		return err
	}
	r, err := c.open(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	acts := make([]incident.Act, 0, len(lines))
	for i := range lines {
		l := &lines[i]
		if l.err == nil {
			l.err = c.attach(ctx, r, &l.act)
		}
		if l.err == nil {
			acts = append(acts, l.act)
		}
	}
	done, err := r.DoAll(ctx, acts, out.progress("ctl.do.progress"))
	refused, told := c.tell(out, lines, done)
	if err != nil {
		return err
	}
	if told != nil {
		return told
	}
	if refused > 0 {
		return errBad
	}
	return nil
}

// attach stores the files an act names, which lie beside the batch, and lets the act name what was stored.
func (c *doCmd) attach(ctx context.Context, r *room.Room, act *incident.Act) error {
	for _, name := range act.Attach {
		a, err := c.putFile(ctx, r, act.Do, name)
		if err != nil {
			return err
		}
		act.Blobs = append(act.Blobs, incident.Blobs(a.Attachment)...)
	}
	return nil
}

func (c *doCmd) putFile(ctx context.Context, r *room.Room, act incident.Verb, name string) (room.Attached, error) {
	where := name
	if !filepath.IsAbs(where) && c.File != "-" {
		where = filepath.Join(filepath.Dir(c.File), where)
	}
	f, err := os.Open(where)
	if err != nil {
		return room.Attached{}, &incident.Refusal{Rule: string(act), Key: "refuse.room.attach_file", Args: []string{name}}
	}
	defer f.Close()
	return r.PutAttachment(ctx, name, f)
}

func (c *doCmd) read() (lines []batchLine, err error) {
	var from io.Reader = os.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return nil, fmt.Errorf("open batch: %w", err)
		}
		defer f.Close()
		from = f
	}
	scan := bufio.NewScanner(from)
	scan.Buffer(make([]byte, 64<<10), maxLine)
	at := 0
	for ; scan.Scan(); at++ {
		text := bytes.TrimSpace(bytes.TrimPrefix(scan.Bytes(), []byte("\ufeff")))
		if len(text) == 0 {
			continue
		}
		act, err := incident.ParseAct(text)
		lines = append(lines, batchLine{at + 1, act, err})
	}
	if err := scan.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("read batch: %w: %w", &incident.Refusal{Key: "refuse.act.long", Args: []string{strconv.Itoa(at + 1), strconv.Itoa(maxLine >> 20)}}, err)
	} else if err != nil {
		return nil, fmt.Errorf("read batch after line %d: %w", len(lines), err)
	}
	return lines, nil
}

// tell reports each line; without --json only what was refused, and the sum.
func (c *doCmd) tell(out *output, lines []batchLine, done []room.Done) (refused int, err error) {
	next := 0
	for _, l := range lines {
		d := room.Done{Err: l.err}
		if l.err == nil {
			if next >= len(done) {
				break
			}
			d, next = done[next], next+1
		}
		answer := doneLine{Line: l.line, OK: d.Err == nil}
		if d.Err == nil {
			answer.Incident = &d.No
		} else {
			refused++
			text := out.words(d.Err)
			answer.Refusal = &text
			out.complain(out.texts.T("ctl.do.refused", l.line, text))
		}
		if c.JSON {
			if err := out.json(answer); err != nil {
				return refused, err
			}
		}
	}
	if c.JSON {
		return refused, nil
	}
	return refused, out.say("ctl.do.done", len(lines)-refused, refused)
}
