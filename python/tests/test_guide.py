"""Every sample of `README.md` runs, in the order in which it stands."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import castalia_bootstrap.demo
import pytest
from fake_server import TOKEN

GUIDE = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_the_samples(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASTALIA_URL", server.url)
    monkeypatch.setenv("CASTALIA_TOKEN", TOKEN)
    castalia_bootstrap.demo.write(tmp_path)
    names: dict[str, Any] = {"__name__": "guide"}
    for number, (language, text) in enumerate(BLOCKS):
        if language == "python":
            exec(compile(text, f"sample {number} of {GUIDE.name}", "exec"), names)
        elif language == "sh":
            for line in text.splitlines():
                subprocess.run([sys.executable, *shlex.split(line)[1:]], check=True, capture_output=True)
    assert (tmp_path / "spectrum.csv").read_text().startswith("frequency,amplitude\n")
    assert (tmp_path / "demo-data" / "rays.csv").exists()


def test_the_published_sample_is_discovered_and_runs(runner: Any) -> None:
    """The entry point of the toml sample names the class of the first sample."""
    toml = next(text for language, text in BLOCKS if language == "toml")
    section, _, line = toml.strip().rpartition("\n")
    assert section.endswith('[project.entry-points."castalia.process_types"]')
    name, value = (part.strip(' "') for part in line.split("="))
    code = next(text for language, text in BLOCKS if language == "python")
    assert code.startswith(f"# {value.partition(':')[0]}.py\n")
    (runner.site / f"{value.partition(':')[0]}.py").write_text(code)
    info = next(runner.site.glob("*.dist-info"))
    (info / "entry_points.txt").write_text(f"[castalia.process_types]\n{name} = {value}\n")
    runner.give("upload:h.csv", b"h\n1\n2\n3\n")
    done = runner.run(name, {"input": "upload:h.csv", "column": "h", "width": 3})
    assert done.code == 0, done.stderr
    assert runner.output("smooth") == b"mean\n2.0\n"
    refused = runner.run(name, {"input": "upload:h.csv", "column": "z"})
    assert refused.stderr == "castalia: InputError: no column 'z'; name one of the header line\n"
