package desk

import (
	"errors"
	"io/fs"
	"net"

	"zw110/sync/courier"
	"zw110/sync/wire"
)

// ErrorKey returns the catalogue key of what people are told of an error of the link or of a courier file; false for any other error.
func ErrorKey(err error) (key string, ok bool) {
	for _, known := range []struct {
		err error
		key string
	}{
		{ErrCode, "sync.err.code"},
		{wire.ErrCode, "sync.err.code_form"},
		{ErrNoSeat, "sync.err.no_seat"},
		{ErrAddress, "sync.why.address"},
		{ErrPin, "sync.why.pin"},
		{ErrDate, "sync.why.date"},
		{ErrNoHub, "sync.why.no_hub"},
		{ErrHubKey, "sync.err.hub_key"},
		{courier.ErrNoCourier, "courier.err.no_courier"},
		{courier.ErrNewer, "courier.err.newer"},
		{courier.ErrForeign, "courier.err.foreign"},
		{courier.ErrUnfinished, "courier.err.unfinished"},
		{courier.ErrDamaged, "courier.err.damaged"},
		{courier.ErrOwn, "courier.err.own"},
		{courier.ErrUnknown, "courier.err.unknown"},
		{courier.ErrBefore, "courier.err.before"},
		{courier.ErrSeal, "courier.err.seal"},
	} {
		if errors.Is(err, known.err) {
			return known.key, true
		}
	}
	// The numbers of the system's errors are net.Errors, those of files too.
	var (
		network net.Error
		file    *fs.PathError
	)
	if errors.As(err, &network) && !errors.As(err, &file) {
		return "sync.why.network", true
	}
	return "", false
}
