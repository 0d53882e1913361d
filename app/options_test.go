package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestOptions_HelpAndWrongUseInTheReadersLanguage(t *testing.T) {
	for _, tt := range []struct {
		args  string
		code  int
		ended bool
		says  string
	}{
		{"--dir x --theme dark", 0, false, ""},
		{"--help", 0, true, "用法：zw110 [选项]"},
		{"--lang en --help", 0, true, "Usage: zw110 [flags]"},
		{"--theme red", 2, true, "--theme 只能是 auto, light, dark，写的是“red”。输入 zw110 --help 查看用法。"},
		{"--lang=en --theme red", 2, true, "Type zw110 --help"},
		{"file.xlsx", 2, true, "多了“file.xlsx”"},
		{"--version", 0, true, version},
	} {
		var o options
		var out bytes.Buffer
		code, ended := o.parse(strings.Fields(tt.args), &out, &out)
		if code != tt.code || ended != tt.ended || !strings.Contains(out.String(), tt.says) {
			t.Errorf("%q: code %d, ended %v, says %s", tt.args, code, ended, out.String())
		}
	}
}
