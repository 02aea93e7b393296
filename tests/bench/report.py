"""Writes what the benchmarks found into docs/benchmarks.md, between its marks, and draws docs/images/benchmarks.svg.

    python3 tests/bench/report.py
"""

import os
import platform
import re
import subprocess

import cdk
import measure
import pages
from kinds import KINDS
import plot

DOCUMENT = measure.ROOT / "docs" / "benchmarks.md"
PLOT = measure.ROOT / "docs" / "images" / "benchmarks.svg"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def span(figure, form):
    return f"{form.format(figure['median'])} ({form.format(figure['min'])}–{form.format(figure['max'])})"


def versions():
    def first_line(*argv):
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return done.stdout.splitlines()[0].strip() if done.stdout else "?"

    cpu = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
    commit = first_line("git", "-C", str(measure.ROOT), "rev-parse", "--short", "HEAD")
    return table(["what", "which"], [
        ["machine", f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores, shared with other work"],
        ["system", f"Linux {platform.release()}, {platform.freedesktop_os_release()['PRETTY_NAME']}"],
        ["compiler", first_line("g++", "--version")],
        ["Sluice", f"commit {commit}, preset release"],
        ["server", first_line(str(pages.nginx()), "-v").removeprefix("nginx version: ") + ", one worker, on the same machine"],
        ["Python CDK", f"airbyte-cdk {cdk.VERSION}, Python {platform.python_version()}"],
    ])


NAMES = {"sluice": "Sluice, pool", "light": "speed of light, connections", "noise": "Sluice again, pool", "cdk": "Python CDK, level"}


def ceiling(data):
    rows = []
    for r in data["rows"]:
        name = r["case"]
        if name.startswith("beside cdk sluice"):
            continue
        kind, number = name.removeprefix("beside cdk ").split()
        rows.append([r["pages"], f"{NAMES[kind]} {number}", span(r["records_per_s"], "{:,.0f}"),
                     f"{r['output_mb_per_s']['median']:,.0f}", span(r["cpu_s_per_million"], "{:.2f}"),
                     f"{r['peak_rss_mib']['median']:.0f}"])
    return table(["pages", "program", "records/s", "MB/s", "CPU s per million records", "peak RSS, MiB"], rows)


def ratios(data):
    return table(["pages", "ratio", "median", "least to greatest"],
                 [[r["pages"], r["ratio"], f"{r['median']:.2f}", f"{r['min']:.2f} to {r['max']:.2f}"] for r in data["ratios"]])


def kind_rows(data):
    rows = []
    for r in data["kinds"]["rows"]:
        kind, program, number = r["case"].split()
        rows.append([KINDS.get(kind, "as they are (the fast path)"), f"{NAMES[program]} {number}",
                     span(r["records_per_s"], "{:,.0f}"), span(r["cpu_s_per_million"], "{:.2f}"),
                     f"{r['peak_rss_mib']['median']:.0f}"])
    ratios = [[KINDS[r["kind"]], r["ratio"], f"{r['median']:.2f}", f"{r['min']:.2f} to {r['max']:.2f}"]
              for r in data["kinds"]["ratios"]]
    return (table(["records", "program", "records/s", "CPU s per million records", "peak RSS, MiB"], rows) + "\n\n"
            + table(["records", "ratio", "median", "least to greatest"], ratios))


def startup(data):
    return table(["program", "what", "ms, median (least–greatest)"],
                 [[r["case"], r["what"], span(r["ms"], "{:.2f}")] for r in data["rows"]])


def limited(data):
    return table(["limit a minute", "latency, ms", "useful ÷ allowed", "refused (429)", "wall ÷ minimum"],
                 [[str(r["limit"]), str(r["latency_ms"]), f"{r['use']['median']:.2%}", str(r["refused"]),
                   f"{r['wall_over_minimum']['median']:.4f}"] for r in data["limited"]])


def latency(data):
    return table(["pool", "latency, ms", "pages/s", "of pool ÷ a plain client's answer time", "of pool ÷ latency"],
                 [[str(r["pool"]), str(r["latency_ms"]), f"{r['rate']['median']:.1f}", f"{r['of_ideal']['median']:.1%}",
                   f"{r['of_nominal']['median']:.1%}"] for r in data["latency"]])


def many(data):
    return table(["pool", "latency, ms", "pages/s", "of pool ÷ latency", "CPU µs a page", "peak RSS, MiB"],
                 [[f"{r['pool']:,}", str(r["latency_ms"]), f"{r['rate']['median']:,.0f}", f"{r['of_nominal']['median']:.1%}",
                   f"{r['cpu_us_per_page']['median']:.0f}", f"{r['peak_rss_mib']['max']:.0f}"] for r in data["many"]])


def growth(data):
    rows = [[r["series"], f"{r['items']:,} {r['item']}s", span(r["cpu_s"], "{:.3f}"), f"{r['mean_us']['median']:.2f}",
             f"{r['further_us']['median']:.2f}" if "further_us" in r else "", f"{r['peak_rss_mib']['max']:.0f}"]
            for r in data["rows"]]
    counts = [[c["series"], f"{c['each']:,.0f} each of {c['few']:,}",
               f"{c['each_further']:,.0f} each further one up to {c['many']:,}", f"{c['growth']:+.1%}"]
              for c in data["instructions"]]
    return (table(["series", "size", "CPU s", "µs each", "µs each further one", "peak RSS, MiB"], rows) + "\n\n"
            + table(["series", "instructions", "", "growth"], counts))


def profile(data):
    found = {}
    for r in data["rows"]:
        found.setdefault(r["what"], {})[r["pages"]] = r["us_per_page"]
    rows = [[what, *(f"{by.get(p, 0):.1f}" for p in ("large", "small"))]
            for what, by in sorted(found.items(), key=lambda x: -x[1].get("small", 0))]
    totals = {t["pages"]: t for t in data["totals"]}
    rows.append(["**all**", *(f"**{totals[p]['cpu_us_per_page']:.1f}**" for p in ("large", "small"))])
    rows.append(["of that all hops", *(f"{totals[p]['hops_us_per_page']:.1f}" for p in ("large", "small"))])
    return table(["what", "page of 1,000 records, µs", "page of 20 records, µs"], rows)


def targets(found):
    """What was promised, what was measured, and whether it is met."""
    rows = []

    def add(what, wanted, value, met):
        rows.append([what, wanted, value, "met" if met else "**missed**"])

    def ratio(stream, start):
        return next((r["median"] for r in found["ceiling"]["ratios"] if r["pages"] == stream and r["ratio"].startswith(start)), None)

    if found["ceiling"]:
        by_case = {(r["pages"], r["case"]): r for r in found["ceiling"]["rows"]}
        for stream, least, most in (("large", 0.90, 1.25), ("small", 0.80, 1.6)):
            speeds = [ratio(stream, f"records/s, pool {pool}") for pool in (10, 40)]
            add(f"records/s against the speed of light, {stream} pages, pools 10 and 40", f"≥ {least:.2f}",
                ", ".join(f"{v:.2f}" for v in speeds), min(speeds) >= least)
            times = [ratio(stream, f"CPU, pool {pool}") for pool in (10, 40)]
            add(f"CPU against the speed of light, {stream} pages, pools 10 and 40", f"≤ {most:g} ×",
                ", ".join(f"{v:.2f}" for v in times), max(times) <= most)
        for stream in ("large", "small"):
            if (value := ratio(stream, "records/s: Sluice with pool 4 to the CDK")) is not None:
                add(f"records/s against the CDK's best, {stream} pages", "≥ 20 ×", f"{value:.0f} ×", value >= 20)
                value = ratio(stream, "CPU: the CDK's best")
                add(f"CPU per record against the CDK's best, {stream} pages", "≤ 1/40", f"1/{value:.0f}", value >= 40)
        rss = max(by_case[s, "sluice 10"]["peak_rss_mib"]["max"] for s in ("large", "small"))
        add("peak RSS, pool of 10", "≤ 48 MiB", f"{rss:.0f} MiB", rss <= 48)
    if found["ceiling"] and "kinds" in found["ceiling"]:
        for r in found["ceiling"]["kinds"]["ratios"]:
            name = f"records/s, {KINDS[r['kind']]}"
            if r["ratio"] == "records/s: to Sluice's fast path" and r["kind"] == "touched":
                add(f"{name}, against the fast path", "≥ 0.35", f"{r['median']:.2f}", r["median"] >= 0.35)
            elif r["ratio"] == "records/s: to the CDK's best":
                add(f"{name}, against the CDK's best", "≥ 100 ×", f"{r['median']:.0f} ×", r["median"] >= 100)
    if found["startup"]:
        ms = {(r["case"], r["what"]): r["ms"]["median"] for r in found["startup"]["rows"]}
        spec, asked = ms["sluice spec", "whole run"], ms["sluice read", "start to first request"]
        add("`spec`; start to the first request", "≤ 15 ms each", f"{spec:.1f} ms; {asked:.1f} ms", max(spec, asked) <= 15)
        if ("cdk spec", "whole run") in ms:
            times = (ms["cdk spec", "whole run"] / ms["sluice spec beside cdk", "whole run"],
                     ms["cdk read", "start to first request"] / ms["sluice read beside cdk", "start to first request"])
            add("the same against the CDK", "≤ 1/50", f"1/{times[0]:.0f}; 1/{times[1]:.0f}", min(times) >= 50)
        first = ms["sluice read", "last byte of the first page to first record"]
        add("first page's last byte to the first record", "≤ 5 ms", f"{first:.1f} ms", first <= 5)
    if found["quota"]:
        worst = min(r["of_ideal"]["median"] for r in found["quota"]["latency"])
        add("latency-bound throughput against pool ÷ latency", "≥ 97 %", f"{worst:.1%} at least", worst >= 0.97)
        many = next(r for r in found["quota"]["many"] if (r["pool"], r["latency_ms"]) == (1000, 200))
        share, rss = many["of_nominal"]["median"], many["peak_rss_mib"]["max"]
        add("pool of 1,000, 200 ms, small pages: pages/s against pool ÷ latency; peak RSS", "≥ 95 %; ≤ 96 MiB",
            f"{share:.1%}; {rss:.0f} MiB", share >= 0.95 and rss <= 96)
        use = min(r["use"]["median"] for r in found["quota"]["limited"])
        refused = sum(r["refused"] for r in found["quota"]["limited"])
        add("quota used while there is work; refused", "≥ 99 %; none", f"{use:.1%} at least; {refused}", use >= 0.99 and not refused)
    if found["profile"]:
        hops = next(t["hops_us_per_page"] for t in found["profile"]["totals"] if t["pages"] == "small")
        add("all actor hops of a page of 20 records, no latency", "≤ 60 µs", f"{hops:.0f} µs", hops <= 60)
    if found["growth"]:
        for series, sizes in growth_steps(found["growth"]):
            grown = sizes[-1] / sizes[0] - 1
            add(f"CPU of each further {series} at the greatest size against the size before", "within 10 %",
                f"{grown:+.0%}", grown <= 0.10)
    return table(["figure", "target", "measured", ""], rows)


def growth_steps(data):
    series = {}
    for r in data["rows"]:
        if "further_us" in r:
            series.setdefault(r["item"], []).append(r["further_us"]["median"])
    for c in data["instructions"]:
        name = c["item"]
        if len(series.get(name, [])) >= 2:
            yield name, series[name]


def main():
    found = {name: measure.load(name) for name in ("ceiling", "startup", "quota", "growth", "profile")}
    pages_found = found["ceiling"] and "rows" in found["ceiling"]
    kinds_found = found["ceiling"] and "kinds" in found["ceiling"]
    sections = {}
    if pages_found and kinds_found and all(found.values()):
        sections = {"versions": versions(), "targets": targets(found)}
    else:
        print("not everything was measured: the targets stay")
    for name, data, makers in (("ceiling", found["ceiling"], {"ceiling": ceiling, "ratios": ratios, "kinds": kind_rows}),
                               ("startup", found["startup"], {"startup": startup}),
                               ("quota", found["quota"], {"limited": limited, "latency": latency, "many": many}),
                               ("growth", found["growth"], {"growth": growth}),
                               ("profile", found["profile"], {"profile": profile})):
        for section, make in makers.items():
            if data and (name != "ceiling" or (kinds_found if section == "kinds" else pages_found)):
                sections[section] = make(data)
            else:
                print(f"no results of {name}.py: its part of the document stays")
    text = DOCUMENT.read_text()
    for name, content in sections.items():
        text, count = re.subn(rf"(<!-- {name} -->\n).*?(<!-- end -->)", lambda m: f"{m[1]}\n{content}\n\n{m[2]}", text,
                              flags=re.S)
        if count != 1:
            raise RuntimeError(f"{DOCUMENT} has {count} places for {name}")
    DOCUMENT.write_text(text)
    if pages_found and found["quota"]:
        PLOT.write_text(plot.draw(found["ceiling"], found["quota"]))
    print(sections.get("targets", ""))


if __name__ == "__main__":
    main()
