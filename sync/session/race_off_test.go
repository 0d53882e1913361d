//go:build !race

package session

const share = 1
