package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"zw110/assets"
	"zw110/assets/usage"
	"zw110/data/incident"
	"zw110/sync/hub"
)

const programName = "zw110hub"

// The exit codes.
const (
	exitDone    = 0
	exitRefused = 1 // refused, or found bad
	exitUsage   = 2
)

// cli are the commands and their flags. Help texts are catalogue keys, filled in by vars.
type cli struct {
	Lang    string     `help:"${hub_help_lang}" enum:"zh-Hans,en" default:"zh-Hans"`
	Serve   serveCmd   `cmd:"" help:"${hub_help_serve}"`
	Seat    seatCmd    `cmd:"" help:"${hub_help_seat}"`
	Person  personCmd  `cmd:"" help:"${hub_help_person}"`
	Hold    holdCmd    `cmd:"" help:"${hub_help_hold}"`
	Release releaseCmd `cmd:"" help:"${hub_help_release}"`
	Revoke  revokeCmd  `cmd:"" help:"${hub_help_revoke}"`
	Status  statusCmd  `cmd:"" help:"${hub_help_status}"`
	Backup  backupCmd  `cmd:"" help:"${hub_help_backup}"`
	Restore restoreCmd `cmd:"" help:"${hub_help_restore}"`
	Verify  verifyCmd  `cmd:"" help:"${hub_help_verify}"`
}

// place says where a hub's store is; all commands share it.
type place struct {
	Dir    string           `help:"${hub_help_dir}" required:"" placeholder:"DIR"`
	County incident.ScopeID `help:"${hub_help_county}" default:"330825"`
	cluster
}

// errBad chooses the exit code of what has been told already.
var errBad = errors.New("refused or found bad")

// output is where a command tells what it did.
type output struct {
	in       *bufio.Reader
	std, err io.Writer
	texts    *assets.Catalogue
}

// run does one command and returns its exit code.
func run(ctx context.Context, args []string, in io.Reader, stdout, stderr io.Writer) int {
	texts, err := usage.Texts(args)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return exitRefused
	}
	out := &output{in: bufio.NewReader(in), std: stdout, err: stderr, texts: texts}
	var c cli
	exited := -1
	parser, err := kong.New(&c, kong.Name(programName), kong.Description(texts.T("hub.help.program")), vars(texts),
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
	"hub.help.lang", "hub.help.serve", "hub.help.seat", "hub.help.person", "hub.help.hold", "hub.help.release", "hub.help.revoke",
	"hub.help.status", "hub.help.backup", "hub.help.restore", "hub.help.verify", "hub.help.dir", "hub.help.county", "hub.help.journal",
	"hub.help.listen", "hub.help.cert", "hub.help.key", "hub.help.host", "hub.help.plain", "hub.help.relay", "hub.help.metrics",
	"hub.help.backup_dir", "hub.help.backup_at", "hub.help.scope", "hub.help.name", "hub.help.desk", "hub.help.long", "hub.help.login",
	"hub.help.by", "hub.help.reason", "hub.help.file", "hub.help.json", "hub.help.log_dir",
	"hub.help.system", "hub.help.synced", "hub.help.replicas", "hub.help.node", "hub.help.node_listen", "hub.help.node_peers",
	"hub.help.node_secret", "hub.help.node_clients", "hub.help.move", "hub.help.join",
}

func vars(texts *assets.Catalogue) kong.Vars {
	v := kong.Vars{}
	for _, key := range helpKeys {
		v[strings.ReplaceAll(key, ".", "_")] = texts.T(key)
	}
	return v
}

// say writes a text of the catalogue to standard output.
func (o *output) say(key string, args ...any) error {
	if _, err := fmt.Fprintln(o.std, o.texts.T(key, args...)); err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	return nil
}

// complain writes to standard error. That it cannot be written has nobody to be told to.
func (o *output) complain(text string) { _, _ = fmt.Fprintln(o.err, text) }

// password reads one line of standard input, so that no password stands among the arguments.
func (o *output) password() (string, error) {
	_, _ = fmt.Fprint(o.err, o.texts.T("hub.password"))
	line, err := o.in.ReadString('\n')
	if err != nil && line == "" {
		return "", fmt.Errorf("read password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// code tells an error in words and returns the exit code.
func (o *output) code(err error) int {
	var refused *hub.RefusedError
	if errors.Is(err, hub.ErrMoved) {
		err = &hub.RefusedError{Key: "hub.err.moved", Text: err.Error()}
	}
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errBad):
	case errors.As(err, &refused) && refused.Key != "":
		o.complain(o.texts.T(refused.Key))
	case errors.Is(err, os.ErrPermission):
		o.complain(o.texts.T("hub.err.permission", err))
	default:
		o.complain(o.texts.T("hub.err.other", err))
	}
	return exitRefused
}
