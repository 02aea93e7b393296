"""Assembles the root of the Dockerfile's last stage in a folder, step by step, without a container engine, and tries the
connector in it as Airbyte's platform starts it: its shell line, as user 1000, with pipes.

    image.py [RELEASE]    uses the package that `./run on RELEASE package` has made, and makes it if there is none"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading

SOURCE = pathlib.Path(__file__).resolve().parents[2]
RELEASE = sys.argv[1] if len(sys.argv) > 1 else "bookworm"
BASE = SOURCE / f"build-image/{RELEASE}-base"
ROOT = SOURCE / f"build-image/{RELEASE}"
PACKAGES = SOURCE / f"build-{RELEASE}/sluice/build/packages"
MANIFEST = "airbyte/integration_code/source_declarative_manifest/manifest.yaml"
LARGEST = 30 << 20  # bytes that the image may have beyond its base


def instructions(text):
    """[(word, rest)] of a Dockerfile, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.M).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def last_stage(all_of_them):
    begin = max(at for at, (word, _) in enumerate(all_of_them) if word == "FROM")
    return all_of_them[begin:]


def size_of(folder):
    """Bytes of all files, each once, as they are unpacked."""
    seen, total = set(), 0
    for path in pathlib.Path(folder).rglob("*"):
        info = path.lstat()
        if path.is_file() and not path.is_symlink() and info.st_ino not in seen:
            seen.add(info.st_ino)
            total += info.st_size
    return total


class Image:
    """What the steps have made so far."""

    def __init__(self):
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        self.user, self.folder, self.labels = "0", "/", {}

    def command(self, shell, user=None):
        variables = [f"{name}={value}" for name, value in self.environment.items()]
        user = self.user if user is None else user
        line = f"cd '{self.folder}' && {shell}"
        return ["chroot", f"--userspec={user}:{user}", ROOT, "env", "-i", *variables, "/bin/sh", "-c", line]

    def do(self, word, rest):
        if word == "FROM":
            if not (BASE / "bin/sh").exists():
                subprocess.run(["debootstrap", "--variant=minbase", RELEASE, BASE], stdout=sys.stderr, check=True)
            shutil.rmtree(ROOT, ignore_errors=True)
            subprocess.run(["cp", "--archive", BASE, ROOT], check=True)
            shutil.copy("/etc/resolv.conf", ROOT / "etc/resolv.conf")
        elif word == "LABEL":
            self.labels |= dict(re.findall(r'(\S+)="([^"]*)"', rest))
        elif word == "COPY":
            source, target = rest.split()[-2:]
            assert source == "/sluice/build/packages/", source
            (ROOT / target.lstrip("/")).mkdir(parents=True, exist_ok=True)
            for package in PACKAGES.glob("*.deb"):
                shutil.copy(package, ROOT / target.lstrip("/"))
        elif word == "RUN":
            apt = {"DEBIAN_FRONTEND": "noninteractive"}
            self.environment |= apt
            subprocess.run(self.command(rest), stdout=sys.stderr, check=True)
            for name in apt:
                del self.environment[name]
        elif word == "USER":
            self.user = rest
        elif word == "WORKDIR":
            self.folder = rest
        elif word == "ENV":
            name, value = rest.split("=", 1)
            self.environment[name] = value.strip('"')
        elif word == "ENTRYPOINT":
            self.entrypoint = json.loads(rest)
        else:
            sys.exit(f"the Dockerfile has an instruction that is not known here: {word}")


def expect(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def run_as_the_platform(image, verb, files):
    """The exit code, stdout and stderr of a run through pipes by the platform's shell line."""
    pod = ROOT / "config"
    shutil.rmtree(pod, ignore_errors=True)
    pod.mkdir()
    for name, value in files.items():
        (pod / name).write_text(json.dumps(value))
    shutil.copy(SOURCE / "tests/ecosystem/platform_run.sh", pod)
    for pipe in ("out", "err"):
        os.mkfifo(pod / pipe)
    subprocess.run(["chown", "--recursive", "1000:1000", pod], check=True)
    process = subprocess.Popen(image.command(f"exec /bin/sh /config/platform_run.sh /config {verb}"))
    said = {}

    def read(pipe):
        said[pipe] = (pod / pipe).read_bytes()

    readers = [threading.Thread(target=read, args=[pipe]) for pipe in ("out", "err")]
    for reader in readers:
        reader.start()
    process.wait()
    for reader in readers:
        reader.join()
    return int((pod / "exit_code").read_text()), said["out"].splitlines(), said["err"]


def messages(lines, kind):
    return [message for message in map(json.loads, lines) if message["type"] == kind]


def try_connector(image):
    """Everything that the platform does with it."""
    simulator = subprocess.Popen(image.command("exec /usr/bin/sluice simulate --port 18931 --surveys 5", user="1000"), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        while b"http://127.0.0.1:18931" not in (line := simulator.stderr.readline()):
            expect(line, "the simulator did not start")
        config = {"access_token": "simulator-token", "api_url": "http://127.0.0.1:18931", "rate_limit_per_minute": 100000}
        code, out, err = run_as_the_platform(image, "spec", {})
        expect(code == 0 and err == b"" and messages(out, "SPEC"), f"spec: {code} {err}")
        files = {"connectorConfig.json": config}
        code, out, err = run_as_the_platform(image, "check --config connectorConfig.json", files)
        expect(messages(out, "CONNECTION_STATUS")[0]["connectionStatus"]["status"] == "SUCCEEDED", f"check: {out} {err}")
        code, out, err = run_as_the_platform(image, "discover --config connectorConfig.json", files)
        streams = messages(out, "CATALOG")[0]["catalog"]["streams"]
        expect(len(streams) == 8 and err == b"", f"discover: {err}")
        files["catalog.json"] = {
            "streams": [
                {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "append"} for stream in streams
            ]
        }
        code, out, err = run_as_the_platform(image, "read --config connectorConfig.json --catalog catalog.json", files)
        expect(code == 0 and err == b"", f"read: {code} {err}")
        statuses = [message["trace"].get("stream_status", {}).get("status") for message in messages(out, "TRACE")]
        expect(statuses.count("COMPLETE") == 8, f"{statuses.count('COMPLETE')} of 8 streams are complete")
        print(f"{RELEASE}: the platform's spec, check, discover and read as user 1000: {len(messages(out, 'RECORD'))} records of 8 streams")
    finally:
        simulator.send_signal(signal.SIGTERM)
        simulator.wait()


def try_manifest(image):
    """The image with one COPY more is the connector of a manifest."""
    manifest = SOURCE / "tests/conformance/pages/page-increment.yaml"
    manifest = manifest if manifest.exists() else next((SOURCE / "tests/conformance").rglob("*.yaml"))
    shutil.copy(manifest, ROOT / MANIFEST)
    code, out, err = run_as_the_platform(image, "spec", {})
    (ROOT / MANIFEST).unlink()
    expect(code == 0 and err == b"", f"spec of a manifest: {code} {err}")
    expect("SurveyMonkey" not in out[0].decode(), "the manifest of the image is not used")
    print(f"{RELEASE}: the manifest at the image's usual path is the connector")


def main():
    if not list(PACKAGES.glob("*.deb")):
        subprocess.run([SOURCE / "run", "on", RELEASE, "package"], check=True)
    image = Image()
    for at, (word, rest) in enumerate(last_stage(instructions((SOURCE / "Dockerfile").read_text()))):
        image.do(word, rest)
        if at == 0:
            base = size_of(ROOT)
    beyond = size_of(ROOT) - base
    expect(image.user == "1000" and image.environment["AIRBYTE_ENTRYPOINT"] == "exec /usr/bin/sluice", "user or entrypoint")
    expect("io.airbyte.name" in image.labels and "io.airbyte.version" in image.labels, "the labels are missing")
    print(f"{RELEASE}: {beyond / (1 << 20):.1f} MiB beyond the base of {base / (1 << 20):.0f} MiB")
    expect(beyond <= LARGEST, f"the image is larger than its base by more than {LARGEST >> 20} MiB")
    try_connector(image)
    try_manifest(image)


main()
