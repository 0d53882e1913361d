package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"zw110/data/room"
)

// verifyCmd proves the journal.
type verifyCmd struct {
	store
	JSON bool `name:"json" help:"${ctl_help_json}"`
}

// Run checks chain, seals and folds, and names what is not as it was.
func (c *verifyCmd) Run(ctx context.Context, out *output) error {
	rep, err := room.VerifyStore(ctx, room.Config{Dir: c.Dir}, out.progress("ctl.verify.progress"))
	if err != nil {
		return err
	}
	for _, f := range rep.Faults {
		if f.Seq == 0 {
			out.complain(out.texts.T("ctl.verify.outside", f.What))
			continue
		}
		out.complain(out.texts.T("ctl.verify.fault", f.Origin, f.Seq, f.What))
	}
	if c.JSON {
		err = out.json(rep)
	} else {
		err = out.say("ctl.verify.done", rep.Entries, rep.Origins, len(rep.Faults))
	}
	if err != nil {
		return err
	}
	if len(rep.Faults) > 0 {
		return errBad
	}
	return nil
}

// backupCmd writes a consistent copy.
type backupCmd struct {
	store
	File string `help:"${ctl_help_file}" required:"" placeholder:"F"`
}

// Run writes the copy and checks it by opening it.
func (c *backupCmd) Run(ctx context.Context, out *output) (err error) {
	r, err := c.open(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if err := r.Backup(ctx, c.File); err != nil {
		return err
	}
	return out.say("ctl.backup.done", c.File)
}

// restoreCmd brings a copy back.
type restoreCmd struct {
	store
	File string `help:"${ctl_help_file}" required:"" placeholder:"F"`
}

// Run puts the copy into the folder. A store that is there already is moved aside, not overwritten.
func (c *restoreCmd) Run(out *output) error {
	if _, err := os.Stat(c.File); err != nil {
		return fmt.Errorf("look for the backup: %w", err)
	}
	aside, err := room.Restore(room.Config{Dir: c.Dir}, c.File)
	if err != nil {
		return err
	}
	if aside != "" {
		return out.say("ctl.restore.aside", c.Dir, aside)
	}
	return out.say("ctl.restore.done", c.Dir)
}
