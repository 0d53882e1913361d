package room

import (
	"context"
	"errors"

	"zw110/data/incident"
)

var errPending = errors.New("lists are not there yet")

// ExportDaily writes the daily list of a day as a workbook and returns the file it wrote.
func (r *Room) ExportDaily(context.Context, incident.Day, string) (string, error) {
	return "", errPending
}
