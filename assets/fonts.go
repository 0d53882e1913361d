package assets

import _ "embed"

// FontRegular is Noto Sans SC Regular (TTF, SIL OFL 1.1), cut to GBK and our own texts by fonts/subset.sh.
//
//go:embed fonts/NotoSansSC-Regular.ttf
var FontRegular []byte

// FontBold is Noto Sans SC Bold (TTF, SIL OFL 1.1), cut the same way.
//
//go:embed fonts/NotoSansSC-Bold.ttf
var FontBold []byte
