"""dlt loads what the program prints into DuckDB: docs/recipes/dlt.md, as it stands there."""

import importlib.metadata
import importlib.util
import json
import os
import pathlib
import re
import sys
import tempfile

from common import ROOT, SLUICE, catalogue, complete_read, expect, expect_counts, simulated_account

RECIPE = (ROOT / "docs/recipes/dlt.md").read_text()


def main():
    print(f"dlt {importlib.metadata.version('dlt')}, duckdb {importlib.metadata.version('duckdb')}")
    code = re.search(r"```python\n(.*?)```", RECIPE, re.S)[1]
    with tempfile.TemporaryDirectory() as folder, simulated_account() as config:
        os.chdir(folder)
        os.environ |= {"DLT_DATA_DIR": folder, "RUNTIME__DLTHUB_TELEMETRY": "false", "PATH": f"{folder}:{os.environ['PATH']}"}
        pathlib.Path("load.py").write_text(code)
        pathlib.Path("sluice").symlink_to(SLUICE)
        expected = {
            stream: {json.loads(row)["id"] for row in rows} for stream, rows in complete_read(folder, config).items()
        }
        pathlib.Path("config.json").write_text(json.dumps(config))
        pathlib.Path("catalog.json").write_text(json.dumps(catalogue("config.json")))
        for attempt in ("first", "second"):
            spec = importlib.util.spec_from_file_location(f"{attempt}_load", "load.py")
            load = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = load
            spec.loader.exec_module(load)
            with load.pipeline.sql_client() as client:
                found = {
                    stream: client.execute_sql(f"SELECT count(DISTINCT id) FROM {stream}")[0][0] for stream in expected
                }
            expect_counts(expected, found, f"{attempt} load")
        expect(load.counted.get("survey_responses_bulk", 0) <= len(expected["surveys"]), "the state was not used")


main()
