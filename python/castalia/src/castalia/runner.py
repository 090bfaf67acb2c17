"""`python -m castalia.runner`: runs one version of one process, as its environment variables say.

| variable                                                   | meaning                                                       |
|------------------------------------------------------------|---------------------------------------------------------------|
| `PROCESS_TYPE`, `PROCESS_ID`, `VERSION`, `PROJECT_ID`      | what runs                                                     |
| `PARAMETERS_JSON` or `PARAMETERS_FILE`                     | the parameters, a JSON object                                 |
| `STORAGE_BASE`, `STORAGE_ENDPOINT`                         | `s3://BUCKET` and the URL of the S3 service                   |
| `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION` | its credentials (region `us-east-1` when unset)               |
| `CASTALIA_OUTPUT_PREFIX`                                   | where outputs go; default `processes/{id}/v{version}/`        |
| `CASTALIA_INPUTS_JSON` or `CASTALIA_INPUTS_FILE`           | reference -> `{key, name, media_type, size, sha256, units, shape}` |
| `CASTALIA_EVENTS_FD`                                       | descriptor for progress, one JSON line each; else stderr      |

Exit codes: 0 done; 1 the type failed; 2 it could not start; 3 storage trouble; 130/143 stopped by SIGINT/SIGTERM.
On failure the last line on stderr is `castalia: <ExceptionType>: <message>`.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any, NoReturn

from castalia.process import Cancelled, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from castalia.storage import Storage

log = logging.getLogger("castalia.runner")

FAILED, CANNOT_START, STORAGE_TROUBLE = 1, 2, 3


class CannotStart(Exception):
    """The environment does not describe a run; the message says what to set."""


class Stopped:
    """Which signal asked the run to stop, if any."""

    signal = 0


def _on_signal(number: int, _frame: object) -> NoReturn:
    Stopped.signal = number
    raise Cancelled(f"stopped by {signal.Signals(number).name}")


def _need(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    if not value:
        raise CannotStart(
            f"environment variable {name} is not set; the runner is started by a Castalia server, see its documentation for all variables"
        )
    return value


def _json_object(env: Mapping[str, str], name: str) -> dict[str, Any]:
    """The JSON object in `{name}_JSON`, or in the file that `{name}_FILE` names; empty when neither is set."""
    text, source = env.get(f"{name}_JSON", ""), f"{name}_JSON"
    if path := env.get(f"{name}_FILE"):
        source = f"{name}_FILE ({path})"
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except OSError as error:
            raise CannotStart(f"cannot read {source}: {error.strerror}") from error
    try:
        value = json.loads(text or "{}")
    except ValueError as error:
        raise CannotStart(f"{source} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise CannotStart(f"{source} must be a JSON object, not {type(value).__name__}")
    return value


class Progress:
    """Writes progress to the events descriptor; without one, or when it breaks, to stderr."""

    def __init__(self, descriptor: str | None) -> None:
        self._fd: int | None = None
        self._last: tuple[float, str] = (0.0, "")
        if descriptor:
            try:
                self._fd = int(descriptor)
                os.set_inheritable(self._fd, False)
            except (ValueError, OSError) as error:
                raise CannotStart(f"CASTALIA_EVENTS_FD={descriptor} is not an open file descriptor: {error}") from error

    def __call__(self, fraction: float, message: str) -> None:
        now = time.monotonic()
        # A tight loop may report thousands of times a second; nobody sees more than twenty.
        if fraction < 1.0 and message == self._last[1] and now - self._last[0] < 0.05:
            return
        self._last = (now, message)
        if self._fd is not None:
            event = {"type": "progress", "fraction": round(fraction, 6), "message": message[:1000]}
            try:
                os.write(self._fd, (json.dumps(event) + "\n").encode())
                return
            except OSError as error:
                self._fd = None
                log.warning("progress goes to stderr from here, for CASTALIA_EVENTS_FD broke: %s", error)
        print(f"progress {fraction:.0%} {message}".rstrip(), file=sys.stderr)


def storage_of(env: Mapping[str, str], progress: Callable[[float, str], None]) -> Storage:
    from castalia import s3
    from castalia.sigv4 import Credentials
    from castalia.storage import Storage

    base, region = _need(env, "STORAGE_BASE"), env.get("AWS_REGION") or "us-east-1"
    bucket, _, root = base.removeprefix("s3://").partition("/")
    if not base.startswith("s3://") or not bucket:
        raise CannotStart(f"STORAGE_BASE={base} must look like s3://BUCKET")
    credentials = Credentials(
        _need(env, "AWS_ACCESS_KEY_ID"), _need(env, "AWS_SECRET_ACCESS_KEY"), region, env.get("AWS_SESSION_TOKEN") or None
    )
    endpoint = env.get("STORAGE_ENDPOINT") or f"https://s3.{region}.amazonaws.com"
    try:
        objects = s3.Bucket(endpoint, bucket, credentials)
    except ValueError as error:
        raise CannotStart(f"STORAGE_ENDPOINT: {error}") from error
    prefix = env.get("CASTALIA_OUTPUT_PREFIX") or f"processes/{_need(env, 'PROCESS_ID')}/v{_need(env, 'VERSION')}/"
    prefix = "/".join(part for part in (root.strip("/"), prefix.strip("/")) if part) + "/"
    inputs = _json_object(env, "CASTALIA_INPUTS")
    for ref, entry in inputs.items():
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str) or not isinstance(entry.get("size"), int):
            raise CannotStart(f"CASTALIA_INPUTS: entry {ref!r} needs at least key (string) and size (integer)")
    return Storage(objects, prefix, inputs, progress)


def _trimmed(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the first frame that is neither ours nor of the import system on."""
    ours = os.path.dirname(os.path.abspath(__file__)) + os.sep
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if not os.path.abspath(name).startswith(ours) and "importlib" not in name:
            break
        trace = trace.tb_next
    return trace


def _show(error: BaseException) -> None:
    if isinstance(error, (InputError, CannotStart, Cancelled)):
        return
    import traceback

    traceback.print_exception(type(error), error, _trimmed(error.__traceback__), file=sys.stderr)


def _summary(error: BaseException) -> str:
    message = " ".join(str(error).split())[:2000]
    if isinstance(error, MemoryError) and not message:
        message = "out of memory; raise the resource memory_mb"
    return f"castalia: {type(error).__name__}: {message}".rstrip(": ")


def _load(env: Mapping[str, str], values: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    from castalia import plugins, schema

    name = _need(env, "PROCESS_TYPE")
    try:
        cls = plugins.find(name)
    except LookupError as error:
        raise CannotStart(str(error)) from error
    try:
        arguments = schema.arguments(cls, values)
    except (TypeError, ValueError) as error:
        raise CannotStart(str(error)) from error
    return cls, arguments


def _execute(env: Mapping[str, str], given: Any = None) -> None:
    progress = Progress(env.get("CASTALIA_EVENTS_FD"))
    values = _json_object(env, "PARAMETERS")
    storage = storage_of(env, progress)
    cls, arguments = _load(env, values) if given is None else (given, values)
    result = cls().run(storage, **arguments)
    if isinstance(result, dict) and "result" not in storage.outputs:
        storage.write_json("result", result)
    elif result is not None:
        log.warning("what run() returned (%s) is not kept: return one dict, or write outputs", type(result).__name__)
    if not storage.outputs:
        log.info("the run wrote no output")


def _prepare_streams() -> None:
    for stream in (sys.stdout, sys.stderr):
        # The server takes the streams line by line.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.captureWarnings(True)


def _exit_code(error: BaseException) -> int:
    from castalia.s3 import StorageError

    if isinstance(error, (Cancelled, KeyboardInterrupt)):
        return 128 + (Stopped.signal or signal.SIGINT)
    if isinstance(error, CannotStart):
        return CANNOT_START
    return STORAGE_TROUBLE if isinstance(error, StorageError) else FAILED


def main(given: Any = None) -> int:
    """Run what the environment describes and return the exit code. Never raises.

    `given` is run instead of the type that the environment names; its parameters are taken as they are.
    """
    try:
        signal.signal(signal.SIGTERM, _on_signal)
        signal.signal(signal.SIGINT, _on_signal)
        _prepare_streams()
        _execute(os.environ, given)
        # A type may catch Cancelled to tidy up and return; it was stopped all the same.
        return 128 + Stopped.signal if Stopped.signal else 0
    except SystemExit as error:
        if error.code in (None, 0):
            return 0
        print(f"castalia: SystemExit: the process type called sys.exit({error.code!r})", file=sys.stderr)
        return FAILED
    except BaseException as error:
        # A second signal must not cut the report short.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.stdout.flush()
        _show(error)
        print(_summary(error), file=sys.stderr)
        return _exit_code(error)


def leave(code: int) -> NoReturn:
    """Exit without waiting for threads that the type left behind when the run was stopped."""
    if code > 128:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    leave(main())
