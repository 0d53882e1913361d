#!/usr/bin/env bash
# Cuts Noto Sans SC Regular and Bold to what the program shows: GBK (names need its rare characters), Latin,
# punctuation, arrows and geometric marks, and every character of our own catalogues.
# Needs npm (to fetch the fonts once) and pyftsubset (Debian package fonttools). Run it after new rare characters
# entered a catalogue; the test in assets says so.
set -euo pipefail
cd "$(dirname "$0")"

package='@expo-google-fonts/noto-sans-sc@0.4.3'
regular=d45f67f0a7c0ca3f256950777ce6a61cc7ce5f9696d02900cbbaac25f8aa7d16
bold=9a38ae0ab28cd5a256f9ea8e00dedc688aac17f7915fcb000572990afa956b96

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent "$package" >/dev/null && tar xzf ./*.tgz \
	package/400Regular/NotoSansSC_400Regular.ttf package/700Bold/NotoSansSC_700Bold.ttf)
in=$work/package
sha256sum --check --quiet <<SUMS
$regular  $in/400Regular/NotoSansSC_400Regular.ttf
$bold  $in/700Bold/NotoSansSC_700Bold.ttf
SUMS

/usr/bin/python3 - "$work/chars.txt" ../catalogue <<'PY'
import pathlib, sys
chars = set()
for hi in range(0x81, 0xFF):
    for lo in range(0x40, 0xFF):
        try:
            chars.add(bytes([hi, lo]).decode("gbk"))
        except UnicodeDecodeError:
            pass
for lo, hi in [(0x20, 0x17F), (0x2000, 0x206F), (0x20A0, 0x20BF), (0x2100, 0x214F), (0x2150, 0x218B), (0x2190, 0x21FF),
               (0x2200, 0x22FF), (0x2460, 0x24FF), (0x2500, 0x25FF), (0x2600, 0x266F), (0x2700, 0x27BF),
               (0x3000, 0x303F), (0x3200, 0x32FF), (0xFF00, 0xFFEF)]:
    chars.update(map(chr, range(lo, hi + 1)))
for path in pathlib.Path(sys.argv[2]).rglob("*.json"):
    chars.update(path.read_text("utf-8"))
pathlib.Path(sys.argv[1]).write_text("".join(sorted(chars)), "utf-8")
PY

cut() {
	/usr/bin/python3 -m fontTools.subset "$1" --text-file="$work/chars.txt" --output-file="$2" \
		--layout-features= --no-hinting --drop-tables+=GSUB,GPOS,GDEF,BASE,vhea,vmtx,VORG,DSIG --name-IDs='*' --notdef-outline
}
cut "$in/400Regular/NotoSansSC_400Regular.ttf" NotoSansSC-Regular.ttf
cut "$in/700Bold/NotoSansSC_700Bold.ttf" NotoSansSC-Bold.ttf
ls -l ./*.ttf
