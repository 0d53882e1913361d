#!/usr/bin/env bash
# run-desks.sh PROGRAM DIR drives two real windows of one township and a hub, each desk on a virtual display of its own: enrolment in the settings, one incident
# at both desks, who has it open, the hub gone, the same incident dispatched twice, a courier file out and its receipt back, the conflict settled by a
# key once the hub is there again. It leaves pictures in DIR and fails when the two stores don't hold the same in the end. Every step waits for what a
# window shows (--watch), never for time to pass.
set -euo pipefail
program=$1 dir=$2
ctl=$(dirname "$program")/zw110ctl hub=$(dirname "$program")/zw110hub
size=${SHOT_SIZE:-1440x900}
assets=$(cd "$(dirname "$0")/../assets" && pwd)
rm -rf "$dir"
mkdir -p "$dir/stick"
dir=$(cd "$dir" && pwd)

pids=()
stop() {
	for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done
	for p in "${pids[@]}"; do wait "$p" 2>/dev/null || true; done
}
trap stop EXIT
declare -A display window pid
fail() {
	echo "desks: $*" >&2
	for d in a b; do
		[ ! -s "$dir/$d.watch" ] || { echo "desks: window $d showed last:" >&2; tail -2 "$dir/$d.watch" >&2; }
		[ -z "${display[$d]:-}" ] || DISPLAY=${display[$d]} import -window root "$dir/failed-$d.png" 2>/dev/null || true
	done
	for f in "$dir"/*.log; do tail -5 "$f" >&2; done
	exit 1
}
exec {never}<> <(:)
nap() { read -rt 0.1 -u "$never" || true; }
until_true() { # WHAT COMMAND...: asks again and again for at most 30 s
	local what=$1 end=$((SECONDS + 30))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || fail "waited 30 s for $what"
		nap
	done
}
say() { echo "desks: $*"; }

# The hub, on a free port that it is given again after it was stopped.
port=
serve() {
	"$hub" serve --dir "$dir/hub" --county 330825 --listen "127.0.0.1:${port:-0}" --host 127.0.0.1 >"$dir/hub.log" 2>&1 &
	hub_pid=$!
	pids+=("$hub_pid")
	listens() {
		kill -0 "$hub_pid" 2>/dev/null || fail "the hub ended"
		[ -s "$dir/hub.log" ] && [[ $(<"$dir/hub.log") =~ 127\.0\.0\.1:([1-9][0-9]*) ]] && port=${BASH_REMATCH[1]}
	}
	until_true "the hub" listens
}
unserve() {
	kill "$hub_pid"
	wait "$hub_pid" || true
}
code() {
	local text
	text=$("$hub" seat --dir "$dir/hub" --county 330825 --scope 330825111 --name "$1")
	[[ $text =~ [0-9A-Z]{5}-[0-9A-Z]{5} ]] || fail "no code in: $text"
	echo "${BASH_REMATCH[0]}"
}

# open DESK: a display and a window on it.
open() {
	local d=$1
	exec 3>"$dir/$d.display"
	Xvfb -displayfd 3 -screen 0 "${size}x24" -nolisten tcp -r >/dev/null 2>&1 &
	pids+=($!)
	until_true "a virtual display" test -s "$dir/$d.display"
	exec 3>&-
	display[$d]=:$(cat "$dir/$d.display")
	DISPLAY=${display[$d]} LIBGL_ALWAYS_SOFTWARE=1 "$program" --dir "$dir/store-$d" --lang "${SHOT_LANG:-zh-Hans}" --theme "${SHOT_THEME:-light}" --watch "$dir/$d.watch" >"$dir/$d.log" 2>&1 &
	pid[$d]=$!
	pids+=("${pid[$d]}")
	seen() {
		kill -0 "${pid[$d]}" 2>/dev/null || fail "window $d ended early"
		window[$d]=$(DISPLAY=${display[$d]} xdotool search --onlyvisible --pid "${pid[$d]}" 2>/dev/null | tail -1) && [ -n "${window[$d]}" ]
	}
	until_true "window $d" seen
	focused() { [ "$(DISPLAY=${display[$d]} xdotool getwindowfocus 2>/dev/null)" = "${window[$d]}" ]; }
	DISPLAY=${display[$d]} xdotool windowsize "${window[$d]}" "${size%x*}" "${size#*x}" windowmove "${window[$d]}" 0 0 windowfocus "${window[$d]}"
	until_true "the focus" focused
}
# await DESK PATTERN, key DESK KEY..., type DESK TEXT, press DESK KEY (one that shows in nothing else), shot DESK NAME.
last() {
	local lines=()
	[ ! -e "$dir/$1.watch" ] || mapfile -t lines <"$dir/$1.watch"
	line=
	if [ ${#lines[@]} -gt 0 ]; then line=${lines[-1]}; fi
}
fits() {
	kill -0 "${pid[$1]}" 2>/dev/null || fail "window $1 ended"
	last "$1"
	[[ "$line " =~ $2 ]]
}
await() { until_true "$2 at desk $1" fits "$1" "$2"; }
key() {
	local d=$1
	shift
	DISPLAY=${display[$d]} xdotool key "$@"
}
write() {
	DISPLAY=${display[$1]} xdotool type --delay 20 "$2"
	await "$1" "focus=field:${#2} "
}
more() {
	last "$1"
	[[ $line =~ keys=([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -gt "$2" ]
}
press() {
	last "$1"
	[[ $line =~ keys=([0-9]+) ]]
	key "$1" "$2"
	until_true "the effect of $2 at desk $1" more "$1" "${BASH_REMATCH[1]}"
}
shot() {
	DISPLAY=${display[$1]} import -window root "$dir/$2.png"
	say "$dir/$2.png"
}
whole='sync=full unsent=0'

for d in a b; do
	[ "$d" = a ] && no=1 || no=2
	"$ctl" init --drill --dir "$dir/store-$d" --pack 330825111 --seat "指挥室$no" --seat-no $no >"$dir/$d.log"
done
head -1 "$assets/drill/inbox/sj-bluevest.jsonl" >"$dir/post.jsonl"
"$ctl" intake --dir "$dir/store-a" --channel sj "$dir/post.jsonl" >>"$dir/a.log"
serve
"$ctl" enrol --dir "$dir/store-b" --hub "wss://127.0.0.1:$port" --code "$(code 指挥室2)" >>"$dir/b.log"
say "two stores and a hub on port $port"

for d in a b; do
	open $d
	await $d 'dialog=sign_in focus=field:0 '
	write $d 110110
	key $d Return
	await $d 'page=queue dialog=- '
done
await b 'sync=full '
# A enrols in the settings: the top bar says that it works alone, Enter leads to the form.
key a ctrl+r
await a 'dialog=sync '
key a ctrl+Return
await a 'page=settings dialog=- '
key a Tab
await a 'focus=field:0 '
write a "wss://127.0.0.1:$port"
key a Return
await a 'focus=field:0 '
write a "$(code 指挥室1)"
shot a enrol
key a Return
await a "$whole"
key a ctrl+1
await a 'page=queue dialog=- .*stage=unanswered '
[[ $line =~ row=([^ ]+) ]]
no=${BASH_REMATCH[1]}
await b "row=$no stage=unanswered "
say "both desks have $no"

# A answers and accepts it, B sees it; A opens the file, B sees who is there.
key a F5
await a "row=$no stage=received .*$whole"
key a F5
await a 'dialog=accept '
key a ctrl+Return
await a "dialog=- .*stage=to_dispatch .*$whole"
await b "row=$no stage=to_dispatch "
key a Return
await a 'page=incident '
await b 'here=1'
shot b present
key a Escape
await a 'page=queue '
await b 'here=0'

# Without the hub both dispatch it, to other units.
unserve
for d in a b; do
	await $d 'sync=offline '
	key $d F4
	await $d 'dialog=dispatch '
done
for _ in 1 2 3 4; do # A lets the co-handlers go
	press a Down
	press a space
done
key a ctrl+Return
await a 'dialog=- .*stage=to_sign '
press b Down
press b z # another lead
press b Up
press b space
for _ in 1 2 3; do
	press b Down
	[ "$_" = 1 ] || press b space
done
key b ctrl+Return
await b 'dialog=- .*stage=to_sign '
shot a offline

# A's entries go to B on a stick, the receipt comes back with B's.
carry() { # DESK FILE KEY
	key "$1" ctrl+u
	await "$1" 'dialog=courier '
	key "$1" Tab
	await "$1" 'focus=field:0 '
	write "$1" "$2"
	key "$1" Return
	await "$1" 'focus=- '
	press "$1" "$3"
}
carry a "$dir/stick/a.courier" 1
until_true "the courier file" test -s "$dir/stick/a.courier"
press a 2
shot a courier
key a Escape
await a 'dialog=- '
carry b "$dir/stick/a.courier" 3
await b 'settle=1 '
until_true "the receipt" test -s "$dir/stick/a.courier.receipt"
shot b read
key b Escape
await b 'dialog=- '
carry a "$dir/stick/a.courier.receipt" 3
await a 'settle=1 '
shot a receipt
key a Escape
await a 'dialog=- '

# The hub is back: everything goes up by itself, and one key settles it at both.
serve
for d in a b; do
	key $d ctrl+r
	await $d "dialog=sync .*$whole"
	key $d Escape
	await $d 'dialog=- '
done
key b g
key b d
await b 'dialog=settle '
shot b settle
press b 2
await b "dialog=- .*$whole settle=0 "
await a "$whole settle=0 "
shot a settled

for d in a b; do
	kill -TERM "${pid[$d]}"
	wait "${pid[$d]}" || fail "window $d ended with status $?"
	"$ctl" verify --dir "$dir/store-$d" >/dev/null || fail "store $d is not whole"
	"$ctl" show --dir "$dir/store-$d" --incident "$no" --json --acts >"$dir/$d.json"
done
unserve
same() { grep -o '"kind":[0-9]*' "$dir/$1.json" | sort | uniq -c; }
[ "$(same a)" = "$(same b)" ] || fail "the stores hold different acts of $no: $(same a) and $(same b)"
[[ $(same a) == *'"kind":47'* ]] || fail "no settlement in the store"
say "both stores hold the same of $no"
