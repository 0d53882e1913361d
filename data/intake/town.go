package intake

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"zw110/data/incident"
)

// Town is what intake must know of the town pack, as plain data.
type Town struct {
	Name       string // 塔石镇
	Villages   []Village
	Units      []Unit
	Categories []Category
	Headers    []HeaderAlias // more column names than the built-in ones
}

// Village is a village with the names people use for it. The name without a trailing 村 is understood without being listed.
type Village struct {
	Name    string
	Aliases []string
}

// Unit is a unit with its full and spoken names.
type Unit struct {
	ID      incident.UnitID
	Aliases []string
}

// Category is a row of the duty directory.
type Category struct {
	Code    string
	Major   string
	Minor   string
	Lead    incident.UnitID
	Urgency incident.Urgency
	Splits  []Split
}

// Split is a rule of the directory that gives a category to another lead when one of its words stands in the text.
type Split struct {
	Unit  incident.UnitID
	Words []string
}

// HeaderAlias says that a column of that name holds a field, in one channel or, with an empty Channel, in all.
type HeaderAlias struct {
	Channel incident.Channel
	Field   string // as in headers.csv: no, name, phone, title, content, ...
	Header  string
}

// Keyword is one word of a town's vocabulary. Code is a category code or one of the codes below; Word may join parts with + that must
// all stand in the text.
type Keyword struct {
	Code   string
	Word   string
	Weight float64
}

// The codes of keywords that are no category. Those before the blank line are followed by a colon and by what they are about: a risk
// word, a category code or *, a unit.
const (
	codeRisk  = "risk"  // a phrase that rings that risk word
	codeRaise = "raise" // one step more urgent than the directory's default
	codeLower = "lower" // one step less urgent
	codeUnit  = "unit"  // another name of that unit

	codeSeat      = "seat"       // a name of the town's centre; Word is written centre>village
	codeDecoy     = "decoy"      // a phrase that only looks like a village
	codeTrap      = "trap"       // a phrase that holds a risk word and does not ring
	codeDeny      = "deny"       // a word that denies what follows it
	codeFiller    = "filler"     // a word that may stand between a denial and what it denies
	codeWeapon    = "weapon"     // a thing whose denial is worth showing
	codeLandmark  = "landmark"   // a word that ends a place
	codeBeside    = "beside"     // a word that makes a place of the word before it
	codeToward    = "toward"     // a word before a village that is only a direction
	codeIgnore    = "ignore"     // a phrase that is blanked before a category is sought
	codeCommon    = "common"     // a phrase that tells nothing about likeness
	codeKeepQuiet = "confidence" // a wish not to be named
	codeMinor     = "minor"      // a word for somebody under age
	codeProtect   = "protect"    // a word for somebody whose identity needs protection
	codeGroup     = "group"      // group:<name>, words that stand for <name> as a part of a joined word
)

// Keywords is a town's vocabulary.
type Keywords []Keyword

// ReadKeywords reads the table code, word, weight (UTF-8, first line is the header, lines that begin with # are remarks). An empty
// weight is 1. An error names the line.
func ReadKeywords(r io.Reader) (Keywords, error) {
	c := csv.NewReader(r)
	c.Comment = '#'
	c.FieldsPerRecord = -1
	c.TrimLeadingSpace = true
	var kws Keywords
	for n := 0; ; n++ {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return kws, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read keywords: %w", err)
		}
		if n == 0 {
			continue
		}
		line, _ := c.FieldPos(0)
		kw, err := parseKeyword(row)
		if err != nil {
			return nil, fmt.Errorf("keywords line %d: %w", line, err)
		}
		kws = append(kws, kw...)
	}
}

// parseKeyword reads one line; its word cell may hold several words with blanks between.
func parseKeyword(row []string) (Keywords, error) {
	if len(row) < 2 {
		return nil, errors.New("code and word are needed")
	}
	code, weight := strings.TrimSpace(row[0]), 1.0
	if len(row) > 2 && strings.TrimSpace(row[2]) != "" {
		w, err := strconv.ParseFloat(strings.TrimSpace(row[2]), 64)
		if err != nil {
			return nil, fmt.Errorf("weight %q is no number", row[2])
		}
		weight = w
	}
	var kws Keywords
	for _, word := range strings.Fields(row[1]) {
		kws = append(kws, Keyword{Code: code, Word: word, Weight: weight})
	}
	if code == "" || len(kws) == 0 {
		return nil, errors.New("code and word are needed")
	}
	return kws, nil
}
