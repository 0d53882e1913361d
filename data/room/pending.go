package room

import (
	"context"
	"errors"

	"zw110/data/incident"
	"zw110/data/store"
)

var errPending = errors.New("the store cannot do this yet")

func (r *Room) left([]incident.EntryID) (bool, error) { return false, nil }

func (r *Room) storeVerify(context.Context, func(int, int)) (int, int, []store.Fault, error) {
	return 0, 0, nil, errPending
}

func (r *Room) storeBackup(context.Context, string) error { return errPending }

func storeRestore(context.Context, store.Params, string) (string, error) { return "", errPending }

// ExportDaily writes the daily list of a day as a workbook and returns the file it wrote.
func (r *Room) ExportDaily(context.Context, incident.Day, string) (string, error) {
	return "", errPending
}
