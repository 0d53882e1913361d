package room

import "context"

// progressKey is where a context carries who is told how far something is.
type progressKey struct{}

// WithProgress returns a context with which long work on many incidents, such as a list, tells now and then how many of how many it has read.
func WithProgress(ctx context.Context, told func(done, of int)) context.Context {
	return context.WithValue(ctx, progressKey{}, told)
}

// Progress tells how far the work is, every so many incidents, where somebody listens.
func Progress(ctx context.Context, done, of int) {
	if told, ok := ctx.Value(progressKey{}).(func(done, of int)); ok && done%progressEach == 0 {
		told(done, of)
	}
}
