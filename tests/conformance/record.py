"""Runs the reference on the cases and writes what it printed and asked next to them: see README.md.

    record.py --clock LIBRARY [CASE...]      by default those that have no recording, or have changed since;
                                             --all: all of them

The CDK comes from PyPI into the virtual environment that `./run bench` uses; SLUICE_CDK_PYTHON names the interpreter of
another one that has it."""

import argparse
import json
import os
import re
import signal
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

HERE = Path(__file__).resolve().parent
HOST = "http://api.test"
NOW = "1772361072.345678"  # 2026-03-01T10:31:12.345678Z, as in replay_test.cpp
PATIENCE = 60  # seconds for a case


def under_the_reference(clock):
    """Starts this program again in the CDK's environment and with the frozen clock, unless it is there."""
    if os.environ.get("FROZEN_CLOCK") == NOW:
        return
    python = os.environ.get("SLUICE_CDK_PYTHON")
    if not python:
        sys.path.insert(0, str(HERE.parent / "bench"))
        import cdk
        cdk.prepare()
        python = str(cdk.FOLDER / "bin" / "python")
    os.environ.update(FROZEN_CLOCK=NOW, LD_PRELOAD=str(Path(clock).resolve()), TZ="UTC", PYTHONHASHSEED="0",
                      PYTHONDONTWRITEBYTECODE="1")
    os.execv(python, [python, *sys.argv])


# -- cases --------------------------------------------------------------------------------------------------------------


def read_case(path, port):
    import yaml

    class Loader(yaml.SafeLoader):
        """Dates stay text, as in Sluice's reader."""

    Loader.yaml_implicit_resolvers = {letter: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
                                      for letter, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()}
    text = path.read_text(encoding="utf-8").replace(HOST, f"http://127.0.0.1:{port}")
    case = yaml.load(text, Loader)
    case["manifest"] = whole_manifest(case["manifest"])
    return case


def fingerprint(text):
    """Of what the reference is given: FNV-1a over the case's lines but those of members that it does not see.
    case_file.cpp does the same."""
    kept, seen = b"", True
    for line in text.encode().split(b"\n"):
        if line[:1].isalpha():
            seen = line.split(b":")[0] not in (b"about", b"covers", b"differs", b"pending", b"set", b"fails")
        if seen and line:
            kept += line + b"\n"
    found = 0xCBF29CE484222325
    for byte in kept:
        found = (found ^ byte) * 0x100000001B3 % 2**64
    return f"{found:016x}"


def whole_manifest(manifest):
    """What every manifest needs and no case wants to say. replay_test.cpp does the same."""
    streams = [{"type": "DeclarativeStream", **stream} if "$ref" not in stream else stream for stream in manifest["streams"]]
    for stream in streams:
        if "$ref" not in stream and "schema_loader" not in stream:
            stream["schema_loader"] = {"type": "InlineSchemaLoader", "schema": {"type": "object", "properties": {}}}
    return {"type": "DeclarativeSource", "version": "7.0.0",
            "check": {"type": "CheckStream", "stream_names": [streams[0].get("name", "")]},
            "spec": {"type": "Spec", "connection_specification": {"type": "object", "properties": {}}},
            **manifest, "streams": streams}


def catalog_of(case):
    """The configured catalogue: the case's `read`, by default all streams, incremental where they can be."""
    streams = {stream.get("name"): stream for stream in case["manifest"]["streams"]}
    return {"streams": [
        {"stream": {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]},
         "sync_mode": "incremental" if {"incremental_sync", "incremental_stream"} & {*streams.get(name, {})} else "full_refresh",
         "destination_sync_mode": "append"}
        for name in case.get("read", list(streams))]}


def state_of(case):
    return [{"type": "STREAM", "stream": {"stream_descriptor": {"name": name}, "stream_state": state}}
            for name, state in case.get("state", {}).items()]


# -- the scripted API ----------------------------------------------------------------------------------------------------


def request_body(content_type, body):
    """A JSON value, a form as sorted `name=value`, or text."""
    if not body:
        return None
    if "json" in content_type:
        return json.loads(body)
    if "form-urlencoded" in content_type:
        return sorted(f"{name}={value}" for name, value in parse_qsl(body, keep_blank_values=True))
    return body


class Api:
    """Answers by the first route that matches and is not used up."""

    def __init__(self):
        self.lock = threading.Lock()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "surrogateescape")
                status, headers, content = api.handle(self.command, self.path, self.headers, body)
                self.send_response_only(status)
                for name, value in headers.items():
                    for one in value if isinstance(value, list) else [value]:
                        self.send_header(name, str(one))
                if status not in (204, 304):
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD" and status not in (204, 304):
                    self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def begin(self, case):
        with self.lock:
            self.routes = [dict(route, left=route.get("times", 1 << 30)) for route in case.get("routes", [])]
            self.kept_headers = [name.lower() for name in case.get("headers", [])]
            self.requests, self.unknown = [], []

    def handle(self, method, target, headers, body):
        path, _, query = target.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        content = request_body(headers.get("Content-Type", ""), body)
        asked = {"request": f"{method} {path}", "query": sorted(f"{name}={value}" for name, value in pairs)}
        kept = {name: headers[name] for name in self.kept_headers if name in headers}
        if body:
            asked["body"] = content
            if "Content-Type" in headers:
                kept["content-type"] = headers["Content-Type"]
        if kept:
            asked["headers"] = kept
        if not pairs:
            del asked["query"]
        with self.lock:
            self.requests.append(asked)
            for route in self.routes:
                if route["left"] > 0 and self.matches(route, method, path, pairs, headers, content):
                    route["left"] -= 1
                    return answer_of(route)
            self.unknown.append(f"{method} {target}")
        return 404, {"Content-Type": "application/json"}, b'{"error":"no route"}'

    @staticmethod
    def matches(route, method, path, pairs, headers, content):
        def fits(wanted, found):
            return found is None if wanted is None else found == str(wanted)
        query = dict(reversed(pairs))
        body = route.get("with_body")
        return (route["path"] == path and route.get("method", method) == method
                and all(fits(wanted, query.get(name)) for name, wanted in route.get("query", {}).items())
                and all(fits(wanted, headers.get(name)) for name, wanted in route.get("with_headers", {}).items())
                and (body is None or body == content))


def answer_of(route):
    headers = dict(route.get("answer_headers", {}))
    if "json" in route:
        headers.setdefault("Content-Type", "application/json")
        return route.get("status", 200), headers, json.dumps(route["json"], ensure_ascii=False, separators=(",", ":")).encode()
    return route.get("status", 200), headers, route.get("text", "").encode()


def package_of(case, folder):
    """The case's files in the Python package `source_case`, where the reference looks for a connector's."""
    package = folder / "source_case"
    for path, content in case.get("files", {}).items():
        (package / path).parent.mkdir(parents=True, exist_ok=True)
        (package / path).write_text(json.dumps(content), encoding="utf-8")
        (package / "__init__.py").touch()
    sys.path.insert(0, str(folder))


# -- the reference -------------------------------------------------------------------------------------------------------


def run_command(make_source, arguments):
    """The messages of one command of the CDK."""
    import contextlib
    import io
    import orjson
    from airbyte_cdk.entrypoint import AirbyteEntrypoint
    from airbyte_cdk.exception_handler import assemble_uncaught_exception
    from airbyte_cdk.models import AirbyteMessageSerializer

    lines, printed = [], io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            lines.extend(AirbyteEntrypoint(make_source()).run(AirbyteEntrypoint.parse_args(arguments)))
        except Exception as error:
            trace = assemble_uncaught_exception(type(error), error).as_airbyte_message()
            lines.append(orjson.dumps(AirbyteMessageSerializer.dump(trace)).decode())
    return [json.loads(line) for line in [*printed.getvalue().split("\n"), *lines] if line.startswith("{")]


def summary(messages, case):
    """What a read printed, by stream."""
    out = {"records": {}, "states": {}, "statuses": {}, "errors": {}}
    for message in messages:
        if message["type"] == "RECORD":
            out["records"].setdefault(message["record"]["stream"], []).append(message["record"]["data"])
        elif message["type"] == "STATE":
            stream = message["state"]["stream"]
            out["states"][stream["stream_descriptor"]["name"]] = stable_state(stream.get("stream_state"))
        elif message["type"] == "TRACE" and message["trace"]["type"] == "STREAM_STATUS":
            status = message["trace"]["stream_status"]
            if not status.get("reasons"):
                out["statuses"][status["stream_descriptor"]["name"]] = status["status"]
        elif message["type"] == "TRACE" and message["trace"]["type"] == "ERROR":
            error = message["trace"]["error"]
            name = (error.get("stream_descriptor") or {}).get("name", "")
            if name or not out["errors"]:
                out["errors"].setdefault(name, error.get("failure_type"))
    if len(out["errors"]) > 1:
        out["errors"].pop("", None)  # the end of the run says it once more
    by = case.get("partition_by", [])
    key = lambda record: [json.dumps(record.get(name), sort_keys=True) for name in by]
    out["records"] = {name: sorted(records, key=key) for name, records in out["records"].items()}
    return out


def stable_state(state):
    """Without what the clock decides, the partitions in an order."""
    if isinstance(state, dict):
        state = {name: stable_state(value) for name, value in state.items() if name != "lookback_window"}
        if isinstance(state.get("states"), list):
            state["states"] = sorted(state["states"], key=lambda one: json.dumps(one, sort_keys=True))
    return state


def distinct(requests, counted):
    """Each request once, in an order of their own; with `counted`, how often."""
    canonical = lambda request: json.dumps([request["request"], request.get("query", []), request], sort_keys=True)
    found = {}
    for request in requests:
        found.setdefault(canonical(request), []).append(request)
    return [{**same[0], **({"times": len(same)} if counted else {})} for _, same in sorted(found.items())]


def record(name):
    """In a child of its own."""
    from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource as Source

    real_sleep = time.sleep
    time.sleep = lambda seconds: real_sleep(min(seconds, 0.005))
    api = Api()
    case = read_case(HERE / f"{name}.yaml", api.port)
    folder = Path(tempfile.mkdtemp(prefix="conformance"))
    package_of(case, folder)
    files = {}
    for kind, content in (("config", case.get("config", {})), ("catalog", catalog_of(case)), ("state", state_of(case))):
        files[kind] = str(folder / f"{kind}.json")
        Path(files[kind]).write_text(json.dumps(content), encoding="utf-8")

    def source(command):
        more = {}
        if command == "read":
            more = {"catalog": Source.read_catalog(files["catalog"]), "state": Source.read_state(files["state"])}
        return Source(source_config=json.loads(json.dumps(case["manifest"])), config=json.loads(json.dumps(case.get("config", {}))),
                      config_path=files["config"], **more)

    result = {"case": fingerprint((HERE / f"{name}.yaml").read_text(encoding="utf-8"))}
    for command in case.get("commands", ["read"]):
        api.begin(case)
        Path(files["config"]).write_text(json.dumps(case.get("config", {})), encoding="utf-8")  # one may have changed it
        arguments = [command] + [word for kind in {"spec": [], "read": ["config", "catalog", "state"]}.get(command, ["config"])
                                 for word in (f"--{kind}", files[kind])]
        messages = run_command(lambda: source(command), arguments)
        if command == "read":
            result.update({part: found for part, found in summary(messages, case).items() if found})
            result["requests"] = distinct(api.requests, case.get("count_requests"))
        elif command == "check":
            found = [message["connectionStatus"]["status"] for message in messages if message["type"] == "CONNECTION_STATUS"]
            result["check"] = found[0] if found else "none"
        else:
            kind = {"spec": "SPEC", "discover": "CATALOG"}[command]
            found = [message[kind.lower()] for message in messages if message["type"] == kind]
            result[command] = stable_document(found[0]) if found else None
        if changed := changed_configs(messages):
            result["controls" if command == "read" else f"controls.{command}"] = changed
        for request in api.unknown:
            print(f"{name}: {command}: no route for {request}", file=sys.stderr)
        for message in messages:
            if message["type"] == "TRACE" and message["trace"]["type"] == "ERROR" and not case.get("fails"):
                error = message["trace"]["error"]
                print(f"{name}: {command}: {error.get('internal_message') or error.get('message')}"[:600], file=sys.stderr)
    text = pretty(result).replace(f"127.0.0.1:{api.port}", "api.test").replace(f"127.0.0.1%3A{api.port}", "api.test")
    (HERE / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def changed_configs(messages):
    """What CONTROL messages told to keep."""
    return [message["control"]["connectorConfig"]["config"] for message in messages if message["type"] == "CONTROL"]


def stable_document(document):
    """A specification or catalogue without the two members in which the reference always differs (README.md)."""
    document.pop("supportsIncremental", None)
    for stream in document.get("streams", []):
        stream.pop("is_resumable", None)
    return document


def pretty(result):
    """One record, request or state a line, so that changes can be read."""
    line = lambda value: json.dumps(value, ensure_ascii=False)
    parts = []
    for part, found in result.items():
        if isinstance(found, dict) and part in ("records", "states", "statuses", "errors"):
            inner = []
            for name, value in sorted(found.items()):
                rows = isinstance(value, list) and value
                inner.append(f"    {line(name)}: " + ("[\n" + ",\n".join(f"      {line(row)}" for row in value) + "\n    ]" if rows else line(value)))
            text = "{\n" + ",\n".join(inner) + "\n  }" if any(isinstance(value, (dict, list)) for value in found.values()) else line(found)
        elif isinstance(found, list) and found:
            text = "[\n" + ",\n".join(f"    {line(row)}" for row in found) + "\n  ]"
        else:
            text = line(found)
        parts.append(f"  {line(part)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}"


def is_stale(path):
    """True if the case has no recording, or changed since."""
    try:
        recording = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return True
    return recording.get("case") != fingerprint(path.read_text(encoding="utf-8"))


def in_child(name):
    """True if the case could be recorded."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the CDK's log
        code = 1
        try:
            record(name)
            code = 0
        except BaseException as error:
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
        finally:
            sys.stderr.flush()
            os._exit(code)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print(f"{name}: the reference did not end within {PATIENCE} s", file=sys.stderr)
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--clock", required=True)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("cases", nargs="*")
    given = parser.parse_args()
    under_the_reference(given.clock)
    paths = sorted(HERE.glob("*/*.yaml"))
    names = {str(path.relative_to(HERE))[:-len(".yaml")]: path for path in paths}
    wanted = [re.sub(r"\.(yaml|json)$", "", name.removeprefix("tests/conformance/")) for name in given.cases]
    for name in wanted:
        if not any(known == name or known.startswith(name.rstrip("/") + "/") for known in names):
            sys.exit(f"there is no case {name}")
    chosen = [name for name, path in names.items()
              if (any(name == one or name.startswith(one.rstrip("/") + "/") for one in wanted) if wanted else
                  given.all or is_stale(path))]
    import airbyte_cdk.entrypoint  # noqa: F401 - once, for all children
    import airbyte_cdk.sources.declarative.concurrent_declarative_source  # noqa: F401
    failed = [name for name in chosen if not in_child(name)]
    print(f"{len(chosen) - len(failed)} of {len(names)} cases recorded" + (f"; failed: {', '.join(failed)}" if failed else ""))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
