"""Whether the cost of an item depends on how many there are: processor time a record from 10 MB to 10 GB, a slice from 10
to 100,000, and a parent from 10 to 100,000, and the memory at each size.

RECORD lines go through a pipe to grep, which counts them: 10 GB would not fit on every disk. Seconds of a shared machine
are noisy, so instructions are counted as well, for sizes that valgrind gets through.
"""

import argparse
import datetime
import re
import subprocess

import measure
import pages

POOL = 2
START = datetime.datetime(2010, 1, 1)
FOLDER = measure.WORK / "growth"
# Items of each size, and how often a round repeats it: what takes longer sees more of what else the machine does.
SERIES = {
    "bytes": {"item": "record", "sizes": {10_000: 20, 100_000: 10, 1_000_000: 2, 10_000_000: 1},
              "counted": (10_000, 100_000)},
    "slices": {"item": "slice", "sizes": {10: 20, 1_000: 40, 100_000: 1}, "counted": (1_000, 10_000)},
    "children": {"item": "parent", "sizes": {10: 20, 1_000: 40, 100_000: 1}, "counted": (1_000, 10_000)},
}


def arguments(url, stream, items):
    end = START + datetime.timedelta(hours=items if stream == "slices" else 1)
    inputs = pages.write_inputs(FOLDER, url, [stream], num_workers=POOL, parents=items, pages=items // 10_000,
                                end=end.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return [measure.SLUICE, "read", "--manifest", pages.MANIFESTS / "growth.yaml", *inputs, "--progress", "never",
            "--log-level", "error", "--set", "watchdog.stall=0s"]


def timed(url, stream, items, repeat):
    """Means of `repeat` runs."""
    runs = [measure.run_piped(arguments(url, stream, items), FOLDER / "err") for _ in range(repeat)]
    expected = items if stream == "bytes" else 5 * items
    if any(r.records != expected for r in runs):
        raise RuntimeError(f"{stream}: {[r.records for r in runs]} records instead of {expected}")
    return {"cpu_s": sum(r.cpu_s for r in runs) / repeat, "wall_s": sum(r.wall_s for r in runs) / repeat,
            "peak_rss_mib": max(r.peak_rss_mib for r in runs)}


def instructions(url, stream, items):
    argv = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *arguments(url, stream, items)]
    done = subprocess.run([str(a) for a in argv], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def spread(values):
    return {"min": min(values), "median": measure.median(values), "max": max(values)}


def rows_of(stream, results, start_up, counted):
    """One row a size. `mean` is the time of all items without start-up, for each of them; `further` is that of those
    beyond the size before, which neither start-up nor warm caches flatter."""
    rows = []
    before = 0
    for items in SERIES[stream]["sizes"]:
        runs = results[stream, items]
        row = {"series": stream, "item": SERIES[stream]["item"], "items": items,
               "cpu_s": spread([r["cpu_s"] for r in runs]), "wall_s": spread([r["wall_s"] for r in runs]),
               "peak_rss_mib": spread([r["peak_rss_mib"] for r in runs]),
               "mean_us": spread([(r["cpu_s"] - s["cpu_s"]) / items * 1e6 for r, s in zip(runs, start_up)])}
        if before:
            row["further_us"] = spread([(r["cpu_s"] - b["cpu_s"]) / (items - before) * 1e6
                                        for r, b in zip(runs, results[stream, before])])
        rows.append(row)
        before = items
        further = f"{row['further_us']['median']:10.2f}" if "further_us" in row else " " * 10
        print(f"{stream:9} {items:11,} {row['item']:7} {row['cpu_s']['median']:9.3f} s  {row['mean_us']['median']:9.2f}  "
              f"{further}  {row['peak_rss_mib']['max']:8.1f} MiB", flush=True)
    few, many = SERIES[stream]["counted"]
    a_few = (counted[few] - counted[0]) / few
    further = (counted[many] - counted[few]) / (many - few)
    print(f"{stream:9} instructions: {a_few:,.0f} each of {few:,}, {further:,.0f} each further one up to {many:,} "
          f"({further / a_few - 1:+.1%})", flush=True)
    return rows, {"series": stream, "item": SERIES[stream]["item"], "few": few, "many": many,
                  "each": a_few, "each_further": further, "growth": further / a_few - 1}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--series", choices=SERIES, help="one series only, not kept for the report")
    chosen = parser.parse_args()
    names = [chosen.series] if chosen.series else list(SERIES)
    with pages.serve() as url:
        cases = {"start-up": lambda: timed(url, "slices", 1, 20)}
        for name in names:
            for items, repeat in SERIES[name]["sizes"].items():
                cases[name, items] = lambda name=name, items=items, repeat=repeat: timed(url, name, items, repeat)
        results = measure.interleaved(cases, chosen.rounds)
        start_up = results["start-up"]
        none = instructions(url, "slices", 1)
        print(f"start-up: {measure.median([r['cpu_s'] for r in start_up]) * 1e3:.1f} ms of processor time\n"
              "series          items              processor  us each    us further one   peak memory")
        rows, counts = [], []
        for name in names:
            counted = {0: none, **{items: instructions(url, name, items) for items in SERIES[name]["counted"]}}
            more, count = rows_of(name, results, start_up, counted)
            rows += more
            counts.append(count)
    if not chosen.series:
        measure.save("growth", {"pool": POOL, "start_up_cpu_s": spread([r["cpu_s"] for r in start_up]), "rows": rows,
                                "instructions": counts})


if __name__ == "__main__":
    main()
