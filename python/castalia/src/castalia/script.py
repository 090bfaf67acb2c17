"""The process type `script`: Python code of one's own, as `%%process` sends it.

The code finds these names:

| name       | what                                                                                  |
|------------|---------------------------------------------------------------------------------------|
| `inputs`   | a dict: name -> path of a local copy of the data                                      |
| `outputs`  | the path of a folder; every file in it becomes an output when the code has ended well   |
| `storage`  | what process types use to read and write (`castalia.storage.Storage`)                 |
| `progress` | `progress(0.5, "half of it")`                                                         |

A variable `result` with something that JSON can say becomes the output `result`.
"""

from __future__ import annotations

import linecache
import mimetypes
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from castalia.process import InputError

if TYPE_CHECKING:
    from castalia.storage import Storage

PLACE = "<cell>"

_EXAMPLE = """\
import csv

with open(inputs["co2"]) as file:
    rows = [(row["date"][:3] + "0", float(row["co2 (ppm)"])) for row in csv.DictReader(file)]
result = {}
for decade in sorted({decade for decade, _ in rows}):
    values = [co2 for when, co2 in rows if when == decade]
    result[decade] = round(sum(values) / len(values), 2)
    print(decade, result[decade], "ppm")
"""


class Script:
    """Runs Python code with the packages of this environment."""

    name = "script"
    title = "Python script"
    version = "1"
    outputs = (
        {"name": "result", "media_type": "application/json", "description": "What the variable `result` was, and every file in `outputs`."},
    )

    examples = (
        {
            "title": "Carbon dioxide by decade",
            "about": "A few lines of Python on the monthly means of Mauna Loa.",
            "parameters": {"code": _EXAMPLE, "inputs": {"co2": "upload:mauna-loa-co2.csv"}},
        },
    )

    @classmethod
    def schema(cls) -> dict[str, Any]:
        reference = {"type": "string", "format": "dataset"}
        return {
            "type": "object",
            "additionalProperties": False,
            "required": ["code"],
            # Who may run the types that there are may not for that run anything at all.
            "x-permission": "processes.script",
            "properties": {
                "code": {
                    "type": "string",
                    "title": "Code",
                    "description": "Python; it finds `inputs`, `outputs`, `storage` and `progress`.",
                    "contentMediaType": "text/x-python",
                },
                "inputs": {
                    "type": "object",
                    "title": "Inputs",
                    "description": "Name -> `upload:NAME` or `dataset:ID`.",
                    "additionalProperties": reference,
                    "default": {},
                },
            },
        }

    def run(self, storage: Storage, code: str, inputs: dict[str, str] | None = None) -> None:
        folder = storage.workdir / "outputs"
        folder.mkdir(parents=True, exist_ok=True)
        names: dict[str, Any] = {
            "__name__": "__main__",
            "inputs": _fetched(storage, inputs or {}),
            "outputs": folder,
            "storage": storage,
            "progress": storage.progress,
        }
        # So that a traceback shows the lines.
        linecache.cache[PLACE] = (len(code), None, code.splitlines(True), PLACE)
        try:
            program = compile(code, PLACE, "exec")
        except SyntaxError as error:
            raise InputError(f"line {error.lineno}: {error.msg}: {(error.text or '').strip()}") from error
        exec(program, names)
        for path in sorted(file for file in folder.rglob("*") if file.is_file()):
            storage.write(path.relative_to(folder).as_posix(), path, media_type=media_type_of(path.name))
        if "result" in names and "result" not in storage.outputs:
            storage.write_json("result", names["result"])


def media_type_of(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _fetched(storage: Storage, inputs: dict[str, str]) -> dict[str, Path]:
    folder = storage.workdir / "inputs"
    found = {}
    for number, (name, ref) in enumerate(inputs.items()):
        # The ending is what many readers go by; the name itself may be anything.
        target = folder / str(number) / (Path(storage.info(ref).name).name or "data")
        target.parent.mkdir(parents=True)
        with storage.open(ref) as source, open(target, "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        found[name] = target
    return found
