package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zw110/data/incident"
)

// fakeKeep writes empty backups.
type fakeKeep struct{}

func (fakeKeep) Backup(_ context.Context, file string) error { return os.WriteFile(file, nil, 0o600) }

func (fakeKeep) Verify(context.Context, incident.ScopeID) ([]string, uint64, error) {
	return nil, 0, nil
}

func TestNight_KeepsFourteenBackupsAndTheirStream(t *testing.T) {
	dir := t.TempDir()
	zone := time.FixedZone("北京", 8*3600)
	first := time.Date(2026, 8, 1, 3, 0, 0, 0, zone)
	runs := func(at time.Time) string { return fmt.Sprintf("%015d%s", at.UnixMilli(), runsSuffix) }
	write := func(name string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(runs(first.Add(-time.Hour))) // of the start of the hub
	write("readme.txt")
	for day := range 20 {
		now := first.AddDate(0, 0, day)
		write(runs(now.Add(300 * time.Millisecond))) // as a backup begins it
		if err := night(t.Context(), fakeKeep{}, dir, now, 330825); err != nil {
			t.Fatal(err)
		}
	}
	var want []string
	for day := 6; day < 20; day++ {
		now := first.AddDate(0, 0, day)
		want = append(want, backupPrefix+now.Format(backupTime)+backupSuffix, runs(now.Add(300*time.Millisecond)))
	}
	want = append(want, "readme.txt")
	slices.Sort(want)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the folder holds\n%q\nwant\n%q", got, want)
	}
}

func TestUsage_IsToldInTheReadersLanguage(t *testing.T) {
	for _, tt := range []struct{ args, says string }{
		{"", "缺少 serve, seat, person, hold, release, ...。输入 zw110hub --help"},
		{"serve", "缺少 --dir=DIR。输入 zw110hub serve --help"},
		{"serve --dir d --cert /no/such/file", "--cert 指的“/no/such/file”不存在"},
		{"serve --dir d --cert /", "--cert 要的是文件，“/”是文件夹"},
		{"serve --dir d --backup-at soon", "--backup-at 要写时长，如 3h、90m，写的是“soon”"},
		{"serve --dir d --replicas many", "--replicas 要写整数，写的是“many”"},
		{"--lang en hold --dir d", "missing --by=LOGIN, --desk=STRING, --reason=STRING. Type zw110hub hold --help"},
	} {
		var out, complaints bytes.Buffer
		if code := run(t.Context(), strings.Fields(tt.args), strings.NewReader(""), &out, &complaints); code != exitUsage || !strings.Contains(complaints.String(), tt.says) {
			t.Errorf("%q: exit %d, says %s", tt.args, code, complaints.String())
		}
	}
	var out bytes.Buffer
	if code := run(t.Context(), []string{"serve", "--help"}, strings.NewReader(""), &out, &out); code != exitDone || !strings.Contains(out.String(), "用法：zw110hub serve") || strings.Contains(out.String(), "Flags:") {
		t.Errorf("help of serve: exit %d\n%s", code, out.String())
	}
}
