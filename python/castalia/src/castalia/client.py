"""A client for a Castalia server, on the standard library.

    client = castalia.Client()
    run = client.run("fft", project="demo", input="upload:mauna-loa-co2.csv")
    print(run.state, run.outputs["spectrum"].read())

Errors of the server (`application/problem+json`) become `ApiError` and its subclasses. Requests that only read are
repeated when the connection breaks; requests that change something are sent once.
"""

from __future__ import annotations

import io
import json
import mimetypes
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode

from castalia import resources as limits
from castalia.connection import Pool, Reply
from castalia.data import Content, Dataset, Upload

DEFAULT_URL = "http://127.0.0.1:8000"
DONE = frozenset(("completed", "failed", "cancelled"))

__all__ = [
    "ApiError",
    "Client",
    "Conflict",
    "Content",
    "Dataset",
    "Forbidden",
    "Invalid",
    "NotFound",
    "PaymentRequired",
    "RateLimited",
    "Run",
    "RunFailed",
    "Unauthenticated",
    "Unreachable",
    "Upload",
]


class ApiError(Exception):
    """The server refused a request. `code` is stable, `detail` is for people, `errors` lists what is wrong where."""

    def __init__(self, status: int, code: str, detail: str, errors: list[Any] | None = None) -> None:
        self.status, self.code, self.detail, self.errors = status, code, detail, errors or []
        where = "".join(f"\n  {_error_line(error)}" for error in self.errors)
        super().__init__(f"{detail} ({status} {code}){where}")


class Unauthenticated(ApiError):
    """401: no token, or one that the server does not accept."""


class PaymentRequired(ApiError):
    """402: the project has too few credits for this run."""


class Forbidden(ApiError):
    """403: the permission is missing."""


class NotFound(ApiError):
    """404: it does not exist, or you may not see it."""


class Conflict(ApiError):
    """409: it is not in a state that allows this."""


class Invalid(ApiError):
    """400 or 422: the input does not fit the schema; `errors` has the paths."""


class RateLimited(ApiError):
    """429: too many requests."""


class Unreachable(ApiError):
    """No answer from the server; status 0."""


class RunFailed(Exception):
    """A run that was waited for did not complete. `run` is the run, its logs say why."""

    def __init__(self, run: Run) -> None:
        self.run = run
        super().__init__(f"{run.id} version {run.version} {run.state}: {run.reason or 'no reason given'}")


_KINDS = {
    400: Invalid,
    401: Unauthenticated,
    402: PaymentRequired,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: Invalid,
    429: RateLimited,
}


def _error_line(error: Any) -> str:
    if isinstance(error, Mapping):
        path = error.get("path") or error.get("pointer") or ""
        return f"{path}: {error.get('message') or error.get('detail') or ''}".strip(": ")
    return str(error)


def _problem(status: int, body: bytes) -> ApiError:
    try:
        problem = json.loads(body)
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        problem = {"detail": body.decode("utf-8", "replace")[:500]}
    detail = problem.get("detail") or problem.get("title") or f"the server answered {status}"
    return _KINDS.get(status, ApiError)(
        status, str(problem.get("code") or "http"), str(detail), problem.get("errors") or problem.get("fields")
    )


def _stored(url: str | None) -> tuple[str | None, str | None]:
    """URL and token that `castalia login` has left, if any."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    try:
        with open(os.path.join(home, "castalia", "credentials.json"), encoding="utf-8") as file:
            known = json.load(file)
    except (OSError, ValueError):
        return url, None
    if not isinstance(known, dict):
        return url, None
    url = url or known.get("default")
    servers = {name.rstrip("/"): entry for name, entry in (known.get("servers") or {}).items()}
    return url, (servers.get((url or DEFAULT_URL).rstrip("/")) or {}).get("token")


def _path(*parts: str | int) -> str:
    return "/api/" + "/".join(quote(str(part), safe="") for part in parts)


class Client:
    """One server, one identity.

    `url` falls back to `CASTALIA_URL`, the default server of `castalia login`, and http://127.0.0.1:8000; `token` to
    `CASTALIA_TOKEN`, what is in the file `CASTALIA_TOKEN_FILE` whenever something is asked, and the token that `castalia
    login` keeps for that server; `project`, where a method asks for one, to `CASTALIA_PROJECT`. In a cell of a notebook
    all three are set, and the token is that of whoever runs the cell.
    """

    def __init__(self, url: str | None = None, token: str | None = None, *, project: str | None = None, timeout: float = 60.0) -> None:
        self.project = project or os.environ.get("CASTALIA_PROJECT") or None
        url = url or os.environ.get("CASTALIA_URL") or None
        token = token or os.environ.get("CASTALIA_TOKEN") or None
        self._token_file = None if token else os.environ.get("CASTALIA_TOKEN_FILE") or None
        if token is None and self._token_file is None:
            url, token = _stored(url)
        self.url = (url or DEFAULT_URL).rstrip("/")
        self._token, self._pool = token, Pool(self.url, timeout)

    # Transport

    def _bearer(self) -> str | None:
        if self._token_file is None:
            return self._token
        try:
            with open(self._token_file, encoding="utf-8") as file:
                return file.read().strip() or None
        except FileNotFoundError:
            return None

    def request(self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None) -> Any:
        """Send JSON, get JSON (None for an empty answer). `path` begins with `/api/`. Raises `ApiError`."""
        headers = {"Accept": "application/json"}
        data = None
        if body is not None:
            headers["Content-Type"], data = "application/json", json.dumps(body).encode()
        with self._open(method, path, query, headers, data) as reply:
            answer = reply.read()
        return json.loads(answer) if answer else None

    def _open(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        timeout: float | None = None,
    ) -> Reply:
        from http.client import HTTPException

        sent = {"User-Agent": "castalia-python", **(headers or {})}
        if token := self._bearer():
            sent["Authorization"] = f"Bearer {token}"
        text = urlencode({name: value for name, value in (query or {}).items() if value is not None})
        tries = 4 if method == "GET" else 1
        for attempt in range(1, tries + 1):
            try:
                reply = self._pool.request(method, path + (f"?{text}" if text else ""), sent, body, reuse=method == "GET", timeout=timeout)
                break
            except (OSError, HTTPException) as error:
                if attempt == tries:
                    raise Unreachable(0, "unreachable", f"no answer from {self.url}: {error}; is the server running?") from error
                time.sleep(0.2 * 2**attempt)
        if reply.status >= 400:
            with reply:
                raise _problem(reply.status, reply.read())
        return reply

    def _pages(self, path: str, field: str, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The items of a list, page after page; a plain list counts as the only page."""
        after = None
        while True:
            page = self.request("GET", path, {**query, "after": after})
            items = page if isinstance(page, list) else page.get("items", page.get(field, []))
            yield from items
            following = None if isinstance(page, list) else page.get("next")
            if not following or not items or following == after:
                return
            after = following

    def _project(self, project: str | None) -> str:
        project = project or self.project
        if not project:
            raise ValueError("say in which project: project=..., or set CASTALIA_PROJECT")
        return project

    # Who and where

    def me(self) -> dict[str, Any]:
        """The user and the permissions behind the token."""
        found: dict[str, Any] = self.request("GET", "/api/me")
        return found

    def projects(self) -> Iterator[dict[str, Any]]:
        """The projects that you are a member of."""
        return self._pages("/api/projects", "projects", {})

    def create_project(self, name: str, **fields: Any) -> dict[str, Any]:
        """Make a project."""
        found: dict[str, Any] = self.request("POST", "/api/projects", body={"name": name, **fields})
        return found

    def ledger(self, project: str) -> dict[str, Any]:
        """`{balance, held, entries}` of a project, in micro-credits."""
        found: dict[str, Any] = self.request("GET", _path("projects", project, "ledger"))
        return found

    def process_types(self) -> Iterator[dict[str, Any]]:
        """What can be run, each with its JSON Schema."""
        return self._pages("/api/process-types", "process_types", {})

    def process_type(self, name: str) -> dict[str, Any]:
        """One process type."""
        found: dict[str, Any] = self.request("GET", _path("process-types", name))
        return found

    def do(self, action: str, /, **input: Any) -> Any:
        """Call an action of the catalogue, for instance `do("datasets.preview", dataset="...")`."""
        return self.request("POST", _path("actions", action), body=input)

    # Data

    def upload(
        self,
        source: str | os.PathLike[str] | bytes | BinaryIO,
        *,
        project: str | None = None,
        name: str | None = None,
        media_type: str | None = None,
    ) -> str:
        """Upload a file (path, bytes or binary file object), streamed; returns its reference `upload:NAME`."""
        if isinstance(source, (str, os.PathLike)):
            with open(source, "rb") as file:
                return self.upload(file, project=project, name=name or Path(source).name, media_type=media_type)
        project = self._project(project)
        name = name or os.path.basename(str(getattr(source, "name", "")))
        if not name:
            raise ValueError("upload needs a name for data that is no file on disk")
        size = len(source) if isinstance(source, bytes) else source.seek(0, io.SEEK_END)
        if not isinstance(source, bytes):
            source.seek(0)
        kind = media_type or ("application/geo+json" if name.endswith(".geojson") else mimetypes.guess_type(name)[0])
        headers = {"Content-Type": kind or "application/octet-stream", "Content-Length": str(size)}
        with self._open("PUT", "/api/uploads", {"project": project, "name": name}, headers, source) as reply:
            reply.read()
        return f"upload:{name}"

    def uploads(self, project: str | None = None) -> Iterator[dict[str, Any]]:
        """The uploads of a project."""
        return self._pages("/api/uploads", "uploads", {"project": self._project(project)})

    def datasets(self, project: str | None = None, process: str | None = None) -> Iterator[Dataset]:
        """The datasets of a project or of a process."""
        project = project or (None if process else self.project)
        for view in self._pages("/api/datasets", "datasets", {"project": project, "process": process}):
            yield Dataset(self, view)

    def dataset(self, id: str) -> Dataset:
        """One dataset; `dataset:ID` and `ID` are both fine."""
        return Dataset(self, self.request("GET", _path("datasets", id.removeprefix("dataset:"))))

    def data(self, ref: str, project: str | None = None) -> Dataset:
        """What a reference (`dataset:ID`, `upload:NAME`) or a plain name in the project stands for.

        A plain name means the upload of this name, else the newest dataset of it. Raises `NotFound`.
        """
        if ref.startswith("dataset:"):
            return self.dataset(ref)
        name = ref.removeprefix("upload:")
        for view in self.uploads(project):
            if view["name"] == name:
                return Upload(self, view)
        if name == ref:
            found = [dataset for dataset in self.datasets(project or self.project) if dataset.name == name]
            if found:
                return max(found, key=lambda dataset: (str(dataset.view.get("created_at", "")), dataset.id))
        raise NotFound(404, "not_found", f"the project {self._project(project)} has no data {ref!r}")

    # Processes

    def run(
        self,
        type: str,
        /,
        *,
        project: str | None = None,
        wait: bool = True,
        name: str | None = None,
        resources: Mapping[str, Any] | None = None,
        priority: int | None = None,
        parameters: Mapping[str, Any] | None = None,
        timeout: float | None = None,
        **params: Any,
    ) -> Run:
        """Start a process and, with `wait`, return when it has ended.

        Parameters of the type are keywords; those whose names collide with the arguments here go into `parameters`.
        Values may be a `Dataset`. `resources`: `cpu` (cores), `memory_mb`, `storage_mb`, `gpu`, `deadline_s`.

        Raises `RunFailed` when a run that is waited for fails or is cancelled.
        """
        body: dict[str, Any] = {
            "project": self._project(project),
            "type": type,
            "parameters": _references({**(parameters or {}), **params}),
        }
        for field, value in (("name", name), ("resources", limits.wire(resources) if resources else None), ("priority", priority)):
            if value is not None:
                body[field] = value
        run = Run(self, self.request("POST", "/api/processes", body=body))
        if wait and run.wait(timeout).state != "completed":
            raise RunFailed(run)
        return run

    def processes(self, project: str | None = None, state: str | None = None) -> Iterator[Run]:
        """Processes, each as the run of its newest version."""
        for view in self._pages("/api/processes", "processes", {"project": project or self.project, "state": state}):
            yield Run(self, view)

    def process(self, id: str, version: int | None = None) -> Run:
        """One process at its newest or the given version."""
        return Run(self, self.request("GET", _path("processes", id)), version)

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _references(value: Any) -> Any:
    if isinstance(value, Dataset):
        return value.ref
    if isinstance(value, Mapping):
        return {key: _references(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_references(item) for item in value]
    return value


class Run:
    """One version of a process. `state`, `reason`, `cost` and `progress` are as of the last `refresh`."""

    def __init__(self, client: Client, view: dict[str, Any], version: int | None = None) -> None:
        self._client, self.process = client, view
        self.id: str = view["id"]
        self.name: str = view.get("name", "")
        versions = {int(entry["version"]): entry for entry in view.get("versions") or [] if isinstance(entry, dict) and "version" in entry}
        latest = view.get("version")
        self.version = int(version or max(versions, default=0) or (latest if isinstance(latest, int) else 1))
        self.view: dict[str, Any] = versions.get(self.version, {})
        if "state" not in self.view:
            self.refresh()

    def refresh(self) -> Run:
        """Ask the server again."""
        self.view = self._client.request("GET", _path("processes", self.id, "versions", self.version))
        return self

    @property
    def state(self) -> str:
        """queued, starting, running, completed, failed or cancelled."""
        return str(self.view.get("state", self.process.get("state", "")))

    @property
    def reason(self) -> str | None:
        """Why it is in this state, in words."""
        return self.view.get("reason")

    @property
    def cost(self) -> int:
        """Micro-credits, final when the run has ended."""
        return int(self.view.get("cost") or 0)

    @property
    def progress(self) -> tuple[float, str]:
        """Fraction from 0 to 1, and the message with it."""
        found = self.view.get("progress") or {}
        return float(found.get("fraction") or 0.0), str(found.get("message") or "")

    @property
    def outputs(self) -> dict[str, Dataset]:
        """What it has written, by name."""
        return {view["name"]: Dataset(self._client, view) for view in self.view.get("outputs") or []}

    def wait(self, timeout: float | None = None) -> Run:
        """Return when the run has ended, however it ended. Raises `TimeoutError`."""
        give_up = None if timeout is None else time.monotonic() + timeout
        pause = 0.02
        while self.refresh().state not in DONE:
            if give_up is not None and time.monotonic() + pause > give_up:
                raise TimeoutError(f"{self.id} version {self.version} is still {self.state} after {timeout} s")
            time.sleep(pause)
            pause = min(1.0, pause * 1.5)
        return self

    def logs(self, follow: bool = False, after: int = 0) -> Iterator[dict[str, Any]]:
        """Lines `{seq, time, stream, line}` in order, from the one after `after` on; with `follow` until the run has ended.

        A connection that breaks is opened again after the last line seen, so that none is lost or given twice.
        """
        from http.client import HTTPException

        while True:
            query = {"version": self.version, "after": after or None, "follow": "true" if follow else None}
            reply = self._client._open(
                "GET", _path("processes", self.id, "logs"), query, {"Accept": "application/x-ndjson"}, timeout=3600.0 if follow else None
            )
            broken = False
            with reply:
                try:
                    while line := reply.readline():
                        if line.strip():
                            entry = json.loads(line)
                            after = entry["seq"]
                            yield entry
                except (OSError, HTTPException, ValueError):
                    broken = True
            if not follow and not broken:
                return
            if follow and not broken and self.refresh().state in DONE:
                yield from self.logs(after=after)
                return
            time.sleep(0.2)

    def cancel(self) -> Run:
        """Ask the run to stop. Raises `Conflict` when it has already ended."""
        self._client.request("POST", _path("processes", self.id, "cancel"))
        return self.refresh()

    def again(self, resources: Mapping[str, Any] | None = None, **parameters: Any) -> Run:
        """Start a new version with changed parameters; those not given stay as they are."""
        body: dict[str, Any] = {}
        if parameters:
            body["parameters"] = {**(self.view.get("parameters") or {}), **_references(parameters)}
        if resources is not None:
            body["resources"] = limits.wire(resources)
        self._client.request("POST", _path("processes", self.id, "versions"), body=body)
        return self._client.process(self.id)

    def __repr__(self) -> str:
        return f"<Run {self.id} version {self.version} {self.state}>"
