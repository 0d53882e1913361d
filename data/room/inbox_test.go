package room

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"zw110/data/incident"
)

// label is what is right for one row of the sample inbox.
type label struct {
	file, expect, category, village, lead, flags string
	row                                          int
	duplicateOf, nearMissOf                      string
	risk, traps                                  []string
}

func (l label) key() string { return l.file + "#" + strconv.Itoa(l.row) }

func labels(t testing.TB) map[string]label {
	t.Helper()
	f, err := os.Open("testdata/labels.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	col := map[string]int{}
	for i, name := range rows[0] {
		col[name] = i
	}
	out := map[string]label{}
	for _, row := range rows[1:] {
		n, err := strconv.Atoi(row[col["row"]])
		if err != nil {
			t.Fatal(err)
		}
		l := label{
			file: row[col["file"]], row: n, expect: row[col["expect"]], category: row[col["category"]], village: row[col["village"]],
			lead: row[col["lead"]], flags: row[col["flags"]], duplicateOf: row[col["duplicate_of"]], nearMissOf: row[col["near_miss_of"]],
			risk: strings.Fields(row[col["risk_words"]]), traps: strings.Fields(row[col["risk_traps"]]),
		}
		out[l.key()] = l
	}
	return out
}

// inbox are the sample files in the order in which they are taken, each with its channel.
var inbox = []struct {
	file    string
	channel incident.Channel
}{
	{"12345-20260803.xlsx", incident.Channel12345},
	{"12345-20260817.xlsx", incident.Channel12345},
	{"110-diversion.json", incident.Channel110},
	{"110-phone-notes.txt", incident.Channel110},
	{"spt-events.json", incident.ChannelSPT},
	{"wg-reports.xlsx", incident.ChannelGrid},
	{"yjld-orders.txt", incident.ChannelLink},
	{"sj-bluevest.jsonl", incident.ChannelVest},
	{"lyt-mailbox.csv", incident.ChannelLYT},
}

func sampleFile(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("../../assets/drill/inbox", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// score counts n of N.
type tally struct{ n, of int }

func (c *tally) add(ok bool) {
	c.of++
	if ok {
		c.n++
	}
}

func (c tally) share() float64 { return float64(c.n) / float64(max(c.of, 1)) }

// taken is what the whole inbox came to.
type taken struct {
	kind  map[string]string // by file#row
	items map[string]PreviewItem
	out   map[string]Outcome
}

func takeInbox(t *testing.T, d *desk) taken {
	t.Helper()
	got := taken{kind: map[string]string{}, items: map[string]PreviewItem{}, out: map[string]Outcome{}}
	for _, in := range inbox {
		p, err := d.Preview(t.Context(), in.file, sampleFile(t, in.file), in.channel, nil)
		if err != nil {
			t.Fatal(err)
		}
		outs, err := d.Take(t.Context(), SystemLogin, p, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, item := range p.Items {
			key := in.file + "#" + strconv.Itoa(item.Report.Row)
			got.kind[key], got.items[key], got.out[key] = item.Kind, item, outs[i]
		}
		for _, b := range p.Bad {
			got.kind[in.file+"#"+strconv.Itoa(b.Row)] = "bad_row:" + b.Reason
		}
	}
	return got
}
