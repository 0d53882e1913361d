package room

// Files returns the town pack as it reads now, every dated version included: file name to content, as duty.Load takes them.
func (r *Room) Files() (map[string][]byte, error) { return r.rules.Load().Files() }
