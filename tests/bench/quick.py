"""The regression gate: counts the instructions of the hot paths and of whole programs with valgrind, and compares them
with tests/bench/baseline.json. More than 5 % beyond it is a failure (exit code 1); 5 % below it, too, is told, so that
the baseline can be renewed.

Instructions repeat, unlike seconds, but only with the same compiler and libraries: with others nothing is compared.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

import measure
import pages
import quota

BASELINE = pathlib.Path(__file__).resolve().parent / "baseline.json"
FOLDER = measure.WORK / "quick"
TOLERANCE = 0.05


def callgrind(argv, out):
    """Runs a program of the build folder. Its directory, name and environment are the same everywhere, because their
    lengths can show in the counts. Returns stdout and stderr."""
    done = subprocess.run(["/usr/bin/valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *map(str, argv)],
                          cwd=measure.BUILD, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise RuntimeError(f"{argv[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout, done.stderr


def count_paths():
    """Instructions of one call of each path, and what bench_paths says of itself."""
    said, _ = callgrind(["./bench_paths"], FOLDER / "paths")
    words = [line.split(maxsplit=1) for line in said.splitlines()]
    calls = {name: int(n) for name, n in words[2:]}
    counts = {}
    for dump in FOLDER.glob("paths.*"):
        text = dump.read_text()
        name = re.search(r"^desc: Trigger: Client Request: (\w+)", text, re.M)
        if name:
            counts[name[1]] = int(re.search(r"^summary: (\d+)", text, re.M)[1]) // calls[name[1]]
    if counts.keys() != calls.keys():
        raise RuntimeError(f"valgrind counted {sorted(counts)} instead of {sorted(calls)}")
    return {name: counts[name] for name in calls}, dict(words[:2])


def count_program(*argv):
    _, told = callgrind(["./sluice", *argv], "/dev/null")
    return int(re.search(r"Collected : (\d+)", told)[1])


def count_programs():
    with quota.simulator("--latency", "0s", surveys=300) as url:
        inputs = pages.write_inputs(FOLDER, url, ["surveys", "survey_details"], access_token=quota.TOKEN, num_workers=2,
                                    page_size=50, rate_limit_per_minute=1_000_000)
        inputs = [os.path.relpath(a, measure.BUILD) if isinstance(a, pathlib.Path) else a for a in inputs]
        read = count_program("read", *inputs, "--progress", "never", "--log-level", "error", "--set", "watchdog.stall=0s")
    return {"sluice spec": count_program("spec"), "sluice read": read}


def toolchain(told):
    """What the counts depend on besides the sources: the compiler, the libraries' versions (from the names of their
    files), which of its implementations simdjson chooses under valgrind, and valgrind."""
    linked = subprocess.run(["ldd", measure.SLUICE], stdout=subprocess.PIPE, text=True, check=True).stdout
    files = [os.path.basename(os.path.realpath(path)) for path in re.findall(r"=> (/\S+)", linked)]
    valgrind = subprocess.run(["/usr/bin/valgrind", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {"compiler": told["compiler"], "glibc": os.confstr("CS_GNU_LIBC_VERSION"), "valgrind": valgrind.strip(),
            "simdjson": told["simdjson"], **{name.partition(".so")[0]: name for name in sorted(files)}}


def differences(here, there):
    """What is another one than when the baseline was written. That the program needs more or fewer libraries is not: the
    counts show what comes of it."""
    return [f"{key}: {here[key]} instead of {there[key]}" for key in here if key in there and here[key] != there[key]]


def compare(counts, baseline):
    """Prints a line for each count. Returns whether none is beyond the tolerance."""
    good = True
    better = False
    print(f"{'':20}  instructions      baseline   change")
    for name in sorted(counts.keys() | baseline.keys(), key=[*counts, *baseline].index):
        if name not in counts or name not in baseline:
            print(f"{name:20}  only in the {'program' if name in counts else 'baseline'}")
            good = False
            continue
        change = counts[name] / baseline[name] - 1
        worse = change > TOLERANCE
        better = better or change < -TOLERANCE
        good = good and not worse
        print(f"{name:20}  {counts[name]:12,}  {baseline[name]:12,}  {change:+7.2%}{'  TOO MUCH' if worse else ''}")
    if not good:
        print(f"A path costs over {TOLERANCE:.0%} more than the baseline says, or is not in it. Make it cheaper; where the"
              " cost is wanted: ./run bench --quick --renew")
    elif better:
        print(f"A path costs over {TOLERANCE:.0%} less: renew the baseline (./run bench --quick --renew), so that it stays so.")
    return good


def main():
    parser = argparse.ArgumentParser(prog="./run bench --quick", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--renew", action="store_true", help="write the baseline instead of comparing with it")
    chosen = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("paths*"):
        old.unlink()
    counts, told = count_paths()
    here = toolchain(told)
    baseline = json.loads(BASELINE.read_text()) if BASELINE.exists() else {"toolchain": {}, "counts": {}}
    differs = differences(here, baseline["toolchain"])
    if differs and not chosen.renew:
        print("The baseline was counted with other tools, so nothing is compared:", *differs, sep="\n  ")
        return 0
    counts |= count_programs()
    if chosen.renew:
        BASELINE.write_text(json.dumps({"toolchain": here, "counts": counts}, indent=1) + "\n")
        print(f"{BASELINE} is renewed.")
        return 0
    return 0 if compare(counts, baseline["counts"]) else 1


if __name__ == "__main__":
    sys.exit(main())
