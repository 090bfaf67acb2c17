"""The client against a server that speaks the REST paths it uses."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from fake_server import TOKEN

import castalia
from castalia import client as api


@pytest.fixture
def client(server: Any) -> castalia.Client:
    return castalia.Client(server.url, TOKEN)


@pytest.fixture
def record(client: castalia.Client) -> str:
    """An uploaded series with one cycle in 10 s."""
    import numpy as np

    time = np.arange(0, 100, 0.5)
    text = "time (s),x (m)\n" + "".join(f"{t},{np.sin(2 * np.pi * t / 10):.6f}\n" for t in time)
    return client.upload(text.encode(), project="demo", name="sine wave.csv")


def test_who_and_where(client: castalia.Client) -> None:
    assert client.me() == {"user": "demo"}
    assert [project["name"] for project in client.projects()] == ["p0", "p1", "p2", "p3", "p4"], "three pages"
    assert client.create_project("new")["name"] == "new"
    assert client.ledger("demo")["balance"] == 1000
    assert {entry["name"] for entry in client.process_types()} >= {"fft", "table"}
    assert client.process_type("fft")["schema"]["required"] == ["input"]
    assert client.do("datasets.preview", dataset="ds_1") == {"action": "datasets.preview", "input": {"dataset": "ds_1"}}


def test_uploads(client: castalia.Client, tmp_path: Path, server: Any) -> None:
    (tmp_path / "ä b.csv").write_bytes(b"1,2\n")
    assert client.upload(tmp_path / "ä b.csv", project="demo") == "upload:ä b.csv"
    assert client.upload(io.BytesIO(b"x" * 3_000_000), project="demo", name="big.bin") == "upload:big.bin"
    assert (server.world.folder / "big.bin").stat().st_size == 3_000_000
    client.upload(b"{}", project="demo", name="m.geojson")
    kinds = {entry["name"]: entry["media_type"] for entry in client.uploads("demo")}
    assert kinds == {"ä b.csv": "text/csv", "big.bin": "application/octet-stream", "m.geojson": "application/geo+json"}
    with pytest.raises(ValueError, match="needs a name"):
        client.upload(b"", project="demo")


def test_a_run_with_its_outputs(client: castalia.Client, record: str, tmp_path: Path) -> None:
    run = client.run("fft", project="demo", input=record, detrend="none", name="first")
    assert (run.state, run.cost, run.version, run.name) == ("completed", 42, 1, "first")
    assert set(run.outputs) == {"spectrum", "figure", "summary"}
    assert run.outputs["summary"].json()["peaks"][0]["frequency"] == pytest.approx(0.1, abs=0.003)
    spectrum = run.outputs["spectrum"]
    assert spectrum.to(tmp_path) == tmp_path / "spectrum"
    assert (tmp_path / "spectrum").read_bytes() == spectrum.read()
    with spectrum.open(start=10) as source:
        assert source.readall() == spectrum.read()[10:]
    next_run = client.run("table", project="demo", input=spectrum)
    assert next_run.view["parameters"]["input"] == spectrum.ref
    assert {dataset.name for dataset in client.datasets(process=run.id)} == {"spectrum", "figure", "summary"}
    assert client.dataset(spectrum.ref).size == spectrum.size
    assert [found.id for found in client.processes("demo")] == [run.id, next_run.id]


def test_versions(client: castalia.Client, record: str) -> None:
    run = client.run("fft", project="demo", input=record)
    second = run.again(peaks=1).wait()
    assert (second.id, second.version) == (run.id, 2)
    assert second.view["parameters"] == {"input": record, "peaks": 1}
    assert client.process(run.id, version=1).version == 1


def test_a_failed_run_says_why(client: castalia.Client) -> None:
    client.upload(b"nothing\n", project="demo", name="empty.csv")
    with pytest.raises(api.RunFailed, match=r"failed: InputError: .*has a header but no rows") as caught:
        client.run("fft", project="demo", input="upload:empty.csv")
    assert caught.value.run.state == "failed"


def test_wait_cancel_and_conflict(client: castalia.Client, record: str, server: Any) -> None:
    server.world.hold.clear()
    run = client.run("fft", project="demo", wait=False, input=record)
    assert run.state == "running"
    with pytest.raises(TimeoutError, match="still running"):
        run.wait(timeout=0.05)
    assert run.cancel().state == "cancelled"
    with pytest.raises(api.Conflict) as caught:
        run.cancel()
    assert (caught.value.status, caught.value.code) == (409, "already_ended")
    server.world.hold.set()


def test_logs_survive_a_cut_connection(client: castalia.Client, record: str, server: Any) -> None:
    server.world.hold.clear()
    server.world.cut_logs_once = True
    run = client.run("fft", project="demo", wait=False, input=record)
    lines = run.logs(follow=True)
    assert next(lines)["line"] == "started"
    server.world.hold.set()
    assert [line["line"] for line in lines] == ["completed"]
    assert [line["seq"] for line in run.logs()] == [1, 2]
    assert [line["seq"] for line in run.logs(after=1)] == [2]


ERRORS = [
    (lambda c: c.process_type("nothing"), api.NotFound, "no process type `nothing`"),
    (lambda c: c.run("table", project="demo", parameters={"wrong": 1}), api.Invalid, "/wrong: is not known"),
    (lambda c: c.run("table", project="poor"), api.PaymentRequired, "12 credits are missing"),
    (lambda c: c.request("GET", "/api/none"), api.NotFound, "404 not_found"),
]


@pytest.mark.parametrize(("call", "kind", "message"), ERRORS, ids=["type", "schema", "credit", "path"])
def test_errors(client: castalia.Client, call: Any, kind: type, message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        call(client)
    assert isinstance(caught.value, castalia.ApiError)


def test_a_wrong_token(server: Any) -> None:
    with pytest.raises(api.Unauthenticated, match="sign in first"):
        castalia.Client(server.url, "wrong").me()


def test_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.time, "sleep", lambda _: None)
    with pytest.raises(api.Unreachable, match="is the server running"):
        castalia.Client("http://127.0.0.1:1", "t").me()


def test_settings_from_the_environment_and_the_login(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CASTALIA_URL", "CASTALIA_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert castalia.Client().url == "http://127.0.0.1:8000"
    (tmp_path / "castalia").mkdir()
    stored = {"servers": {server.url + "/": {"token": TOKEN, "user": "demo"}}, "default": server.url}
    (tmp_path / "castalia" / "credentials.json").write_text(json.dumps(stored))
    assert castalia.Client().me() == {"user": "demo"}
    monkeypatch.setenv("CASTALIA_URL", "http://127.0.0.1:1")
    assert castalia.Client().url == "http://127.0.0.1:1"
    assert castalia.Client(server.url).me() == {"user": "demo"}
    monkeypatch.setenv("CASTALIA_TOKEN", "wrong")
    with pytest.raises(api.Unauthenticated):
        castalia.Client(server.url).me()


def test_the_token_of_a_cell_is_that_of_whoever_runs_it_now(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "token"
    monkeypatch.delenv("CASTALIA_TOKEN", raising=False)
    monkeypatch.setenv("CASTALIA_TOKEN_FILE", str(file))
    client = castalia.Client(server.url)
    with pytest.raises(api.Unauthenticated):
        client.me()
    file.write_text(TOKEN)
    assert client.me() == {"user": "demo"}
    file.write_text("wrong")
    with pytest.raises(api.Unauthenticated):
        client.me()
    assert castalia.Client(server.url, TOKEN).me() == {"user": "demo"}


def test_only_reads_are_repeated(client: castalia.Client, server: Any) -> None:
    client.me()
    client.do("tasks.create")
    assert [method for method, path in server.world.requests if "actions" in path] == ["POST"]
