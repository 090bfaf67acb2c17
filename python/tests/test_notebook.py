"""The magics against a server that speaks the REST paths they use, in a shell that keeps what was shown."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import types
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from castalia.notebook import magic as magics
from castalia.process import InputError
from castalia.script import Script
from castalia.testing import LocalStorage, run
from fake_server import TOKEN

import castalia
from castalia import plugins


class Shell:
    """What the magics use of IPython."""

    def __init__(self) -> None:
        self.user_ns: dict[str, Any] = {}
        self.magics: dict[tuple[str, str], Any] = {}
        self.shown: list[list[dict[str, str]]] = []

    def register_magic_function(self, function: Any, kind: str, name: str) -> None:
        self.magics[kind, name] = function

    def display(self, shown: Any, display_id: bool) -> Any:
        assert display_id
        states = [shown._repr_mimebundle_()]
        self.shown.append(states)
        return types.SimpleNamespace(update=lambda new: states.append(new._repr_mimebundle_()))

    def cell(self, line: str, text: str = "pass") -> None:
        self.magics["cell", "process"](line, text)

    def line(self, line: str) -> None:
        self.magics["line", "process"](line)

    @property
    def last(self) -> str:
        return self.shown[-1][-1]["text/plain"]


@pytest.fixture
def shell(server: Any, monkeypatch: pytest.MonkeyPatch) -> Shell:
    for name, value in {"URL": server.url, "TOKEN": TOKEN, "PROJECT": "demo", "PUBLIC_URL": "https://castalia.example/app"}.items():
        monkeypatch.setenv(f"CASTALIA_{name}", value)
    script = EntryPoint("script", "castalia.script:Script", plugins.GROUP)
    others = [point for point in plugins.points() if point.name != "script"]
    monkeypatch.setattr(plugins, "points", lambda: [*others, script])
    made, display = Shell(), types.ModuleType("IPython.display")
    display.display = made.display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    castalia.load_ipython_extension(made)
    return made


def test_a_cell_runs_as_a_process(shell: Shell, server: Any) -> None:
    castalia.Client().upload(b"1,2\n3,4\n", name="points.csv")
    code = "result = {'lines': len(inputs['p'].read_text().splitlines())}\n(outputs / 'copy.csv').write_bytes(inputs['p'].read_bytes())"
    shell.cell("--name count -i p=points.csv --into found", code)
    found = shell.user_ns["found"]
    assert found.outputs["result"].json() == {"lines": 2}
    assert found.outputs["copy.csv"].read() == b"1,2\n3,4\n"
    assert len(shell.shown) == 1, "one output, kept up to date"
    for part in ("count", "completed", f"https://castalia.example/app/processes/{found.id}", "copy.csv: text/csv, 8 B, dataset:"):
        assert part in shell.last
    # A variable that holds data is an input too.
    shell.user_ns["copy"] = found.outputs["copy.csv"]
    shell.cell("-i p=copy --into again", "result = inputs['p'].read_text()")
    assert shell.user_ns["again"].outputs["result"].json() == "1,2\n3,4\n"


def test_a_process_that_fails_is_a_readable_error(shell: Shell) -> None:
    with pytest.raises(magics.ProcessFailed, match="the pump is broken") as caught:
        shell.cell("", "raise ValueError('the pump is broken')")
    assert caught.value._render_traceback_()[0].startswith("ProcessFailed: script (proc_")


def test_an_interrupt_leaves_the_process_alone_unless_told(shell: Shell, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    server.world.hold.clear()
    with monkeypatch.context() as patch:
        patch.setattr(time, "sleep", interrupt)
        with pytest.raises(KeyboardInterrupt, match="goes on"):
            shell.cell("--into left", "result = 1")
        left = shell.user_ns["left"]
        assert left.refresh().state == "running"
        assert f"%process --attach {left.id}" in shell.last
        with pytest.raises(KeyboardInterrupt, match="asked to stop"):
            shell.cell("--cancel --into ended", "result = 1")
        assert shell.user_ns["ended"].refresh().state == "cancelled"
    server.world.hold.set()
    shell.line(f"--attach {left.id} --into again")
    assert shell.user_ns["again"].outputs["result"].json() == 1


def test_no_wait_returns_at_once(shell: Shell, server: Any) -> None:
    server.world.hold.clear()
    shell.cell("--no-wait --into beside", "result = 1")
    assert "runs beside this notebook" in shell.last
    threading.Timer(0.05, server.world.hold.set).start()
    assert shell.user_ns["beside"].wait(30).state == "completed"


def test_the_line_magic_runs_a_type(shell: Shell) -> None:
    shell.line("""script code="result = inputs and 1 or 2" inputs={} --into found""")
    assert shell.user_ns["found"].outputs["result"].json() == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--nonsense", "unrecognized arguments: --nonsense"),
        ("-i p", "write NAME=VALUE"),
        ("-r memory_mb=lots", "no number"),
        ("--into 3x", "no name of a variable"),
        ("--name 'open", "No closing quotation"),
        ("--wait --no-wait", "not allowed with"),
    ],
)
def test_a_line_that_is_wrong_is_refused_before_anything_runs(shell: Shell, server: Any, line: str, said: str) -> None:
    with pytest.raises(magics.UsageError, match=said):
        shell.cell(line)
    assert not server.world.processes


def test_what_is_no_data_is_no_input(shell: Shell, server: Any) -> None:
    shell.user_ns["n"] = 5
    with pytest.raises(magics.UsageError, match="n is a int"):
        shell.cell("-i p=n")
    with pytest.raises(castalia.ApiError, match=r"no data 'absent\.csv'"):
        shell.cell("-i p=absent.csv")
    assert not server.world.processes


def test_help_is_printed(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.cell("-h")
    shell.line("-h")
    assert capsys.readouterr().out.count("--attach") == 2


def test_text_of_a_log_can_not_leave_its_place(shell: Shell) -> None:
    from castalia.notebook.show import Board

    run_ = castalia.Client().run("script", parameters={"code": "pass"}, name="a](http://evil) <b>")
    board = Board(run_, "https://castalia.example")
    board._lines.append("``` <script>alert(1)</script>")
    text = board._markdown()
    assert "[**a\\](http://evil) \\<b\\>**](https://castalia.example)" in text
    assert "````text\n``` <script>alert(1)</script>\n````" in text


def test_the_example_of_a_script_runs(tmp_path: Path) -> None:
    (tmp_path / "co2.csv").write_text("date,co2 (ppm)\n1958-03-01,315.7\n1959-03-01,316.3\n1961-01-01,317\n")
    given = Script.examples[0]["parameters"]
    storage = LocalStorage(tmp_path / "run", {given["inputs"]["co2"]: tmp_path / "co2.csv"})
    run(Script, storage, **given)
    assert json.loads(storage.read("result")) == {"1950": 316.0, "1960": 317.0}


def test_a_script_of_nonsense_says_where(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 2"):
        run(Script, LocalStorage(tmp_path), code="x = 1\nx = = 2")


def test_the_start_of_a_kernel_changes_nothing_but_the_end_of_the_path(tmp_path: Path) -> None:
    """Without IPython nothing is loaded; and a `castalia` of the environment's own stays in front."""
    source = Path(castalia.__file__).parent
    code = (
        "import os, sys; before = list(sys.path); file = os.environ['PYTHONSTARTUP']\n"
        "with open(file) as source: text = source.read()\n"
        "names = {}; exec(text, names); assert set(names) == {'__builtins__'}, names\n"
        "assert sys.path[:-1] == before, sys.path; assert 'PYTHONSTARTUP' not in os.environ\n"
        "import castalia; print(castalia.__file__)"
    )
    env = {"PATH": "/usr/bin:/bin", "PYTHONSTARTUP": str(source / "notebook/start.py")}
    # -S: no packages, also not the one that is tested.
    done = subprocess.run([sys.executable, "-S", "-c", code], env=env, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).parent == source


def test_a_path_of_data_is_a_copy_made_once(shell: Shell, server: Any) -> None:
    castalia.Client().upload(b"1,2\n", name="a b.csv")
    found = castalia.path("upload:a b.csv")
    assert found.name == "a b.csv"
    assert found.read_bytes() == b"1,2\n"
    asked = len(server.world.requests)
    assert castalia.path("upload:a b.csv") == found
    assert len(server.world.requests) == asked


PROGRAM = """\
#!{python}
import json, pathlib, sys
sys.stderr.write("[1/2] ok 0.1 s  n = 1\\n")
option = lambda name: pathlib.Path(sys.argv[sys.argv.index(name) + 1])
given = json.loads(option("--parameters").read_text())
option("--out").write_text(pathlib.Path(sys.argv[3]).read_text())
option("--html").write_text("<p>page</p>")
for name in ("table.csv", ".hidden", "notebook.html"):
    (option("--folder") / name).write_text(name)
if given.get("fail"):
    sys.exit("cell 2 failed: ValueError: no luck")
"""


@pytest.mark.parametrize("fail", [False, True])
def test_a_notebook_runs_as_a_process(runner: Any, tmp_path: Path, fail: bool) -> None:
    program = tmp_path / "castalia-program"
    program.write_text(PROGRAM.replace("{python}", sys.executable))
    program.chmod(0o755)
    (tmp_path / "given").write_text('{"cells": []}')
    begin = "import sys; sys.path.insert(0, sys.argv.pop(1)); from castalia.notebook.execute import main; main()"
    sdk = str(Path(castalia.__file__).parent.parent)
    command = [sys.executable, "-c", begin, sdk, str(program), str(tmp_path / "given"), "python3", "/prefix"]
    env = runner.env("anything", {"fail": fail})
    done = subprocess.run(command, env=env, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.returncode == int(fail), done.stderr
    assert "progress 50% ok 0.1 s  n = 1" in done.stderr
    assert runner.output("notebook.ipynb") == b'{"cells": []}', "also when a cell failed"
    assert runner.output("notebook.html") == b"<p>page</p>"
    assert runner.output("table.csv") == b"table.csv"
    assert runner.output("files/notebook.html") == b"notebook.html", "what a cell writes takes no name of ours"
    if fail:
        assert done.stderr.rstrip().splitlines()[-1] == "castalia: CellFailed: cell 2 failed: ValueError: no luck"
