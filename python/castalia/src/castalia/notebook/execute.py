"""Runs a notebook as a process: what a process type made of a notebook starts.

Arguments: the `castalia` program, the notebook's file, the kernel's name, and the virtual environment that it comes from, if any. The
parameters and the storage come as for any process type (see `castalia.runner`). Outputs: `notebook.ipynb` with its outputs,
`notebook.html`, and every file that the cells left in the folder in which they began.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from castalia import runner
from castalia.script import media_type_of

if TYPE_CHECKING:
    from castalia.storage import Storage

_STEP = re.compile(r"^\[(\d+)/(\d+)\] (.*)")
_OWN = ("notebook.ipynb", "notebook.html")


class CellFailed(Exception):
    """A cell of the notebook failed; the log has its traceback, and the notebook was written all the same."""


class Notebook:
    """A process type like any other, but for where its parameters are checked: the server has done that."""

    def run(self, storage: Storage, **parameters: Any) -> None:
        castalia, file, kernel, *prefix = sys.argv[1:]
        work, out = storage.workdir / "work", storage.workdir / "executed"
        for folder in (work, out):
            folder.mkdir()
        shutil.copyfile(file, out / "given.ipynb")
        (out / "parameters.json").write_text(json.dumps(parameters))
        command = [castalia, "notebook", "run", str(out / "given.ipynb"), "--out", str(out / _OWN[0]), "--html", str(out / _OWN[1])]
        command += ["--parameters", str(out / "parameters.json"), "--kernel", kernel, "--folder", str(work)]
        for place in prefix:
            command += ["--prefix", place]
        code, last = _followed(command, storage)
        for name in _OWN:
            if (out / name).is_file():
                storage.write(name, out / name, media_type="application/x-ipynb+json" if name.endswith("ipynb") else "text/html")
        for path in sorted(found for found in work.rglob("*") if found.is_file() and not _hidden(found.relative_to(work))):
            name = path.relative_to(work).as_posix()
            storage.write(f"files/{name}" if name in _OWN else name, path, media_type=media_type_of(name))
        if code != 0:
            raise CellFailed(last)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def _followed(command: list[str], storage: Storage) -> tuple[int, str]:
    """Runs it with its lines in our log; its exit code, and the last thing it said."""
    env = {**os.environ, "HOME": str(storage.workdir), "PYTHONSTARTUP": str(Path(__file__).with_name("start.py"))}
    last = ""
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace") as program:
        assert program.stderr is not None
        try:
            for line in program.stderr:
                line = line.rstrip("\n")
                if step := _STEP.match(line):
                    number, count, what = int(step[1]), int(step[2]), step[3]
                    storage.progress(number / count, what)
                elif line.strip():
                    last = line.strip()
                print(line, file=sys.stderr)
        except BaseException:
            # It interrupts the cell and ends its kernel before it goes.
            program.terminate()
            raise
    return program.returncode, last


def main() -> None:
    """Run what arguments and environment describe, and leave with the runner's exit codes."""
    runner.leave(runner.main(Notebook))
