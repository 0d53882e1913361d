package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"zw110/assets"
	"zw110/assets/usage"
	"zw110/data/room"
)

const programName = "zw110ctl"

// The exit codes.
const (
	exitDone    = 0
	exitRefused = 1 // refused, or found bad
	exitUsage   = 2
)

// cli are the commands and their flags. Help texts are catalogue keys, filled in by vars.
type cli struct {
	Lang     string      `help:"${ctl_help_lang}" enum:"zh-Hans,en" default:"zh-Hans"`
	Init     initCmd     `cmd:"" help:"${ctl_help_init}"`
	Intake   intakeCmd   `cmd:"" help:"${ctl_help_intake}"`
	Do       doCmd       `cmd:"" help:"${ctl_help_do}"`
	Show     showCmd     `cmd:"" help:"${ctl_help_show}"`
	Find     findCmd     `cmd:"" help:"${ctl_help_find}"`
	Lists    listsCmd    `cmd:"" help:"${ctl_help_lists}"`
	Slip     slipCmd     `cmd:"" help:"${ctl_help_slip}"`
	Readback readbackCmd `cmd:"" help:"${ctl_help_readback}"`
	Assess   assessCmd   `cmd:"" help:"${ctl_help_assess}"`
	Places   placesCmd   `cmd:"" help:"${ctl_help_places}"`
	Verify   verifyCmd   `cmd:"" help:"${ctl_help_verify}"`
	Backup   backupCmd   `cmd:"" help:"${ctl_help_backup}"`
	Restore  restoreCmd  `cmd:"" help:"${ctl_help_restore}"`
	Enrol    enrolCmd    `cmd:"" help:"${ctl_help_enrol}"`
	Sync     syncCmd     `cmd:"" help:"${ctl_help_sync}"`
	Courier  courierCmd  `cmd:"" help:"${ctl_help_courier}"`
}

// store is the flag that all commands share.
type store struct {
	Dir string `help:"${ctl_help_dir}" required:"" placeholder:"DIR"`
}

// errBad chooses the exit code of what has been told already.
var errBad = errors.New("refused or found bad")

// usageError is a flag whose value only its command can judge: a key of the catalogue and its values.
type usageError struct {
	key  string
	args []any
}

func (e *usageError) Error() string { return "wrong usage: " + e.key + ": " + fmt.Sprint(e.args...) }

func wrong(key string, args ...any) error { return &usageError{key, args} }

// oneOf refuses a value that is none of those a flag knows.
func oneOf[T ~string](flag string, known []T, got string) error {
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = string(k)
	}
	return wrong("usage.one_of", flag, strings.Join(names, ", "), got)
}

// run does one command and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	texts, err := usage.Texts(args)
	out := &output{std: stdout, err: stderr, texts: texts, live: isTerminal(stderr)}
	if err != nil {
		out.complain(err.Error())
		return exitRefused
	}
	var c cli
	exited := -1
	parser, err := kong.New(&c, kong.Name(programName), kong.Description(texts.T("ctl.help.program")), vars(texts),
		usage.Help(texts), kong.Writers(stdout, stderr), kong.Exit(func(code int) { exited = code }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(out))
	if err != nil {
		out.complain(err.Error())
		return exitUsage
	}
	command, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		out.complain(usage.Wrong(texts, programName, err))
		return exitUsage
	}
	return out.code(command.Run(ctx, out))
}

// helpKeys are the catalogue keys of the help; kong wants names without dots.
var helpKeys = []string{
	"ctl.help.lang", "ctl.help.init", "ctl.help.intake", "ctl.help.do", "ctl.help.show", "ctl.help.find", "ctl.help.lists",
	"ctl.help.verify", "ctl.help.backup", "ctl.help.restore", "ctl.help.dir", "ctl.help.pack", "ctl.help.seat", "ctl.help.seat_no",
	"ctl.help.drill", "ctl.help.channel", "ctl.help.json", "ctl.help.acts", "ctl.help.dry_run", "ctl.help.intake_files", "ctl.help.by", "ctl.help.acts_file",
	"ctl.help.incident", "ctl.help.view", "ctl.help.words", "ctl.help.limit", "ctl.help.list", "ctl.help.date", "ctl.help.out",
	"ctl.help.file", "ctl.help.enrol", "ctl.help.sync", "ctl.help.courier", "ctl.help.hub", "ctl.help.code", "ctl.help.relay",
	"ctl.help.once", "ctl.help.courier_out", "ctl.help.courier_in", "ctl.help.courier_file", "ctl.help.courier_scope",
	"ctl.help.readback", "ctl.help.readback_by", "ctl.help.readback_editor", "ctl.help.readback_dry", "ctl.help.readback_accept", "ctl.help.readback_mine", "ctl.help.readback_theirs", "ctl.help.assess", "ctl.help.from", "ctl.help.to", "ctl.help.assess_by", "ctl.help.measure", "ctl.help.without", "ctl.help.cut_off",
	"ctl.help.slip", "ctl.help.slip_kind", "ctl.help.slip_from", "ctl.help.slip_to", "ctl.help.slip_unit",
	"ctl.help.places", "ctl.help.places_import", "ctl.help.places_export", "ctl.help.places_pin", "ctl.help.places_find", "ctl.help.places_learn", "ctl.help.places_words", "ctl.help.places_learn_by", "ctl.help.places_system", "ctl.help.places_by", "ctl.help.places_asked",
	"ctl.help.places_file", "ctl.help.places_out", "ctl.help.places_village", "ctl.help.places_name", "ctl.help.places_lng", "ctl.help.places_lat",
	"ctl.help.publish", "ctl.help.publish_reason", "ctl.help.history", "ctl.help.version", "ctl.help.since", "ctl.help.show_at", "ctl.help.known",
	"ctl.help.unmasked", "ctl.help.approved_by", "ctl.help.pin_file", "ctl.help.exports", "ctl.help.template", "ctl.help.map",
}

func vars(texts *assets.Catalogue) kong.Vars {
	v := kong.Vars{}
	for _, key := range helpKeys {
		v[strings.ReplaceAll(key, ".", "_")] = texts.T(key)
	}
	return v
}

// open opens the store for one command: nothing ticks, there is no window to move.
func (s store) open(out *output) (*room.Room, error) {
	return room.Open(room.Config{Dir: s.Dir, Ticks: never(), Text: out.texts.T})
}
