"""Airbyte's platform: a sync by its shell line, with pipes, and its rule that every exit code but 0 is a failed attempt."""

import json
import os
import pathlib
import subprocess
import tempfile
import threading

from common import SLUICE, catalogue, complete_read, expect, expect_counts, records_of, simulated_account

RUN = pathlib.Path(__file__).with_name("platform_run.sh")


class Pod:
    """A folder with the connector's files, and what came through its pipes."""

    def __init__(self, folder, config):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.write("connectorConfig.json", config)
        self.write("catalog.json", catalogue(self.folder / "connectorConfig.json"))
        self.write("input_state.json", [])

    def write(self, name, value):
        (self.folder / name).write_text(json.dumps(value))

    def start(self, *verb):
        for pipe in ("out", "err"):
            os.mkfifo(self.folder / pipe)
        environment = os.environ | {"AIRBYTE_ENTRYPOINT": f"exec {SLUICE}"}
        self.process = subprocess.Popen(["/bin/sh", RUN, self.folder, *verb], env=environment)
        self.said = {"out": b"", "err": b""}
        self.readers = [threading.Thread(target=self.read, args=[pipe]) for pipe in self.said]
        for reader in self.readers:
            reader.start()
        return self

    def read(self, pipe):
        with open(self.folder / pipe, "rb") as source:
            for line in source:
                self.said[pipe] += line

    def sync(self):
        return self.start(
            "read", "--config", "connectorConfig.json", "--catalog", "catalog.json", "--state", "input_state.json"
        )

    def end(self):
        self.process.wait()
        for reader in self.readers:
            reader.join()
        return int((self.folder / "exit_code").read_text())

    def lines(self):
        return self.said["out"].splitlines()

    def states(self):
        last = {}
        for message in map(json.loads, self.lines()):
            if message["type"] == "STATE":
                last[message["state"]["stream"]["stream_descriptor"]["name"]] = message["state"]
        return list(last.values())


def main():
    with tempfile.TemporaryDirectory() as folder:
        with simulated_account() as config:
            expected = complete_read(folder, config)
            pod = Pod(f"{folder}/all", config).sync()
            expect(pod.end() == 0, "the sync failed")
            expect(pod.said["err"] == b"", "stderr is not empty: each of its lines is an error in the sync's log")
            found = {stream: len(rows) for stream, rows in records_of(pod.lines()).items()}
            expect_counts(expected, found, "one sync")
        with simulated_account("--latency", "200ms") as config:
            pod = Pod(f"{folder}/cancelled", config).sync()
            while b'"STATE"' not in pod.said["out"]:
                expect(pod.process.poll() is None, "the sync ended before it could be cancelled")
            (pod.folder / "stop").touch()
            expect(pod.end() == 143, "a cancelled sync does not end by SIGTERM")
            expect(pod.said["err"] == b"", "stderr is not empty")
            expect(len(pod.states()) == len(expected), "not every stream has a state")
            rest = Pod(f"{folder}/rest", config)
            rest.write("input_state.json", pod.states())
            expect(rest.sync().end() == 0, "the sync after it failed")
            found = records_of(pod.lines() + rest.lines())
            expect_counts(expected, {stream: len(rows) for stream, rows in found.items()}, "a sync in two parts")
        with simulated_account("--day-limit", "40", "--day-window", "2s") as config:
            pod = Pod(f"{folder}/days", config | {"on_quota": "wait"}).sync()
            expect(pod.end() == 0, "an attempt failed")
            expect(pod.said["err"] == b"", "stderr is not empty")
            expect(b"RATE_LIMITED" in pod.said["out"], "no status tells of the wait")
            found = {stream: len(rows) for stream, rows in records_of(pod.lines()).items()}
            expect_counts(expected, found, "one attempt over simulated days of 40 requests")
        pod = Pod(f"{folder}/wrong", config).start("read", "--nonsense")
        expect(pod.end() == 2, "wrong arguments do not end with 2")
        expect(pod.said["err"] != b"" and pod.said["out"] == b"", "wrong arguments are not said on stderr alone")


main()
