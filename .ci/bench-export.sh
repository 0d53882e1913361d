#!/usr/bin/env bash
# bench-export.sh PROGRAM PAINT DIR LOG opens the window on a store of 10,000 incidents of one month, all open, and measures frames and keys at
# rest and while the daily list of all of them is exported.
set -euo pipefail
program=$1 paint=$2 dir=$3 log=$4
. "$(dirname "$0")/bench-open.sh"

titles=385,230,210,630 # below the strip of warnings
xdotool mousemove 1300 700
sleep 3
measure <<END
arrow down|$titles|60|Down
arrow held down|$titles|~300|Down
END
# Ctrl E begins an export unless one is under way, so that one always is.
measure <<END
arrow down while exporting|$titles|60|ctrl+e,Down
arrow held down while exporting|$titles|~300|ctrl+e,Down
END
[ -z "${BENCH_SHOTS:-}" ] || import -window root "$BENCH_SHOTS/bench-export.png"
books() { find "$work/home" -name '*.xlsx' -size +100k | wc -l; }
for _ in $(seq 300); do [ "$(books)" -gt 1 ] && break; sleep 0.1; done
echo "workbooks written meanwhile: $(books)"
[ "$(books)" -gt 1 ] || { echo "bench: too little was exported" >&2; exit 1; }
