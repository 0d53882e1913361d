package incident

func clocks(*State, Rules, Stamp) []Clock          { return nil }
func nextClock(*State, Rules, Stamp) (Clock, bool) { return Clock{}, false }
func settleDue(*State, Rules) (Stamp, bool)        { return 0, false }
func segments(*State) []Segment                    { return nil }
func fold([]Entry) State                           { return State{} }
func decide(State, Act, Env) ([]Fact, error)       { return nil, nil }
func refusalText(r *Refusal) string                { return r.Key }
