package intake

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"zw110/data/incident"
)

// converter makes Reports of one file's records.
type converter struct {
	*Reader
	ch  incident.Channel
	now incident.Stamp
	ref refDate
}

// refDate is what dates without a year are completed from.
type refDate struct {
	at   incident.Stamp
	past bool // only now is known: nothing may lie after it
}

// lastDate returns the latest whole date of a file's time column, or now.
func (r *Reader) lastDate(records []record, ch incident.Channel, now incident.Stamp) refDate {
	ref := refDate{}
	for i := range records {
		for _, c := range records[i].cells {
			if f := r.headers.field(c.header, ch); f != fieldAt && f != fieldHappened {
				continue
			}
			if m, err := parseMoment(c.value); err == nil && m.whole() {
				ref.at = max(ref.at, m.at(m.year, m.month, m.day))
			}
		}
	}
	if ref.at == 0 {
		return refDate{at: now, past: true}
	}
	return ref
}

// convert makes a Report, or says why it can't.
func (c *converter) convert(rec *record) (Report, *BadRow) {
	if rec.fault != "" {
		b := rec.bad(rec.fault, rec.detail)
		return Report{}, &b
	}
	if where := c.tooLong(rec); where != "" {
		b := rec.bad(BadTooLong, where)
		return Report{}, &b
	}
	f := rec.fields(c.headers, c.ch)
	if rec.text != "" {
		f[fieldContent] = rec.text
	}
	out := Report{Row: rec.row, Sheet: rec.sheet}
	out.Fields.Channel = c.ch
	steps := []func(*Report, *record, map[string]string) error{c.number, c.times, c.texts}
	for _, step := range steps {
		if err := step(&out, rec, f); err != nil {
			var b badRow
			if !errors.As(err, &b) {
				b = badRow{reason: BadNoContent, detail: err.Error()}
			}
			row := rec.bad(b.reason, b.detail)
			return Report{}, &row
		}
	}
	c.reporter(&out, f)
	c.place(&out, f)
	c.flags(&out, f)
	out.Fields.Raw = c.raw(rec)
	if rec.hidden {
		out.Notes = append(out.Notes, "intake.note.hidden_row")
	}
	c.propose(&out, f)
	return out, nil
}

// tooLong names the column that is longer than what is kept, or says how many bytes a record has that fits into no entry.
func (c *converter) tooLong(rec *record) string {
	size := len(rec.text)
	for _, cl := range rec.cells {
		if len(cl.value) > maxCell && utf8.RuneCountInString(cl.value) > maxCell {
			return cl.header
		}
		n := len(cl.header) + len(cl.value)
		if c.headers.field(cl.header, c.ch) != fieldContent {
			n *= 2
		}
		size += n
	}
	if utf8.RuneCountInString(rec.text) > maxCell || size > maxRecord {
		return strconv.Itoa(size)
	}
	return ""
}

// badRow is the error of a step that refuses a record.
type badRow struct{ reason, detail string }

func (b badRow) Error() string { return b.reason + ": " + b.detail }

// keyed reports whether a channel's reports have a number of their own.
func keyed(ch incident.Channel) bool {
	switch ch {
	case incident.ChannelWindow, incident.ChannelPhone, incident.ChannelLeader:
		return false
	}
	return true
}

// number finds the report's key and the numbers of others.
func (c *converter) number(out *Report, rec *record, f map[string]string) error {
	no, damaged := "", false
	switch {
	case f[fieldDevice] != "" && c.ch == incident.ChannelGrid:
		if seq, _ := plainNumber(f[fieldSeq]); seq != "" {
			no = gridNumber(f[fieldDevice], seq)
		}
	default:
		no, damaged = plainNumber(f[fieldNo])
	}
	no = strings.ToUpper(strings.ReplaceAll(no, " ", ""))
	if c.ch == incident.ChannelVest {
		no = strings.ReplaceAll(halfWidth(f[fieldNo]), " ", "")
	}
	quoted := findNumbers(f[fieldTitle] + "\n" + f[fieldContent] + "\n" + f[fieldRepeat] + "\n" + f["note"])
	if no == "" && rec.text != "" {
		for _, q := range quoted {
			if q.channel == c.ch {
				no = q.text
				break
			}
		}
	}
	if damaged {
		return badRow{BadNumberDamaged, no}
	}
	if placeholder(no) {
		no = ""
	}
	if no == "" && keyed(c.ch) {
		return badRow{BadNoNumber, ""}
	}
	out.Fields.SourceNo = no
	seen := map[string]bool{no: true}
	for _, q := range quoted {
		if !seen[q.text] {
			seen[q.text] = true
			out.QuotedNos = append(out.QuotedNos, q.text)
		}
	}
	return nil
}

// placeholder reports what people write where nothing is.
func placeholder(s string) bool {
	switch strings.ToLower(s) {
	case "-", "--", "—", "——", "/", "\\", "无", "没有", "null", "nil", "none", "n/a", "#n/a", "待补", "空", "0":
		return true
	}
	return false
}

// gridNumber joins device and local number; the number has at least four digits.
func gridNumber(device, seq string) string {
	if n, err := strconv.Atoi(seq); err == nil && n >= 0 {
		seq = fmt.Sprintf("%04d", n)
	}
	return strings.ToUpper(halfWidth(device)) + "-" + seq
}

// times reads the dates: when the channel had it, when it happened, until when the channel wants an answer.
func (c *converter) times(out *Report, rec *record, f map[string]string) error {
	fl := &out.Fields
	for _, d := range []struct {
		field string
		into  *incident.Stamp
	}{{fieldAt, &fl.PushedAt}, {fieldHappened, &fl.HappenedAt}, {fieldDue, &fl.DueSource}} {
		text := f[d.field]
		if text == "" || placeholder(text) {
			continue
		}
		m, err := parseMoment(text)
		if err == nil {
			*d.into, err = m.stamp(c.ref.at, c.ref.past && d.field != fieldDue)
		}
		switch {
		case errors.Is(err, errImpossible):
			return badRow{BadImpossibleDate, text}
		case err != nil && d.field != fieldDue:
			return badRow{BadUnreadableDate, text}
		case err != nil:
			out.Notes = append(out.Notes, "intake.note.due_unread")
		}
	}
	if rec.text != "" && fl.HappenedAt == 0 {
		ref := fl.PushedAt
		if ref == 0 {
			ref = c.now
		}
		fl.HappenedAt = saidAt(rec.text, ref)
	}
	return nil
}

// texts takes title and content.
func (c *converter) texts(out *Report, _ *record, f map[string]string) error {
	title, content := f[fieldTitle], f[fieldContent]
	if content == "" {
		content = title
	}
	if content == "" {
		return badRow{BadNoContent, ""}
	}
	switch {
	case title == "":
		title = makeTitle(content)
	case utf8.RuneCountInString(title) > maxTitle:
		title = makeTitle(title)
	}
	out.Fields.Title, out.Fields.Content = title, content
	out.Personal = append(ScanField("title", title), ScanField("content", content)...)
	return nil
}

// reporter fills who reported. What text says of a telephone number counts where no column does.
func (c *converter) reporter(out *Report, f map[string]string) {
	rep := incident.Reporter{Name: strings.ReplaceAll(f[fieldName], "\n", " "), IDNo: strings.ToUpper(halfWidth(f[fieldIDNo]))}
	digits, damaged := phone(f[fieldPhone])
	if damaged {
		out.Notes = append(out.Notes, "intake.note.phone_damaged")
	}
	if digits == "" && f[fieldPhone] == "" {
		digits = onlyPhone(out.Personal)
	}
	rep.Phone = digits
	if placeholder(rep.Name) {
		rep.Name = ""
	}
	if rep.Name == "" {
		rep.Name = namedReporter(out.Fields.Content)
	}
	rep.Anonymous = yes(f[fieldAnonymous]) || no(f[fieldReal])
	rep.Confidential = yes(f[fieldConfidential]) || strings.Contains(f[fieldKind], "举报") ||
		len(c.words.quiet.all(fold(out.Fields.Content))) > 0
	if rep != (incident.Reporter{}) {
		out.Fields.Reporter = &rep
	}
}

var reporterName = regexp.MustCompile(`(?:报警人|来电人|求助人|反映人|举报人|投诉人|联系人)[:：是为]?\s*([\p{Han}]{1,3}(?:先生|女士|大爷|大妈|阿姨|师傅)|[\p{Han}]{2,3}[,，、\s\d])`)

// namedReporter takes the reporter's name out of a phone note, such as 报警人李先生.
func namedReporter(content string) string {
	m := reporterName.FindStringSubmatch(content)
	if m == nil {
		return ""
	}
	return strings.TrimRight(m[1], ",，、 0123456789\n\t")
}

// onlyPhone returns the text's telephone number when there is exactly one.
func onlyPhone(spans []Span) string {
	found := ""
	for _, s := range spans {
		if s.Type != TypePhone && s.Type != TypeLandline || s.Field != "content" {
			continue
		}
		if found != "" {
			return ""
		}
		found, _ = phone(s.Text)
	}
	return found
}

func yes(s string) bool {
	switch strings.ToLower(halfWidth(s)) {
	case "是", "y", "yes", "true", "1", "1.0", "√", "✓", "保密", "匿名", "对":
		return true
	}
	return false
}

func no(s string) bool {
	switch strings.ToLower(halfWidth(s)) {
	case "否", "n", "no", "false", "0", "0.0", "×", "匿名", "不是":
		return true
	}
	return false
}

// place takes address and point. A point is kept in the system it was given in.
func (c *converter) place(out *Report, f map[string]string) {
	p := incident.Place{Text: strings.ReplaceAll(f[fieldAddress], "\n", " ")}
	lng, lat := f[fieldLng], f[fieldLat]
	if lng == "" && f[fieldPoint] != "" {
		parts := strings.FieldsFunc(halfWidth(f[fieldPoint]), func(r rune) bool { return strings.ContainsRune(", ;/|、", r) })
		if len(parts) >= 2 {
			lng, lat = parts[0], parts[1]
		}
	}
	x, errX := strconv.ParseFloat(halfWidth(lng), 64)
	y, errY := strconv.ParseFloat(halfWidth(lat), 64)
	if errX == nil && errY == nil {
		if x < 60 && y > 60 {
			x, y = y, x
		}
		if x > 70 && x < 140 && y > 3 && y < 56 {
			p.Lng, p.Lat, p.CoordSys = x, y, coordSystem(f[fieldCoord])
			if p.CoordSys == "" {
				out.Notes = append(out.Notes, "intake.note.coord_unknown")
			}
		}
	}
	if p != (incident.Place{}) {
		out.Fields.Place = &p
	}
}

func coordSystem(s string) string {
	switch plain := plainHeader(s); {
	case plain == "":
		return ""
	case strings.Contains(plain, "gcj"), strings.Contains(s, "火星"), strings.Contains(s, "高德"):
		return "GCJ-02"
	case strings.Contains(plain, "wgs"), strings.Contains(plain, "gps"):
		return "WGS-84"
	case strings.Contains(plain, "cgcs"), strings.Contains(plain, "2000"):
		return "CGCS2000"
	case strings.Contains(plain, "bd09"), strings.Contains(s, "百度"):
		return "BD-09"
	}
	return ""
}

// flags takes what is neither text nor place: attachments, settled on the spot.
func (c *converter) flags(out *Report, f map[string]string) {
	out.SelfHandled = yes(f[fieldSelf])
	for _, name := range strings.FieldsFunc(f[fieldPhotos], func(r rune) bool { return strings.ContainsRune(" ,;，；、\n|", r) }) {
		if strings.ContainsAny(name, "./") && !plainNo.MatchString(name) {
			out.Attachments = append(out.Attachments, name)
		}
	}
}

// raw writes what the channel sent as lines of "name：value"; what belongs to the reporter's own data is masked there, for it is
// kept sealed elsewhere.
func (c *converter) raw(rec *record) string {
	var b strings.Builder
	for _, cl := range rec.cells {
		if cl.value == "" {
			continue
		}
		value := cl.value
		switch c.headers.field(cl.header, c.ch) {
		case fieldName:
			value = MaskName(value)
		case fieldPhone:
			value = MaskPhone(value)
		case fieldIDNo:
			value = MaskID(value)
		case fieldContent:
			continue // kept word for word in Content
		}
		b.WriteString(cl.header + "：" + value + "\n")
	}
	return strings.TrimSpace(b.String())
}
