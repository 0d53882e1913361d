package forms

import (
	"context"
	"io"

	"zw110/data/board"
	"zw110/data/incident"
	"zw110/data/intake"
	"zw110/data/room"
)

// Acts takes acts and takes them back.
type Acts interface {
	Do(ctx context.Context, act incident.Act) (room.Outcome, error)
	Undo(ctx context.Context, by incident.Login, of room.Outcome) error
}

// Incidents looks incidents up.
type Incidents interface {
	Detail(id incident.IncidentID, by incident.Login) (room.Detail, error)
	ByNo(no string) (incident.IncidentID, error)
	Unmask(ctx context.Context, id incident.IncidentID, by incident.Login, purpose string) (incident.Reporter, error)
	Rules() incident.Rules
	Now() incident.Stamp
}

// Advice proposes; it never decides.
type Advice interface {
	Likely(draft incident.Fields) []board.Likely
	Propose(text string, ch incident.Channel) intake.Report
}

// Posts takes files and pasted text in.
type Posts interface {
	Preview(ctx context.Context, name string, content []byte, ch incident.Channel, progress func(done, total int)) (room.Preview, error)
	Take(ctx context.Context, by incident.Login, p room.Preview, progress func(done, total int)) ([]room.Outcome, error)
}

// Keep holds drafts; they stay on this desk and are never journalled.
type Keep interface {
	Local(name string, into any) error
	SetLocal(name string, value any) error
}

// Attachments keeps photos and files for acts to name.
type Attachments interface {
	PutAttachment(ctx context.Context, name string, content io.Reader) (room.Attached, error)
	Thumbnail(a incident.Attachment) ([]byte, error)
}

// Desk is all the dialogs ask of the room.
type Desk interface {
	Acts
	Incidents
	Advice
	Posts
	Keep
	Attachments
}
