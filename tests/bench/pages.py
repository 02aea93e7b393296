"""A site of prepared pages that nginx serves as fast as the kernel allows. Run alone, it serves until it is interrupted.

    /large?from=DAY&page=N    1,000 records of about 1 KB a page, 40 pages in each of 25 days from 2023-01-01
    /small?from=DAY&page=N    20 records a page, 1,000 pages in each of those days
    /bytes?from=DAY&page=N    the first ten pages of /large over and over; the header X-Page tells N
    /few?...                  one page of 5 records, whatever is asked for
    /posted?...               what /large gives, for a POST with any body
    /parents?count=C&page=N   C records in pages of at most 1,000, with nothing but an id
"""

import contextlib
import grp
import json
import os
import pathlib
import pwd
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import measure

WWW = measure.WORK / "www"
MANIFESTS = pathlib.Path(__file__).resolve().parent / "manifests"
DAYS = [f"2023-01-{day:02d}" for day in range(1, 26)]
PARENTS = (10, 1_000, 10_000, 100_000)
LAYOUT = "4"  # another number lets everybody make the pages anew
# What differs between the days of one page: all of the same length, so that a page is made once.
ID, DATE = "@@", "####-##-##"

CONFIG = """
worker_processes 1;
daemon off;
user {user} {group};
pid {work}/nginx.pid;
error_log {work}/nginx.err warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  open_file_cache max=2000 inactive=600s;
  default_type application/json;
  client_body_temp_path {work}/nginx-tmp;
  proxy_temp_path {work}/nginx-tmp;
  fastcgi_temp_path {work}/nginx-tmp;
  uwsgi_temp_path {work}/nginx-tmp;
  scgi_temp_path {work}/nginx-tmp;
  map $arg_page $page {{ default $arg_page; "" 1; }}
  map $page $digit {{ default 10; "~([1-9])$" $1; }}
  server {{
    listen 127.0.0.1:{port};
    root {www};
    location = /large {{ try_files /large/$arg_from/$page.json =404; }}
    location = /small {{ try_files /small/$arg_from/$page.json =404; }}
    location = /bytes {{ add_header X-Page $page; try_files /large/$arg_from/$digit.json =404; }}
    location = /posted {{ error_page 418 =200 /large?$args; return 418; }}
    location = /few {{ try_files /few.json =404; }}
    location = /parents {{ try_files /parents/$arg_count/$page.json =404; }}
  }}
}}
"""


def as_json(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def record(rng, number, page):
    """A survey with nested answers and some text beyond ASCII, about 1,020 bytes long."""
    made = {
        "id": f"{ID}{number:07d}",
        "title": f"Customer satisfaction {number} – wave é {rng.randrange(99)}",
        "nickname": "",
        "href": f"https://api.surveymonkey.com/v3/surveys/{300_000_000 + number}",
        "date_modified": f"{DATE}T{page % 24:02d}:{page % 60:02d}:{page % 59:02d}",
        "total_time": rng.randrange(1000),
        "is_owner": True,
        "score": round(rng.random() * 100, 3),
        "ip_address": ".".join(["10"] + [str(rng.randrange(256)) for _ in range(3)]),
        "custom_variables": {},
        "pages": [],
    }
    size = len(as_json(made))
    while size < 720:
        answer = {"choice_id": str(rng.randrange(10**10)), "text": f'an "answer" of {rng.randrange(40)} words'}
        question = {"id": str(rng.randrange(10**9)), "answers": [answer]}
        made["pages"].append({"id": str(rng.randrange(10**8)), "questions": [question]})
        size += len(as_json(made["pages"][-1])) + 1
    made["comment"] = "x" * max(0, 1006 - size + rng.randrange(-60, 60))
    return made


def body(records, page, pages):
    links = {"self": "https://api.surveymonkey.com/v3/surveys"}
    return as_json({"data": records, "per_page": len(records), "page": page, "pages": pages, "total": 100_000, "links": links})


def on_day(page, day):
    return page.replace(f'"id":"{ID}', f'"id":"{day[-2:]}').replace(DATE, day)


def prepare():
    """Makes the pages (1.5 GB, half a minute), unless they are there."""
    mark = WWW / "layout"
    if mark.exists() and mark.read_text() == LAYOUT:
        return
    shutil.rmtree(WWW, ignore_errors=True)
    rng = random.Random(1)
    for name, records, pages in (("large", 1000, 40), ("small", 20, 1000)):
        for day in DAYS:
            (WWW / name / day).mkdir(parents=True)
        for page in range(1, pages + 1):
            made = body([record(rng, page * records + n, page) for n in range(records)], page, pages)
            for day in DAYS:
                (WWW / name / day / f"{page}.json").write_text(on_day(made, day), "utf-8")
    (WWW / "few.json").write_text(on_day(body([record(rng, n, 1) for n in range(5)], 1, 1), DAYS[0]), "utf-8")
    for count in PARENTS:
        (WWW / "parents" / str(count)).mkdir(parents=True)
        pages = -(-count // 1000)
        for page in range(1, pages + 1):
            parents = [{"id": str(n)} for n in range((page - 1) * 1000, min(page * 1000, count))]
            (WWW / "parents" / str(count) / f"{page}.json").write_text(body(parents, page, pages))
    mark.write_text(LAYOUT)


def one_small_page():
    """A list of 20 records that ends with its first page."""
    rng = random.Random(1)
    return on_day(body([record(rng, n, 1) for n in range(20)], 1, 1), DAYS[0])


def nginx():
    """Debian's nginx: the installed one, else the package unpacked below the build folder. No service is installed."""
    unpacked = measure.WORK / "nginx"
    program = unpacked / "usr/sbin/nginx"
    if installed := shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
        return installed
    if not program.exists():
        unpacked.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-qq", "nginx"], cwd=unpacked, check=True)
        subprocess.run(["dpkg-deb", "-x", next(unpacked.glob("nginx_*.deb")), unpacked], check=True)
    return program


def free_port():
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return any_port.getsockname()[1]


@contextlib.contextmanager
def serve():
    """The site, prepared if need be, while the `with` block runs; yields its URL, with a slash at the end."""
    # In a process of its own: see measure.count_records.
    subprocess.run([sys.executable, __file__, "--prepare"], check=True)
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    config = measure.WORK / "nginx.conf"
    config.write_text(CONFIG.format(work=measure.WORK, www=WWW, port=port, user=pwd.getpwuid(os.geteuid()).pw_name,
                                    group=grp.getgrgid(os.getegid()).gr_name))

    def ready():
        try:
            urllib.request.urlopen(f"{url}few", timeout=1).close()
            return url
        except OSError:
            return None

    with measure.server([nginx(), "-e", measure.WORK / "nginx.err", "-c", config, "-p", measure.WORK], ready) as address:
        yield address


def write_inputs(folder, url, streams, *, sync_mode="full_refresh", **config):
    """Writes config.json and catalog.json for `streams` and returns the arguments that name them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"api_url": url, **config}))
    (folder / "catalog.json").write_text(json.dumps({"streams": [
        {"stream": {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]},
         "sync_mode": sync_mode, "destination_sync_mode": "append"} for name in streams]}))
    return ["--config", folder / "config.json", "--catalog", folder / "catalog.json"]


if __name__ == "__main__":
    if "--prepare" in sys.argv:
        prepare()
        sys.exit()
    with serve() as address:
        print(address, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)
