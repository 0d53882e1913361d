package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"zw110/data/intake"
)

func TestMasks(t *testing.T) {
	for _, c := range []struct {
		mask     func(string) string
		in, want string
	}{
		{intake.MaskName, "张三", "张**"},
		{intake.MaskName, "欧阳锋", "欧阳**"},
		{intake.MaskName, "夏侯敏先生", "夏侯**"},
		{intake.MaskName, "夏娟先生", "夏**"},
		{intake.MaskName, " ", ""},
		{intake.MaskPhone, "13812345678", "138****5678"},
		{intake.MaskPhone, "+86 138-1234-5678", "138****5678"},
		{intake.MaskPhone, "0570-0119123", "0570-****123"},
		{intake.MaskPhone, "05700119123", "0570-****123"},
		{intake.MaskPhone, "021-01191234", "021-****234"},
		{intake.MaskPhone, "", ""},
		{intake.MaskPhone, "110", "****110"},
		{intake.MaskID, "33089919520411288X", "330***********288X"},
		{intake.MaskID, "1234", "****"},
		{intake.MaskPlate, "浙H5IO02", "浙H***02"},
		{intake.MaskCard, "6200000816851995842", "6200***********5842"},
		{intake.MaskAddress, "塔石村3组12号", "塔石村3组**号"},
		{intake.MaskAddress, "塔石村幸福公寓2幢1单元301室", "塔石村幸福公寓**幢**单元**室"},
	} {
		if got := c.mask(c.in); got != c.want {
			t.Errorf("%q is masked %q, want %q", c.in, got, c.want)
		}
	}
}

func TestScan(t *testing.T) {
	for text, want := range map[string]string{
		"电话16430924329。":                 "phone 2-13",
		"联系１６４３０９２４３２９":                  "phone 2-13",
		"打138 1234 5678或138-1234-5678":   "phone 1-14, phone 15-28",
		"座机0570-0119887，":                "landline 2-14",
		"身份证33089919520411288X":          "id_no 3-21", // a wrong check digit is a slip of the pen
		"身份证330899195204112886。":         "id_no 3-21",
		"卡号6200000816851995842":          "bank_card 2-21",
		"卡号4111 1111 1111 1111":          "bank_card 2-21",
		"浙H5IO02撞了浙HD12345和浙·A12345":     "plate 0-7, plate 9-17",
		"浙H1234学冲出路面":                    "plate 0-7",
		"工单260801091035325878已办":         "",
		"JJ20260801003和SPT3308251112608": "",
		"编号12345678901234567890":         "",
		"14.6万元，180元，1983年":              "",
	} {
		var got []string
		for _, s := range intake.Scan(text) {
			got = append(got, fmt.Sprintf("%s %d-%d", s.Type, s.Start, s.End))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q has %q, want %q", text, strings.Join(got, ", "), want)
		}
	}
}

// TestMaskText_LeavesNoNumber puts numbers anywhere into text: none stays readable, and what stands around them does.
func TestMaskText_LeavesNoNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"请回复", "，", "塔石村", "\n", "老人说", "：", "a ", "。"}), 1, 6)
		before, after := strings.Join(words.Draw(t, "before"), ""), strings.Join(words.Draw(t, "after"), "")
		number := fmt.Sprintf("1%d%09d", rapid.IntRange(3, 9).Draw(t, "second"), rapid.IntRange(0, 999_999_999).Draw(t, "rest"))
		if strings.HasSuffix(before, "a") {
			before += " "
		}
		got := intake.MaskText(before + "。" + number + "。" + after)
		if strings.Contains(got, number) || !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) {
			t.Fatalf("%q became %q", before+number+after, got)
		}
	})
}

func TestMaskText_HidesWhoSomebodyIsAndKeepsOtherNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"电话13812345678。":                "电话138****5678。",
		"电话 138 1234 5678":              "电话 138****5678",
		"+86 138-1234-5678":             "138****5678",
		"座机0570-7654123，":               "座机0570-****123，",
		"010-12345678":                  "010-****678",
		"身份证33089919520411288X":         "身份证330***********288X",
		"卡号6200000012345678901":         "卡号6200***********8901",
		"6200 0000 1234 5678":           "6200********5678",
		"车牌浙HI1234O":                    "车牌浙H***4O",
		"5组12号旁":                        "5组**号旁",
		"事项20260815001，工单JJ20260815001": "事项20260815001，工单JJ20260815001",
		"单号250912101108115409不动":        "单号250912101108115409不动",
		"塔整改〔2026〕12号":                  "塔整改〔2026〕12号",
		"灯杆TS-14，蓝马甲3号":                 "灯杆TS-14，蓝马甲3号",
		"":                              "",
	} {
		if got := intake.MaskText(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
