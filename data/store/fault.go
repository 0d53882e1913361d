package store

// Fault names a place where the store is not what was written.
type Fault struct {
	Origin string // 48 hexadecimal digits; empty for damage outside of the journal
	Seq    uint64 // the first bad entry; 0 outside of the journal
	What   string // what is wrong and where, for the log and the administrator
}
