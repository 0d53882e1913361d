//go:build !race

package natsjournal

const share = 1
