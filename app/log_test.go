package main

import (
	"testing"

	"github.com/sirupsen/logrus"
)

func TestBlot_NumbersOfPersonsGoAndTimeSpansStay(t *testing.T) {
	for text, want := range map[string]string{
		"回电16856023686无人接听":               "回电***无人接听",
		"id 33082519900101123X":           "id ***",
		"again in 1.234567891s":           "again in 1.234567891s",
		"took 12.5000001ms, 0570-7012345": "took 12.5000001ms, 0570-***",
		"version 2.16856023686":           "version 2.***",
		"第123456号":                        "第123456号",
	} {
		e := &logrus.Entry{Message: text, Data: logrus.Fields{"what": text, "n": 12345678}}
		if err := (blot{}).Fire(e); err != nil {
			t.Fatal(err)
		}
		if e.Message != want || e.Data["what"] != want || e.Data["n"] != 12345678 {
			t.Errorf("%q became %q and %v", text, e.Message, e.Data)
		}
	}
}
