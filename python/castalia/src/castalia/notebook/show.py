"""One output of a cell that says how a process is, kept up to date in place."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from castalia import client as api

#: Lines of the log that are shown.
TAIL = 8
#: Seconds between two looks; a look that finds nothing new draws nothing.
SOON, LATER = 0.2, 1.0
#: Server unreachable for so long is said, not raised: the process goes on without us.
PATIENCE = 120.0
_WIDTH = 24
#: Longer lines are cut.
_LINE = 200


def _size(count: int) -> str:
    amount, units = float(count), iter(("B", "kB", "MB", "GB", "TB"))
    unit = next(units)
    while amount >= 1000 and unit != "TB":
        amount, unit = amount / 1000, next(units)
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"


class Shown:
    """Markdown for those who can, plain text for the others."""

    def __init__(self, plain: str, markdown: str) -> None:
        self.plain, self.markdown = plain, markdown

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.plain, "text/markdown": self.markdown}

    def __repr__(self) -> str:
        return self.plain


class Board:
    """What is shown of a run."""

    def __init__(self, run: api.Run, link: str) -> None:
        self._run, self._link = run, link
        self._lines: deque[str] = deque(maxlen=TAIL)
        self._seen = 0
        self._note = ""
        self._drawn: str | None = None
        self._handle: Any = None

    def note(self, text: str) -> None:
        """Say something below the rest."""
        self._note = text

    def tail(self) -> list[str]:
        """The newest lines of its log."""
        return list(self._lines)

    def follow(self) -> None:
        """Show the run until it has ended, however it ended."""
        pause, lost = SOON, 0.0
        self.show()
        while True:
            try:
                self._run.refresh()
                done = self._run.state in api.DONE
                self._read_log()
                lost, self._note = 0.0, ""
            except (api.Unreachable, OSError) as error:
                now = time.monotonic()
                lost = lost or now
                if now - lost > PATIENCE:
                    raise
                self.note(f"The server does not answer now ({error}); the process goes on.")
                done = False
            self.show()
            if done:
                return
            time.sleep(pause)
            pause = min(LATER, pause * 1.2)

    def _read_log(self) -> None:
        for entry in self._run.logs(after=self._seen):
            self._seen = entry["seq"]
            if entry.get("stream") != "system":
                self._lines.append(str(entry.get("line", "")).rstrip()[:_LINE])

    def show(self) -> None:
        """Draw it, if anything is new."""
        shown = Shown(self._plain(), self._markdown())
        if shown.markdown == self._drawn:
            return
        self._drawn = shown.markdown
        from IPython.display import display

        if self._handle is None:
            self._handle = display(shown, display_id=True)
        else:
            self._handle.update(shown)

    def _status(self) -> str:
        run = self._run
        fraction, message = run.progress
        if run.state == "running" and (fraction or message):
            full = round(fraction * _WIDTH)
            return f"running {'█' * full}{'░' * (_WIDTH - full)} {fraction:.0%} {message}".rstrip()
        if run.state == "queued" and run.view.get("queue_position"):
            return f"queued, place {run.view['queue_position']}"
        if run.state == "completed" and run.cost:
            return f"completed, cost {run.cost / 1e6:.6g} credits"
        return f"{run.state}: {run.reason}" if run.reason else run.state

    def _plain(self) -> str:
        run = self._run
        lines = [f"{run.name} ({run.id}): {self._status()}", f"  {self._link}"]
        lines += [f"  | {line}" for line in self._lines]
        lines += [f"  {name}: {data.media_type}, {_size(data.size)}, {data.ref}" for name, data in run.outputs.items()]
        return "\n".join(lines + ([self._note] if self._note else []))

    def _markdown(self) -> str:
        run = self._run
        parts = [f"[**{_escaped(run.name)}**]({self._link}) · {_escaped(self._status())}"]
        if self._lines:
            body = "\n".join(self._lines)
            fence = "`" * max(3, max((len(part) for part in _ticks(body)), default=0) + 1)
            parts.append(f"{fence}text\n{body}\n{fence}")
        if run.outputs:
            rows = [
                f"| {_escaped(name)} | {_escaped(data.media_type)} | {_size(data.size)} | `{data.ref}` |"
                for name, data in run.outputs.items()
            ]
            parts.append("\n".join(["| output | type | size | reference |", "|---|---|---|---|", *rows]))
        if self._note:
            parts.append(self._note)
        return "\n\n".join(parts)


def _ticks(text: str) -> list[str]:
    import re

    return re.findall("`+", text)


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>|#!" else c for c in text).replace("\n", " ")
