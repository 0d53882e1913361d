// Package boltjournal keeps the hub's journal, registry and attachments on one machine: a bbolt file for each county and one for the
// registry, attachments as files. It owns their folder and makes what it says durable before it says it. docs/hubstore.md describes
// files, backup and restore.
package boltjournal
