package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
)

// Token is a colour by its purpose. Each stands for one colour in the light and one in the dark window.
type Token = fyne.ThemeColorName

// The colour tokens.
const (
	Bg       Token = "zw.bg"       // window background
	Surface  Token = "zw.surface"  // lists, cards, bars
	Surface2 Token = "zw.surface2" // rail, group header, status bar
	Surface3 Token = "zw.surface3" // disabled fill, count pill, sheet backdrop
	Line     Token = "zw.line"     // dividers, row lines
	Line2    Token = "zw.line2"    // button and card outline (decorative)
	Line3    Token = "zw.line3"    // outline of inputs, check boxes, photo slots (3:1)
	T1       Token = "zw.t1"       // primary text
	T2       Token = "zw.t2"       // secondary text
	T3       Token = "zw.t3"       // tertiary text, placeholders, hints
	Acc      Token = "zw.acc"      // focus, selection, primary button, response clock
	Accbg    Token = "zw.accbg"    // selected row, chosen chip
	Acc2     Token = "zw.acc2"     // tag on a selected row, played part of the scrubber
	Onacc    Token = "zw.onacc"    // text on acc
	Crit     Token = "zw.crit"     // 特急, overdue, not responded, conflict
	Critbg   Token = "zw.critbg"   // its tint
	Urg      Token = "zw.urg"      // 紧急, due soon, to dispatch, offline
	Urgbg    Token = "zw.urgbg"    // its tint, offline band
	Norm     Token = "zw.norm"     // 一般, unit positions
	Normbg   Token = "zw.normbg"   // its tint
	Low      Token = "zw.low"      // 缓办, suspended
	Lowbg    Token = "zw.lowbg"    // its tint
	Ok       Token = "zw.ok"       // done, synced, on time
	Okbg     Token = "zw.okbg"     // its tint
	Bar      Token = "zw.bar"      // calm clock bar, load bar
	Track    Token = "zw.track"    // bar track
	Shape    Token = "zw.shape"    // mark inside a filled shape
	Land     Token = "zw.land"     // township land
	Land2    Token = "zw.land2"    // land outside
	Water    Token = "zw.water"    // river line
	WaterT   Token = "zw.waterT"   // river name
	Road     Token = "zw.road"     // road line
	Vest     Token = "zw.vest"     // blue-vest position
	H0       Token = "zw.h0"       // heat 0
	H1       Token = "zw.h1"       // heat 1–2
	H2       Token = "zw.h2"       // heat 3–5
	H3       Token = "zw.h3"       // heat 6–9
	H4       Token = "zw.h4"       // heat 10+
	Scrim    Token = "zw.scrim"    // behind overlays
	None     Token = "zw.none"     // transparent
)

// pair is a token's colour in the light and in the dark window.
type pair struct{ light, dark color.NRGBA }

// rgb unpacks 0xRRGGBB.
func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}

// palette returns the colours of all tokens.
func palette() map[Token]pair {
	return map[Token]pair{
		Bg:       {rgb(0xF3F4F6), rgb(0x101215)},
		Surface:  {rgb(0xFFFFFF), rgb(0x171A1E)},
		Surface2: {rgb(0xF8F9FA), rgb(0x1C2025)},
		Surface3: {rgb(0xEDEFF2), rgb(0x262B32)},
		Line:     {rgb(0xE1E4E8), rgb(0x2B3038)},
		Line2:    {rgb(0xC6CCD4), rgb(0x434B57)},
		Line3:    {rgb(0x838D9B), rgb(0x6F7A89)},
		T1:       {rgb(0x16191D), rgb(0xE8EBEF)},
		T2:       {rgb(0x434B57), rgb(0xB2BAC5)},
		T3:       {rgb(0x626C7A), rgb(0x8D97A5)},
		Acc:      {rgb(0x2558A8), rgb(0x86B2F5)},
		Accbg:    {rgb(0xE6EEF9), rgb(0x1D2B40)},
		Acc2:     {rgb(0xCFDFF5), rgb(0x2A4163)},
		Onacc:    {rgb(0xFFFFFF), rgb(0x0E1B2E)},
		Crit:     {rgb(0xB42318), rgb(0xFF8A7E)},
		Critbg:   {rgb(0xFBE9E7), rgb(0x3A1E1C)},
		Urg:      {rgb(0xA1460A), rgb(0xF2AE5C)},
		Urgbg:    {rgb(0xFBEEDF), rgb(0x362717)},
		Norm:     {rgb(0x3F5873), rgb(0xA9C0DA)},
		Normbg:   {rgb(0xE9EEF4), rgb(0x222C37)},
		Low:      {rgb(0x626C7A), rgb(0x8D97A5)},
		Lowbg:    {rgb(0xEDEFF2), rgb(0x262B32)},
		Ok:       {rgb(0x1E6B45), rgb(0x6CCB9A)},
		Okbg:     {rgb(0xE3F2EA), rgb(0x17301F)},
		Bar:      {rgb(0x727E8E), rgb(0x6F7B8B)},
		Track:    {rgb(0xE1E4E8), rgb(0x2B3038)},
		Shape:    {rgb(0xFFFFFF), rgb(0x101215)},
		Land:     {rgb(0xF6F5F1), rgb(0x1A1D20)},
		Land2:    {rgb(0xECEBE5), rgb(0x202429)},
		Water:    {rgb(0x9CC3DE), rgb(0x2C5673)},
		WaterT:   {rgb(0x2F6A92), rgb(0x7FB4D8)},
		Road:     {rgb(0xD9D3C4), rgb(0x3A3932)},
		Vest:     {rgb(0x1F5FC4), rgb(0x86B2F5)},
		H0:       {rgb(0xF3EFE6), rgb(0x24231F)},
		H1:       {rgb(0xF7E7D1), rgb(0x3E2F20)},
		H2:       {rgb(0xF2D2AB), rgb(0x5F4126)},
		H3:       {rgb(0xE8B384), rgb(0x7E4C27)},
		H4:       {rgb(0xDB915F), rgb(0x9C5429)},
		Scrim:    {color.NRGBA{R: 0x16, G: 0x19, B: 0x1d, A: 97}, color.NRGBA{A: 140}},
		None:     {},
	}
}
