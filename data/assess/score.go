package assess

import (
	"math/big"

	"zw110/data/incident"
)

// Weights are the shares of the parts of the composite score (综合得分), in force from a day on.
type Weights struct {
	From incident.Day
	Of   []Weight
}

// Weight is the share of one measure. Minus: the less, the better.
type Weight struct {
	Key   Key
	Share int
	Minus bool
}

// DefaultWeights are in force where Params name none.
func DefaultWeights() Weights {
	return Weights{Of: []Weight{{OnTime, 30, false}, {SignInTime, 10, false}, {Satisfaction, 25, false}, {FirstFix, 15, false}, {Returned, 10, true}, {Complete, 10, false}}}
}

// InForce returns the weights that hold on the last day of the period.
func (p Params) InForce() Weights {
	w := DefaultWeights()
	for _, next := range p.Weights {
		if next.From <= p.To && next.From >= w.From {
			w = next
		}
	}
	return w
}

// Score returns the composite score of one row, 0 to 100 with two decimals, half up; "—" when there is nothing to score. Parts with N = 0
// leave their share to the others.
func (r *Report) Score(f Figures) string {
	sum, shares := new(big.Rat), int64(0)
	for _, w := range r.Params.InForce().Of {
		m := f.Measure(w.Key)
		if m.Of == 0 {
			continue
		}
		n := m.N
		if w.Minus {
			n = m.Of - m.N
		}
		shares += int64(w.Share)
		sum.Add(sum, big.NewRat(int64(w.Share)*int64(n), int64(m.Of)))
	}
	if shares == 0 {
		return "—"
	}
	sum.Mul(sum, big.NewRat(10000, shares))
	return hundredths(int(new(big.Int).Div(new(big.Int).Add(new(big.Int).Lsh(sum.Num(), 1), sum.Denom()), new(big.Int).Lsh(sum.Denom(), 1)).Int64()))
}

// Points are what a row has of one weight, of Share, with two decimals, half up; "—" for N = 0: its share goes to the others.
func (w Weight) Points(f Figures) string {
	m := f.Measure(w.Key)
	if m.Of == 0 {
		return "—"
	}
	n := m.N
	if w.Minus {
		n = m.Of - m.N
	}
	return hundredths((200*w.Share*n + m.Of) / (2 * m.Of))
}

// Change is by how many percentage points a measure moved since another report, with sign and two decimals, from the rounded rates, so
// that it can be checked on paper; "—" when one has N = 0.
func Change(now, before Measure) string {
	if now.Of == 0 || before.Of == 0 {
		return "—"
	}
	d := hundredthsOf(now.N, now.Of) - hundredthsOf(before.N, before.Of)
	if d > 0 {
		return "+" + hundredths(d)
	}
	return hundredths(d)
}
