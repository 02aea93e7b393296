"""The Python CDK runs the built-in connector's manifest as it is: with a config of the published connector, and from the
states that the program prints."""

import importlib.metadata
import json
import pathlib
import subprocess
import sys
import tempfile

from common import ROOT, SLUICE, catalogue, expect, expect_counts, records_of, simulated_account

RUNTIME = pathlib.Path(sys.executable).with_name("source-declarative-manifest")
MANIFEST = ROOT / "config/surveymonkey.yaml"
# Read with extensions that only this program has: the page of a question, for one.
EXTENDED = {"survey_questions"}


def read(folder, config, catalog, state=None, program=(RUNTIME, "read", "--manifest-path", MANIFEST)):
    names = {"config.json": config, "catalog.json": catalog, "state.json": state or []}
    for name, value in names.items():
        (folder / name).write_text(json.dumps(value))
    files = ["--config", folder / "config.json", "--catalog", folder / "catalog.json", "--state", folder / "state.json"]
    ended = subprocess.run([*program, *files], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    expect(ended.returncode == 0, f"{program[0]} ended with {ended.returncode}")
    return ended.stdout.splitlines()


def states(lines):
    last = {}
    for message in map(json.loads, lines):
        if message["type"] == "STATE":
            last[message["state"]["stream"]["stream_descriptor"]["name"]] = message["state"]
    return list(last.values())


def main():
    print(f"airbyte-cdk {importlib.metadata.version('airbyte-cdk')}")
    with tempfile.TemporaryDirectory() as name, simulated_account() as config:
        folder = pathlib.Path(name)
        (folder / "config.json").write_text(json.dumps(config))
        streams = catalogue(folder / "config.json")
        ours = read(folder, config, streams, program=(SLUICE, "read"))
        expected = {stream: rows for stream, rows in records_of(ours).items() if stream not in EXTENDED}
        theirs = read(folder, config, streams)
        expect_counts(expected, {stream: len(rows) for stream, rows in records_of(theirs).items()}, "the manifest in the CDK")
        published = {"credentials": {"auth_method": "oauth2.0", "access_token": config["access_token"]}}
        published |= {"api_url": config["api_url"], "start_date": "2020-01-01T00:00:00", "rate_limit_per_minute": 100000}
        theirs = read(folder, published, streams)
        expect_counts(expected, {stream: len(rows) for stream, rows in records_of(theirs).items()}, "with a published config")
        bulk = "survey_responses_bulk"
        streams["streams"] = [entry for entry in streams["streams"] if entry["stream"]["name"] == bulk]
        again = len(records_of(read(folder, config, streams, states(ours)))[bulk])
        surveys = len(expected["surveys"])
        expect(again <= 2 * surveys, f"from our state the CDK reads {again} of {len(expected[bulk])} responses again")
        print(f"from our state: {again} of {len(expected[bulk])} responses again, in {surveys} surveys")


main()
