#!/usr/bin/env bash
# bench-window.sh PROGRAM PAINT DIR LOG opens the window on a store of ten years on a virtual display and measures from key to pixels. The
# display keeps its picture in a file, which PAINT watches; each step names the part of the window that its keys must change.
set -euo pipefail
program=$1 paint=$2 dir=$3 log=$4
. "$(dirname "$0")/bench-open.sh"

# All that there is, not only the 300 open: the cross of the state's chip.
xdotool mousemove 203 114 click 1 mousemove 1300 700
sleep 3
[ -z "${BENCH_SHOTS:-}" ] || import -window root "$BENCH_SHOTS/bench-all.png"
# The titles, the words of the state, the search field, the tabs: none of them shows a second that ticks.
titles=385,190,210,670 field=740,100,150,28 tabs=100,84,560,10
measure <<END
arrow down|$titles|150|Down
arrow up and down|$titles|100|Up Down
page down|$titles|100|Next
to the end and back|$titles|40|End Home
next view|$tabs|60|ctrl+Tab
END
key ctrl+1
key F3
measure <<END
letters in the search field|$field|100|s l d BackSpace BackSpace BackSpace
list after letters in the search field|$titles|60|n BackSpace
END
key Escape Escape
measure <<END
arrow down again|$titles|150|Down
END
