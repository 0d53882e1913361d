// Package store owns the desk's file: the journal, the keys of personal fields, photos, cached folds and local settings in one bbolt
// database, encrypted value by value, together with its lock, anchor, checksum and backup files. It is the only importer of bbolt. It
// must not know what entries mean: deciding and folding are for others. docs/format.md describes every byte.
package store
