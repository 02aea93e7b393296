"""How much of a limited server's quota a read uses, and how much of pool / latency where only latency limits it.

Minutes are shortened, and latencies with them, so that their ratio is that of the real thing: a request's place in the
window is taken for a minute from its answer on, because the client cannot know when the server counted it. So a place
is useful for minute / (minute + latency) of the time at best.
"""

import argparse
import collections
import contextlib
import datetime
import json
import math
import socket
import time
import urllib.parse
import urllib.request

import measure
import pages

TOKEN = "t"
SHORTENING = 20  # the account's minute takes 3 s
WINDOW_S = 60 / SHORTENING
WINDOWS = 7  # of work in each run
LIMITS = (20, 120, 720)
LATENCIES_MS = (50, 200)
POOL = 40  # pool / latency is far above the greatest limit
Request = collections.namedtuple("Request", "arrived answered status")  # seconds


@contextlib.contextmanager
def simulator(*arguments, surveys=500):
    """A simulated account, while the `with` block runs; yields its URL."""
    def ready():
        words = (measure.WORK / "server.log").read_text().split()
        return next((word for word in words if word.startswith("http://")), None)

    argv = [measure.SLUICE, "simulate", "--token", TOKEN, "--surveys", surveys, "--responses", 0, "--unpleasant",
            *arguments]
    with measure.server(argv, ready) as url:
        yield url


def server_log(url):
    with urllib.request.urlopen(f"{url}/simulator/requests") as answer:
        rows = [line.split() for line in answer.read().decode().splitlines()]
    return [Request(int(a) / 1e6, int(b) / 1e6, int(status)) for a, b, status in rows]


def read(url, requests, *settings, **config):
    """Reads `requests` windows of a day, each of them one page, so that all requests are independent of each other."""
    first = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=requests - 1)
    inputs = pages.write_inputs(measure.WORK / "quota", url, ["surveys"], access_token=TOKEN, slice_range_days=1,
                                start_date=f"{first}T00:00:00Z", **config)
    summary = measure.WORK / "quota" / "summary.json"
    result = measure.run([measure.SLUICE, "read", *inputs, "--progress", "never", "--log-level", "error",
                          "--summary", summary, *settings], measure.WORK / "quota" / "out")
    return result, json.loads(summary.read_text())


# -- a limited server --------------------------------------------------------------------------------------------------


def occupancy(log, limit, window_s):
    """Useful / allowed: how full the server's moving window is on average while there is work. From one window after the
    first request on (before, it cannot be full) to the last arrival."""
    begin, end = log[0].arrived + window_s, log[-1].arrived
    held = sum(max(0.0, min(r.arrived + window_s, end) - max(r.arrived, begin)) for r in log if r.status == 200)
    return held / (limit * (end - begin))


def refused_by_moving_window(log, limit, window_s):
    """Requests that a server would refuse that counts those of the last minute at every moment: the strictest one."""
    arrivals = [r.arrived for r in log]
    return sum(later - earlier < window_s for earlier, later in zip(arrivals, arrivals[limit:]))


def minimum_s(requests, limit, latency_s):
    """A window admits `limit` requests at once; the next as many have to wait until those leave it, one window later. So
    the last batch begins after ceil(N/L) - 1 windows; its requests then pass through the pool, one latency a round."""
    batches = math.ceil(requests / limit)
    last = requests - (batches - 1) * limit
    return (batches - 1) * WINDOW_S + math.ceil(last / POOL) * latency_s


def limited(limit, latency_ms):
    latency_s = latency_ms / 1000 / SHORTENING
    requests = limit * WINDOWS
    with simulator("--latency", f"{round(latency_s * 1e6)}us", "--rate-limit", limit,
                   "--rate-window", f"{round(WINDOW_S * 1e6)}us") as url:
        result, summary = read(url, requests, "--set", f"budget.window={round(WINDOW_S * 1e6)}us", num_workers=POOL,
                               rate_limit_per_minute=limit)
        log = server_log(url)
    if len(log) != requests:
        raise RuntimeError(f"{len(log)} requests instead of {requests}")
    return {"use": occupancy(log, limit, WINDOW_S), "refused": sum(r.status == 429 for r in log),
            "refused_by_moving_window": refused_by_moving_window(log, limit, WINDOW_S),
            "wall_s": result.wall_s, "wall_over_minimum": result.wall_s / minimum_s(requests, limit, latency_s),
            "limiter": summary["bottleneck"]["limiter"]}


# -- a server that only takes its time ---------------------------------------------------------------------------------


def answer_time_s(url, requests):
    """What a client without anything around it sees of the latency: one request after another on one connection."""
    address = urllib.parse.urlsplit(url)
    head = f"GET /v3/surveys?per_page=1 HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
    times = []
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(requests):
            begin = time.perf_counter()
            connection.sendall(head.encode())
            connection.recv(1 << 16)
            times.append(time.perf_counter() - begin)
    return measure.median(times)


def latency_bound(pool, latency_ms, requests_each):
    """Pages a second from the end of the pool's first round to that of its last but one: without start-up and the uneven
    end. Rounds may come in bursts, so whole rounds are counted."""
    requests = pool * requests_each
    with simulator("--latency", f"{latency_ms}ms") as url:
        plain_s = answer_time_s(url, 20)
        before = len(server_log(url))
        result, _ = read(url, requests, num_workers=pool, rate_limit_per_minute=1_000_000)
        log = server_log(url)[before:]
    answered = sorted(r.answered for r in log)
    rate = (requests - 2 * pool) / (answered[-1 - pool] - answered[pool - 1])
    server_s = measure.median([r.answered - r.arrived for r in log])
    return {"rate": rate, "plain_answer_ms": plain_s * 1e3, "server_answer_ms": server_s * 1e3,
            "of_nominal": rate * latency_ms / 1e3 / pool, "of_ideal": rate * plain_s / pool,
            "whole_run_of_ideal": requests / result.wall_s * plain_s / pool}


# -- pools of hundreds -------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def slow_server(latency_ms):
    """Answers everything with a page of 20 records (slow_server.cpp), while the `with` block runs; yields its URL."""
    page = measure.WORK / "quota" / "page.json"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(pages.one_small_page(), "utf-8")

    def ready():
        port = (measure.WORK / "server.log").read_text().strip()
        return f"http://127.0.0.1:{port}/" if port else None

    with measure.server([measure.BUILD / "slow_server", latency_ms, page], ready) as url:
        yield url


def many_in_flight(pool, latency_ms, rounds):
    """Pages a second of a whole run, start-up and end included, against pool / latency. Each window of a day is a page."""
    requests = pool * rounds
    end = datetime.date(2023, 1, 1) + datetime.timedelta(days=requests)
    with slow_server(latency_ms) as url:
        inputs = pages.write_inputs(measure.WORK / "quota" / "many", url, ["small"], sync_mode="incremental",
                                    num_workers=pool, end=str(end))
        result = measure.run([measure.SLUICE, "read", "--manifest", pages.MANIFESTS / "bench.yaml", *inputs, "--progress",
                              "never", "--log-level", "error"], measure.WORK / "quota" / "out")
    if result.records != requests * 20:
        raise RuntimeError(f"{result.records} records instead of {requests * 20}")
    return {"rate": requests / result.wall_s, "of_nominal": requests / result.wall_s * latency_ms / 1e3 / pool,
            "cpu_us_per_page": result.cpu_s / requests * 1e6, "peak_rss_mib": result.peak_rss_mib}


# -- tables ------------------------------------------------------------------------------------------------------------


def spread(rounds, field):
    values = [r[field] for r in rounds]
    return {"min": min(values), "median": measure.median(values), "max": max(values)}


def quota_rows(rounds):
    cases = {(limit, ms): lambda limit=limit, ms=ms: limited(limit, ms) for limit in LIMITS for ms in LATENCIES_MS}
    print(f"A limited server: minutes of {WINDOW_S:g} s, latencies shortened by {SHORTENING} too, pool {POOL}, "
          f"{WINDOWS} windows of work\n limit  latency  useful/allowed  429  wall/minimum")
    rows = []
    for (limit, ms), results in measure.interleaved(cases, rounds).items():
        rows.append({"limit": limit, "latency_ms": ms, "shortening": SHORTENING, "windows": WINDOWS, "pool": POOL,
                     "best_possible": WINDOW_S / (WINDOW_S + ms / 1000 / SHORTENING),
                     "refused": sum(r["refused"] for r in results),
                     "refused_by_moving_window": sum(r["refused_by_moving_window"] for r in results),
                     **{field: spread(results, field) for field in ("use", "wall_s", "wall_over_minimum")}})
        row = rows[-1]
        print(f"{limit:6}  {ms:4} ms  {row['use']['median']:13.2%}  {row['refused']:4}"
              f"  {row['wall_over_minimum']['median']:12.4f}")
    return rows


def latency_rows(rounds):
    chosen = [(pool, 50, 100) for pool in (1, 5, 10, 20, 40)] + [(pool, 200, 25) for pool in (1, 5, 10)]
    cases = {c: lambda c=c: latency_bound(*c) for c in chosen}
    print("Only latency limits: pages/s against pool / latency\n  pool  latency  pages/s  of ideal  of nominal  whole run"
          "  plain client")
    rows = []
    for (pool, ms, each), results in measure.interleaved(cases, rounds).items():
        fields = ("rate", "plain_answer_ms", "server_answer_ms", "of_nominal", "of_ideal", "whole_run_of_ideal")
        rows.append({"pool": pool, "latency_ms": ms, "requests": pool * each,
                     **{field: spread(results, field) for field in fields}})
        row = {field: rows[-1][field]["median"] for field in fields}
        print(f"{pool:6}  {ms:4} ms  {row['rate']:7.1f}  {row['of_ideal']:8.2%}  {row['of_nominal']:10.2%}"
              f"  {row['whole_run_of_ideal']:9.2%}  {row['plain_answer_ms']:9.2f} ms")
    return rows


def many_rows(rounds):
    cases = {(pool, ms): lambda pool=pool, ms=ms: many_in_flight(pool, ms, 12_000 // ms)
             for pool in (100, 400, 1000) for ms in (50, 200)}
    print("Hundreds in flight: pages/s against pool / latency\n  pool  latency  pages/s  of nominal  CPU us/page  RSS MiB")
    rows = []
    for (pool, ms), results in measure.interleaved(cases, rounds).items():
        rows.append({"pool": pool, "latency_ms": ms, **{field: spread(results, field) for field in
                     ("rate", "of_nominal", "cpu_us_per_page", "peak_rss_mib")}})
        row = {field: rows[-1][field]["median"] for field in ("rate", "of_nominal", "cpu_us_per_page", "peak_rss_mib")}
        print(f"{pool:6}  {ms:4} ms  {row['rate']:7.1f}  {row['of_nominal']:10.2%}  {row['cpu_us_per_page']:11.1f}"
              f"  {row['peak_rss_mib']:7.1f}")
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", choices=("limited", "latency", "many"), help="one of the parts, not kept for the report")
    chosen = parser.parse_args()
    measure.WORK.mkdir(parents=True, exist_ok=True)
    measured = {}
    for name, rows in (("latency", latency_rows), ("many", many_rows), ("limited", quota_rows)):
        if chosen.only in (None, name):
            measured[name] = rows(chosen.rounds)
    if not chosen.only:
        measure.save("quota", measured)
