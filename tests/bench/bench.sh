#!/usr/bin/env bash
# Measures the hot path alone and the whole program against the simulator, without latency and with it.
# Absolute numbers say little on a shared machine; compare two builds in one run.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

cmake --build build --target bench_cut >&2
build/bench_cut

run() { # run LABEL ARGUMENTS...
  local label=$1 out
  shift
  out=$(mktemp)
  build/sluice demo "$@" --progress never --log-level warn --summary "$out" >/dev/null 2>&1
  # Fields of the summary: elapsed_us, requests and the records of all streams.
  grep -o '"elapsed_us":[0-9]*\|"records":[0-9]*\|"requests":[0-9]*' "$out" | awk -F: -v label="$label" '
    /elapsed_us/ { us = $2 } /"records"/ { records += $2 } /"requests"/ { requests = $2 }
    END { printf "%s: %d records and %d requests in %.2f s: %.0f records/s, %.0f requests/s\n",
          label, records, requests, us / 1e6, records / us * 1e6, requests / us * 1e6 }'
  rm -f "$out"
}

run "simulator without latency, pool 4 " --latency 0s --num-workers 4 --surveys 400 --responses 100
run "simulator without latency, pool 10" --latency 0s --num-workers 10 --surveys 400 --responses 100
run "50 ms latency, pool 10 (at most 200 requests/s)" --latency 50ms --num-workers 10 --surveys 100 --responses 100
run "50 ms latency, pool 40 (at most 800 requests/s)" --latency 50ms --num-workers 40 --surveys 200 --responses 100
