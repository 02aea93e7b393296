"""From the start of the program to its first request, and from a page's last byte to its first record on stdout.

    python3 tests/bench/startup.py [--rounds N] [--no-cdk]
"""

import argparse
import contextlib
import os
import socket
import subprocess
import threading
import time

import cdk
import measure
import pages

MANIFEST = pages.MANIFESTS / "bench.yaml"
# Rounds of the CDK, which needs seconds for each.
CDK_ROUNDS = 3


class OnePage:
    """A server whose only page holds 1,000 records; remembers when its request came and when its last byte went."""

    def __init__(self):
        self.body = (pages.WWW / "large" / pages.DAYS[0] / "1.json").read_bytes().replace(b'"pages":40', b'"pages":1')
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/"
        self.asked_at = self.sent_at = None
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(self.body)}\r\n\r\n".encode()
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                # All but the last byte goes ahead, so that the moment of the last one is the receiver's, too.
                with connection, contextlib.suppress(OSError):
                    while request := connection.recv(65536):
                        self.asked_at = self.asked_at or time.perf_counter()
                        connection.sendall(head + self.body[:-1])
                        time.sleep(0.05)
                        self.sent_at = time.perf_counter()
                        connection.sendall(self.body[-1:])


def first_times(argv, server):
    """Seconds from the start to the first request, and from the page's last byte to the first RECORD line."""
    server.asked_at = server.sent_at = None
    begin = time.perf_counter()
    with open(measure.WORK / "startup.err", "wb") as err:
        process = subprocess.Popen([str(a) for a in argv], stdout=subprocess.PIPE, stderr=err)
    text, printed_at = b"", None
    while block := os.read(process.stdout.fileno(), 1 << 16):
        if printed_at is None:
            text += block
            if b'"type":"RECORD"' in text:
                printed_at = time.perf_counter()
    if process.wait() != 0 or printed_at is None:
        raise RuntimeError(f"{argv[0]} failed: {(measure.WORK / 'startup.err').read_text(errors='replace')[-2000:]}")
    return {"request_s": server.asked_at - begin, "record_s": printed_at - server.sent_at}


def wall(argv):
    begin = time.perf_counter()
    subprocess.run([str(a) for a in argv], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=40)
    arguments.add_argument("--no-cdk", action="store_true", help="leave out Airbyte's Python CDK")
    chosen = arguments.parse_args()
    measure.WORK.mkdir(parents=True, exist_ok=True)
    subprocess.run(["python3", pages.__file__, "--prepare"], check=True)
    server = OnePage()
    inputs = pages.write_inputs(measure.WORK / "inputs" / "startup", server.url, ["large"], sync_mode="incremental",
                                num_workers=4, end="2023-01-02")
    cases = {
        "sluice spec": lambda: wall([measure.SLUICE, "spec"]),
        "sluice spec again": lambda: wall([measure.SLUICE, "spec"]),
        "sluice read": lambda: first_times([measure.SLUICE, "read", "--manifest", MANIFEST, *inputs, "--progress", "never"],
                                           server),
        "nothing": lambda: wall(["/bin/true"]),
    }
    results = measure.interleaved(cases, chosen.rounds)
    if not chosen.no_cdk:
        cdk.prepare()
        results |= measure.interleaved({
            "cdk spec": lambda: wall([cdk.PROGRAM, "spec", "--manifest-path", MANIFEST]),
            "cdk read": lambda: first_times(cdk.read(MANIFEST, inputs), server),
            "sluice spec beside cdk": cases["sluice spec"],
            "sluice read beside cdk": cases["sluice read"],
        }, CDK_ROUNDS)
    rows = []

    def add(case, what, seconds):
        rows.append({"case": case, "what": what, "rounds": len(seconds), "ms": {
            "min": min(seconds) * 1e3, "median": measure.median(seconds) * 1e3, "max": max(seconds) * 1e3}})

    for name, values in results.items():
        if isinstance(values[0], dict):
            add(name, "start to first request", [v["request_s"] for v in values])
            add(name, "last byte of the first page to first record", [v["record_s"] for v in values])
        else:
            add(name, "whole run", values)
    for r in rows:
        print(f"{r['case']:24} {r['what']:45} {r['ms']['median']:9.2f} ms  ({r['ms']['min']:.2f} to {r['ms']['max']:.2f})")
    measure.save("startup", {"rows": rows})


if __name__ == "__main__":
    main()
