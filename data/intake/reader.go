package intake

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"zw110/data/incident"
)

// Reader reads what channels send, for one town. It is read-only after NewReader and may be used from several goroutines.
type Reader struct {
	town    Town
	headers *headerTable
	words   *vocabulary
	byCode  map[string]Category
}

// NewReader prepares a reader. It fails only when the built-in column table is broken.
func NewReader(town Town, kw Keywords) (*Reader, error) {
	headers, err := newHeaderTable(town.Headers)
	if err != nil {
		return nil, err
	}
	r := &Reader{town: town, headers: headers, byCode: make(map[string]Category, len(town.Categories))}
	for _, c := range town.Categories {
		r.byCode[c.Code] = c
	}
	r.words = newVocabulary(town, kw)
	return r, nil
}

// Read reads a file or pasted text. ch is the channel it came from, empty to tell by column names and numbers; now fills years that
// dates leave out. Reports and bad rows together are all rows that hold data; a row is never taken in part. progress may be nil. An
// error means that nothing could be read: a *Problem with a catalogue key, or the context's error.
func (r *Reader) Read(ctx context.Context, name string, content []byte, ch incident.Channel, now incident.Stamp,
	progress func(done, total int),
) (reports []Report, bad []BadRow, err error) {
	records, err := r.records(ctx, name, content, ch)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	if ch == "" {
		if ch = r.detect(records); ch == "" {
			return nil, nil, fmt.Errorf("read %s: %w", name, &Problem{Code: "intake.err.channel"})
		}
	}
	c := converter{Reader: r, ch: ch, now: now, ref: r.lastDate(records, ch, now)}
	for i := range records {
		if i%64 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, nil, fmt.Errorf("read %s: %w", name, err)
			}
			if progress != nil {
				progress(i, len(records))
			}
		}
		rep, b := c.convert(&records[i])
		if b != nil {
			bad = append(bad, *b)
			continue
		}
		reports = append(reports, rep)
	}
	if progress != nil {
		progress(len(records), len(records))
	}
	return reports, bad, nil
}

// records splits the content into records of whatever format it has.
func (r *Reader) records(ctx context.Context, name string, content []byte, ch incident.Channel) ([]record, error) {
	if len(content) > MaxFile {
		return nil, &Problem{Code: "intake.err.too_big"}
	}
	if err := magicProblem(content); err != nil {
		return nil, err
	}
	if bytes.HasPrefix(content, []byte("PK\x03\x04")) {
		return r.readWorkbook(ctx, content, ch)
	}
	text, err := decodeText(content)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(text) == "" {
		return nil, &Problem{Code: "intake.err.empty"}
	}
	if strings.Count(text, "\n") > maxLines {
		return nil, &Problem{Code: "intake.err.too_big"}
	}
	switch head := strings.TrimSpace(text[:min(len(text), 512)]); {
	case strings.HasPrefix(head, "{"), strings.HasPrefix(head, "["):
		recs, err := readJSON(ctx, ext(name), text)
		if err == nil || ext(name) == ".json" || ext(name) == ".jsonl" || head[0] == '{' {
			return recs, err
		}
	case strings.HasPrefix(strings.ToLower(head), "<"):
		return nil, &Problem{Code: "intake.err.html"}
	}
	if recs, ok, err := r.readDelimited(ctx, ext(name), text, ch); ok || err != nil {
		return recs, err
	}
	recs, ok := r.readOrders(text, ch)
	if !ok {
		recs = r.readMessages(text)
	}
	if len(recs) > maxRows {
		return nil, &Problem{Code: "intake.err.too_big"}
	}
	return recs, nil
}

// detect tells the channel by the column names, then by the shapes of numbers.
func (r *Reader) detect(records []record) incident.Channel {
	votes := map[incident.Channel]int{}
	for i := range records[:min(len(records), 50)] {
		rec := &records[i]
		for _, c := range rec.cells {
			if ch, ok := r.headers.owner(c.header); ok {
				votes[ch] += 3
			}
			if ch := channelOfHeader(plainHeader(c.header)); ch != "" {
				votes[ch] += 2
			}
			if r.headers.field(c.header, "") == fieldNo {
				if ch := channelOfNumber(c.value); ch != "" {
					votes[ch] += 6
				}
			}
		}
		for _, n := range findNumbers(rec.text) {
			votes[n.channel] += 4
			break
		}
	}
	best, most := incident.Channel(""), 0
	for _, ch := range channels() {
		if votes[ch] > most {
			best, most = ch, votes[ch]
		}
	}
	return best
}

// channels are those that send files, in the order in which equal votes are settled.
func channels() []incident.Channel {
	return []incident.Channel{
		incident.Channel110, incident.Channel12345, incident.ChannelSPT, incident.ChannelGrid,
		incident.ChannelLink, incident.ChannelVest, incident.ChannelLYT,
	}
}

// channelOfHeader knows column names that only one channel has.
func channelOfHeader(h string) incident.Channel {
	switch h {
	case "诉求人", "诉求内容", "诉求标题", "来电人", "来电内容", "归口分类", "派单时间":
		return incident.Channel12345
	case "接警时间", "报警人", "报警电话", "警情类别", "警情细类", "简要警情", "警情地址":
		return incident.Channel110
	case "事件名称", "事件大类", "事件小类", "事件描述", "事件等级":
		return incident.ChannelSPT
	case "设备号", "本地序号", "网格员", "是否自办结":
		return incident.ChannelGrid
	case "求助人", "求助类型", "指令单位", "指令时间", "到场时限":
		return incident.ChannelLink
	case "是否已激化", "涉及人数", "身份":
		return incident.ChannelVest
	case "来信时间", "署名", "是否实名":
		return incident.ChannelLYT
	}
	return ""
}
