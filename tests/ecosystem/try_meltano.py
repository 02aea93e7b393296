"""Meltano with tap-airbyte-wrapper and a local executable, into a JSONL target: docs/recipes/meltano.md, step by step."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from common import SLUICE, complete_read, expect, expect_counts, simulated_account

ENVIRONMENTS = pathlib.Path(sys.argv[1])  # with the virtual environments meltano, wrapper and target
WRAPPER = ENVIRONMENTS / "wrapper/bin/tap-airbyte"
TARGET = ENVIRONMENTS / "target/bin/target-jsonl"
MELTANO = ENVIRONMENTS / "meltano/bin/meltano"

PROJECT = """
version: 1
default_environment: dev
environments:
- name: dev
send_anonymous_usage_stats: false
plugins:
  extractors:
  - name: tap-airbyte-wrapper
    namespace: tap_airbyte
    executable: {wrapper}
    capabilities: [catalog, state, discover, about]
    settings:
    - {{name: airbyte_spec, kind: object}}
    - {{name: airbyte_config, kind: object}}
    - {{name: force_native, kind: boolean}}
    config:
      force_native: true
      airbyte_spec: {{image: local/source-sluice, tag: latest}}
      airbyte_config: {config}
    metadata:
      surveys: {{replication-method: INCREMENTAL}}
      survey_responses_bulk: {{replication-method: INCREMENTAL}}
  loaders:
  - name: target-jsonl
    namespace: target_jsonl
    executable: {target}
    settings:
    - {{name: destination_path}}
    - {{name: do_timestamp_file, kind: boolean}}
    config: {{destination_path: output, do_timestamp_file: false}}
"""


def install_executable():
    """Where the wrapper looks for the connector that it would install from PyPI itself."""
    package = subprocess.run(
        [WRAPPER.with_name("python"), "-c", "import tap_airbyte, pathlib; print(pathlib.Path(tap_airbyte.__file__).parent)"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.strip()
    folder = pathlib.Path(package, ".venv-airbyte-source-sluice", "bin")
    folder.mkdir(parents=True, exist_ok=True)
    for name, target in (("source-sluice", SLUICE), ("pip", pathlib.Path("/bin/true"))):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)


def run(project):
    environment = os.environ | {"MELTANO_CLI_LOG_LEVEL": "info"}
    command = [MELTANO, "run", "tap-airbyte-wrapper", "target-jsonl"]
    ended = subprocess.run(command, cwd=project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ended.returncode != 0 or "Traceback" in ended.stdout:
        print(ended.stdout)
        sys.exit("FAILED: meltano run")


def written(project):
    """{stream: ids} of the target's files."""
    result = {}
    for path in pathlib.Path(project, "output").glob("*.jsonl"):
        result[path.stem] = {json.loads(line)["id"] for line in path.read_text().splitlines()}
    return result


def main():
    for program in ([MELTANO, "--version"], [WRAPPER, "--version"]):
        print(subprocess.run(program, stdout=subprocess.PIPE, text=True).stdout.strip())
    install_executable()
    with tempfile.TemporaryDirectory() as project, simulated_account() as config:
        expected = {
            stream: {json.loads(row)["id"] for row in rows} for stream, rows in complete_read(project, config).items()
        }
        pathlib.Path(project, "output").mkdir()
        text = PROJECT.format(wrapper=WRAPPER, target=TARGET, config=json.dumps(config))
        pathlib.Path(project, "meltano.yml").write_text(text)
        run(project)
        expect_counts(expected, {stream: len(ids) for stream, ids in written(project).items()}, "meltano run")
        for path in pathlib.Path(project, "output").iterdir():
            path.unlink()
        run(project)
        again = written(project)
        # The cursors are inclusive: of each survey the newest response comes again, and no other.
        expect(len(again.get("survey_responses_bulk", ())) <= len(expected["surveys"]), "the state was not used")
        expect(again["survey_details"] == expected["survey_details"], "a full refresh did not come again")
        print("meltano run, again: goes on from the state")


main()
