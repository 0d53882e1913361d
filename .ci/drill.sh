#!/usr/bin/env bash
# drill.sh CTL DIR makes a drill store: the sample town, the acts of July and August, and one post of every channel.
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
for month in "$assets"/month/acts-*.jsonl; do
	say "acts of $(basename "$month" .jsonl)"
	"$ctl" do --dir "$work" "$month" >"$work.log" 2>&1 || { tail -5 "$work.log" >&2; exit 1; }
done
post() {
	say "post of channel $1"
	# Exit 1 tells of bad rows, which the sample post has on purpose; they are kept in the store for mending.
	"$ctl" intake --dir "$work" --channel "$1" "${@:2}" >"$work.log" 2>&1 || [ $? -eq 1 ] || { tail -5 "$work.log" >&2; exit 1; }
}
inbox=$assets/inbox
post 12345 "$inbox"/12345-*.xlsx
post 110 "$inbox"/110-diversion.json "$inbox"/110-phone-notes.txt
post spt "$inbox"/spt-events.json
post wg "$inbox"/wg-reports.xlsx
post yjld "$inbox"/yjld-orders.txt
post sj "$inbox"/sj-bluevest.jsonl
post lyt "$inbox"/lyt-mailbox.csv
rm -f "$work.log"
rm -rf "$dir"
mv "$work" "$dir"
say "ready"
