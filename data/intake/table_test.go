package intake

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

func TestReadTable_TextAndWorkbooks(t *testing.T) {
	f := excelize.NewFile()
	for cell, v := range map[string]any{"A1": "名称", "B1": "经度", "A3": "老粮站", "B3": 119.1} {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	var book bytes.Buffer
	if err := f.Write(&book); err != nil {
		t.Fatal(err)
	}
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte("名称\t经度\r\n\r\n老粮站\t119.1\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"名称", "经度"}, nil, {"老粮站", "119.1"}}
	for name, content := range map[string][]byte{"a.xlsx": book.Bytes(), "b.txt": gb, "c.csv": []byte("名称,经度\n\n\"老粮站\",119.1")} {
		if got, err := ReadTable(t.Context(), name, content); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, content := range map[string][]byte{"empty": nil, "pdf": []byte("%PDF-1.7"), "broken workbook": []byte("PK\x03\x04and nothing")} {
		if got, err := ReadTable(t.Context(), name, content); err == nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}
