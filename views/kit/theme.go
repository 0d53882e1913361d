package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"zw110/assets"
)

// The sizes of section "space, heights, radii", in Fyne units.
const (
	TopBarHeight   float32 = 48
	StatusHeight   float32 = 28
	RailWidth      float32 = 72
	TabHeight      float32 = 40
	FilterHeight   float32 = 40
	HeadHeight     float32 = 28
	GroupHeight    float32 = 28
	RowHeight      float32 = 32
	ButtonHeight   float32 = 32
	SmallHeight    float32 = 28
	ChipHeight     float32 = 24
	TagHeight      float32 = 20
	CapHeight      float32 = 18
	CheckSize      float32 = 16
	InputHeight    float32 = 32
	RadiusSmall    float32 = 3
	Radius         float32 = 4
	RadiusCard     float32 = 6
	RadiusDialog   float32 = 8
	PagePadding    float32 = 16
	FocusWidth     float32 = 2
	SelectedBar    float32 = 3
	ClockBarWidth  float32 = 40
	ClockBarHeight float32 = 4
	inputTextInset float32 = 6
	inputBorder    float32 = 1
)

// Mode says which half of the palette a window shows.
type Mode string

// The modes. Auto follows the system.
const (
	Auto  Mode = "auto"
	Light Mode = "light"
	Dark  Mode = "dark"
)

// Theme gives Fyne our colours, sizes and fonts.
type Theme struct {
	mode   Mode
	colors map[Token]pair
	roles  map[fyne.ThemeColorName]Token
	bold   fyne.Resource
	plain  fyne.Resource
}

var _ fyne.Theme = (*Theme)(nil)

// NewTheme returns the theme of the whole program.
func NewTheme(mode Mode) *Theme {
	return &Theme{
		mode:   mode,
		colors: palette(),
		roles:  roles(),
		plain:  fyne.NewStaticResource("NotoSansSC-Regular.ttf", assets.FontRegular),
		bold:   fyne.NewStaticResource("NotoSansSC-Bold.ttf", assets.FontBold),
	}
}

// roles maps the names Fyne's own widgets ask for to tokens.
func roles() map[fyne.ThemeColorName]Token {
	return map[fyne.ThemeColorName]Token{
		theme.ColorNameBackground:          Bg,
		theme.ColorNameButton:              Surface,
		theme.ColorNameDisabledButton:      Surface3,
		theme.ColorNameDisabled:            T3,
		theme.ColorNameError:               Crit,
		theme.ColorNameFocus:               Acc,
		theme.ColorNameForeground:          T1,
		theme.ColorNameForegroundOnError:   Surface,
		theme.ColorNameForegroundOnPrimary: Onacc,
		theme.ColorNameForegroundOnSuccess: Surface,
		theme.ColorNameForegroundOnWarning: Surface,
		theme.ColorNameHeaderBackground:    Surface2,
		theme.ColorNameHover:               Surface2,
		theme.ColorNameHyperlink:           Acc,
		theme.ColorNameInputBackground:     None,
		theme.ColorNameInputBorder:         None,
		theme.ColorNameMenuBackground:      Surface,
		theme.ColorNameOverlayBackground:   Surface,
		theme.ColorNamePlaceHolder:         T3,
		theme.ColorNamePressed:             Surface3,
		theme.ColorNamePrimary:             Acc,
		theme.ColorNameScrollBar:           Line3,
		theme.ColorNameScrollBarBackground: None,
		theme.ColorNameSelection:           Acc2,
		theme.ColorNameSeparator:           Line,
		theme.ColorNameShadow:              None,
		theme.ColorNameSuccess:             Ok,
		theme.ColorNameWarning:             Urg,
	}
}

// Color returns a token's or role's colour.
func (t *Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	if token, ok := t.roles[name]; ok {
		name = token
	}
	p, ok := t.colors[name]
	switch {
	case name == None:
		return color.Transparent // this very value is what the painter leaves out; another without any opacity it would draw
	case !ok:
		return theme.DefaultTheme().Color(name, variant)
	case t.dark(variant):
		return p.dark
	default:
		return p.light
	}
}

func (t *Theme) dark(variant fyne.ThemeVariant) bool {
	if t.mode == Auto {
		return variant == theme.VariantDark
	}
	return t.mode == Dark
}

// Font returns Noto Sans SC in one of two weights.
func (t *Theme) Font(style fyne.TextStyle) fyne.Resource {
	if style.Symbol {
		return theme.DefaultTheme().Font(style)
	}
	if style.Bold {
		return t.bold
	}
	return t.plain
}

// Icon returns Fyne's own icons, for the few widgets of Fyne we show unchanged.
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

// Size returns Fyne's sizes: text 13, padding 4, no input border, since fields draw their own.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return BodySize
	case theme.SizeNameCaptionText:
		return CaptionSize
	case theme.SizeNamePadding:
		return 4
	case theme.SizeNameInnerPadding:
		return inputTextInset
	case theme.SizeNameLineSpacing:
		return 4
	case theme.SizeNameScrollBar:
		return 8
	case theme.SizeNameScrollBarSmall:
		return 4
	case theme.SizeNameScrollBarRadius, theme.SizeNameInputRadius, theme.SizeNameSelectionRadius:
		return Radius
	case theme.SizeNameInputBorder:
		return inputBorder
	}
	return theme.DefaultTheme().Size(name)
}

// inputTheme is the theme in use without scroll bars: a field of one line has no room for them. A text size of 0 is the usual one.
type inputTheme struct{ text float32 }

var _ fyne.Theme = inputTheme{}

func current() fyne.Theme { return fyne.CurrentApp().Settings().Theme() }

// Color returns the colour of the theme in use, but none for Fyne's own focus border: the field's frame shows the focus. The caret
// takes its colour from the program's theme.
func (inputTheme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if name == theme.ColorNamePrimary {
		return color.Transparent
	}
	return current().Color(name, v)
}

// Font returns the font of the theme in use.
func (inputTheme) Font(s fyne.TextStyle) fyne.Resource { return current().Font(s) }

// Icon returns the icon of the theme in use.
func (inputTheme) Icon(name fyne.ThemeIconName) fyne.Resource { return current().Icon(name) }

// Size leaves out the scroll bars.
func (t inputTheme) Size(name fyne.ThemeSizeName) float32 {
	if name == theme.SizeNameText && t.text > 0 {
		return t.text
	}
	if name == theme.SizeNameScrollBar || name == theme.SizeNameScrollBarSmall {
		return 0
	}
	return current().Size(name)
}

// Color returns a token's colour in the theme in use.
func Color(t Token) color.Color { return theme.Color(t) }
