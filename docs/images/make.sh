#!/usr/bin/env bash
# Makes the pictures of the documentation anew, from real runs: needs tmux, python3 and chromium (Debian packages).
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
work=$(mktemp -d)
tmux_() { tmux -L "sluice-pictures-$$" -f /dev/null "$@"; }
trap 'tmux_ kill-server 2>/dev/null || true; rm -rf "$work"' EXIT
export LANG=C.UTF-8

capture() { # capture NAME COLUMNS ROWS TEXT COMMAND: a picture of the terminal when it shows TEXT
  local seen=
  tmux_ new-session -d -s "$1" -x "$2" -y "$3" "cd $PWD && clear && $5; exec sleep 60"
  until [ -n "$seen" ]; do
    tmux_ capture-pane -t "$1" -e -p >"$work/$1.ansi"
    seen=$(sed 's/\x1b\[[0-9;]*m//g' "$work/$1.ansi" | tr '\n' ' ' | grep -E "$4" || true)
  done
  docs/images/terminal_svg.py "$2" <"$work/$1.ansi" >"docs/images/$1.svg"
  tmux_ kill-session -t "$1"
}

demo="build/sluice demo --surveys 300 --responses 20..60 --latency 150ms --rate-limit 200 --rate-window 6s"
capture progress 100 18 'waiting for the minute' "$demo"
capture top 100 29 'limited by quota.*survey_responses +running[^s]* ms ' "($demo --control $work/run.sock >/dev/null 2>&1 &) ; until [ -S $work/run.sock ]; do :; done; build/sluice top $work/run.sock"

build/sluice demo --surveys 40 --latency 30ms --rate-limit 120 --rate-window 4s --fault 'stall=1s path=/responses every=9' \
  --trace "$work/trace.json" --progress never >/dev/null 2>&1
build/sluice trace show "$work/trace.json" --html "$work/page.html"
chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
  --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$work/profile" --virtual-time-budget=3000 \
  --window-size=1200,1180 --screenshot="docs/images/trace-page.png" "file://$work/page.html#slice=40" 2>/dev/null
