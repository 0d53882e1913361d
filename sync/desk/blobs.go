package desk

import (
	"context"

	"zw110/data/room"
	"zw110/sync/wire"
)

// blobs is the room's attachments as a session sees them: session.DeskBlobs. One connection has one of its own.
type blobs struct {
	link *room.Link
	last wire.BlobID // asked for last: what the hub doesn't have yet must not keep the others
}

// Unsent implements session.DeskBlobs.
func (b *blobs) Unsent(context.Context) ([]byte, error) { return b.link.UnsentBlob() }

// Sent implements session.DeskBlobs.
func (b *blobs) Sent(_ context.Context, id wire.BlobID) error { return b.link.BlobSent(id) }

// Lacking implements session.DeskBlobs.
func (b *blobs) Lacking(context.Context) (id wire.BlobID, have []byte, found bool, err error) {
	id, have, found, err = b.link.LackingBlob(b.last)
	b.last = id
	return id, have, found, err
}

// Begin implements session.DeskBlobs.
func (b *blobs) Begin(_ context.Context, manifest []byte) ([]byte, error) {
	return b.link.BeginBlob(manifest)
}

// PutChunk implements session.DeskBlobs.
func (b *blobs) PutChunk(_ context.Context, id wire.BlobID, index uint32, chunk []byte) ([]byte, bool, error) {
	return b.link.PutBlobChunk(id, index, chunk)
}

// Chunk implements session.DeskBlobs.
func (b *blobs) Chunk(_ context.Context, id wire.BlobID, index uint32) ([]byte, error) {
	return b.link.BlobChunk(id, index)
}
