package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"zw110/data/incident"
	"zw110/data/intake"
)

func read(t *testing.T, name, content string, ch incident.Channel) ([]intake.Report, []intake.BadRow) {
	t.Helper()
	reports, bad, err := shippedReader(t).Read(context.Background(), name, []byte(content), ch, stampOf(t, "2026-08-17T08:35:00+08:00"), nil)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, reports, bad)
	return reports, bad
}

// rows tells what was read in a form that tests can compare: row:number for reports, row:!reason for bad rows.
func rows(reports []intake.Report, bad []intake.BadRow) string {
	var out []string
	for _, r := range reports {
		out = append(out, fmt.Sprintf("%d:%s", r.Row, r.Fields.SourceNo))
	}
	for _, b := range bad {
		out = append(out, fmt.Sprintf("%d:!%s", b.Row, b.Reason))
	}
	return strings.Join(out, " ")
}

const mailbox = "信件号,来信时间,村,署名,内容\nLYT202608-0001,2026-08-02 15:57,舒村村,农夫,路灯坏了\n\nLYT202608-0002,2026-02-30,舒村村,农夫,\"两行\n的内容\"\n" +
	",2026-08-02,舒村村,农夫,没有号\nLYT202608-0003,2026-08-03,舒村村,农夫,\"说\"\"好\"\"\"\n合计,3,,,\n"

const mailboxRows = "2:LYT202608-0001 6:LYT202608-0003 4:!impossible_date 5:!no_number"

func TestRead_EncodingsOfText(t *testing.T) {
	for name, e := range map[string]encoding.Encoding{
		"utf-8":        encoding.Nop,
		"utf-8 mark":   unicode.UTF8BOM,
		"gb18030":      simplifiedchinese.GB18030,
		"gbk":          simplifiedchinese.GBK,
		"utf-16le":     unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
		"utf-16be":     unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
		"utf-16le bom": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		"utf-16be bom": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	} {
		for _, lines := range []string{"\n", "\r\n", "\r"} {
			content, err := e.NewEncoder().String(strings.ReplaceAll(mailbox, "\n", lines))
			if err != nil {
				t.Fatal(err)
			}
			reports, bad := read(t, "x.csv", content, "")
			if got := rows(reports, bad); got != mailboxRows {
				t.Errorf("%s %q: %s", name, lines, got)
			}
			if len(reports) == 2 && reports[1].Fields.Content != `说"好"` {
				t.Errorf("%s: content %q", name, reports[1].Fields.Content)
			}
		}
	}
}

func TestRead_Separators(t *testing.T) {
	for name, sep := range map[string]string{"x.csv": ",", "x.tsv": "\t", "y.csv": ";", "paste": "\t", "x.txt": "|"} {
		reports, bad := read(t, name, strings.ReplaceAll(mailbox, ",", sep), "")
		if got := rows(reports, bad); got != mailboxRows {
			t.Errorf("%s by %q: %s", name, sep, got)
		}
	}
}

func TestRead_HeadersMayBeNamedOtherwise(t *testing.T) {
	for _, header := range []string{
		"工单编号,诉求人,联系电话,标题,诉求内容,诉求地址,问题分类,紧急程度,派单时间,办结时限,是否保密",
		"工单号,来电人,联系方式,诉求标题,来电内容,事发地点,归口分类,缓急程度,受理时间,截止时间,保密件",
		" 工单 编号 ,诉求人（姓名）,联系电话:,标题*,诉求内容(必填),诉求地址【详细】,问题分类/三级,紧急程度,派单时间：,办结时限,是否保密？",
		"编　号,投诉人,手机号码,工单标题,反映内容,详细地址,诉求分类,优先级,登记时间,办理时限,要求保密",
		"ID,市民姓名,市民手机号,主题,诉求描述,发生地址,问题类型,轻重缓急,交办时间,要求办结时间,保密",
	} {
		content := "导出时间：2026-08-03,,,,,,,,,,\n" + header +
			",未知列\n260801091035325878,汪爱仙,1.6993801725E+10,路灯不亮,村口的灯坏了,塔石镇里王村小店门口,公共服务/路灯公共设施,特急,2026/8/1 9:10,2026-08-10 17:30,是,别的\n"
		reports, bad := read(t, "x.csv", content, "12345")
		if len(reports) != 1 || len(bad) != 0 {
			t.Errorf("%s: %s", header, rows(reports, bad))
			continue
		}
		f := reports[0].Fields
		got := fmt.Sprint(f.SourceNo, f.Title, f.Content, f.Village, f.Category, f.Urgency, f.Place.Text, *f.Reporter, f.PushedAt != 0, f.DueSource != 0)
		want := fmt.Sprint("260801091035325878", "路灯不亮", "村口的灯坏了", "里王村", "0905", incident.Critical, "塔石镇里王村小店门口",
			incident.Reporter{Name: "汪爱仙", Phone: "16993801725", Confidential: true}, true, true)
		if got != want {
			t.Errorf("%s:\n%s, want\n%s", header, got, want)
		}
		if !strings.Contains(f.Raw, "未知列：别的") || strings.Contains(f.Raw, "汪爱仙") || strings.Contains(f.Raw, "16993801725") {
			t.Errorf("raw text %q must keep unknown columns and no name or number of the reporter", f.Raw)
		}
	}
}

// book makes a workbook of rows; nil is an empty row.
func book(t *testing.T, sheets map[string][][]any) string {
	t.Helper()
	f := excelize.NewFile()
	for name, table := range sheets {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, row := range table {
			if err := f.SetSheetRow(name, fmt.Sprintf("A%d", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := errors.Join(f.Write(&b), f.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRead_CodesAndInitialsAsHeaders(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		ch      incident.Channel
	}{
		"x.csv":  {"事件编码,事件标题,事件内容\nSPT9001,路面塌陷,后舒村通村路塌了一个坑\n", incident.ChannelSPT},
		"x.json": {`{"data":[{"jjdbh":"J1","bjsj":"2026-08-05 07:05:01","bjdh":"13700001111","jyaq":"后舒村通村路塌了一个坑","afdz":"后舒村"}]}`, incident.Channel110},
		"x.txt":  {"【应急联动】\n单号：YL2026080501\n时间：2026-08-05 07:05\n地点：后舒村\n事由：后舒村通村路塌了一个坑\n", incident.ChannelLink},
	} {
		reports, bad := read(t, name, c.content, c.ch)
		if len(reports) != 1 || len(bad) != 0 {
			t.Errorf("%s: %s", name, rows(reports, bad))
			continue
		}
		if f := reports[0].Fields; f.SourceNo == "" || f.Content != "后舒村通村路塌了一个坑" || f.Village != "后舒村" {
			t.Errorf("%s: number %q, content %q, village %q", name, f.SourceNo, f.Content, f.Village)
		}
	}
}

func TestRead_WorkbookWithTitlesTotalsAndTwoHeaderLines(t *testing.T) {
	day := time.Date(2026, 8, 1, 9, 10, 0, 0, time.UTC)
	content := book(t, map[string][][]any{"Sheet1": {
		{"龙游县热线工单"},
		nil,
		{"导出时间：2026-08-03"},
		{"工单编号", "诉求人信息", "", "诉求内容", "派单时间", "序号"},
		{"", "姓名", "电话", "", "", ""},
		{"260801091035325878", "汪爱仙", 16993801725, "里王村路灯不亮", day, 1},
		{nil, nil, nil, nil, nil, 2},
		{"2.60801091035326E+17", "汪爱仙", 16993801725, "里王村路灯不亮", day, 3},
		{"工单编号", "诉求人信息", "电话", "诉求内容", "派单时间", "序号"},
		{"", "汪爱仙", "16993801725", "里王村路灯不亮", "2026/8/1", 4},
		{"260801091035325879", "汪爱仙", "16993801725", "", "2026/8/1", 5},
		{"260801091035325880", "汪爱仙", "16993801725", "里王村路灯不亮", "上周", 6},
		{"260801091035325881", "汪爱仙", "1.7E+10", "里王村路灯不亮", "", 7},
		{"合　计", "共6条"},
		{"制表：王"},
	}})
	reports, bad := read(t, "x.xlsx", content, "")
	want := "6:260801091035325878 13:260801091035325881 8:!damaged_number 10:!no_number 11:!no_content 12:!unreadable_date"
	if got := rows(reports, bad); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := reports[0].Fields; got.Reporter == nil || got.Reporter.Phone != "16993801725" || got.PushedAt != stampOf(t, "2026-08-01T09:10:00+08:00") {
		t.Errorf("first report %+v", got)
	}
	if got := reports[1]; got.Fields.Reporter.Phone != "" || strings.Join(got.Notes, "") != "intake.note.phone_damaged" {
		t.Errorf("a rounded phone must be left out and noted: %+v", got.Notes)
	}
	if bad[0].Cells["诉求内容"] != "里王村路灯不亮" {
		t.Errorf("bad row keeps %v", bad[0].Cells)
	}
}

func TestRead_JSONInEveryWrapping(t *testing.T) {
	one := `{"eventId":"SPT3308251112608030001","事件描述":"里王村路灯不亮","上报时间":1785561482000,"位置":{"地址":"塔石镇里王村","lng":119.07,"lat":29.14,"coord_sys":"CGCS2000"},"照片":["a.jpg","b.jpg"]}`
	for name, content := range map[string]string{
		"array.json":  "[" + one + "]",
		"rows.json":   `{"code":200,"rows":[` + one + `]}`,
		"nested.json": `{"success":true,"data":{"total":1,"list":[` + one + `]}}`,
		"single.json": one,
		"pretty.json": strings.ReplaceAll("[\n"+one+"\n]", ",", ",\n  "),
	} {
		reports, bad := read(t, name, content, "")
		if got := rows(reports, bad); got != "0:SPT3308251112608030001" {
			t.Errorf("%s: %s", name, got)
			continue
		}
		f := reports[0].Fields
		if f.Place == nil || f.Place.Lng != 119.07 || f.Place.CoordSys != "CGCS2000" || len(reports[0].Attachments) != 2 || f.Channel != "SPT" {
			t.Errorf("%s: %+v %v", name, f.Place, reports[0].Attachments)
		}
	}
	reports, bad := read(t, "x.jsonl", one+"\n\n{broken\n7\n"+one+"\n", "SPT")
	if got := rows(reports, bad); got != "1:SPT3308251112608030001 5:SPT3308251112608030001 3:!not_json 4:!not_object" {
		t.Error(got)
	}
	reports, bad = read(t, "x.json", `[1,`+one+`,{"事件描述":"没有号"},{"eventId":"SPT3308251112608030002","事件描述":"x","上报时间":"2026-02-30"},null]`, "SPT")
	if got := rows(reports, bad); got != "1:SPT3308251112608030001 0:!not_object 2:!no_number 3:!impossible_date 4:!not_object" {
		t.Error(got)
	}
}

func TestRead_MessagesOfOtherChats(t *testing.T) {
	for name, content := range map[string]string{
		"no blank lines":  "塔石所值班 2026/08/05 14:14\nJJ20260805001 后舒着火\n县中心  2026-08-06 09:00:01\nJJ20260806001 傅仓停水\n还有半个村\n",
		"time first":      "2026-08-05 14:14:00 塔石所值班\nJJ20260805001 后舒着火\n\n2026年8月6日 09:00 县中心\nJJ20260806001 傅仓停水\n\n还有半个村\n",
		"brackets":        "[2026-08-05 14:14] 塔石所值班：\nJJ20260805001 后舒着火\n[2026-08-06 09:00] 县中心：\nJJ20260806001 傅仓停水\n还有半个村",
		"without a year":  "塔石所值班 08-05 14:14\nJJ20260805001 后舒着火\n\n县中心 8月6日 09:00\nJJ20260806001 傅仓停水\n还有半个村",
		"only paragraphs": "JJ20260805001 后舒着火\n\nJJ20260806001 傅仓停水\n还有半个村",
	} {
		reports, bad := read(t, "paste.txt", content, "")
		if got := rows(reports, bad); got != "0:JJ20260805001 1:JJ20260806001" {
			t.Errorf("%s: %s", name, got)
			continue
		}
		if f := reports[1].Fields; f.Channel != "110" || f.Village != "傅仓村" || !strings.HasSuffix(f.Content, "还有半个村") {
			t.Errorf("%s: %+v", name, f)
		}
		if name != "only paragraphs" && incident.DayOf(reports[1].Fields.PushedAt) != "2026-08-06" {
			t.Errorf("%s: pushed %v", name, reports[1].Fields.PushedAt.Time())
		}
	}
	reports, bad := read(t, "paste.txt", "塔石所 2026/08/05 14:14\n没有号的一条\n", "110")
	if got := rows(reports, bad); got != "0:!no_number" {
		t.Error(got)
	}
	reports, bad = read(t, "paste.txt", "王大爷来说里王村路灯坏了，电话16430924329\n", incident.ChannelWindow)
	if got := rows(reports, bad); got != "0:" || reports[0].Fields.Reporter.Phone != "16430924329" {
		t.Errorf("a walk-in needs no number: %s", got)
	}
}

func TestRead_OrdersInOtherShapes(t *testing.T) {
	for name, content := range map[string]string{
		"other rules":  "联动单号：LD20260805001\n求助人：何冬梅　电话：15496470998\n内容：华青村停电：请查\n第二行\n指令时间：2026-08-05 18:38\n======\n联动单号:LD20260806001\n求助类型:火情\n内容:舒村草垛着火",
		"no rules":     "社会应急联动指令单\n联动单号：LD20260805001\n电话：15496470998\n内容：华青村停电：请查\n第二行\n指令时间：2026-08-05 18:38\n社会应急联动指令单\n联动单号：LD20260806001\n求助类型：火情\n内容：舒村草垛着火\n",
		"blanks, tabs": "————————\n联动单号： LD20260805001\t电话： 15496470998\n内容： 华青村停电：请查\n第二行\n————————\n\n联动单号： LD20260806001  求助类型： 火情\n内容： 舒村草垛着火\n————————\n",
	} {
		reports, bad := read(t, "paste", content, "")
		if got := rows(reports, bad); got != "0:LD20260805001 1:LD20260806001" {
			t.Errorf("%s: %s", name, got)
			continue
		}
		f := reports[0].Fields
		if f.Content != "华青村停电：请查\n第二行" || f.Reporter == nil || f.Reporter.Phone != "15496470998" {
			t.Errorf("%s: %q %+v", name, f.Content, f.Reporter)
		}
		if reports[1].Fields.Category != "0301" {
			t.Errorf("%s: category %s", name, reports[1].Fields.Category)
		}
	}
}
