package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"zw110/data/store"
)

// raiseWord is what a second start says to the first.
const raiseWord = "raise"

// doorbell listens for a second start of the program on the same store.
type doorbell struct {
	path string
	l    net.Listener
	done chan struct{}
}

// socketPath is short: a socket's name may have about 100 bytes.
func socketPath() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("zw110-%d.sock", os.Getpid()))
}

// hang opens the socket; ring is called, off the UI goroutine, for each second start.
func hang(path string, ring func()) (*doorbell, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("clear the socket of an earlier start: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen for a second start: %w", err)
	}
	d := &doorbell{path: path, l: l, done: make(chan struct{})}
	go d.answer(ring)
	return d, nil
}

func (d *doorbell) answer(ring func()) {
	defer close(d.done)
	for {
		c, err := d.l.Accept()
		if err != nil {
			return // closed
		}
		if word, err := readWord(c); err == nil && word == raiseWord {
			ring()
		}
	}
}

func readWord(c net.Conn) (word string, err error) {
	defer func() { err = errors.Join(err, c.Close()) }()
	if err := c.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	return strings.TrimSpace(line), err
}

func (d *doorbell) close() error {
	err := d.l.Close()
	<-d.done
	return err
}

// raise asks whoever has the store open to come to the front; false when nobody answered.
func raise(err error) bool {
	var inUse *store.Error
	if !errors.As(err, &inUse) || inUse.Kind != store.ErrInUse || inUse.Holder == nil || inUse.Holder.Socket == "" {
		return false
	}
	c, err := net.DialTimeout("unix", inUse.Holder.Socket, time.Second)
	if err != nil {
		return false
	}
	_, werr := c.Write([]byte(raiseWord + "\n"))
	return errors.Join(werr, c.Close()) == nil
}
