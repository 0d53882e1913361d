package townmap

import (
	"image/color"

	"zw110/views/kit"
	"zw110/views/townmap/chart"
)

// plateOpacity is how much of the plate below a name is seen, of 255.
const plateOpacity = 219

// PaletteOf gives the painter the colours of the window.
func PaletteOf(of func(kit.Token) color.Color) chart.Palette {
	c := func(t kit.Token) color.NRGBA {
		n, ok := color.NRGBAModel.Convert(of(t)).(color.NRGBA)
		if !ok {
			return color.NRGBA{}
		}
		return n
	}
	plate := c(kit.Surface)
	plate.A = plateOpacity
	return chart.Palette{
		Land: c(kit.Land), Land2: c(kit.Land2), Line: c(kit.Line), Around: c(kit.Line2), Border: c(kit.T3), Water: c(kit.Water), WaterT: c(kit.WaterT), Road: c(kit.Road),
		T1: c(kit.T1), T2: c(kit.T2), T3: c(kit.T3), Surface: c(kit.Surface), Acc: c(kit.Acc), Shape: c(kit.Shape),
		Crit: c(kit.Crit), Critbg: c(kit.Critbg), Urg: c(kit.Urg), Norm: c(kit.Norm), Low: c(kit.Low), Vest: c(kit.Vest), Plate: plate, Link: c(kit.T2),
		Heat: [5]color.NRGBA{c(kit.H0), c(kit.H1), c(kit.H2), c(kit.H3), c(kit.H4)},
	}
}
