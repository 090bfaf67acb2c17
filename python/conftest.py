"""Shared fixtures: a real S3 server in this process, types to run, and the runner as a subprocess."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Threads of the linear algebra that wait for each other on busy cores make small problems slow.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from castalia.s3 import Bucket
from castalia.sigv4 import Credentials

CREDENTIALS = Credentials("test-key", "test-secret", "us-east-1")


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    import logging

    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_url: str) -> Bucket:
    """A new bucket."""
    made = Bucket(s3_url, f"project-{uuid.uuid4().hex[:12]}", CREDENTIALS, patience=1.0)
    made.put("", b"", {})
    return made


TYPES = '''
import enum, logging, os, sys, time
from castalia.process import Cancelled, InputError

class Echo:
    """Gives back what it was given."""
    version = "3"
    def run(self, storage, text: str = "hello", count: int = 1):
        logging.getLogger("echo").info("saying %s", text)
        print(text * count)
        storage.write("said", text * count, media_type="text/plain")

class Size(enum.Enum):
    SMALL = "small"
    LARGE = "large"

class Typed:
    def run(self, storage, size: Size, factor: float = 1):
        return {"size": size.name, "factor": factor, "kind": type(factor).__name__}

class Copy:
    def run(self, storage, input: str):
        with storage.open(input) as source:
            storage.write("copy", source, media_type=storage.info(input).media_type)
        return {"size": storage.info("copy").size}

class Crash:
    def run(self, storage):
        storage.write("partial", b"x")
        helper()

def helper():
    raise RuntimeError("the pump\\nis broken")

class BadInput:
    def run(self, storage):
        raise InputError("line 3: no number; correct it")

class Noise:
    def run(self, storage):
        sys.stdout.buffer.write(b"\\xff\\xfe\\x00binary")
        sys.stdout.flush()
        print("\\ud800 lone surrogate \\u00e9")
        print("no newline", end="")
        sys.stderr.write("neither here")

class Slow:
    def run(self, storage):
        import threading
        threading.Thread(target=time.sleep, args=(30,)).start()
        try:
            print("started", flush=True)
            time.sleep(30)
        except Exception:
            print("swallowed")
        finally:
            print("cleaned up")

class Progress:
    def run(self, storage):
        for step in range(5):
            storage.progress(step / 4, f"step {step}")

class Exits:
    def run(self, storage):
        sys.exit(7)

class Scratch:
    def run(self, storage):
        return {"workdir": str(storage.workdir), "cwd": os.getcwd()}
'''


@dataclass
class Result:
    """What a run left: exit code, streams, progress events, output objects."""

    code: int
    stdout: bytes
    stderr: str
    events: list[dict[str, Any]]

    @property
    def last_line(self) -> str:
        return self.stderr.rstrip("\n").splitlines()[-1]


@dataclass
class Runner:
    """Runs `python -m castalia.runner` in an environment that also offers the types above."""

    bucket: Bucket
    site: Path
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def give(self, ref: str, data: bytes, media_type: str = "text/csv") -> None:
        key = f"uploads/{ref.partition(':')[2]}"
        self.bucket.put(key, data, {"Content-Type": media_type})
        self.inputs[ref] = {"key": key, "name": ref.partition(":")[2], "media_type": media_type, "size": len(data)}

    def env(self, kind: str, parameters: dict[str, Any], **extra: str | None) -> dict[str, str]:
        env: dict[str, str | None] = {
            "PATH": os.environ["PATH"],
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(self.site),
            "PROCESS_TYPE": kind,
            "PROCESS_ID": "proc_1",
            "VERSION": "1",
            "PROJECT_ID": "proj_1",
            "PARAMETERS_JSON": json.dumps(parameters),
            "STORAGE_BASE": f"s3://{self.bucket.name}",
            "STORAGE_ENDPOINT": self.bucket.pool.url,
            "AWS_ACCESS_KEY_ID": CREDENTIALS.access_key,
            "AWS_SECRET_ACCESS_KEY": CREDENTIALS.secret_key,
            "CASTALIA_INPUTS_JSON": json.dumps(self.inputs),
            **extra,
        }
        return {name: value for name, value in env.items() if value is not None}

    def start(self, kind: str, parameters: dict[str, Any], **extra: str | None) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "castalia.runner"]
        return subprocess.Popen(
            command, env=self.env(kind, parameters, **extra), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.site
        )

    def run(self, kind: str, parameters: dict[str, Any] | None = None, **extra: str | None) -> Result:
        read, write = os.pipe()
        command = [sys.executable, "-m", "castalia.runner"]
        env = self.env(kind, parameters or {}, **{"CASTALIA_EVENTS_FD": str(write), **extra})
        done = subprocess.run(command, env=env, pass_fds=[write], capture_output=True, cwd=self.site, timeout=60)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            events = [json.loads(line) for line in pipe]
        return Result(done.returncode, done.stdout, done.stderr.decode(), events)

    def output(self, name: str) -> bytes:
        return self.bucket.open(f"processes/proc_1/v1/{name}").read()


def publish_types(site: Path, source: str, points: dict[str, str]) -> None:
    """Install a module of types into `site` the way pip would: code and entry points."""
    (site / "example_types.py").write_text(textwrap.dedent(source))
    info = site / "example_types-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: example-types\nVersion: 1.0\n")
    lines = [f"{name} = {value}" for name, value in points.items()]
    (info / "entry_points.txt").write_text("\n".join(["[castalia.process_types]", *lines]) + "\n")


@pytest.fixture
def publish() -> Any:
    """`publish(site, source, points)`: install types into a folder."""
    return publish_types


@pytest.fixture
def runner(bucket: Bucket, tmp_path: Path) -> Runner:
    names = ("Echo", "Typed", "Copy", "Crash", "BadInput", "Noise", "Slow", "Progress", "Exits", "Scratch")
    publish_types(tmp_path, TYPES, {name.lower(): f"example_types:{name}" for name in names})
    return Runner(bucket, tmp_path)


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The stand-in for the server, see `tests/fake_server.py`."""
    from fake_server import FakeServer

    made = FakeServer(tmp_path_factory.mktemp("server"))
    yield made
    made.close()
