#!/usr/bin/env python3
"""Records what the reference makes of templates: `record.py *.jsonl`, with airbyte-cdk 7.39.1 in the Python that runs it.

Each line of a file is an object: `template`, and what the reference gave: `value` as JSON (tuples as lists), or `error`
(`undefined`, or `other`), and `holds`, what a condition makes of it, if it makes something. To add a template, append
a line with `template` alone. The variables are those of variables.json, and the clock stands at 2024-05-31T16:08:37.123456Z.
"""

import datetime
import json
import pathlib
import sys
import types

import airbyte_cdk.sources.declarative.interpolation.macros as macros
from airbyte_cdk.sources.declarative.interpolation.interpolated_boolean import InterpolatedBoolean
from airbyte_cdk.sources.declarative.interpolation.jinja import JinjaInterpolation
from jinja2.exceptions import UndefinedError

NOW = datetime.datetime(2024, 5, 31, 16, 8, 37, 123456, tzinfo=datetime.timezone.utc)
VARIABLES = (pathlib.Path(__file__).parent / "variables.json").read_text()


class StoppedClock(type(datetime.datetime)):
    def __instancecheck__(cls, x):
        return isinstance(x, datetime.datetime)


class Clock(datetime.datetime, metaclass=StoppedClock):
    @classmethod
    def now(cls, tz=None):
        return NOW.astimezone(tz)


stopped = types.ModuleType("datetime")
stopped.__dict__.update(datetime.__dict__)
stopped.datetime = Clock
macros.datetime = stopped


def key(x):
    return x if isinstance(x, str) else json.dumps(x)


def plain(x):
    if isinstance(x, dict):
        return {key(k): plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    if x is None or isinstance(x, (str, int, float)):
        return x
    raise TypeError(f"no JSON: {type(x).__name__}")


def evaluate(template):
    variables = json.loads(VARIABLES)
    config = variables.pop("config")
    recorded = {"template": template}
    try:
        recorded["value"] = plain(JinjaInterpolation().eval(template, config, **variables))
    except UndefinedError:
        recorded["error"] = "undefined"
    except TypeError:
        raise
    except Exception:
        recorded["error"] = "other"
    variables = json.loads(VARIABLES)
    config = variables.pop("config")
    parameters = variables.pop("parameters")
    try:
        recorded["holds"] = InterpolatedBoolean(template, parameters=parameters).eval(config, **variables)
    except Exception:
        pass
    return recorded


for name in sys.argv[1:]:
    path = pathlib.Path(name)
    lines = [evaluate(json.loads(line)["template"]) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    print(f"{path.name}: {len(lines)} templates")
