package main

import (
	"path/filepath"
	"regexp"
	"strings"

	"github.com/sirupsen/logrus"
	"gopkg.in/natefinch/lumberjack.v2"

	"zw110/data/room"
)

// newLog writes JSON lines to a rotated file beside the store; numbers that could be somebody's are blotted out.
func newLog(dir string) *logrus.Logger {
	l := logrus.New()
	l.SetFormatter(&logrus.JSONFormatter{})
	l.SetOutput(&lumberjack.Logger{Filename: filepath.Join(dir, "log", "zw110.log"), MaxSize: 10, MaxBackups: 5, MaxAge: 90})
	l.AddHook(blot{})
	return l
}

// blot is the redaction hook: runs of 7 digits and more in text fields and messages become ***, but for the decimals of a time span.
type blot struct{}

var longNumber = regexp.MustCompile(`\d+\.\d+(?:ms|µs|s)\b|\d{7,}[\dXx]?`)

func blotted(text string) string {
	return longNumber.ReplaceAllStringFunc(text, func(found string) string {
		if strings.HasSuffix(found, "s") {
			return found
		}
		return "***"
	})
}

// Levels says that every line passes.
func (blot) Levels() []logrus.Level { return logrus.AllLevels }

// Fire blots one line out.
func (blot) Fire(e *logrus.Entry) error {
	e.Message = blotted(e.Message)
	for k, v := range e.Data {
		if s, ok := v.(string); ok {
			e.Data[k] = blotted(s)
		}
	}
	return nil
}

// roomLog is the program's log as the room takes it.
type roomLog struct{ logrus.FieldLogger }

// WithField adds a fact.
func (l roomLog) WithField(key string, value any) room.Logger {
	return roomLog{l.FieldLogger.WithField(key, value)}
}
