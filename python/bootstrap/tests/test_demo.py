"""The demo data, and the whole environment through the runner."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator


def test_the_command_writes_what_it_lists(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "castalia_bootstrap.demo", str(tmp_path / "new")], capture_output=True, text=True, check=True
    )
    listed = json.loads(done.stdout)
    assert {entry["name"] for entry in listed} == {path.name for path in (tmp_path / "new").iterdir()}
    assert all(set(entry) == {"name", "media_type", "description", "source"} for entry in listed)
    assert (tmp_path / "new" / "mauna-loa-co2.csv").read_text().splitlines()[:2] == [
        "date,co2 (ppm),seasonally adjusted co2 (ppm)",
        "1958-03-01,315.70,314.44",
    ]
    assert "synthetic" in (tmp_path / "new" / "rays.csv").read_text().splitlines()[1]


RUNS = [
    ("fft", "mauna-loa-co2.csv", {"spectrum", "figure", "summary"}),
    ("inversion", "rays.csv", {"model", "misfit_curve", "prediction", "figure", "misfit_figure", "summary"}),
    ("gridding", "earthquakes.geojson", {"grid", "contours", "points", "figure", "summary"}),
    ("density", "earthquakes.geojson", {"grid", "density.npy", "contours", "summits", "picture", "report"}),
    ("points", "earthquakes.geojson", {"points", "table", "report"}),
    ("table", "mauna-loa-co2.csv", {"profile", "cleaned", "summary"}),
]


@pytest.mark.parametrize(("kind", "name", "outputs"), RUNS, ids=[case[0] for case in RUNS])
def test_each_type_runs_on_its_demo_with_defaults_alone(runner: Any, tmp_path: Path, kind: str, name: str, outputs: set[str]) -> None:
    from castalia_bootstrap import demo

    demo.write(tmp_path / "demo")
    media_types = {entry["name"]: entry["media_type"] for entry in demo.FILES}
    runner.give(f"upload:{name}", (tmp_path / "demo" / name).read_bytes(), media_types[name])
    done = runner.run(kind, {"input": f"upload:{name}"})
    assert done.code == 0, done.stderr
    for output in outputs:
        assert runner.output(output)
    assert done.events[-1]["fraction"] == 1.0
    assert "INFO castalia." in done.stderr
    assert "Traceback" not in done.stderr


def test_every_parameter_is_documented_and_every_example_fits() -> None:
    done = subprocess.run([sys.executable, "-m", "castalia.discover"], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["errors"] == []
    types = {entry["name"]: entry for entry in found["types"] if entry["entry_point"].startswith("castalia_bootstrap")}
    assert set(types) == {"fft", "inversion", "gridding", "density", "points", "table"}
    for entry in types.values():
        assert entry["description"]
        assert entry["deterministic"] is True
        for example in entry["schema"]["examples"]:
            assert set(example) == {"title", "about", "parameters"}
            Draft202012Validator(entry["schema"]).validate(example["parameters"])
        for name, field in entry["schema"]["properties"].items():
            assert field.get("description"), f"{entry['name']}.{name}"
