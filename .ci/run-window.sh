#!/usr/bin/env bash
# run-window.sh PROGRAM DIR SHOTS opens the window on a store. With a display that is all. Without one it starts a virtual
# display, drives the real window by its keys, leaves a picture of each main screen in SHOTS and closes the window.
set -euo pipefail
program=$1 dir=$2 shots=$3
size=${SHOT_SIZE:-1440x900}

if [ -n "${DISPLAY:-}" ]; then
	echo "run: opening the window on display $DISPLAY (store: $dir)"
	exec "$program" --dir "$dir"
fi

mkdir -p "$shots"
log=$shots/window.log
pids=()
stop() {
	for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done
	for p in "${pids[@]}"; do wait "$p" 2>/dev/null || true; done
}
trap stop EXIT

# Xvfb picks a free display number itself and writes it to descriptor 3.
exec 3>"$shots/display"
Xvfb -displayfd 3 -screen 0 "${size}x24" -nolisten tcp >/dev/null 2>&1 &
pids+=($!)
for _ in $(seq 100); do [ -s "$shots/display" ] && break; sleep 0.1; done
exec 3>&-
[ -s "$shots/display" ] || { echo "run: Xvfb did not start" >&2; exit 1; }
DISPLAY=:$(cat "$shots/display")
export DISPLAY LIBGL_ALWAYS_SOFTWARE=1
rm -f "$shots/display"
echo "run: no display here; a virtual one is $DISPLAY ($size)"

"$program" --dir "$dir" --lang "${SHOT_LANG:-zh-Hans}" --theme "${SHOT_THEME:-light}" >"$log" 2>&1 &
pids+=($!)
window=
for _ in $(seq 300); do
	kill -0 "${pids[1]}" 2>/dev/null || { echo "run: the window ended early:" >&2; tail -20 "$log" >&2; exit 1; }
	window=$(xdotool search --onlyvisible --pid "${pids[1]}" 2>/dev/null | tail -1) && [ -n "$window" ] && break
	sleep 0.1
done
[ -n "$window" ] || { echo "run: no window within 30 s" >&2; tail -20 "$log" >&2; exit 1; }
xdotool windowsize "$window" "${size%x*}" "${size#*x}" windowmove "$window" 0 0 2>/dev/null || true
xdotool windowfocus "$window" 2>/dev/null || true

# A picture is taken once the screen has had time to paint on a slow machine; its clock ticks, so it never stands quite still.
settle() { sleep 1; }
shot() { settle; import -window root "$shots/$1.png"; echo "run: $shots/$1.png"; }
key() { xdotool key --clearmodifiers "$@"; sleep 0.3; }

source "$(dirname "$0")/drive.sh"
kill -TERM "${pids[1]}"
for _ in $(seq 100); do kill -0 "${pids[1]}" 2>/dev/null || break; sleep 0.1; done
if kill -0 "${pids[1]}" 2>/dev/null; then echo "run: the window did not close on SIGTERM" >&2; exit 1; fi
wait "${pids[1]}" || { echo "run: the window ended with status $?" >&2; tail -20 "$log" >&2; exit 1; }
echo "run: pictures are in $shots"
