package paper

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/data/room"
)

func at(hour, minute int) incident.Stamp {
	return incident.StampOf(time.Date(2026, 8, 18, hour, minute, 0, 0, incident.Local))
}

func words(key string, args ...any) string {
	if len(args) > 0 {
		return key + "=" + fmt.Sprint(args...)
	}
	return key
}

// noRules knows no category, so that nothing has a due time.
type noRules struct{ incident.Rules }

func (noRules) Calendar() incident.Calendar           { return nil }
func (noRules) Limits(incident.Stamp) incident.Limits { return incident.Limits{} }
func (noRules) Category(string, incident.Stamp) (incident.Category, bool) {
	return incident.Category{}, false
}

// page is a page of an incident whose reporter and log have personal data in them.
func page() *Page {
	reporter := &incident.Reporter{Name: "祝小燕", Phone: "13800005678"}
	d := room.Detail{}
	d.Row.No = "2026-0818-029"
	d.Told = room.Told{Title: "沟渠<堵塞>", Content: "田里积水", Mask: func(s string) string { return intake.MaskFor(s, reporter) }}
	d.State.Status, d.State.Urgency, d.State.Channel, d.State.Village = incident.Handling, incident.Urgent, incident.Channel110, "双联新村"
	d.State.Title, d.State.Content, d.State.Reporter = "祝小燕家沟渠<堵塞>", "祝小燕 13800005678：田里积水", reporter
	d.State.ReceivedAt, d.State.DispatchedAt = at(14, 4), at(14, 9)
	d.State.LeadUnit = "农业农村办"
	d.State.Tasks = []incident.Task{{Unit: "农业农村办", Lead: true, Status: incident.TaskSigned, SentAt: at(14, 9), SignedAt: at(14, 12)}, {Unit: "派出所", Status: incident.TaskWithdrawn}}
	d.State.Log = []incident.LogLine{
		{Kind: incident.KindRegistered, At: at(14, 4), Actor: "op1", Fact: &incident.Fact{Fields: incident.Fields{Title: d.State.Title}}},
		{Kind: incident.KindNoted, At: at(14, 20), Actor: "op1", Fact: &incident.Fact{Fields: incident.Fields{Text: "已回电 13800005678 祝小燕"}}},
		{Kind: incident.KindUrged, At: at(14, 30), Actor: "op1", Fact: &incident.Fact{}, Undone: true},
	}
	return &Page{Words: words, Town: "塔石镇综合信息指挥室", Detail: d, Rules: noRules{}, Now: at(15, 0), By: "op1", Name: func(l incident.Login) string { return "席 " + string(l) }}
}

var codeForm = regexp.MustCompile(`paper\.code([0-9A-F]{8})<`)

func TestSheet_SaysWhatWasDoneAndHidesWhoReported(t *testing.T) {
	b, err := page().Sheet()
	if err != nil {
		t.Fatal(err)
	}
	html := string(b)
	for _, want := range []string{"2026-0818-029", "沟渠&lt;堵塞&gt;", "田里积水", "祝** 138****5678", "2026-08-18 14:12", "kind.45", "paper.undone", "paper.version3", "席 op1"} {
		if !strings.Contains(html, want) {
			t.Errorf("the sheet lacks %q", want)
		}
	}
	for _, secret := range []string{"祝小燕", "13800005678", "<堵塞>"} {
		if strings.Contains(html, secret) {
			t.Errorf("the sheet shows %q", secret)
		}
	}
}

func TestSheet_ShieldedReportersAreNamedByTheirShieldAlone(t *testing.T) {
	for shield, want := range map[string]string{"confidential": intake.Secret, "protected": intake.Protected} {
		p := page()
		p.Detail.State.Shield, p.Detail.State.Log = shield, nil
		b, err := p.Sheet()
		if err != nil {
			t.Fatal(err)
		}
		if html := string(b); !strings.Contains(html, want) || strings.Contains(html, "祝**") {
			t.Errorf("%s: the reporter isn't %s", shield, want)
		}
	}
}

func TestSlip_GoesToLiveUnitsWithTheTextAndComesBackByItsCode(t *testing.T) {
	b, err := page().Slip("【联办清单】0818-029 紧急\n要求：14:24 前签收")
	if err != nil {
		t.Fatal(err)
	}
	html := string(b)
	for _, want := range []string{"农业农村办paper.as_lead", "【联办清单】0818-029 紧急", "要求：14:24 前签收", "paper.tear", "paper.receipt_name"} {
		if !strings.Contains(html, want) {
			t.Errorf("the slip lacks %q", want)
		}
	}
	if strings.Contains(html, "派出所") {
		t.Error("a unit whose task was withdrawn gets a slip")
	}
	codes := codeForm.FindAllStringSubmatch(html, -1)
	if len(codes) != 2 || codes[0][1] != codes[1][1] {
		t.Fatalf("check codes above and below the tear line: %v", codes)
	}
	other, err := page().Slip("另一段文本")
	if err != nil {
		t.Fatal(err)
	}
	if again := codeForm.FindStringSubmatch(string(other)); again == nil || again[1] == codes[0][1] {
		t.Errorf("another text has the code %v", again)
	}
}

func TestSave_ReplacesTheSamePageAndRefusesAPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "print")
	for _, text := range []string{"first", "second"} {
		path, err := Save(dir, "塔石镇_任务单_2026-0818-029", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%s holds %q, %v", path, got, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("the folder holds %v, %v", left, err)
	}
	for _, name := range []string{"", "../x", "a/b", `a\b`, "a:b"} {
		if _, err := Save(dir, name, nil); err == nil {
			t.Errorf("%q is taken as a name", name)
		}
	}
}

func TestParcel_NamesTheFileAndLeavesRoomForWhoCarriesIt(t *testing.T) {
	p := &Parcel{
		Words: words, Town: "塔石镇综合信息指挥室", Seat: "指挥室1", No: "0818-A", File: "zw110-0818-A.courier", Sum: "00ff12ab34cd56ef", Entries: 12, Size: "19 KB",
		Made: at(14, 6), Now: at(14, 8), By: "席 op1",
	}
	b, err := p.Slip()
	if err != nil {
		t.Fatal(err)
	}
	html := string(b)
	for _, want := range []string{"0818-A", "zw110-0818-A.courier", "指挥室1", "2026-08-18 14:06", "<td>12</td>", "19 KB", "00ff12ab34cd56ef", "paper.parcel_seal", "paper.parcel_courier", "paper.parcel_read_to", "席 op1"} {
		if !strings.Contains(html, want) {
			t.Errorf("the slip lacks %q", want)
		}
	}
	if code := codeForm.FindStringSubmatch(html); code == nil {
		t.Error("no check code")
	}
}
