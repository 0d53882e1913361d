package paper

import (
	_ "embed"
	"fmt"

	"zw110/data/incident"
	"zw110/views/incidentfile"
)

// Parcel is the slip that goes with a courier file (摆渡单): what the file is, who gave it to whom, and the receipt that comes back.
type Parcel struct {
	Words incidentfile.Words
	// Town is the heading, such as 塔石镇综合信息指挥室; Seat is who wrote the file.
	Town, Seat string
	No, File   string
	Sum        string // how the file's SHA-256 begins
	Entries    int
	Size       string
	Made, Now  incident.Stamp
	By         string // who prints
}

//go:embed parcel.html
var parcelHTML string

// Slip returns the page.
func (p *Parcel) Slip() ([]byte, error) {
	words := Page{Words: p.Words}
	c := content{Town: p.Town, Title: p.Words("paper.parcel"), No: p.No, Heads: map[string]string{}, Printed: moment(p.Now) + " " + p.By}
	for _, key := range []string{"no", "code", "tear", "printed"} {
		c.Heads[key] = p.Words("paper." + key)
	}
	for _, key := range []string{"courier", "handed", "seal", "read_at", "read_by", "read_to", "note", "receipt"} {
		c.Heads[key] = p.Words("paper.parcel_" + key)
	}
	c.Facts = []line{
		{p.Words("paper.parcel_file"), p.File},
		{p.Words("paper.parcel_seat"), p.Seat},
		{p.Words("paper.parcel_made"), moment(p.Made)},
		{p.Words("paper.parcel_entries"), fmt.Sprint(p.Entries)},
		{p.Words("paper.parcel_size"), p.Size},
		{p.Words("paper.parcel_sum"), p.Sum},
	}
	return words.render(parcelHTML, &c)
}
