"""The API of all chains: rows in the window that is asked for, as far as they are there at the moment `now`, three a page.
Its paths begin with a chain's seed, so it need not be told of anything."""

import json
import os
import random
import sys
import threading
import time
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from scenario import Scenario, read, written

PAGE = 3


@lru_cache(maxsize=16)
def scenario(seed):
    return Scenario(seed)


def found(of, path, asked):
    """The rows of a list, in their order."""
    now = int(asked["now"])
    from_, to = (read(asked[name], of.form) if name in asked else limit for name, limit in (("from", 0), ("to", now)))
    if path == "shelves":
        rows = [{"id": shelf["id"], "at": of.shelf_now(shelf, now)} for shelf in of.shelves if shelf["born"] <= now]
    elif path == "boxes":
        rows = [{"id": box, "at": of.shelf_now(shelf, now)} for shelf in of.shelves
                if str(shelf["id"]) == asked["shelf"] and shelf["born"] <= now for box in shelf["boxes"]]
    else:
        rows = [row for row in of.rows[path] if row["at"] <= now
                and all(str(row.get(name)) in asked[name].split(",") for name in ("kind", "shelf", "box") if name in asked)]
    rows = [row for row in rows if from_ <= row["at"] <= to]
    if "newest_first" in asked:
        rows.sort(key=lambda row: -row["at"])
    return [of.record(row) for row in rows]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        parts = urlsplit(self.path)
        seed, path = parts.path.strip("/").split("/", 1)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        rows = found(scenario(int(seed)), unquote(path), asked)
        first = (int(asked.get("page", 1)) - 1) * PAGE
        body = json.dumps({"rows": rows[first:first + PAGE]}, separators=(",", ":")).encode()
        time.sleep(random.random() * 0.004)
        self.send_response_only(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Clients are killed."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def end_with(pipe):
    """Nothing comes through it but its end, when whoever has begun this is gone."""
    try:
        pipe.recv()
    finally:
        os._exit(0)


def serve(port_pipe):
    """Until the process is ended; the port goes into the pipe."""
    server = Server(("127.0.0.1", 0), Handler)
    port_pipe.send(server.server_address[1])
    threading.Thread(target=end_with, args=(port_pipe,), daemon=True).start()
    server.serve_forever()
