#!/usr/bin/env bash
# bench.sh TAGS PACKAGE... runs the benchmarks that hold themselves to a bound (BenchmarkBound...) and prints them as one table.
# Fails when a gate is broken.
set -uo pipefail
tags=$1
shift
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# One package at a time: two at once would measure each other. Once each: a bound repeats itself.
${GO:-go} test -tags "$tags" -p 1 -run '^$' -bench '^BenchmarkBound' -benchtime 1x -timeout 60m "$@" | tee "$out"
status=$?

printf '\n%-64s | %-13s | %-13s | %-13s | %s\n' what goal gate measured reached
grep -a $'^bound\t' "$out" | while IFS=$'\t' read -r _ name goal gate measured verdict; do
  printf '%-64s | %-13s | %-13s | %-13s | %s\n' "$name" "$goal" "$gate" "$measured" "$verdict"
done
exit "$status"
