#!/usr/bin/env bash
# Tries the program in the tools of others, each in a virtual environment below build/ecosystem. Without names all of them.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
environments=../../build/ecosystem
mkdir -p "$environments"
environments=$(readlink -f "$environments")
export PYTHONPYCACHEPREFIX="$environments/pycache"
# The commit that the recipe was tried with; it is on no registry.
wrapper=${TAP_AIRBYTE_WRAPPER:-git+https://github.com/MeltanoLabs/tap-airbyte-wrapper@e874473c2b0806bd6cc5b86d0001f041db7699da}

# environment NAME PACKAGE...: makes it once.
environment() {
  local folder=$environments/$1
  shift
  [ ! -e "$folder/made" ] || return 0
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet "$@"
  touch "$folder/made"
}

[ $# -gt 0 ] || set -- pyairbyte platform meltano dlt cron
for name in "$@"; do
  echo "== $name" >&2
  case "$name" in
    pyairbyte)
      environment pyairbyte airbyte
      "$environments/pyairbyte/bin/python" try_pyairbyte.py
      ;;
    platform)
      python3 try_platform.py
      ;;
    meltano)
      environment meltano meltano
      # It asks for a Python older than 3.11 and works with newer ones.
      environment wrapper --ignore-requires-python "$wrapper" 'setuptools<81'
      environment target target-jsonl
      python3 try_meltano.py "$environments"
      ;;
    dlt)
      environment dlt 'dlt[duckdb]'
      "$environments/dlt/bin/python" try_dlt.py
      ;;
    cron)
      python3 try_cron.py
      ;;
    *)
      echo "ecosystem: there is no '$name'" >&2
      exit 2
      ;;
  esac
done
