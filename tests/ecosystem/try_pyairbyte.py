"""PyAirbyte reads through the program into DuckDB: some streams, all streams, what is new, and an account that takes
several days."""

import importlib.metadata
import json
import os
import tempfile
import time

os.environ["AIRBYTE_OFFLINE_MODE"] = "1"
os.environ["DO_NOT_TRACK"] = "1"

import airbyte as ab  # noqa: E402

from common import SLUICE, STREAMS, complete_read, expect, expect_counts, simulated_account  # noqa: E402


def source(config, streams):
    return ab.get_source("source-sluice", local_executable=SLUICE, config=config, streams=streams)


def cache_in(folder, name):
    return ab.DuckDBCache(db_path=f"{folder}/{name}.duckdb", cache_dir=f"{folder}/{name}")


def counts(cache):
    """Distinct rows by primary key."""
    engine = cache.get_sql_engine()
    result = {}
    with engine.connect() as connection:
        for name in cache.streams:
            result[name] = connection.exec_driver_sql(f'SELECT count(DISTINCT id) FROM main."{name}"').scalar()
    return result


def distinct_ids(expected):
    return {stream: {json.loads(row)["id"] for row in rows} for stream, rows in expected.items()}


def main():
    print(f"PyAirbyte {importlib.metadata.version('airbyte')}")
    with tempfile.TemporaryDirectory() as folder:
        with simulated_account() as config:
            expected = distinct_ids(complete_read(folder, config))
            some = ["surveys", "survey_responses_bulk"]
            reader = source(config, some)
            reader.check()
            expect(set(reader.get_available_streams()) == set(STREAMS), "not all streams are found")
            cache = cache_in(folder, "some")
            reader.read(cache=cache)
            expect_counts({name: expected[name] for name in some}, counts(cache), "two streams")
            again = reader.read(cache=cache)
            # The cursors are inclusive: of each survey the newest response comes again, and no other.
            expect(again.processed_records <= len(expected["surveys"]) * 2, f"{again.processed_records} records came again")
            expect_counts({name: expected[name] for name in some}, counts(cache), "two streams, again")
            cache = cache_in(folder, "all")
            source(config, "*").read(cache=cache)
            expect_counts(expected, counts(cache), "all streams")
        day = 2
        with simulated_account("--day-limit", "25", "--day-window", f"{day}s") as config:
            config["on_quota"] = "finish"
            cache = cache_in(folder, "days")
            reads, found = 0, {}
            while found != {name: len(ids) for name, ids in expected.items()} and reads < 40:
                source(config, "*").read(cache=cache)
                found = counts(cache)
                reads += 1
                time.sleep(day)  # the next day
            expect(reads > 2, "the day's quota held nothing up")
            expect_counts(expected, found, f"{reads} simulated days of 25 requests")


main()
