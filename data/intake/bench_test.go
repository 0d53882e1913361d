package intake_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"zw110/data/incident"
	"zw110/data/intake"
)

const longText = "市民来电反映，塔石镇罗山村村委会斜对面的自来水管网改造，晚上十一点以后还在用破碎锤打路面，家里有小孩中考刚结束要休息，" +
	"还有一个产妇在坐月子，无法入睡。\n诉求：要求施工方夜间停工，相关部门予以查处并回复。"

func BenchmarkPropose(b *testing.B) {
	r := shippedReader(b)
	b.ReportAllocs()
	for b.Loop() {
		r.Propose(longText, incident.Channel12345)
	}
}

func BenchmarkScore(b *testing.B) {
	r := shippedReader(b)
	one := intake.Draft{Channel: "110", SourceNo: "JJ20260801001", Category: "0604", Village: "罗山村", At: 1, Content: longText}
	two := one
	two.SourceNo, two.Content = "JJ20260801002", strings.ReplaceAll(longText, "晚上", "夜里")
	b.ReportAllocs()
	for b.Loop() {
		r.Score(one, two)
	}
}

// manyRows is a portal export of n rows.
func manyRows(n int) []byte {
	var s strings.Builder
	s.WriteString("工单编号,诉求人,联系电话,标题,诉求内容,诉求地址,问题分类,派单时间\n")
	for i := range n {
		fmt.Fprintf(&s, "2608%02d%02d1035%06d,汪爱仙,16993801725,夜间施工噪音扰民,%q,塔石镇罗山村文化礼堂东侧,,2026-08-01 09:10\n",
			i%28+1, i%24, i, strings.ReplaceAll(longText, "\n", ""))
	}
	return []byte(s.String())
}

func BenchmarkRead10k(b *testing.B) {
	r := shippedReader(b)
	content := manyRows(10_000)
	for b.Loop() {
		reports, bad, err := r.Read(context.Background(), "x.csv", content, "", 0, nil)
		if err != nil || len(reports) != 10_000 {
			b.Fatal(len(reports), len(bad), err)
		}
	}
}
