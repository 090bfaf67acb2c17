"""`%%process` runs a cell's text as a process of the project, `%process` runs a process type or takes up a process."""

from __future__ import annotations

import argparse
import json
import os
import shlex
from collections.abc import Iterable
from typing import Any, NoReturn

from castalia import client as api
from castalia.notebook.show import Board

_CELL = "%%process"
_LINE = "%process"


class UsageError(Exception):
    """The line behind the magic can't be understood."""

    def _render_traceback_(self) -> list[str]:
        return [f"UsageError: {self}"]


class ProcessFailed(api.RunFailed):
    """The process ended otherwise than well; its log says why."""

    def __init__(self, run: api.Run, tail: list[str]) -> None:
        super().__init__(run)
        self.tail = tail

    def __str__(self) -> str:
        return f"{self.run.name} ({self.run.id}) {self.run.state}: {self.run.reason or 'no reason given'}"

    def _render_traceback_(self) -> list[str]:
        return [f"ProcessFailed: {self}", *self.tail]


class Detached(KeyboardInterrupt):
    """The cell was interrupted while it waited."""

    def _render_traceback_(self) -> list[str]:
        return [f"Interrupted: {self}"]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\n{self.format_usage()}")


def _common(prog: str) -> _Parser:
    parser = _Parser(prog=prog, add_help=False, allow_abbrev=False)
    parser.add_argument("--name", help="name of the process")
    parser.add_argument(
        "-r", "--resources", action="append", default=[], metavar="KEY=N", help="cpu, memory_mb, storage_mb, gpu, deadline_s"
    )
    parser.add_argument("--project", help="the notebook's own unless told")
    wait = parser.add_mutually_exclusive_group()
    wait.add_argument("--wait", dest="wait", action="store_true", default=True, help="wait for the end (unless told otherwise)")
    wait.add_argument("--no-wait", dest="wait", action="store_false", help="go on at once")
    parser.add_argument("--into", metavar="VAR", help="variable for the run: its state, outputs and log")
    parser.add_argument("--cancel", action="store_true", help="cancel the process when the cell is interrupted")
    return parser


def _parsed(parser: _Parser, line: str) -> argparse.Namespace | None:
    """The options of a line; nothing when it asked for help alone, which is printed."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError as error:
        raise UsageError(f"{error}\n{parser.format_usage()}") from error
    if "-h" in words or "--help" in words:
        print(parser.format_help())
        return None
    options = parser.parse_args(words)
    if options.into and not options.into.isidentifier():
        raise UsageError(f"--into {options.into}: no name of a variable")
    return options


def _pairs(texts: Iterable[str], option: str) -> dict[str, str]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"{option} {text}: write NAME=VALUE")
        found[name] = value
    return found


class Magic:
    """The magics of one IPython shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def cell(self, line: str, text: str) -> None:
        """Run this cell's text as a process of the project: queued, metered, beside the kernel. -h lists the options.

        The code finds `inputs` (name -> path), `outputs` (a folder: every file in it becomes an output), `storage` and
        `progress(fraction, message)`; a variable `result` becomes the output `result`.
        """
        parser = _common(_CELL)
        parser.add_argument(
            "-i",
            "--input",
            action="append",
            default=[],
            metavar="NAME=DATA",
            help="upload:NAME, dataset:ID, a name, or a variable that holds data",
        )
        parser.add_argument("--env", metavar="ENVIRONMENT", help="the environment whose packages it needs")
        options = _parsed(parser, line)
        if options is None:
            return
        with api.Client(project=options.project) as client:
            inputs = {name: self._reference(client, data) for name, data in _pairs(options.input, "--input").items()}
            parameters: dict[str, Any] = {"code": text}
            if inputs:
                parameters["inputs"] = inputs
            self._submit(client, _script(client, options.env), parameters, options, "script")

    def line(self, line: str) -> None:
        """Run a process type, or (with --attach ID) show a process and wait for it. -h lists the options.

        `%process fft input=upload:co2.csv column=ppm --into run`; `NAME:=JSON` gives what has a shape, and `{expression}` stands
        for its value, also for data (`input={run.outputs["spectrum"]}`).
        """
        parser = _common(_LINE)
        parser.add_argument("type", nargs="?", help="process type, NAME or ENVIRONMENT/NAME")
        parser.add_argument("parameters", nargs="*", metavar="NAME=VALUE", help="NAME:=JSON for what is no text")
        parser.add_argument("--attach", metavar="ID", help="a process that is there already")
        options = _parsed(parser, line)
        if options is None:
            return
        with api.Client(project=options.project) as client:
            if options.attach:
                self._follow(client, client.process(options.attach), options)
            elif options.type:
                self._submit(client, options.type, _parameters(client, options.type, options.parameters), options, options.type)
            else:
                raise UsageError(f"which process type?\n{parser.format_usage()}")

    def _reference(self, client: api.Client, text: str) -> str:
        if text.startswith(("upload:", "dataset:")):
            return text
        if text.isidentifier() and text in self._shell.user_ns:
            value = self._shell.user_ns[text]
            if isinstance(value, api.Dataset):
                return value.ref
            if isinstance(value, str) and value.startswith(("upload:", "dataset:")):
                return value
            raise UsageError(
                f"{text} is a {type(value).__name__}; an input is data of the project (see castalia.Client().data and .upload)"
            )
        return client.data(text).ref

    def _submit(self, client: api.Client, type: str, parameters: dict[str, Any], options: argparse.Namespace, fallback: str) -> None:
        resources: dict[str, Any] = {}
        for name, text in _pairs(options.resources, "--resources").items():
            try:
                resources[name] = float(text) if "." in text else int(text)
            except ValueError as error:
                raise UsageError(f"--resources {name}={text}: no number") from error
        run = client.run(type, wait=False, name=options.name or fallback, resources=resources or None, parameters=parameters)
        self._follow(client, run, options)

    def _follow(self, client: api.Client, run: api.Run, options: argparse.Namespace) -> None:
        if options.into:
            # At once: whoever interrupts has it too.
            self._shell.user_ns[options.into] = run
        board = Board(run, _link(client, run))
        if not options.wait:
            board.note(f"It runs beside this notebook. Wait for it with `%process --attach {run.id}`.")
            board.show()
            return
        try:
            board.follow()
        except KeyboardInterrupt:
            raise self._interrupted(run, board, options.cancel) from None
        if run.state != "completed":
            raise ProcessFailed(run, board.tail())

    def _interrupted(self, run: api.Run, board: Board, cancel: bool) -> Detached:
        said = (
            f"{run.id} goes on; `%process --attach {run.id}` waits for it again, `castalia.Client().process({run.id!r}).cancel()` ends it"
        )
        if cancel:
            try:
                run.cancel()
                said = f"{run.id} was asked to stop"
            except api.Conflict:
                said = f"{run.id} had ended already: {run.refresh().state}"
            except api.ApiError as error:
                said = f"{run.id} goes on, for it could not be cancelled: {error}"
        board.note(f"Interrupted: {said}.")
        board.show()
        return Detached(said)


def _parameters(client: api.Client, type: str, words: list[str]) -> dict[str, Any]:
    """Texts as what the type's schema wants them to be."""
    properties = (client.process_type(type).get("schema") or {}).get("properties") or {}
    found: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f"{word}: write NAME=VALUE or NAME:=JSON")
        is_json, name = name.endswith(":"), name.removesuffix(":")
        if is_json or (properties.get(name) or {}).get("type") in ("integer", "number", "boolean", "array", "object"):
            try:
                found[name] = json.loads(value)
            except ValueError as error:
                raise UsageError(f"{word}: not JSON: {error}") from error
        else:
            found[name] = value
    return found


def _script(client: api.Client, environment: str | None) -> str:
    """The type that runs code: of the environment that was named, else of the only one that has it or of `bootstrap`."""
    if environment:
        return f"{environment}/script"
    found = [view["environment"] for view in client.process_types() if view["name"] == "script" and view.get("environment")]
    if not found:
        return "script"
    return f"{'bootstrap' if 'bootstrap' in found else sorted(found)[0]}/script"


def _link(client: api.Client, run: api.Run) -> str:
    public = os.environ.get("CASTALIA_PUBLIC_URL") if client.url == os.environ.get("CASTALIA_URL", "").rstrip("/") else None
    return f"{(public or client.url).rstrip('/')}/processes/{run.id}"
