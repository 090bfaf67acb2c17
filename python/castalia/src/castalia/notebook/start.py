# IPython runs this file at the start of a kernel of Castalia's, for the server names it in PYTHONSTARTUP. It puts the SDK
# behind everything else on the path, loads the magics, and lets the kernel wait for its reader. Where that is not possible
# the kernel starts all the same, and `%load_ext castalia` says why.


def _castalia_start() -> None:
    import contextlib
    import os
    import sys

    file = os.environ.get("PYTHONSTARTUP", "")
    sdk = os.path.dirname(os.path.dirname(os.path.dirname(file)))
    if not os.path.isfile(file) or sys.version_info < (3, 10):
        return
    if sdk not in sys.path:
        sys.path.append(sdk)
    # Set for this kernel alone: an interpreter that a cell starts has its own beginnings.
    os.environ.pop("PYTHONSTARTUP", None)
    try:
        shell = get_ipython()  # type: ignore[name-defined]
    except NameError:
        return
    with contextlib.suppress(Exception):
        # Beyond a thousand messages that nobody could read yet, this socket drops what comes, even that the kernel is
        # idle. It is to wait instead. A socket belongs to the thread that uses it.
        import zmq

        thread = shell.kernel.iopub_thread
        thread.schedule(lambda: thread.socket.setsockopt(zmq.XPUB_NODROP, 1))
    if "castalia" in shell.extension_manager.loaded:
        return
    with contextlib.suppress(Exception):
        shell.extension_manager.load_extension("castalia")


_castalia_start()
del _castalia_start
