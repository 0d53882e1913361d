//go:build !race

package boltjournal

const share = 1
