#!/usr/bin/env bash
# What the flight recorder and the trace cost: the same read of a server without latency or limits, by four programs in
# turn: without any instruments (bare, twice, to show the noise), as it is delivered, and with a full trace. The processor
# time of the reading process is compared, pair by pair within a round: throughput without latency is bound by it, and it
# is less noisy than the clock of a shared machine. Instructions, counted by valgrind in a run of their own, are not noisy
# at all, but leave out the kernel's share and what caches cost. Usage: trace_bench.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

rounds=${1:-15}
work=$(mktemp -d)
server=
settings= # further members of the config file
cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

serve() { # serve ARGUMENTS...: starts the simulator, sets the config file
  [ -z "$server" ] || { kill "$server"; wait "$server" || true; }
  build/sluice simulate --port 0 --latency 0s --rate-limit 0 --gzip off --unpleasant --token t "$@" >"$work/server" 2>&1 &
  server=$!
  local url=
  until url=$(grep -o 'http://[0-9.:]*' "$work/server" | head -1) && [ -n "$url" ]; do
    kill -0 "$server"
  done
  echo "{\"access_token\":\"t\",\"api_url\":\"$url\",\"num_workers\":4,\"rate_limit_per_minute\":1000000${settings:+,$settings}}" >"$work/config.json"
}

reading() { # reading PROGRAM ARGUMENTS...
  "$@" --config "$work/config.json" --catalog "$work/catalog.json" --progress never --log-level error \
    --set watchdog.stall=0s >"$work/out" 2>"$work/err"
}

measure() { # measure PROGRAM ARGUMENTS...: prints the processor time of a read, seconds
  local TIMEFORMAT='%U %S'
  { time reading "$1" read "${@:2}"; } 2>"$work/time"
  awk '{ printf "%.3f", $1 + $2 }' "$work/time"
}

count() { # count PROGRAM ARGUMENTS...: prints the instructions of a read
  reading valgrind --tool=callgrind --callgrind-out-file=/dev/null "$1" read "${@:2}"
  awk '/Collected/ { print $4 }' "$work/err"
}

compare() { # compare LABEL
  : >"$work/results"
  measure build/sluice >/dev/null # the server's caches
  for _ in $(seq "$rounds"); do
    echo "$(measure build-bare/sluice) $(measure build/sluice) $(measure build/sluice --trace "$work/trace.json") $(measure build-bare/sluice)" \
      >>"$work/results"
  done
  awk -v label="$1" -v records="$(grep -c '"type":"RECORD"' "$work/out")" -v bytes="$(wc -c <"$work/trace.json")" \
    -v messages="$(grep -o '"messages":[0-9]*' "$work/trace.json" | tail -1 | cut -d: -f2)" '
    function median(values, n,   i, j, t) {
      for (i = 2; i <= n; i++) for (j = i; j > 1 && values[j - 1] > values[j]; j--) {
        t = values[j]; values[j] = values[j - 1]; values[j - 1] = t }
      return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
    }
    { base = ($1 + $4) / 2; bare[NR] = base; recorder[NR] = $2 / base - 1; full[NR] = $3 / base - 1
      noise[NR] = $4 / $1 - 1; per[NR] = ($3 - $2) }
    END {
      printf "%s: %d records, %d messages, trace of %.1f MB, %d rounds, %.2f s of processor time without instruments\n",
        label, records, messages, bytes / 1e6, NR, median(bare, NR)
      printf "  bare against bare (noise)      %+.1f %%\n", 100 * median(noise, NR)
      printf "  recorder on, tracing off       %+.1f %%\n", 100 * median(recorder, NR)
      printf "  full trace                     %+.1f %%  (%.2f us a message)\n", 100 * median(full, NR),
        1e6 * median(per, NR) / messages
    }' "$work/results"
  echo "$(count build-bare/sluice) $(count build/sluice) $(count build/sluice --trace "$work/trace.json")" | awk '{
    printf "  instructions                   %.0f million, recorder %+.1f %%, full trace %+.1f %%\n", $1 / 1e6,
      100 * ($2 / $1 - 1), 100 * ($3 / $1 - 1) }'
}

streams() { # streams NAME...: writes the catalogue
  local name list=
  for name in "$@"; do
    list+="${list:+,}{\"stream\":{\"name\":\"$name\",\"json_schema\":{},\"supported_sync_modes\":[\"full_refresh\"]},\"sync_mode\":\"full_refresh\",\"destination_sync_mode\":\"append\"}"
  done
  echo "{\"streams\":[$list]}" >"$work/catalog.json"
}

streams surveys
settings='"slice_range_days":100000,"page_size":1000'
serve --surveys 100000 --responses 0
compare "pages of 1,000 records of 0.6 KB"
settings='"slice_range_days":60,"page_size":20'
serve --surveys 60000 --responses 0
compare "pages of 20 records of 0.6 KB"
streams surveys survey_responses
settings=
serve --surveys 200 --responses 1000 --response-bytes 1000
compare "pages of 100 records of 1 KB"
