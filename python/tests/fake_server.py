"""A stand-in for the server: the REST paths that the client uses, with runs that really run (in this process).

It keeps everything in a folder and in memory. What it checks is the shape of requests; permissions are not its matter.
"""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from castalia.testing import LocalStorage, run

from castalia import discover, plugins

TOKEN = "secret-token"


class Problem(Exception):
    def __init__(self, status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None) -> None:
        self.status, self.body = status, {"status": status, "code": code, "detail": detail, "errors": errors or []}


class World:
    """The state behind the paths. `hold` keeps new runs in `running` until it is set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hold = threading.Event()
        self.hold.set()
        self.processes: list[dict[str, Any]] = []
        self.logs: dict[str, list[dict[str, Any]]] = {}
        self.uploads: dict[str, dict[str, Any]] = {}
        self.datasets: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, str]] = []
        self.cut_logs_once = False

    def start(self, process: dict[str, Any], parameters: dict[str, Any]) -> None:
        number = len(process["versions"]) + 1
        version = {"version": number, "state": "running", "parameters": parameters, "cost": 0, "outputs": [], "reason": None}
        process["versions"].append(version)
        self.logs[f"{process['id']}/{number}"] = lines = [{"seq": 1, "time": "t", "stream": "system", "line": "started"}]
        threading.Thread(target=self._execute, args=(process, version, lines), daemon=True).start()

    def _execute(self, process: dict[str, Any], version: dict[str, Any], lines: list[dict[str, Any]]) -> None:
        inputs: dict[str, Any] = {f"upload:{name}": self.folder / name for name in self.uploads}
        inputs |= {f"dataset:{id}": view["path"] for id, view in self.datasets.items()}
        storage = LocalStorage(self.folder / process["id"] / str(version["version"]), inputs)
        state, reason = "completed", None
        try:
            self.hold.wait(10)
            if version["state"] == "cancelled":
                return
            run(plugins.find(process["type"]), storage, **version["parameters"])
        except Exception as error:
            state, reason = "failed", f"{type(error).__name__}: {error}"
        for name, info in storage.outputs.items():
            id = f"ds_{process['id']}_{version['version']}_{name}"
            view = {"id": id, "name": name, "media_type": info.media_type, "size": info.size, "process": process["id"]}
            self.datasets[id] = {**view, "path": storage.folder.root / info.key}
            version["outputs"].append(view)
        lines.append({"seq": 2, "time": "t", "stream": "system", "line": state})
        version.update(state=state, reason=reason, cost=42)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world: World

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _do(self) -> None:
        parts = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.world.requests.append((self.command, self.path))
        try:
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                raise Problem(401, "unauthenticated", "sign in first")
            for method, pattern, handle in ROUTES:
                match = re.fullmatch(pattern, parts.path)
                if match and method == self.command:
                    found = handle(self, *map(unquote, match.groups()))
                    if found is not None:
                        self._answer(201 if method in ("POST", "PUT") else 200, json.dumps(found).encode())
                    return
            raise Problem(404, "not_found", f"no {parts.path}")
        except Problem as problem:
            self._answer(problem.status, json.dumps(problem.body).encode(), "application/problem+json")

    do_GET = do_POST = do_PUT = _do

    def _page(self, items: list[Any]) -> dict[str, Any]:
        """Two items a page, so that paging is always exercised."""
        start = int(self.query.get("after", 0))
        more = start + 2 < len(items)
        return {"items": items[start : start + 2], "next": str(start + 2) if more else None}

    def _process(self, id: str) -> dict[str, Any]:
        for process in self.world.processes:
            if process["id"] == id:
                return process
        raise Problem(404, "not_found", f"no process `{id}` that you may see")

    def types(self) -> dict[str, Any]:
        return self._page(discover.document()["types"])

    def type(self, name: str) -> dict[str, Any]:
        for entry in discover.document()["types"]:
            if entry["name"] == name:
                return entry
        raise Problem(404, "not_found", f"no process type `{name}` that you may see")

    def create(self) -> dict[str, Any]:
        body = json.loads(self.data)
        self.type(body["type"])
        if "wrong" in body["parameters"]:
            raise Problem(422, "invalid_parameters", "the parameters do not fit", [{"path": "/wrong", "message": "is not known"}])
        if body["project"] == "poor":
            raise Problem(402, "insufficient_credit", "12 credits are missing")
        process = {"id": f"proc_{len(self.world.processes)}", "name": body.get("name", body["type"]), "type": body["type"], "versions": []}
        self.world.processes.append(process)
        self.world.start(process, body["parameters"])
        return process

    def processes(self) -> dict[str, Any]:
        return self._page(self.world.processes)

    def version(self, id: str, number: str) -> dict[str, Any]:
        return self._process(id)["versions"][int(number) - 1]

    def again(self, id: str) -> dict[str, Any]:
        process = self._process(id)
        self.world.start(process, json.loads(self.data).get("parameters", {}))
        return process["versions"][-1]

    def cancel(self, id: str) -> dict[str, Any]:
        version = self._process(id)["versions"][-1]
        if version["state"] != "running":
            raise Problem(409, "already_ended", f"it is {version['state']}")
        version.update(state="cancelled", reason="cancelled by demo")
        return version

    def log(self, id: str) -> None:
        assert self.headers["Accept"] == "application/x-ndjson"
        lines = self.world.logs[f"{id}/{self.query['version']}"]
        after = int(self.query.get("after", 0))
        version = self._process(id)["versions"][int(self.query["version"]) - 1]
        if self.query.get("follow") == "true" and self.world.cut_logs_once:
            self.world.cut_logs_once = False
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            line = json.dumps(lines[0]).encode() + b"\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            self.close_connection = True
            return
        while self.query.get("follow") == "true" and version["state"] == "running":
            self.world.hold.wait(0.05)
        text = "".join(json.dumps(line) + "\n" for line in lines if line["seq"] > after)
        self._answer(200, text.encode(), "application/x-ndjson")

    def dataset_list(self) -> dict[str, Any]:
        found = [view for view in self.world.datasets.values() if self.query.get("process") in (None, view["process"])]
        return self._page([{name: value for name, value in view.items() if name != "path"} for view in found])

    def dataset(self, id: str) -> dict[str, Any]:
        if id not in self.world.datasets:
            raise Problem(404, "not_found", f"no dataset `{id}` that you may see")
        return {name: value for name, value in self.world.datasets[id].items() if name != "path"}

    def content(self, id: str) -> None:
        data = self.world.datasets[id]["path"].read_bytes()
        start = int(re.sub(r"\D", "", self.headers.get("Range", "0")))
        self._answer(206 if start else 200, data[start:], self.world.datasets[id]["media_type"])

    def upload_content(self, id: str) -> None:
        self._answer(200, (self.world.folder / id.removeprefix("up_")).read_bytes())

    def upload(self) -> dict[str, Any]:
        name = self.query["name"]
        (self.world.folder / name).write_bytes(self.data)
        self.world.uploads[name] = {"id": f"up_{name}", "name": name, "size": len(self.data), "media_type": self.headers["Content-Type"]}
        return self.world.uploads[name]

    def upload_list(self) -> dict[str, Any]:
        return self._page(list(self.world.uploads.values()))

    def action(self, name: str) -> dict[str, Any]:
        return {"action": name, "input": json.loads(self.data)}


ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/api/me", lambda self: {"user": "demo"}),
    ("GET", "/api/projects", lambda self: self._page([{"name": f"p{n}"} for n in range(5)])),
    ("POST", "/api/projects", lambda self: json.loads(self.data)),
    ("GET", "/api/projects/([^/]+)/ledger", lambda self, name: {"balance": 1000, "held": 0, "entries": []}),
    ("GET", "/api/process-types", Handler.types),
    ("GET", "/api/process-types/([^/]+)", Handler.type),
    ("POST", "/api/processes", Handler.create),
    ("GET", "/api/processes", Handler.processes),
    ("GET", "/api/processes/([^/]+)", Handler._process),
    ("POST", "/api/processes/([^/]+)/versions", Handler.again),
    ("GET", "/api/processes/([^/]+)/versions/([^/]+)", Handler.version),
    ("POST", "/api/processes/([^/]+)/cancel", Handler.cancel),
    ("GET", "/api/processes/([^/]+)/logs", Handler.log),
    ("GET", "/api/datasets", Handler.dataset_list),
    ("GET", "/api/datasets/([^/]+)", Handler.dataset),
    ("GET", "/api/datasets/([^/]+)/content", Handler.content),
    ("PUT", "/api/uploads", Handler.upload),
    ("GET", "/api/uploads", Handler.upload_list),
    ("GET", "/api/uploads/([^/]+)/content", Handler.upload_content),
    ("POST", "/api/actions/(.+)", Handler.action),
]


class FakeServer:
    """Serves a `World` on a free port until `close`."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        handler = type("BoundHandler", (Handler,), {"world": self.world})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
