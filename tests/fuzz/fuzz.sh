#!/usr/bin/env bash
# Runs the fuzz targets, one after the other: `./run fuzz [TARGET] [SECONDS]`. What libFuzzer finds worth keeping stays
# in build-fuzz/corpus and is where the next run goes on; inputs that failed are in build-fuzz/crashes.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

known=()
for source in tests/fuzz/targets/*.cpp; do
  known+=("$(basename "$source" .cpp)")
done

chosen=("${known[@]}")
if [[ "${1:-}" =~ ^[a-z] ]]; then
  if [[ ! " ${known[*]} " == *" $1 "* ]]; then
    echo "there is no fuzz target '$1'; there are: ${known[*]}" >&2
    exit 2
  fi
  chosen=("$1")
  shift
fi
seconds=${1:-60}
if [[ ! "$seconds" =~ ^[0-9]+$ ]] || [ "$seconds" -eq 0 ]; then
  echo "'$seconds' is no number of seconds" >&2
  exit 2
fi

mkdir -p build-fuzz/crashes
failed=()
printf '%-10s %14s %10s %8s\n' target executions a_second crash
for target in "${chosen[@]}"; do
  corpus=build-fuzz/corpus/$target
  log=build-fuzz/$target.log
  mkdir -p "$corpus"
  crash=no
  ASAN_OPTIONS=allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 \
    "build-fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -max_len=16384 \
    -print_final_stats=1 -artifact_prefix="build-fuzz/crashes/$target-" \
    "$corpus" "tests/fuzz/corpus/$target" >"$log" 2>&1 || { crash=YES; failed+=("$target"); }
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
  printf '%-10s %14s %10s %8s\n' "$target" "${executions:-?}" "${rate:-?}" "$crash"
  [ "$crash" = no ] || grep -E 'ERROR:|runtime error|invariant|Test unit written|ALARM' "$log" | head -5
done
if [ "${#failed[@]}" -gt 0 ]; then
  echo "failed: ${failed[*]}. Logs are build-fuzz/*.log; a fixed input belongs into tests/fuzz/corpus/TARGET." >&2
  exit 1
fi
