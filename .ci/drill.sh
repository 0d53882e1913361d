#!/usr/bin/env bash
# drill.sh CTL DIR makes a drill store: the sample town in the middle of a working day, 18 August 14:05, with all that July and August brought
# until then and a little post of several channels just come in. Its clock goes on from there whenever the store is open.
# It is built beside DIR and moved there when complete, so that a broken run leaves nothing half.
set -euo pipefail
ctl=$1 dir=$2
assets=$(cd "$(dirname "$0")/../assets/drill" && pwd)

work=$dir.new
rm -rf "$work"
mkdir -p "$(dirname "$dir")"
say() { echo "drill: $*"; }

say "new store of the sample town in $dir"
"$ctl" init --drill --dir "$work" --pack 330825111 --seat 指挥室1
now=2026-08-18T14:05
say "acts of July and August until $now"
for month in "$assets"/month/acts-*.jsonl; do
	# The lines stand in order of time and begin with it.
	awk -F'"' -v now="$now" '$4 < now' "$month" >"$work.jsonl"
	"$ctl" do --dir "$work" "$work.jsonl" >"$work.log" 2>&1 || { tail -5 "$work.log" >&2; exit 1; }
done
rm -f "$work.jsonl"
say "places"
"$ctl" places import --dir "$work" --system WGS-84 --by rd "$assets/places.csv" >"$work.log" 2>&1 || { tail -5 "$work.log" >&2; exit 1; }
post() {
	say "post of channel $1"
	# Exit 1 tells of bad rows, which the sample post has on purpose; they are kept in the store for mending.
	"$ctl" intake --dir "$work" --channel "$1" "${@:2}" >"$work.log" 2>&1 || [ $? -eq 1 ] || { tail -5 "$work.log" >&2; exit 1; }
}
inbox=$assets/inbox
post yjld "$inbox"/yjld-orders.txt
post sj "$inbox"/sj-bluevest.jsonl
rm -f "$work.log"
rm -rf "$dir"
mv "$work" "$dir"
say "ready"
