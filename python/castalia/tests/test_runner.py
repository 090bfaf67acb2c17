"""The runner as the server starts it: a subprocess, its environment, a real S3 service."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any

import pytest


def test_a_run(runner: Any) -> None:
    done = runner.run("echo", {"text": "hi", "count": 2})
    assert (done.code, done.stdout, done.stderr) == (0, b"hihi\n", "INFO echo: saying hi\n")
    assert runner.output("said") == b"hihi"
    assert runner.bucket.head("processes/proc_1/v1/said")["content-type"] == "text/plain"


def test_inputs_and_result(runner: Any) -> None:
    runner.give("upload:a b.csv", b"x,y\n" * 1000)
    done = runner.run("copy", {"input": "upload:a b.csv"})
    assert done.code == 0, done.stderr
    assert runner.output("copy") == b"x,y\n" * 1000
    assert json.loads(runner.output("result")) == {"size": 4000}


def test_conversion_by_annotation(runner: Any) -> None:
    assert runner.run("typed", {"size": "large", "factor": 3}).code == 0
    assert json.loads(runner.output("result")) == {"size": "LARGE", "factor": 3.0, "kind": "float"}


def test_files_in_place_of_large_variables(runner: Any, tmp_path: Any) -> None:
    (tmp_path / "p.json").write_text(json.dumps({"text": "x" * 300_000}))
    (tmp_path / "i.json").write_text("{}")
    extra = {
        "PARAMETERS_JSON": None,
        "PARAMETERS_FILE": str(tmp_path / "p.json"),
        "CASTALIA_INPUTS_JSON": None,
        "CASTALIA_INPUTS_FILE": str(tmp_path / "i.json"),
    }
    assert runner.run("echo", **extra).code == 0
    assert len(runner.output("said")) == 300_000


def test_progress_events(runner: Any) -> None:
    done = runner.run("progress")
    assert [(event["type"], event["fraction"], event["message"]) for event in done.events] == [
        ("progress", step / 4, f"step {step}") for step in range(5)
    ]
    alone = runner.run("progress", CASTALIA_EVENTS_FD=None)
    assert "progress 50% step 2" in alone.stderr.splitlines()


def test_a_crash(runner: Any) -> None:
    done = runner.run("crash")
    assert done.code == 1
    lines = done.stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert "example_types.py" in lines[1], "the runner's own frames are not shown"
    assert "in helper" in done.stderr
    assert done.last_line == "castalia: RuntimeError: the pump is broken"


def test_bad_input_needs_no_traceback(runner: Any) -> None:
    done = runner.run("badinput")
    assert (done.code, done.stderr) == (1, "castalia: InputError: line 3: no number; correct it\n")


def test_a_type_that_exits(runner: Any) -> None:
    done = runner.run("exits")
    assert (done.code, done.last_line) == (1, "castalia: SystemExit: the process type called sys.exit(7)")


def test_binary_and_unfinished_lines(runner: Any) -> None:
    done = runner.run("noise")
    assert done.code == 0
    assert done.stdout == b"\xff\xfe\x00binary\\ud800 lone surrogate \xc3\xa9\nno newline"
    assert "neither here" in done.stderr


CANNOT_START = [
    ({"PROCESS_TYPE": "nothing"}, "no process type 'nothing' in this environment (it has: badinput, copy"),
    ({"PROCESS_TYPE": None}, "environment variable PROCESS_TYPE is not set"),
    ({"PARAMETERS_JSON": "{"}, "PARAMETERS_JSON is not JSON"),
    ({"PARAMETERS_JSON": "[]"}, "PARAMETERS_JSON must be a JSON object, not list"),
    ({"PARAMETERS_JSON": '{"speed": 1}'}, "parameters do not fit Echo: unknown speed; known are text, count"),
    ({"PARAMETERS_FILE": "/nowhere/p.json"}, "cannot read PARAMETERS_FILE (/nowhere/p.json): No such file or directory"),
    ({"STORAGE_BASE": "file:///x"}, "STORAGE_BASE=file:///x must look like s3://BUCKET"),
    ({"STORAGE_ENDPOINT": "localhost"}, "STORAGE_ENDPOINT: 'localhost' is not an http or https URL"),
    ({"CASTALIA_INPUTS_JSON": '{"upload:a": {}}'}, "entry 'upload:a' needs at least key (string) and size (integer)"),
    ({"CASTALIA_EVENTS_FD": "999"}, "CASTALIA_EVENTS_FD=999 is not an open file descriptor"),
]


@pytest.mark.parametrize(("extra", "message"), CANNOT_START, ids=[next(iter(case[0])) + str(n) for n, case in enumerate(CANNOT_START)])
def test_what_cannot_start(runner: Any, extra: dict, message: str) -> None:
    done = runner.run("echo", **extra)
    assert (done.code, done.stderr.count("\n")) == (2, 1)
    assert done.last_line.startswith("castalia: CannotStart: ")
    assert message in done.last_line


def test_a_broken_import_shows_its_own_traceback(runner: Any) -> None:
    (runner.site / "example_types.py").write_text("import no_such_module\n")
    done = runner.run("echo")
    assert done.code == 1
    assert "importlib" not in done.stderr
    assert done.last_line == "castalia: ModuleNotFoundError: No module named 'no_such_module'"


def test_refused_by_the_storage(runner: Any) -> None:
    done = runner.run("echo", STORAGE_BASE="s3://no-such-bucket")
    assert done.code == 3
    assert "NoSuchBucket" in done.last_line
    assert "check STORAGE_BASE" in done.last_line


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stop_runs_the_finally_blocks_and_waits_for_nothing(runner: Any, number: int, code: int) -> None:
    process = runner.start("slow", {})
    assert process.stdout.readline() == b"started\n"
    asked = time.monotonic()
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=10)
    assert time.monotonic() - asked < 5
    assert (process.returncode, stdout) == (code, b"cleaned up\n")
    assert stderr.decode().splitlines()[-1] == f"castalia: Cancelled: stopped by {signal.Signals(number).name}"


def _forward(listener: socket.socket, target: str) -> None:
    host, port = target.removeprefix("http://").split(":")

    def pump(source: socket.socket, sink: socket.socket) -> None:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)

    while True:
        client, _ = listener.accept()
        server = socket.create_connection((host, int(port)))
        for pair in ((client, server), (server, client)):
            threading.Thread(target=pump, args=pair, daemon=True).start()


def test_a_storage_that_comes_back(runner: Any) -> None:
    """The server that holds the gateway is restarted under a running process."""
    gate = socket.socket()
    gate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    gate.bind(("127.0.0.1", 0))
    process = runner.start("echo", {}, STORAGE_ENDPOINT=f"http://127.0.0.1:{gate.getsockname()[1]}")
    seen = []
    while not any(b"next try in" in line for line in seen):
        line = process.stderr.readline()
        assert line, seen
        seen.append(line)
    gate.listen()
    threading.Thread(target=_forward, args=(gate, runner.bucket.pool.url), daemon=True).start()
    process.communicate(timeout=20)
    assert process.returncode == 0
    assert runner.output("said") == b"hello"


def test_the_scratch_directory_is_where_it_runs(runner: Any) -> None:
    runner.run("scratch")
    found = json.loads(runner.output("result"))
    assert found["workdir"] == found["cwd"] == str(runner.site)


def test_start_up_is_quick() -> None:
    """A run pays for what the runner imports: about 70 modules, 15 ms, of which most are Python's own start."""
    report = subprocess.run([sys.executable, "-X", "importtime", "-c", "import castalia.runner"], capture_output=True, text=True).stderr
    assert 20 < len(report.splitlines()) < 120
    for heavy in ("numpy", "http.client", "email", "ssl", "inspect"):
        assert not any(line.rstrip().endswith(f" {heavy}") for line in report.splitlines()), heavy
