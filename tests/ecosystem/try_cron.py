"""cron: the shell script of docs/recipes/cron.md, over nights with a day's quota, one of which is killed."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

from common import ROOT, SLUICE, catalogue, complete_read, expect, expect_counts, records_of, simulated_account

RECIPE = (ROOT / "docs/recipes/cron.md").read_text()
DAY = 2  # seconds


def incomplete(lines):
    statuses = {}
    for message in map(json.loads, lines):
        if message["type"] == "TRACE" and message["trace"]["type"] == "STREAM_STATUS":
            status = message["trace"]["stream_status"]
            statuses[status["stream_descriptor"]["name"]] = status["status"]
    return not statuses or any(status != "COMPLETE" for status in statuses.values())


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with simulated_account() as config:
            expected = complete_read(folder, config)
        (folder / "nightly.sh").write_text(re.search(r"```sh\n(.*?)```", RECIPE, re.S)[1])
        (folder / "sluice").symlink_to(SLUICE)
        environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
        with simulated_account("--day-limit", "40", "--day-window", f"{DAY}s", "--latency", "20ms") as config:
            (folder / "config.json").write_text(json.dumps(config))
            (folder / "catalog.json").write_text(json.dumps(catalogue(folder / "config.json")))
            for night in range(30):
                run = subprocess.Popen(["/bin/sh", folder / "nightly.sh"], env=environment, start_new_session=True)
                if night == 1:
                    time.sleep(0.2)
                    os.killpg(run.pid, signal.SIGKILL)
                    run.wait()
                else:
                    expect(run.wait() == 0, f"night {night} failed")
                    newest = max((folder / "records").glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
                    if not incomplete(newest.read_bytes().splitlines()):
                        break
                time.sleep(DAY)
            lines = []
            for path in (folder / "records").glob("*.jsonl"):
                lines += path.read_bytes().splitlines()
            found = {stream: len(rows) for stream, rows in records_of(lines).items()}
            expect(night > 2, "the day's quota held nothing up")
            expect_counts(expected, found, f"{night + 1} nights of 40 requests, one of them killed")


main()
