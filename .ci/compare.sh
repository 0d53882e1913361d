#!/usr/bin/env bash
# compare.sh DESIGN OUT puts each kept picture of a screen (left) beside the mock-up of the same name in the folder DESIGN (right), and below them
# where they differ. The kept pictures are those the tests compare with, so they hold fixed data; the mock-ups are not part of this repository.
set -euo pipefail
mkdir -p "${2:?compare.sh DESIGN OUT}"
design=$(cd "${1:?compare.sh DESIGN OUT}" && pwd) out=$(cd "$2" && pwd)
cd "$(dirname "$0")/.."
n=0
for ours in views/*/testdata/*.png; do
	name=$(basename "$ours")
	[ -f "$design/$name" ] || { echo "compare: no mock-up $name"; continue; }
	size=$(identify -format '%wx%h' "$ours")
	convert "$design/$name" -resize "$size!" "$out/.mock.png"
	convert "$ours" "$out/.mock.png" -compose difference -composite -colorspace gray -threshold 12% "$out/.diff.png"
	share=$(convert "$out/.diff.png" -format '%[fx:100*mean]' info:)
	montage "$ours" "$out/.mock.png" "$out/.diff.png" -tile 2x2 -geometry "$size+8+8" "$out/$name"
	printf 'compare: %s, %.1f %% of the pixels differ\n' "$out/$name" "$share"
	n=$((n + 1))
done
rm -f "$out/.mock.png" "$out/.diff.png"
[ "$n" -gt 0 ] || { echo "compare: $design holds no mock-up of a kept picture" >&2; exit 1; }
