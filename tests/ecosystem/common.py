"""What the scripts of this folder share: a simulated account, and what a complete read of it prints."""

import collections
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SLUICE = pathlib.Path(os.environ.get("SLUICE", ROOT / "build/sluice"))
TOKEN = "simulator-token"
ACCOUNT = ["--surveys", "12", "--responses", "0..30"]
STREAMS = [
    "surveys",
    "survey_responses",
    "survey_details",
    "survey_pages",
    "survey_questions",
    "survey_collectors",
    "collectors",
    "survey_responses_bulk",
]


@contextlib.contextmanager
def simulated_account(*options):
    """A simulator in a process of its own; the config of its account."""
    with tempfile.TemporaryFile() as said:
        if "--latency" not in options:
            options = [*options, "--latency", "5ms"]
        process = subprocess.Popen([SLUICE, "simulate", "--port", "0", *ACCOUNT, *options], stdout=said, stderr=said)
        try:
            url = None
            while url is None and process.poll() is None:
                said.seek(0)
                url = re.search(rb"http://127\.0\.0\.1:\d+", said.read())
            if url is None:
                raise SystemExit("the simulator did not start")
            yield {"access_token": TOKEN, "api_url": url[0].decode(), "rate_limit_per_minute": 100000}
        finally:
            process.terminate()
            process.wait()


def catalogue(config_file, streams=STREAMS):
    """A configured catalogue, incremental where that is possible, from `discover`."""
    printed = subprocess.run([SLUICE, "discover", "--config", config_file], stdout=subprocess.PIPE, check=True).stdout
    found = next(m["catalog"]["streams"] for m in map(json.loads, printed.splitlines()) if m["type"] == "CATALOG")
    configured = []
    for stream in found:
        if stream["name"] in streams:
            mode = "incremental" if "incremental" in stream["supported_sync_modes"] else "full_refresh"
            configured.append({"stream": stream, "sync_mode": mode, "destination_sync_mode": "append"})
    return {"streams": configured}


def records_of(lines):
    """{stream: {record as text}} of protocol messages."""
    result = collections.defaultdict(set)
    for line in lines:
        message = json.loads(line)
        if message["type"] == "RECORD":
            result[message["record"]["stream"]].add(json.dumps(message["record"]["data"], sort_keys=True))
    return result


def complete_read(folder, config):
    """What a read of everything prints: {stream: {record}}."""
    folder = pathlib.Path(folder)
    (folder / "all-config.json").write_text(json.dumps(config))
    (folder / "all-catalog.json").write_text(json.dumps(catalogue(folder / "all-config.json")))
    command = [SLUICE, "read", "--config", folder / "all-config.json", "--catalog", folder / "all-catalog.json"]
    printed = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    return records_of(printed.splitlines())


def expect(condition, what):
    """Ends the script with what is wrong."""
    if not condition:
        sys.exit(f"FAILED: {what}")


def expect_counts(expected, found, what):
    """Every stream has as many distinct records as it should."""
    for stream in expected:
        expect(
            found.get(stream, 0) == len(expected[stream]),
            f"{what}: {stream} has {found.get(stream, 0)} of {len(expected[stream])} records",
        )
    print(f"{what}: {sum(len(rows) for rows in expected.values())} records of {len(expected)} streams, 100 %")
