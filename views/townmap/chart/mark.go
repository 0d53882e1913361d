package chart

import (
	"cmp"
	"image/color"
	"slices"
	"strconv"

	"zw110/data/board"
)

// paintMarks draws what moves: incidents, units, the names that make room for them, the cursor.
func (s *sheet) paintMarks() {
	for _, l := range s.s.Links {
		s.stroke([]pt{s.at(l[0]), s.at(l[1])}, s.px(2), []float64{s.px(2), s.px(4)}, s.pal.Link)
	}
	s.taken = s.taken[:0]
	for i := range s.s.Clusters {
		s.taken = append(s.taken, s.plateBox(&s.s.Clusters[i]))
	}
	for i := range s.s.Posts {
		at, r := s.at(s.s.Posts[i].At), s.px(postSize/2)
		s.taken = append(s.taken, box{at.x - r, at.y - r, at.x + r, at.y + r})
	}
	s.names()
	for i := range s.s.Posts {
		s.post(&s.s.Posts[i])
	}
	if s.look.Halo {
		for i := range s.s.Clusters {
			if c := &s.s.Clusters[i]; c.Worst() == 0 {
				s.disc(s.middleOf(c), s.px(s.look.Mark*halo), s.px(4), s.pal.Critbg, s.pal.Crit)
			}
		}
	}
	order := make([]*board.Cluster, len(s.s.Clusters))
	for i := range order {
		order[i] = &s.s.Clusters[i]
	}
	// The worst come last, on top of what a halo or a unit may cover.
	slices.SortStableFunc(order, func(a, b *board.Cluster) int { return cmp.Compare(b.Worst(), a.Worst()) })
	for _, c := range order {
		s.cluster(c)
	}
	s.measure()
}

// halo is the radius of the disc behind what is critical, in marks.
const halo = 1.02

// postSize is the side of the square of a unit.
const postSize = 22

func (s *sheet) middleOf(c *board.Cluster) pt {
	p := s.at(c.Spot)
	return pt{p.x, p.y - s.look.Foot()}
}

// plateBox is what a plate covers: itself and its foot.
func (s *sheet) plateBox(c *board.Cluster) box {
	w, _ := s.look.Plate(c.N)
	m, r := s.middleOf(c), s.px(s.look.Mark/2)
	half := w / 2
	if s.look.Halo && c.Worst() == 0 {
		half, r = s.px(s.look.Mark*halo+2), s.px(s.look.Mark*halo+2)
	}
	return box{m.x - half, m.y - r, m.x + half, max(m.y+r, s.at(c.Spot).y+s.px(2))}
}

// named is a label and what it says.
type named struct {
	text   string
	letter letter
	col    color.NRGBA
}

// names writes the villages and units, those with the worst incidents first.
func (s *sheet) names() {
	t := s.s.Town
	order := make([]int, 0, len(t.Villages))
	for i := range t.Villages {
		if t.Villages[i].Placed && (!s.look.Busy || s.worst(i) < board.Ranks) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(s.worst(a), s.worst(b)) })
	var labels []label
	var texts []named
	add := func(text string, l letter, at pt, first spot, low, gap float64, col color.NRGBA) {
		w := s.p.writer.width(text, l) + s.px(6)
		labels = append(labels, label{at: at, w: w, h: l.size * 1.4, below: low, above: s.px(5), side: gap, first: first})
		texts = append(texts, named{text, l, col})
	}
	for _, i := range order {
		l := letter{size: s.px(s.look.Text)}
		if s.look.Urgent > 0 && s.worst(i) <= 1 {
			l = letter{size: s.px(s.look.Urgent), bold: true}
		}
		at := s.at(t.Villages[i].At)
		if !s.look.Busy {
			s.disc(at, s.px(2), 0, s.pal.T3, s.pal.T3)
		}
		low, gap := s.px(5), s.px(s.look.Mark*0.7)
		if s.look.Halo && s.worst(i) == 0 {
			low, gap = s.px(s.look.Mark*halo+6)-s.look.Foot(), s.px(s.look.Mark*halo+6)
		}
		add(t.Villages[i].Name, l, at, below, low, gap, s.pal.T1)
	}
	for i := range s.s.Posts {
		add(s.s.Posts[i].Name, letter{size: s.px(s.look.Text - 1)}, s.at(s.s.Posts[i].At), right, s.px(postSize/2+3), s.px(postSize/2+2), s.pal.T1)
	}
	for i, st := range place(labels, s.taken) {
		if st.shown {
			s.fill([][]pt{rounded(st.box, s.px(3), 1)}, s.pal.Plate)
			s.text(s.p.writer, texts[i].text, texts[i].letter, st.box.x0+s.px(3), (st.box.y0+st.box.y1)/2, texts[i].col)
		}
	}
}

func (s *sheet) worst(village int) uint8 {
	if village < len(s.s.Worst) {
		return s.s.Worst[village]
	}
	return board.Ranks
}

func (s *sheet) colorOf(rank uint8) color.NRGBA {
	switch rank {
	case 0:
		return s.pal.Crit
	case 1:
		return s.pal.Urg
	case 2:
		return s.pal.Norm
	}
	return s.pal.Low
}

// cluster draws a plate: round for one incident, longer with a number for several. A dashed edge says that somebody inside has no place of
// its own.
func (s *sheet) cluster(c *board.Cluster) {
	m, r, worst := s.middleOf(c), s.px(s.look.Mark/2), c.Worst()
	edge, width := s.colorOf(worst), s.px(1.5)
	s.disc(s.at(c.Spot), s.px(2), 0, s.pal.T2, s.pal.T2)
	b := box{m.x - r, m.y - r, m.x + r, m.y + r}
	text, l := "", letter{size: s.px(s.look.Mark * 0.42), bold: true}
	icon := s.px(s.look.Mark * 0.5)
	if c.N > 1 {
		text = strconv.Itoa(c.N)
		if c.N > 999 {
			text = "999+"
		}
		w := icon*0.9 + s.px(s.look.Mark*0.12) + s.p.writer.width(text, l) + s.px(s.look.Mark*0.4)
		b = box{m.x - w/2, m.y - r*0.75, m.x + w/2, m.y + r*0.75}
	}
	if s.s.Cursor != nil && s.s.Cursor.X == c.X && s.s.Cursor.Y == c.Y {
		gap := s.px(4)
		s.plate(b.inset(-gap), r+gap, s.px(2.5), s.pal.Surface, s.pal.Acc)
	}
	round := (b.y1 - b.y0) / 2
	s.plate(b, round, 0, s.pal.Surface, edge)
	if c.Vague > 0 {
		ring := rounded(b.inset(width/2), round, 1)
		s.stroke(append(ring, ring[0]), width, []float64{s.px(4), s.px(3.5)}, edge)
	} else {
		s.plate(b, round, width, color.NRGBA{}, edge)
	}
	if c.N == 1 {
		s.urgency(worst, m, icon)
		return
	}
	x := b.x0 + s.px(s.look.Mark*0.2)
	s.urgency(worst, pt{x + icon*0.45, m.y}, icon*0.9)
	s.text(s.p.writer, text, l, x+icon*0.9+s.px(s.look.Mark*0.12), m.y, edge)
}

// urgency draws the shape of an urgency, as on a grid of 16.
func (s *sheet) urgency(rank uint8, m pt, size float64) {
	u, col := size/16, s.colorOf(rank)
	at := func(x, y float64) pt { return pt{m.x + (x-8)*u, m.y + (y-8)*u} }
	switch rank {
	case 0:
		s.fill([][]pt{{at(8, 1), at(15, 8), at(8, 15), at(1, 8)}}, col)
		s.stroke([]pt{at(8, 4.5), at(8, 8.7)}, 1.7*u, nil, s.pal.Shape)
		s.stroke([]pt{at(8, 10.8), at(8, 11.4)}, 1.7*u, nil, s.pal.Shape)
	case 1:
		s.fill([][]pt{{at(8, 2), at(14.8, 14), at(1.2, 14)}}, col)
	case 2:
		s.ring(m, 5.6*u, 2*u, col)
	default:
		s.stroke([]pt{at(3, 8), at(13, 8)}, 2.2*u, nil, col)
	}
}

// post draws the square of a unit or a blue vest.
func (s *sheet) post(p *Post) {
	m, r := s.at(p.At), s.px(postSize/2)
	fill := s.pal.Norm
	if p.Kind == VestPost {
		fill = s.pal.Vest
	}
	s.plate(box{m.x - r, m.y - r, m.x + r, m.y + r}, s.px(4), 0, fill, fill)
	u := s.px(14.0 / 16)
	at := func(x, y float64) pt { return pt{m.x + (x-8)*u, m.y + (y-8)*u} }
	width := s.px(1.4)
	if p.Kind == VestPost {
		s.stroke([]pt{at(5.5, 2), at(3, 3.5), at(3, 13.5), at(13, 13.5), at(13, 3.5), at(10.5, 2), at(8, 6.5), at(5.5, 2)}, width, nil, s.pal.Surface)
		s.stroke([]pt{at(8, 6.5), at(8, 13.5)}, width, nil, s.pal.Surface)
		return
	}
	s.stroke([]pt{at(8, 1.8), at(13, 3.5), at(13, 7.5), at(11.8, 11), at(8, 14.2), at(4.2, 11), at(3, 7.5), at(3, 3.5), at(8, 1.8)}, width, nil, s.pal.Surface)
	s.stroke([]pt{at(5.8, 7.8), at(7.5, 9.5), at(10.4, 6.3)}, width, nil, s.pal.Surface)
}

// measure draws the line whose length is asked for.
func (s *sheet) measure() {
	line := s.line(s.s.Measured)
	s.stroke(line, s.px(2), nil, s.pal.Acc)
	for _, p := range line {
		s.disc(p, s.px(4), s.px(2), s.pal.Surface, s.pal.Acc)
	}
}
