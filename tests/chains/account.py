"""A chain of the built-in connector: the simulated account, read by Sluice and by the reference with config/surveymonkey.yaml."""

import json
import os
import random
import signal
import subprocess
from pathlib import Path

MANIFEST = Path(__file__).resolve().parents[2] / "config" / "surveymonkey.yaml"
INCREMENTAL = ("surveys", "survey_responses_bulk")


class Account:
    """As `scenario.Scenario`; to be closed."""

    def __init__(self, seed, program):
        self.seed, self.random = seed, random.Random(seed)
        self.manifest_path = MANIFEST
        self.streams = {name: "account" for name in (*INCREMENTAL, "survey_details")}
        self.server = subprocess.Popen([program, "simulate", "--port", "0", "--surveys", "15", "--seed", str(seed), "--responses", "0..12",
                                        "--latency", "1ms", "--jitter", "2ms", "--rate-limit", "0"],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        text = b""
        while not text.rstrip().endswith(b"}"):
            text += os.read(self.server.stdout.fileno(), 4096)
        self.settings = {**json.loads(text), "page_size": 4, "slice_range_days": 60, "rate_limit_per_minute": 1_000_000, "num_workers": 4,
                         "start_date": "2019-06-01T00:00:00Z"}
        pick = self.random.choice
        self.runs = [{"runtime": pick(["sluice", "reference"]), "now": 0, "signal": pick(["", "KILL", "KILL", "TERM"]),
                      "after": self.random.random(), "often": pick([True, False])} for _ in range(5)]
        self.runs += [{"runtime": pick(["sluice", "reference"]), "now": 0, "signal": "", "after": 1, "often": False} for _ in range(2)]
        self.shelves = []
        self.rows = self.read_at_once(program)

    def read_at_once(self, program):
        config = json.dumps(self.settings)
        done = subprocess.run([program, "read", "--config", "-", "--stream", ",".join(self.streams), "--full-refresh", "--progress", "never"],
                              input=config.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        rows = {name: {} for name in self.streams}
        for line in done.stdout.splitlines():
            message = json.loads(line)
            if message["type"] == "RECORD":
                rows[message["record"]["stream"]][message["record"]["data"]["id"]] = {"id": message["record"]["data"]["id"]}
        return rows

    def config(self, _url, _now):
        return {**self.settings, "end": "its end"} if _url == "" else self.settings

    def catalog(self):
        return {"streams": [{"stream": {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]},
                             "sync_mode": "incremental" if name in INCREMENTAL else "full_refresh", "destination_sync_mode": "append"}
                            for name in self.streams]}

    def expected(self):
        return self.rows

    def close(self):
        self.server.send_signal(signal.SIGTERM)
        self.server.communicate()
