// Package usage tells the help and the wrong use of a command line in the words of a catalogue. It parses nothing itself.
package usage

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"zw110/assets"
)

// Texts loads the catalogue of the language that the arguments ask for with --lang, or of the first: the help needs it before flags are parsed.
func Texts(args []string) (*assets.Catalogue, error) {
	for i, a := range args {
		lang, ok := strings.CutPrefix(a, "--lang=")
		if a == "--lang" && i+1 < len(args) {
			lang, ok = args[i+1], true
		}
		if ok && slices.Contains(assets.Languages[:], lang) {
			return assets.LoadCatalogue(lang)
		}
	}
	return assets.LoadCatalogue(assets.Languages[0])
}

// fault is one complaint of kong: how it reads, and the key of ours. What its groups catch goes into {0}, {1} ...
type fault struct {
	pattern *regexp.Regexp
	key     string
}

// faults are those that a command line can raise; the first that fits counts. What fits none comes as it is.
var faults = []fault{
	{regexp.MustCompile(`^unknown flag (\S+), did you mean (?:one of )?(.+)\?$`), "usage.flag_like"},
	{regexp.MustCompile(`^unknown flag (\S+)$`), "usage.flag"},
	{regexp.MustCompile(`^unexpected argument (.+), did you mean (?:one of )?(.+)\?$`), "usage.word_like"},
	{regexp.MustCompile(`^unexpected argument (.+)$`), "usage.word"},
	{regexp.MustCompile(`^missing flags: (.+)$`), "usage.missing"},
	{regexp.MustCompile(`^expected (?:one of )?("<?\w.*)$`), "usage.missing"},
	{regexp.MustCompile(`^missing positional arguments (.+)$`), "usage.missing"},
	{regexp.MustCompile(`^(\S+): expected .+ value but got "EOL" .*$`), "usage.no_value"},
	{regexp.MustCompile(`^(\S+): expected .+ value but got "(.*)" \(.*\)$`), "usage.bad_value"},
	{regexp.MustCompile(`^(\S+): expected an? (?:valid \d+ bit u?int|float|int) but got "([^"]*)".*$`), "usage.number"},
	{regexp.MustCompile(`^(\S+): expected duration but got "([^"]*)".*$`), "usage.duration"},
	{regexp.MustCompile(`^(\S+): bool value must be .* but got "(.*)"$`), "usage.bad_value"},
	{regexp.MustCompile(`^(\S+) must be one of (.+) but got "(.*)"$`), "usage.one_of"},
	{regexp.MustCompile(`^(--\S+) and (--\S+) can't be used together$`), "usage.together"},
	{regexp.MustCompile(`^(\S+): \w+ (.+): (?:no such file or directory|The system cannot find the (?:file|path) specified\.)$`), "usage.no_file"},
	{regexp.MustCompile(`^(\S+): "(.+)" exists but is a directory$`), "usage.is_folder"},
	{regexp.MustCompile(`^(\S+): "(.+)" exists but is not a directory$`), "usage.no_folder"},
	{regexp.MustCompile(`^unexpected flag argument "(.*)"$`), "usage.word"},
}

// Wrong tells what is wrong with a command line that kong could not parse, and what to type for its help.
func Wrong(texts *assets.Catalogue, program string, err error) string {
	command := program
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil && parse.Context.Selected() != nil {
		command = parse.Context.Selected().FullPath()
	}
	return texts.T("usage.wrong", reason(texts, err.Error()), command)
}

func reason(texts *assets.Catalogue, text string) string {
	for _, f := range faults {
		if groups := f.pattern.FindStringSubmatch(text); groups != nil {
			args := make([]any, len(groups)-1)
			for i, g := range groups[1:] {
				args[i] = strings.ReplaceAll(strings.TrimLeft(strings.ReplaceAll(g, `","`, ", "), `", `), `"`, "")
			}
			return texts.T(f.key, args...)
		}
	}
	return text
}

// Help prints kong's help with its own words replaced.
func Help(texts *assets.Catalogue) kong.Option {
	words := strings.NewReplacer("[flags]", texts.T("usage.help.some_flags"), "<command>", texts.T("usage.help.command"))
	heads := map[string]string{"Flags:": texts.T("usage.help.flags"), "Commands:": texts.T("usage.help.commands"), "Arguments:": texts.T("usage.help.arguments")}
	more := regexp.MustCompile(`^Run "(\S+ <command>) --help" for more information on a command\.$`)
	return kong.Help(func(options kong.HelpOptions, ctx *kong.Context) error {
		if ctx.Model.HelpFlag != nil {
			ctx.Model.HelpFlag.Help = texts.T("usage.help.flag")
		}
		var page bytes.Buffer
		to := ctx.Stdout
		ctx.Stdout = &page
		err := kong.DefaultHelpPrinter(options, ctx)
		ctx.Stdout = to
		if err != nil {
			return err
		}
		lines := strings.Split(page.String(), "\n")
		for i, line := range lines {
			if head, ok := heads[line]; ok {
				lines[i] = head
			} else if use, ok := strings.CutPrefix(line, "Usage: "); ok {
				lines[i] = texts.T("usage.help.usage", words.Replace(use))
			} else if run := more.FindStringSubmatch(line); run != nil {
				lines[i] = texts.T("usage.help.more", words.Replace(run[1]))
			}
		}
		_, err = io.WriteString(to, strings.Join(lines, "\n"))
		return err
	})
}
