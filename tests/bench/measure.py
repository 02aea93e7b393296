"""Starts programs, measures them, and compares figures of one run: what all benchmarks share."""

import contextlib
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
WORK = BUILD / "bench"
SLUICE = BUILD / "sluice"


@dataclasses.dataclass
class Run:
    """What one run of a program took. CPU time is of the program alone, user and kernel."""

    wall_s: float
    cpu_s: float
    peak_rss_mib: float
    records: int
    output_bytes: int


def count_records(path):
    """RECORD lines of a file. In a process of its own: the memory that this one has used at most is what the kernel
    reports as the least peak of the programs that it starts."""
    found = subprocess.run(["grep", "-c", '"type":"RECORD"', str(path)], stdout=subprocess.PIPE, env={"LC_ALL": "C"})
    return int(found.stdout)


def run_piped(argv, log, *, timeout_s=1800.0, env=None):
    """As `run`, with stdout in a pipe that grep reads and counts: for more output than a disk holds. stderr goes to the
    file `log`."""
    with open(log, "wb") as err:
        begin = time.perf_counter()
        process = subprocess.Popen([str(a) for a in argv], stdout=subprocess.PIPE, stderr=err,
                                   stdin=subprocess.DEVNULL, env=env)
        counting = subprocess.Popen(["grep", "-c", '"type":"RECORD"'], stdin=process.stdout, stdout=subprocess.PIPE,
                                    env={"LC_ALL": "C"})
        process.stdout.close()  # the reader's alone from now on
        timer = threading.Timer(timeout_s, process.kill)
        timer.start()
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - begin
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        records = int(counting.communicate()[0])
    if process.returncode != 0:
        raise RuntimeError(f"{argv[0]} ended with {process.returncode}: {log.read_text(errors='replace')[-2000:]}")
    return Run(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, records, 0)


def run(argv, output, *, timeout_s=1800.0, env=None):
    """Runs a program with stdout in the file `output` and counts the RECORD lines there. A run that fails is an error."""
    log = pathlib.Path(str(output) + ".err")
    with open(output, "wb") as out, open(log, "wb") as err:
        begin = time.perf_counter()
        process = subprocess.Popen([str(a) for a in argv], stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=env)
        timer = threading.Timer(timeout_s, process.kill)
        timer.start()
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - begin
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{argv[0]} ended with {process.returncode}: {log.read_text(errors='replace')[-2000:]}")
    return Run(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024,
               count_records(output), os.path.getsize(output))


@contextlib.contextmanager
def server(argv, ready, *, timeout_s=20.0):
    """A server that runs inside the `with` block. `ready()` tells its address once it answers, else None."""
    with open(WORK / "server.log", "wb") as log:
        process = subprocess.Popen([str(a) for a in argv], stdout=log, stderr=subprocess.STDOUT,
                                   stdin=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + timeout_s
            while (address := ready()) is None:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{argv[0]} does not answer: {(WORK / 'server.log').read_text()[-2000:]}")
                time.sleep(0.01)
            yield address
        finally:
            process.terminate()
            process.wait()


def interleaved(cases, rounds):
    """Calls each of `cases` (name -> function) once a round, forwards and backwards in turn, so that a machine that
    gets slower or faster with time treats all alike. Returns name -> list of results, one a round."""
    results = {name: [] for name in cases}
    for n in range(rounds):
        names = list(cases)
        for name in names if n % 2 == 0 else reversed(names):
            results[name].append(cases[name]())
    return results


def median(values):
    return statistics.median(values)


def ratio(numerators, denominators):
    """Median of the ratios of each round, with the least and the greatest."""
    ratios = [a / b for a, b in zip(numerators, denominators)]
    return median(ratios), min(ratios), max(ratios)


def save(name, results):
    """Keeps a benchmark's results for the report."""
    path = WORK / "results" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1, default=dataclasses.asdict))
