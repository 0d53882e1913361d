// Package natsjournal keeps the hub's journal, registry and attachments in a NATS JetStream cluster: a stream for each county, one message
// for each run, fenced by the subject's last sequence, so that any number of hub processes may serve a county at once. Each process
// follows the stream into a file of its own, which answers all questions and which it may lose. docs/hubstore.md says what is stored how
// and why.
package natsjournal
