"""Airbyte's Python CDK in a virtual environment below the build folder: what Sluice is compared with."""

import subprocess
import sys

import measure

VERSION = "7.39.1"
FOLDER = measure.WORK / "cdk"
# Runs a manifest, as Sluice does.
PROGRAM = FOLDER / "bin" / "source-declarative-manifest"


def prepare():
    """Installs it from PyPI (a minute), unless it is there."""
    mark = FOLDER / "version"
    if mark.exists() and mark.read_text() == VERSION:
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER], check=True)
    subprocess.run([FOLDER / "bin" / "pip", "install", "--quiet", f"airbyte-cdk=={VERSION}"], check=True)
    mark.write_text(VERSION)


def read(manifest, inputs):
    return [PROGRAM, "read", "--manifest-path", manifest, *inputs]
