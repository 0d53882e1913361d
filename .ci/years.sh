#!/usr/bin/env bash
# years.sh CTL DIR [N [STEP [OPEN]]] makes a practice store of N incidents (100,000), one in STEP seconds (3156: 10,000 a year) up to 18 August 2026,
# for measuring the window. The texts are those of the sample months with other numbers; all but the last OPEN (300) are refused, which is the
# shortest way to an end.
set -euo pipefail
ctl=$1 dir=$2 n=${3:-100000} step=${4:-3156} open=${5:-300}
assets=$(cd "$(dirname "$0")/../assets/drill" && pwd)

work=$dir.new
rm -rf "$work"
mkdir -p "$(dirname "$dir")"
echo "years: a store of $n incidents in $dir; this takes some minutes"
"$ctl" init --drill --dir "$work" --pack 330825111 --seat 指挥室1
grep -h '"do":"register".*"source_no"' "$assets"/month/acts-*.jsonl | sed -E 's/,"due_src":"[^"]*"//; s/"at":"[^"]*",//' >"$work.texts"
awk -v n="$n" -v step="$step" -v open="$open" '
	# day turns days since 1970 into a date.
	function day(z,   era, doe, yoe, y, doy, mp, d, m) {
		z += 719468; era = int(z / 146097); doe = z - era * 146097
		yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
		y = yoe + era * 400; doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100)); mp = int((5 * doy + 2) / 153)
		d = doy - int((153 * mp + 2) / 5) + 1; m = mp < 10 ? mp + 3 : mp - 9
		return sprintf("%04d-%02d-%02d", m <= 2 ? y + 1 : y, m, d)
	}
	function at(s) { return sprintf("{\"at\":\"%sT%02d:%02d:%02d+08:00\"", day(int(s / 86400)), int(s % 86400 / 3600), int(s % 3600 / 60), s % 60) }
	function act(s, by, verb, more) { print at(s) ",\"by\":\"" by "\",\"do\":\"" verb "\",\"ref\":\"" ref "\"" more "}" }
	# cut cuts a text after the value of a key, so that another value is put in quickly.
	function cut(s, key,   i) { i = index(s, "\"" key "\":\"") + length(key) + 4; tail = substr(s, i + index(substr(s, i), "\"") - 1); return substr(s, 1, i - 1) }
	{ a[NR] = cut(substr($0, 2), "ref"); b[NR] = cut(tail, "source_no"); c[NR] = tail; if (tail ~ /"phone"/) { c[NR] = cut(tail, "phone"); d[NR] = tail } }
	END {
		last = 20683 * 86400 + 14 * 3600 # 18 August 2026, 14:00
		for (i = 0; i < n; i++) {
			s = last - (n - i) * step; ref = "y" i
			t = 1 + i * 7919 % NR
			line = a[t] ref b[t] sprintf("Y%012d", i) c[t]
			if (d[t] != "") line = line sprintf("168%08d", i * 7919 % 100000000) d[t]
			print at(s) "," line
			if (n - i > open)
				act(s + 60, "sl1", "refuse", ",\"reason\":\"NR02\",\"text\":\"法院已立案\",\"returned_to_source\":true")
			else if (i % 3 > 0)
				act(s + 60, "op1", "respond", "")
			if (n - i <= open && i % 3 > 1)
				act(s + 120, "op1", "accept", "")
		}
	}' "$work.texts" >"$work.jsonl"
"$ctl" do --dir "$work" "$work.jsonl" >"$work.log" 2>&1 || { tail -5 "$work.log" >&2; exit 1; }
rm -f "$work.texts" "$work.jsonl" "$work.log"
rm -rf "$dir"
mv "$work" "$dir"
echo "years: ready"
