"""Where each microsecond of a page goes: samples of the processor (perf, cpu-clock) by what the program was doing.

    python3 tests/bench/profile.py [--pool N]
"""

import argparse
import collections
import os
import re
import subprocess

import measure
import pages

MANIFEST = pages.MANIFESTS / "bench.yaml"
PAGES = {"large": 40 * len(pages.DAYS), "small": 1000 * len(pages.DAYS)}

# What CAF calls the threads of its scheduler: what they do besides sending requests and writing lines is hops.
SCHEDULER = "caf.multiplexer"
# The first row with a match counts, looked for from the innermost function outwards in the kernel, where stacks are
# whole, and on the innermost function elsewhere.
KERNEL = (
    ("hops: threads that sleep and are woken", r"futex|rt_sigtimedwait"),
    ("waiting for the socket", r"sys_poll|sys_epoll"),
    ("receiving", r"sys_recv"),
    ("sending the request", r"sys_send"),
    ("writing the lines", r"sys_write"),
    ("fresh memory", r"page_fault|sys_mmap|sys_munmap|sys_madvise|sys_mprotect|sys_brk"),
)
REQUESTS = "HTTP, request and templates"
USER = (
    ("validating the page", r"simdjson|check_|page_index|memory_of"),
    ("cutting records, finding cursors", r"output_cut|record_walk|page_cutter|record_cursor|by_formats|datetime|civil|matcher|finish|json::"),
    ("hops: messages", r"caf::|libcaf|flight|traced|pthread_cond|pthread_mutex|futex|lll_lock"),
    ("copying", r"mem(cpy|move|set|chr|cmp)"),
    (REQUESTS, r"sluice::net|language|request|url|header|pagination|Poco|__poll|__libc_(recv|send)|error_policy|judge"),
    ("allocating", r"malloc|free|operator new|operator delete|tcache|consolidate|unlink_chunk"),
)


def category(comm, stack):
    """`stack`: (function, file) from the innermost outwards."""
    if any("kernel" in file for _, file in stack[:1]):
        for name, pattern in KERNEL:
            if any(re.search(pattern, function) for function, _ in stack):
                return name
        return "kernel, other"
    function, file = stack[0]
    found = next((name for name, pattern in USER if re.search(pattern, function) or re.search(pattern, file)), "other")
    return "hops: scheduled actors" if comm == SCHEDULER and found != REQUESTS else found


def samples(text):
    """(thread's name, stack) of each sample of `perf script`."""
    for block in text.split("\n\n"):
        lines = block.strip("\n").splitlines()
        if len(lines) < 2:
            continue
        stack = [m.groups() for m in (re.match(r"\s+[0-9a-f]+ (.*) \((\S*)\)$", line) for line in lines[1:]) if m]
        if stack:
            yield lines[0].strip(), stack


def profile(stream, url, pool):
    inputs = pages.write_inputs(measure.WORK / "inputs" / "profile", url, [stream], sync_mode="incremental",
                                num_workers=pool)
    argv = [measure.SLUICE, "read", "--manifest", MANIFEST, *inputs, "--progress", "never", "--log-level", "error"]
    data = measure.WORK / "perf.data"
    out = "/dev/shm/sluice-profile" if os.access("/dev/shm", os.W_OK) else measure.WORK / "profile.out"
    cpu_s = measure.median([measure.run(argv, out).cpu_s for _ in range(5)])
    measure.run(["perf", "record", "-q", "-F", "10000", "-e", "cpu-clock", "-g", "-o", data, *argv], out)
    os.unlink(out)
    # What perf does while it starts the program is not the program.
    text = subprocess.run(["perf", "script", "-i", data, "-F", "comm,ip,sym,dso"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=True).stdout
    counts = collections.Counter(category(comm, stack) for comm, stack in samples(text) if not comm.startswith("perf"))
    total = sum(counts.values())
    a_page = cpu_s / PAGES[stream] * 1e6
    rows = [{"pages": stream, "what": what, "us_per_page": a_page * n / total} for what, n in counts.most_common()]
    return rows, {"pages": stream, "pool": pool, "cpu_us_per_page": a_page,
                  "hops_us_per_page": sum(r["us_per_page"] for r in rows if r["what"].startswith("hops"))}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--pool", type=int, default=4)
    chosen = arguments.parse_args()
    measure.WORK.mkdir(parents=True, exist_ok=True)
    rows, totals = [], []
    with pages.serve() as url:
        for stream in PAGES:
            found, total = profile(stream, url, chosen.pool)
            rows += found
            totals.append(total)
            print(f"{stream}: {total['cpu_us_per_page']:.1f} us of processor time a page, pool {chosen.pool}; all hops"
                  f" {total['hops_us_per_page']:.1f} us")
            for r in found:
                print(f"  {r['us_per_page']:8.1f} us  {r['what']}")
    measure.save("profile", {"rows": rows, "totals": totals})


if __name__ == "__main__":
    main()
