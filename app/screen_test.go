package main

import (
	"testing"

	"fyne.io/fyne/v2"
)

func TestWithin_NoLargerThanTheScreen(t *testing.T) {
	tests := []struct {
		name         string
		size, screen fyne.Size
		scale        float32
		want         fyne.Size
	}{
		{"fits", fyne.NewSize(1440, 900), fyne.NewSize(1920, 1080), 1, fyne.NewSize(1440, 900)},
		{"from a larger screen", fyne.NewSize(2400, 1300), fyne.NewSize(1366, 768), 1, fyne.NewSize(1366, 768)},
		{"too high alone", fyne.NewSize(1200, 1000), fyne.NewSize(1366, 768), 1, fyne.NewSize(1200, 768)},
		{"at a larger scale", fyne.NewSize(1440, 900), fyne.NewSize(1440, 900), 1.5, fyne.NewSize(960, 600)},
		{"no screen is named", fyne.NewSize(1440, 900), fyne.Size{}, 1, fyne.NewSize(1440, 900)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, smaller := within(tt.size, tt.scale, tt.screen)
			if got != tt.want || smaller != (tt.want != tt.size) {
				t.Errorf("got %v, smaller %v; want %v", got, smaller, tt.want)
			}
		})
	}
}
