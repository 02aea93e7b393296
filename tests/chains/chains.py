"""Chains of syncs that are stopped and continued, by Sluice and the reference in turns: whatever the manifest, the moments
at which a run is killed and the runtime that goes on from the last state, the records of all runs together are complete.

    chains.py --sluice PROGRAM [N] [--seed S] [--keep]

N chains (50), from seed S on; a seed makes the same manifest, data and course again. --keep leaves what the runs of a chain
that failed were given and printed. SLUICE_CDK_PYTHON names the interpreter of an environment with the CDK."""

import argparse
import collections
import contextlib
import json
import multiprocessing
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PATIENCE = 60  # seconds for a run
SIGNALS = {"KILL": signal.SIGKILL, "TERM": signal.SIGTERM}


def under_the_reference():
    """Starts this program again with the CDK's interpreter, unless it is that."""
    if os.environ.get("CHAINS_UNDER_REFERENCE"):
        return
    python = os.environ.get("SLUICE_CDK_PYTHON")
    if not python:
        sys.path.insert(0, str(HERE.parent / "bench"))
        import cdk
        cdk.prepare()
        python = str(cdk.FOLDER / "bin" / "python")
    os.environ.update(CHAINS_UNDER_REFERENCE="1", TZ="UTC", PYTHONDONTWRITEBYTECODE="1")
    os.execv(python, [python, *sys.argv])


# -- the two runtimes ----------------------------------------------------------------------------------------------------


def collect(pid, out, run, expected_bytes):
    """What a process prints until it ends, or is ended at its moment: (stdout, wait status)."""
    moment = run["after"] * expected_bytes if run["signal"] else None
    text, deadline, sent = b"", time.monotonic() + PATIENCE, False
    while True:
        if moment is not None and not sent and len(text) >= moment:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, SIGNALS[run["signal"]])
            sent = True
        left = deadline - time.monotonic()
        if left <= 0:
            os.kill(pid, signal.SIGKILL)
            raise RuntimeError(f"no end within {PATIENCE} s")
        if select.select([out], [], [], left)[0]:
            # In small pieces: a moment shall be found within them.
            piece = os.read(out, 600)
            if not piece:
                break
            text += piece
    return text, os.waitpid(pid, 0)[1]


def sluice(program, files, run, expected_bytes):
    process = subprocess.Popen([program, "read", *(word for name, path in files.items() for word in (f"--{name}", path))],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    with process.stdout:
        text, status = collect(process.pid, process.stdout.fileno(), run, expected_bytes)
    process.returncode = status
    return text, status


def reference(files, run, expected_bytes):
    out, inside = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.dup2(inside, 1)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            os.close(out)
            read_as_reference(files, run)
        finally:
            os._exit(1)
    os.close(inside)
    try:
        return collect(child, out, run, expected_bytes)
    finally:
        os.close(out)


def read_as_reference(files, run):
    import yaml
    from airbyte_cdk.entrypoint import AirbyteEntrypoint
    from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource as Source
    from airbyte_cdk.sources.declarative.incremental.concurrent_partition_cursor import ConcurrentPerPartitionCursor

    if run["often"]:  # instead of every ten minutes, which a chain does not last
        ConcurrentPerPartitionCursor._throttle_state_message = lambda self: time.time()
    folder = tempfile.mkdtemp(dir=Path(files["config"]).parent)
    tempfile.tempdir = folder
    load = lambda name: yaml.safe_load(Path(files[name]).read_text()) if files[name].endswith(".yaml") else json.loads(Path(files[name]).read_text())
    source = Source(source_config=load("manifest"), config=load("config"), config_path=files["config"],
                    catalog=Source.read_catalog(files["catalog"]), state=Source.read_state(files["state"]))
    arguments = ["read", *(word for name in ("config", "catalog", "state") for word in (f"--{name}", files[name]))]
    code = 0
    try:
        for line in AirbyteEntrypoint(source).run(AirbyteEntrypoint.parse_args(arguments)):
            os.write(1, line.encode() + b"\n")
    except Exception as error:
        os.write(1, (json.dumps({"type": "TRACE", "trace": {"type": "ERROR", "error": {"message": f"{type(error).__name__}: {error}"}}}) + "\n").encode())
        code = 1
    os._exit(code)


# -- what was printed -----------------------------------------------------------------------------------------------------


class Printed:
    """The whole lines of a run. `kept`: {stream: [record]} that a destination has when the run is over: all of a run that
    ended by itself, and of one that was killed what stands before the stream's last STATE."""

    def __init__(self, text, status, is_strict):
        self.states, self.kept, waiting, self.errors = {}, collections.defaultdict(list), collections.defaultdict(list), []
        self.warnings = []
        for line in text.split(b"\n")[:-1]:
            with contextlib.suppress(ValueError):
                message = json.loads(line)
                if message["type"] == "RECORD":
                    waiting[message["record"]["stream"]].append(message["record"]["data"])
                elif message["type"] == "STATE":
                    of = message["state"]["stream"]
                    name = of["stream_descriptor"]["name"]
                    self.states[name] = {"type": "STREAM", "stream": of}
                    self.kept[name] += waiting.pop(name, [])
                elif message["type"] == "TRACE" and message["trace"]["type"] == "ERROR":
                    self.errors.append(message["trace"]["error"].get("internal_message") or message["trace"]["error"]["message"])
                elif message["type"] == "LOG" and message["log"]["level"] == "WARN":
                    self.warnings.append(message["log"]["message"])
        if status == 0 or not is_strict:
            for name, records in waiting.items():
                self.kept[name] += records


# -- chains -----------------------------------------------------------------------------------------------------------------


class Chain:
    def __init__(self, of, url, program, folder):
        self.of, self.url, self.program, self.folder = of, url, program, folder
        self.states, self.seen = {}, {name: collections.Counter() for name in of.streams}
        self.failure, self.log = "", []

    def files(self, run, number):
        made = {"catalog": self.of.catalog(), "config": self.of.config(self.url, run["now"]), "state": list(self.states.values())}
        paths = {}
        if hasattr(self.of, "manifest"):
            made["manifest"] = self.of.manifest
        else:
            paths["manifest"] = str(self.of.manifest_path)
        for name, content in made.items():
            paths[name] = str(self.folder / f"{number}.{name}.json")
            Path(paths[name]).write_text(json.dumps(content, indent=1))
        return paths

    def run(self):
        for number, run in enumerate(self.of.runs):
            files = self.files(run, number)
            size = 1500 + 130 * sum(len(rows) for rows in self.of.expected().values())
            text, status = (sluice(self.program, files, run, size) if run["runtime"] == "sluice" else reference(files, run, size))
            (self.folder / f"{number}.{run['runtime']}.jsonl").write_bytes(text)
            # The reference prints a state now and then before the last records that it covers.
            printed = Printed(text, status, run["runtime"] == "sluice")
            for name, records in printed.kept.items():
                self.seen[name].update(record["id"] for record in records)
            self.states.update(printed.states)
            self.log.append(f"{run['runtime']} {run['signal'] or 'to its end'} at {self.of.config('', run['now'])['end']}: "
                            f"{ {name: len(records) for name, records in printed.kept.items()} }, exit {status}")
            if status != 0 and not run["signal"]:
                return self.fail(f"run {number} of {run['runtime']} failed: {printed.errors[:1]}")
        return self.judge()

    def judge(self):
        for name, rows in self.of.expected().items():
            missing = {key: row for key, row in rows.items() if self.seen[name][key] == 0}
            excused = {key: why for key, row in missing.items() if (why := self.excuse(name, row))}
            surplus = [key for key in self.seen[name] if key not in rows]
            if len(excused) < len(missing) or surplus:
                left = {key: row for key, row in missing.items() if key not in excused}
                return self.fail(f"{name} ({self.of.streams[name]}): {len(left)} of {len(rows)} rows are missing: {list(left.values())[:3]}; {surplus[:3]}")
            EXCUSES.update(excused.values())
        return True

    def excuse(self, name, row):
        """Why the reference would not have read the row either, in a chain of its own; the rules are in README.md."""
        shelf = next((shelf for shelf in self.of.shelves if shelf["id"] == row.get("shelf")), None)
        if not shelf or shelf["born"] <= row["at"]:
            return None
        if self.of.streams[name] in ("group", "global"):
            return "an older row of a partition that came later, where the manifest has one cursor for all of them"
        if any(run["runtime"] == "reference" for run in self.of.runs):
            return "an older row of a partition that came later, where the reference has read"
        return None

    def fail(self, why):
        self.failure = why
        return False

    def report(self):
        print(f"\nchain {self.of.seed} failed: {self.failure}")
        for line in self.log:
            print("  " + line)
        print(json.dumps(self.of.manifest) if hasattr(self.of, "manifest") else self.of.manifest_path)


EXCUSES = collections.Counter()


def main():
    under_the_reference()
    parser = argparse.ArgumentParser()
    parser.add_argument("count", nargs="?", type=int, default=50)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--sluice", required=True)
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else int.from_bytes(os.urandom(3), "big")

    import airbyte_cdk.entrypoint  # noqa: F401  once, for all that is forked
    import airbyte_cdk.sources.declarative.concurrent_declarative_source  # noqa: F401
    sys.path.insert(0, str(HERE))
    from account import Account
    from api import serve
    from scenario import Scenario

    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    theirs.close()
    url = f"http://127.0.0.1:{ours.recv()}"
    print(f"{given.count} chains from seed {seed} on")
    failed, runs, counts = [], collections.Counter(), collections.Counter()
    for at in range(seed, seed + given.count):
        folder = Path(tempfile.mkdtemp(prefix=f"chain-{at}-"))
        of = Account(at, given.sluice) if at % 20 == 0 else Scenario(at)
        chain = Chain(of, url, given.sluice, folder)
        try:
            is_good = chain.run()
        except Exception as error:
            is_good = chain.fail(f"{type(error).__name__}: {error}")
        if hasattr(of, "close"):
            of.close()
        runs.update(f"{run['runtime']} {run['signal']}".strip() for run in chain.of.runs)
        counts["rows"] += sum(len(seen) for seen in chain.seen.values())
        counts["again"] += sum(sum(seen.values()) - len(seen) for seen in chain.seen.values())
        if not is_good:
            failed.append(at)
            chain.report()
            if given.keep:
                print(f"its runs: {folder}")
        if is_good or not given.keep:
            shutil.rmtree(folder, ignore_errors=True)
        sys.stdout.flush()
    server.terminate()
    print(f"\n{given.count - len(failed)} of {given.count} chains are complete; runs: {dict(sorted(runs.items()))}; "
          f"{counts['rows']} rows, {counts['again']} of them printed again")
    for why, count in EXCUSES.items():
        print(f"not counted: {count} rows, {why}")
    if failed:
        print(f"failed: {' '.join(map(str, failed))}")
        sys.exit(1)


if __name__ == "__main__":
    main()
