#!/usr/bin/env bash
# run-window.sh PROGRAM DIR SHOTS opens the window on a store. With a display that is all. Without one it starts a virtual display, drives
# the real window by its keys on a drill store of its own, leaves a picture of each main screen in SHOTS, closes the window and compares
# what the drive did with what the store holds.
set -euo pipefail
program=$1 dir=$2 shots=$3
ctl=$(dirname "$program")/zw110ctl
ci=$(dirname "$0")
size=${SHOT_SIZE:-1440x900}

if [ -n "${DISPLAY:-}" ]; then
	echo "run: opening the window on display $DISPLAY (store: $dir)"
	exec "$program" --dir "$dir"
fi

mkdir -p "$shots"
log=$shots/window.log watch=$shots/window.watch
dir=$shots/store
"$ci/drill.sh" "$ctl" "$dir" >"$shots/drill.log"

pids=()
stop() {
	for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done
	for p in "${pids[@]}"; do wait "$p" 2>/dev/null || true; done
}
trap stop EXIT
fail() {
	echo "run: $*" >&2
	[ ! -s "$watch" ] || { echo "run: the window showed last:" >&2; tail -3 "$watch" >&2; }
	[ ! -s "$log" ] || tail -20 "$log" >&2
	import -window root "$shots/failed.png" 2>/dev/null || true
	exit 1
}
# nap pauses for a tenth of a second without starting a process: the machine may be busy enough.
exec {never}<> <(:)
nap() { read -rt 0.1 -u "$never" || true; }
# until_true WHAT COMMAND... asks again and again for at most 30 s.
until_true() {
	local what=$1 end=$((SECONDS + 30))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || fail "waited 30 s for $what"
		nap
	done
}

# Xvfb picks a free display number itself and writes it to descriptor 3. Its keys don't repeat, however late they are let go.
exec 3>"$shots/display"
Xvfb -displayfd 3 -screen 0 "${size}x24" -nolisten tcp -r >/dev/null 2>&1 &
pids+=($!)
until_true "the virtual display" test -s "$shots/display"
exec 3>&-
DISPLAY=:$(cat "$shots/display")
export DISPLAY LIBGL_ALWAYS_SOFTWARE=1
rm -f "$shots/display" "$watch" "$shots"/*.png
echo "run: no display here; a virtual one is $DISPLAY ($size)"

"$program" --dir "$dir" --lang "${SHOT_LANG:-zh-Hans}" --theme "${SHOT_THEME:-light}" --watch "$watch" >"$log" 2>&1 &
window_pid=$!
pids+=("$window_pid")
window=
seen() {
	kill -0 "$window_pid" 2>/dev/null || fail "the window ended early"
	window=$(xdotool search --onlyvisible --pid "$window_pid" 2>/dev/null | tail -1) && [ -n "$window" ]
}
focused() { [ "$(xdotool getwindowfocus 2>/dev/null)" = "$1" ]; }
on_top() { [ "$(($(xwininfo -root -children | awk '$1 ~ /^0x/ {print $1; exit}')))" = "$1" ]; }
until_true "the window" seen
xdotool windowsize "$window" "${size%x*}" "${size#*x}" windowmove "$window" 0 0
xdotool windowfocus "$window"
until_true "the focus" focused "$window"

# What the window shows is the last line of the file of --watch. await waits until it fits a pattern, shown takes one of its values.
last() {
	local lines=()
	[ ! -e "$watch" ] || mapfile -t lines <"$watch"
	line=
	if [ ${#lines[@]} -gt 0 ]; then line=${lines[-1]}; fi
}
fits() {
	kill -0 "$window_pid" 2>/dev/null || fail "the window ended"
	last
	[[ $line =~ $1 ]]
}
await() { until_true "$1" fits "$1"; }
shown() {
	last
	[[ " $line " =~ " $1="([^ ]*) ]] && value=${BASH_REMATCH[1]}
}
changed() { shown "$1" && [ "$value" != "$2" ]; }
shot() { import -window root "$shots/$1.png"; echo "run: $shots/$1.png"; }
key() { xdotool key "$1"; }
press() { # a key that changes nothing else of that line
	shown keys
	key "$1"
	until_true "the effect of $1" changed keys "$value"
}
say() {
	xdotool type --delay 20 "$1"
	await "focus=field:${#1} "
}
told() { # who told it by telephone, and the number
	say wang
	key Tab
	say 05700110001
}
# second_start lays another window over ours and starts the program again: it must end at once, and ours come to the front.
second_start() {
	local other other_pid
	xev -geometry 600x400+100+100 -name cover >/dev/null 2>&1 &
	other_pid=$!
	pids+=("$other_pid")
	covers() { other=$(xdotool search --onlyvisible --name '^cover$' 2>/dev/null | tail -1) && [ -n "$other" ]; }
	until_true "the other window" covers
	xdotool windowraise "$other" windowfocus "$other"
	until_true "the other window's focus" focused "$other"
	until_true "the other window on top" on_top "$other"
	timeout 30 "$program" --dir "$dir" >>"$log" 2>&1 || fail "a second start ended with status $?"
	until_true "the first window's focus" focused "$window"
	until_true "the first window on top" on_top "$window"
	kill "$other_pid"
	echo "run: a second start raised the first window"
}

source "$ci/drive.sh"
kill -TERM "$window_pid"
gone() { ! kill -0 "$window_pid" 2>/dev/null; }
until_true "the end of the window" gone
wait "$window_pid" || fail "the window ended with status $?"

# Registered, answered, accepted, dispatched, signed, arrived, fed back, verified, called back: each once, and nothing else.
held=$("$ctl" show --dir "$dir" --incident "$no" --json --acts)
acts=$(grep -o '"kind":[0-9]*' <<<"$held" | cut -d: -f2 | paste -sd' ')
[[ $held == *'"state":"C"'* && $held == *'"status":"done"'* && $acts == "10 11 12 17 18 23 33 34 36" ]] || fail "the store holds something else: acts $acts in $held"
"$ctl" verify --dir "$dir" >/dev/null || fail "the store is not whole after the drive"
echo "run: the store holds what the drive did: $no is closed"
echo "run: pictures are in $shots"
