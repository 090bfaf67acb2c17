#!/usr/bin/env python3
"""Starts of workspaces: how soon many are ready, what one costs the server, how soon readiness, an end and a hang are
seen; and what is left of 500 WebSockets through the server's door.

    bench/workspaces.py PATH/TO/castalia [--spawns 50]

The stub that is started is a small Python server, so most of what a start takes is Python's own start. Processor time
is that of the server alone (its shims and the stubs are processes of their own). Times of the server are its own stamps.
"""

import argparse
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

STUB = """import socket, sys, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen(64)
open(sys.argv[2] + "/up", "w").write(repr(time.time()))
while True:
    c, _ = s.accept()
    c.recv(4096); c.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok"); c.close()
"""

# Says yes to a WebSocket and then nothing.
SOCKETS = """import base64, hashlib, socket, sys, threading
def serve(c):
    f = c.makefile("rb")
    f.readline()
    head = dict(l.lower().strip().split(b": ", 1) if not l.lower().startswith(b"sec-websocket-key") else
        (b"key", l.split(b":", 1)[1].strip()) for l in iter(f.readline, b"\\r\\n"))
    if b"key" in head:
        key = base64.b64encode(hashlib.sha1(head[b"key"] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        c.sendall(b"HTTP/1.1 101 S\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: " + key + b"\\r\\n\\r\\n")
        f.read()
    else: c.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok")
    f.close(); c.close()
threading.stack_size(256 << 10)
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen(1024)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
"""

CHECK = "{ endpoint: /, use_container_root: true, interval: 1, timeout: 1, retries: 3, start_period: %s }"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    def __init__(self, program, folder):
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        services = self.folder / "services"
        services.mkdir()
        stub = self.folder / "stub.py"
        stub.write_text(STUB)
        python = sys.executable
        (services / "stub.yaml").write_text(
            f'name: stub\ncommand: [{python}, -S, -E, {stub}, "{{port}}", "{{home}}"]\n'
            f"idle: {{ timeout: 0 }}\ngrace: 1\nhealth_check: {CHECK % 30}\n"
        )
        (services / "deaf.yaml").write_text(
            f"name: deaf\ncommand: [/bin/sleep, '600']\ngrace: 1\nhealth_check: {CHECK % 5}\n"
        )
        sockets = self.folder / "sockets.py"
        sockets.write_text(SOCKETS)
        (services / "sockets.yaml").write_text(
            f'name: sockets\ncommand: [{python}, {sockets}, "{{port}}"]\n'
            f"idle: {{ timeout: 0 }}\ngrace: 1\nhealth_check: {CHECK % 30}\n"
        )
        log = open(self.folder / "server.log", "w")
        arguments = ["serve", "--demo", "--data", self.folder / "data", "--listen", f"127.0.0.1:{self.port}"]
        arguments += ["--s3-listen", f"127.0.0.1:{free_port()}", "--services", services, "--sandbox", "off"]
        arguments += ["--user-workspaces", "0", "--workspace-starts", "200"]
        env = dict(os.environ, CASTALIA_NO_DEMO_FLOW="true", CASTALIA_LOG="warn")
        self.child = subprocess.Popen([program, *map(str, arguments)], stdout=log, stderr=log, env=env)
        while True:
            try:
                self.call("GET", "/health")
                break
            except (urllib.error.URLError, ConnectionError):
                if self.child.poll() is not None:
                    sys.exit((self.folder / "server.log").read_text())
                time.sleep(0.02)
        self.token = None
        self.token = self.call("POST", "/api/auth/token", {"user": "demo", "password": "demo"})["access_token"]
        # Its own beginning is not what is measured.
        time.sleep(5)

    token = None

    def call(self, method, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        if self.token:
            request.add_header("authorization", f"Bearer {self.token}")
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            request.add_header("content-type", "application/json")
        with urllib.request.urlopen(request, data, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def cpu_ms(self):
        fields = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Resident memory in MiB."""
        text = pathlib.Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024

    def socket(self, path):
        s = socket.create_connection(("127.0.0.1", self.port))
        head = f"GET {path}ws HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {self.token}\r\nConnection: Upgrade\r\n"
        head += "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        s.sendall(head.encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            piece = s.recv(4096)
            assert piece, answer
            answer += piece
        assert answer.startswith(b"HTTP/1.1 101 "), answer
        return s

    def open(self, service="stub"):
        return self.call("POST", "/api/workspaces", {"service": service, "project": "demo", "new": True})["id"]

    def show(self, workspace):
        return self.call("GET", f"/api/workspaces/{workspace}")

    def until(self, workspace, states, pause=0.02):
        while True:
            view = self.show(workspace)
            if view["state"] in states:
                return view
            time.sleep(pause)

    def up(self, workspace):
        return float((self.folder / "data" / "workspaces" / workspace / "up").read_text())

    def pid(self, workspace):
        unit = f"unit_{workspace.removeprefix('ws_')}_r1"
        return json.loads((self.folder / "data" / "units" / unit / "started.json").read_text())["pid"]


def seconds(stamp):
    main, fraction = re.match(r"(.*)\.(\d+)Z", stamp).groups()
    import calendar

    return calendar.timegm(time.strptime(main, "%Y-%m-%dT%H:%M:%S")) + float("0." + fraction)


def row(what, value, target):
    print(f"{what:<58} {value:>12}   {target}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--spawns", type=int, default=50)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(arguments.program, folder)
        opened = []
        try:
            measure(server, arguments.spawns, opened)
        finally:
            for workspace in opened:
                try:
                    server.call("POST", f"/api/workspaces/{workspace}/stop", {})
                except urllib.error.URLError:
                    pass
            for workspace in opened:
                server.until(workspace, {"stopped", "failed"}, 0.1)
            server.child.send_signal(signal.SIGTERM)
            server.child.wait(20)


def measure(server, spawns, opened):
    row("", "measured", "wanted")
    late = []
    for _ in range(10):
        workspace = server.open()
        opened.append(workspace)
        view = server.until(workspace, {"ready", "failed"})
        assert view["state"] == "ready", view
        late.append(seconds(view["ready_at"]) - server.up(workspace))
    row("ready is announced after it is true (worst of 10)", f"{max(late) * 1000:.0f} ms", "300 ms")

    before, begun = server.cpu_ms(), time.time()
    ids, lock = [], threading.Lock()

    def one():
        workspace = server.open()
        with lock:
            ids.append(workspace)

    threads = [threading.Thread(target=one) for _ in range(spawns)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    opened.extend(ids)
    views = []
    # Looked at seldom, so that looking costs the server little.
    for workspace in ids:
        views.append(server.until(workspace, {"ready", "failed"}, 0.25))
    assert len(views) == spawns and all(view["state"] == "ready" for view in views), views
    last = max(seconds(view["ready_at"]) for view in views)
    cpu = (server.cpu_ms() - before) / spawns
    row(f"{spawns} at once: all ready after", f"{last - begun:.2f} s", "5 s")
    row("processor time of the server for each", f"{cpu:.1f} ms", "20 ms")

    victim = opened[0]
    pid = server.pid(victim)
    begun = time.time()
    os.kill(pid, signal.SIGKILL)
    server.until(victim, {"failed"}, 0.005)
    row("an end is seen after (kill -9)", f"{(time.time() - begun) * 1000:.0f} ms", "1000 ms")

    begun = time.time()
    deaf = server.open("deaf")
    opened.append(deaf)
    while not server.show(deaf)["reason_code"]:
        time.sleep(0.05)
    # The start period of 5 s and three tries, one second apart.
    row("a program that never listens is reported after (limit 8 s)", f"{time.time() - begun:.1f} s", "8 +- 1 s")

    workspace = server.open("sockets")
    opened.append(workspace)
    path = server.until(workspace, {"ready", "failed"})["path"]
    server.socket(path).close()
    time.sleep(3)
    idle, figures = server.memory(), []
    for _ in range(2):
        sockets = [server.socket(path) for _ in range(500)]
        figures.append(server.memory())
        for s in sockets:
            s.close()
        time.sleep(3)
        figures.append(server.memory())
    text = " → ".join(f"{f:.1f}" for f in (idle, *figures)) + " MiB"
    row("memory: idle → 500 sockets → closed → again → closed", text, f"{idle * 1.1:.1f} MiB at the end")


if __name__ == "__main__":
    main()
