package incident

import "slices"

// AsOf returns the entries of what had happened before a moment. An entry whose parents happened later, because it was recorded late,
// takes their parents instead, so that it does not wait for them.
func AsOf(entries []Entry, end Stamp) []Entry {
	return Among(entries, func(i int) bool { return entries[i].Fact != nil && entries[i].Fact.At < end })
}

// Among returns the entries that are in, by their place. Where one's parents are out it takes theirs instead.
func Among(entries []Entry, in func(i int) bool) []Entry {
	gone := map[ParentRef][]ParentRef{}
	for i := range entries {
		if !in(i) {
			gone[entries[i].ID.Ref()] = entries[i].Parents
		}
	}
	if len(gone) == 0 {
		return entries
	}
	out := make([]Entry, 0, len(entries)-len(gone))
	for i, e := range entries {
		if in(i) {
			e.Parents = bridge(e.Parents, gone)
			out = append(out, e)
		}
	}
	return out
}

// bridge replaces parents that are gone by theirs.
func bridge(parents []ParentRef, gone map[ParentRef][]ParentRef) []ParentRef {
	if !slices.ContainsFunc(parents, func(p ParentRef) bool { _, ok := gone[p]; return ok }) {
		return parents
	}
	var out []ParentRef
	seen := map[ParentRef]bool{}
	for todo := slices.Clone(parents); len(todo) > 0; {
		p := todo[0]
		todo = todo[1:]
		if seen[p] {
			continue
		}
		seen[p] = true
		if above, ok := gone[p]; ok {
			todo = append(todo, above...)
			continue
		}
		out = append(out, p)
	}
	return out
}
