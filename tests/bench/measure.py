"""Starts programs, measures them, and compares figures of one run: what all benchmarks share."""

import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
WORK = BUILD / "bench"
SLUICE = BUILD / "sluice"
RECORD = '"type":"RECORD"'


@dataclasses.dataclass
class Run:
    """What one run of a program took. CPU time is of the program alone, user and kernel."""

    wall_s: float
    cpu_s: float
    peak_rss_mib: float
    records: int
    output_bytes: int


# Starts a program and tells its exit status, wall and processor seconds, and peak memory. In a process of its own: the
# kernel reports as the least peak of a program what the process that started it used at most.
LAUNCHER = """
import os, sys, time
told = int(sys.argv[1])
os.set_inheritable(told, False)
begin = time.perf_counter()
_, status, used = os.wait4(os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ), 0)
wall_s = time.perf_counter() - begin
os.write(told, f"{status} {wall_s} {used.ru_utime + used.ru_stime} {used.ru_maxrss}".encode())
"""


def launch(argv, output, log, *, timeout_s, env):
    """Runs a program with stdout in `output` and stderr in the file `log`. Returns wall
    seconds, processor seconds and peak memory in MiB. A run that fails is an error."""
    told, tell = os.pipe()
    with open(log, "wb") as err, open(told, "rb") as answer:
        process = subprocess.Popen([sys.executable, "-I", "-S", "-c", LAUNCHER, str(tell), *map(str, argv)], stdout=output,
                                   stderr=err, stdin=subprocess.DEVNULL, env=env, pass_fds=[tell], start_new_session=True)
        os.close(tell)
        timer = threading.Timer(timeout_s, os.killpg, [process.pid, signal.SIGKILL])
        timer.start()
        try:
            said = answer.read().split()
            process.wait()
        finally:
            timer.cancel()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(int(said[0])) if said else "nothing: it took too long, or could not be started"
    if code != 0:
        raise RuntimeError(f"{argv[0]} ended with {code}: {pathlib.Path(log).read_text(errors='replace')[-2000:]}")
    return float(said[1]), float(said[2]), int(said[3]) / 1024


def run(argv, output, *, timeout_s=1800.0, env=None):
    """Runs a program with stdout in the file `output` and counts the RECORD lines there. A run that fails is an error."""
    with open(output, "wb") as out:
        measured = launch(argv, out, WORK / "stderr", timeout_s=timeout_s, env=env)
    found = subprocess.run(["grep", "-c", RECORD, str(output)], stdout=subprocess.PIPE, env={"LC_ALL": "C"})
    return Run(*measured, int(found.stdout), os.path.getsize(output))


def run_piped(argv, log, *, timeout_s=1800.0, env=None):
    """As `run`, with stdout in a pipe that grep reads and counts: for more output than a disk holds. stderr goes to the
    file `log`, and the bytes of the output are not known."""
    with subprocess.Popen(["grep", "-c", RECORD], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          env={"LC_ALL": "C"}) as counting:
        measured = launch(argv, counting.stdin, log, timeout_s=timeout_s, env=env)
        return Run(*measured, int(counting.communicate()[0]), 0)


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


def load(name):
    """What a benchmark has kept, or None."""
    path = WORK / "results" / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None
