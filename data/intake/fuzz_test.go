package intake_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zw110/data/incident"
	"zw110/data/intake"
)

// sampleFile returns a file of the drill inbox.
func sampleFile(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("../../assets/drill/inbox", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// holds checks what must be true of whatever was read.
func holds(t *testing.T, reports []intake.Report, bad []intake.BadRow) {
	t.Helper()
	for _, rep := range reports {
		content, title := []rune(rep.Fields.Content), []rune(rep.Fields.Title)
		if len(content) == 0 || rep.Fields.Channel == "" {
			t.Errorf("row %d was taken without content or channel", rep.Row)
		}
		if rep.Fields.SourceNo == "" && rep.Fields.Channel != incident.ChannelPhone && rep.Fields.Channel != incident.ChannelWindow {
			t.Errorf("row %d was taken without its number", rep.Row)
		}
		for _, s := range rep.Personal {
			text := content
			if s.Field == "title" {
				text = title
			}
			if s.Start < 0 || s.End > len(text) || s.Start >= s.End || string(text[s.Start:s.End]) != s.Text {
				t.Errorf("span %+v is not in its text", s)
			}
		}
		for _, p := range rep.Proposals {
			if p.Start >= 0 && (p.End > len(content) || p.Start > p.End) || p.Score < 0 || p.Score > 1 {
				t.Errorf("proposal %+v is not in the text", p)
			}
		}
		if masked := intake.Mask(rep.Fields.Content, intake.Scan(rep.Fields.Content)); len([]rune(masked)) > 4*len(content)+20 {
			t.Errorf("masked text is longer than it may be")
		}
	}
	for _, b := range bad {
		if b.Reason == "" || len(b.Cells) == 0 {
			t.Errorf("bad row %d has no reason or no cells", b.Row)
		}
	}
}

func fuzzRead(f *testing.F, ext string, ch incident.Channel) {
	r := shippedReader(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		reports, bad, err := r.Read(context.Background(), "f"+ext, content, ch, 1787000000000, nil)
		if err != nil {
			if len(reports)+len(bad) > 0 {
				t.Error("rows beside an error")
			}
			return
		}
		holds(t, reports, bad)
	})
}

func FuzzReadWorkbook(f *testing.F) {
	f.Add(sampleFile(f, "wg-reports.xlsx"))
	f.Add(sampleFile(f, "12345-20260803.xlsx"))
	f.Add([]byte("PK\x03\x04"))
	fuzzRead(f, ".xlsx", "")
}

func FuzzReadTable(f *testing.F) {
	f.Add(sampleFile(f, "lyt-mailbox.csv"))
	f.Add([]byte("工单编号,标题,诉求内容,派单时间\n260801091035325878,路灯,路灯不亮,2026-08-01\n合计,1\n"))
	f.Add([]byte("\xff\xfe编\x00"))
	f.Add([]byte("信件号\t内容\nLYT202608-0001\t\"多行\n内容\"\"引号\"\"\"\n"))
	fuzzRead(f, ".csv", "")
}

func FuzzReadJSON(f *testing.F) {
	f.Add(sampleFile(f, "110-diversion.json"))
	f.Add(sampleFile(f, "spt-events.json"))
	f.Add([]byte(`{"data":{"rows":[{"eventId":"SPT3308251112608030001","事件描述":"x"},7]}}`))
	f.Add([]byte(strings.Repeat("[", 300)))
	fuzzRead(f, ".json", incident.ChannelSPT)
}

func FuzzReadLines(f *testing.F) {
	f.Add(sampleFile(f, "sj-bluevest.jsonl"))
	f.Add([]byte("{\"msgId\":\"a\",\"文字\":\"x\",\"时间\":1}\n{\n\n[]\n"))
	fuzzRead(f, ".jsonl", incident.ChannelVest)
}

func FuzzReadMessages(f *testing.F) {
	f.Add(sampleFile(f, "110-phone-notes.txt"))
	f.Add([]byte("[2026-08-05 14:14] 塔石所\nJJ20260805001 31号下午两点半 后舒着火\n\n第二段\n"))
	fuzzRead(f, ".txt", incident.Channel110)
}

func FuzzReadOrders(f *testing.F) {
	f.Add(sampleFile(f, "yjld-orders.txt"))
	f.Add([]byte("联动单号：LD20260805001\n内容：a\n联动单号：LD20260805002　内容：b：c　d\n----\n"))
	fuzzRead(f, ".txt", incident.ChannelLink)
}

func FuzzPropose(f *testing.F) {
	f.Add("报警人手机15477492175快没电了，没有说要跳楼，浙H5IO02停在塔石村口")
	f.Add("邮编 330899195204112886 6200000816851995842 0570-0119887")
	r := shippedReader(f)
	f.Fuzz(func(t *testing.T, text string) {
		rep := r.Propose(text, incident.ChannelPhone)
		if rep.Fields.Content != "" {
			holds(t, []intake.Report{rep}, nil)
		}
		d := r.DraftOf(&rep.Fields)
		if score, _ := r.Score(d, d); score < 0 || score > 100 {
			t.Errorf("score %d", score)
		}
	})
}
