package intake

import (
	"errors"
	"testing"

	"zw110/data/incident"
)

// ref is 17 August 2026, 08:35 in Beijing.
const ref = incident.Stamp(1786926900000)

func TestParseMoment(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"2026-08-01 09:10", "2026-08-01T09:10:00+08:00"},
		{"2026/8/3 9:05", "2026-08-03T09:05:00+08:00"},
		{"2026.8.3", "2026-08-03T00:00:00+08:00"},
		{"2026年8月3日", "2026-08-03T00:00:00+08:00"},
		{"2026年08月03日 14时05分09秒", "2026-08-03T14:05:09+08:00"},
		{"2026年8月3日14:05", "2026-08-03T14:05:00+08:00"},
		{"2026年8月3日下午2点", "2026-08-03T14:00:00+08:00"},
		{"2026-08-03 下午 2:05", "2026-08-03T14:05:00+08:00"},
		{"2026/8/3 2:05 PM", "2026-08-03T14:05:00+08:00"},
		{"2026/8/3 12:05 AM", "2026-08-03T00:05:00+08:00"},
		{"2026-08-03(星期一) 09:00", "2026-08-03T09:00:00+08:00"},
		{"２０２６－０８－０３　０９：００", "2026-08-03T09:00:00+08:00"},
		{"'2026-08-03 09:00", "2026-08-03T09:00:00+08:00"},
		{"2026-08-03T08:22:29+08:00", "2026-08-03T08:22:29+08:00"},
		{"2026-08-03T00:22:29Z", "2026-08-03T08:22:29+08:00"},
		{"2026-08-03T08:22:29.5", "2026-08-03T08:22:29.5+08:00"},
		{"2026-08-03 24:00", "2026-08-04T00:00:00+08:00"},
		{"26-8-3 9:00", "2026-08-03T09:00:00+08:00"},
		{"8/3/2026 9:05", "2026-08-03T09:05:00+08:00"},
		{"23/8/2026", "2026-08-23T00:00:00+08:00"},
		{"20260803", "2026-08-03T00:00:00+08:00"},
		{"202608031405", "2026-08-03T14:05:00+08:00"},
		{"20260803140509", "2026-08-03T14:05:09+08:00"},
		{"46235.43568287037", "2026-08-01T10:27:23+08:00"},
		{"46235", "2026-08-01T00:00:00+08:00"},
		{"1785561482000", "2026-08-01T13:18:02+08:00"},
		{"1785561482", "2026-08-01T13:18:02+08:00"},
		{"1.785561482E12", "2026-08-01T13:18:02+08:00"},
		{"08-03 14:00", "2026-08-03T14:00:00+08:00"},
		{"08月04日 14:25", "2026-08-04T14:25:00+08:00"},
		{"12-30 08:00", "2025-12-30T08:00:00+08:00"},
		{"3日 14:05", "2026-08-03T14:05:00+08:00"},
		{"31号 9:00", "2026-07-31T09:00:00+08:00"},
		{"08:30", "2026-08-17T08:30:00+08:00"},
		{"2024-02-29", "2024-02-29T00:00:00+08:00"},
	} {
		m, err := parseMoment(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		got, err := m.stamp(ref, true)
		var want incident.Stamp
		if e := want.UnmarshalJSON([]byte(`"` + c.want + `"`)); e != nil {
			t.Fatal(e)
		}
		if err != nil || got != want {
			t.Errorf("%q is %v, want %s (%v)", c.text, got.Time().In(incident.Local), c.want, err)
		}
	}
}

func TestParseMoment_RefusesWhatIsNoDate(t *testing.T) {
	for text, want := range map[string]error{
		"2026-02-30": errImpossible, "2026年2月30日": errImpossible, "2026-08-32 25:61": errImpossible, "2025-02-29": errImpossible,
		"2026-13-01": errImpossible, "2026-00-10": errImpossible, "2026-04-31 10:00": errImpossible, "20260230": errImpossible,
		"02-30 08:00": errImpossible, "8月32日": errImpossible, "2026-08-03 24:30": errImpossible, "1026-08-03": errImpossible,
		"昨天": errUnreadable, "尽快": errUnreadable, "abc": errUnreadable, "12": errUnreadable, "99999999999999999": errUnreadable,
	} {
		if _, err := parseMoment(text); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
}

// TestMoment_YearIsFilledFromTheFile lets a date without a year fall beside the file's other dates, over New Year too.
func TestMoment_YearIsFilledFromTheFile(t *testing.T) {
	newYear := incident.Stamp(1767340800000) // 2 January 2026, 16:00
	for text, want := range map[string]string{"12-30 08:00": "2025-12-30", "01-03 08:00": "2026-01-03", "30日 8:00": "2025-12-30"} {
		m, err := parseMoment(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.stamp(newYear, false)
		if err != nil || string(incident.DayOf(got)) != want {
			t.Errorf("%s is %s, want %s (%v)", text, incident.DayOf(got), want, err)
		}
	}
	feb, err := parseMoment("02-29 08:00")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := feb.stamp(ref, true); err != nil || string(incident.DayOf(got)) != "2024-02-29" {
		t.Errorf("29 February without a year is %v, %v", incident.DayOf(got), err)
	}
}

func TestSaidAt(t *testing.T) {
	for text, want := range map[string]string{
		"5号下午两点十分 后舒着火":    "2026-08-05T14:10:00+08:00",
		"，9日15:20，":        "2026-08-09T15:20:00+08:00",
		"16日晚上十一点半有人敲门":    "2026-08-16T23:30:00+08:00",
		"8月12日凌晨三点一刻漫坝":    "2026-08-12T03:15:00+08:00",
		"15号中午十二点二十五分":     "2026-08-15T12:25:00+08:00",
		"7月20日上午9点":        "2026-07-20T09:00:00+08:00",
		"昨天下午":             "",
		"来了5个人，2号楼":        "",
		"32号下午两点":          "",
		"2025年3月5日下午两点的合同": "",
	} {
		var s incident.Stamp
		if want != "" {
			if err := s.UnmarshalJSON([]byte(`"` + want + `"`)); err != nil {
				t.Fatal(err)
			}
		}
		if got := saidAt(text, ref); got != s {
			t.Errorf("%q says %v, want %q", text, got.Time().In(incident.Local), want)
		}
	}
}

func TestPhone(t *testing.T) {
	for in, want := range map[string]string{
		"16993801725": "16993801725", "1.6993801725E+10": "16993801725", "16993801725.0": "16993801725", "'16993801725": "16993801725",
		"＋86 169 9380 1725": "16993801725", "+86-169-9380-1725": "16993801725", "8616993801725": "16993801725",
		"0570-0119887": "0570-0119887", "05700119887": "0570-0119887", "0119887": "0119887", "无": "", "1.7E+10": "",
		"16993801725/0570-0119887": "16993801725", "本人16993801725": "16993801725",
	} {
		if got, _ := phone(in); got != want {
			t.Errorf("phone %q is %q, want %q", in, got, want)
		}
	}
	if _, damaged := phone("1.7E+10"); !damaged {
		t.Error("a rounded number must be noticed")
	}
}

func TestMakeTitle_HasNoPersonalData(t *testing.T) {
	for in, want := range map[string]string{
		"【流转】指挥室好，JJ20260809002，傅仓村，9日15:20，报警人李先生16110296806：老小学旁边主水管爆了。": "傅仓村，老小学旁边主水管爆了",
		"市民反映何明村文化礼堂门口的垃圾桶没人清，很臭。":                                         "何明村文化礼堂门口的垃圾桶没人清，很臭",
		"16110296806": "161****6806",
	} {
		if got := makeTitle(in); got != want {
			t.Errorf("title of %q is %q, want %q", in, got, want)
		}
	}
}
