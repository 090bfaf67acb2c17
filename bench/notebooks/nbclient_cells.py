"""Runs a notebook with nbclient: prints milliseconds for each cell but the first, and the kernel's own part of it."""

import json
import sys
from datetime import datetime

import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], 4)
NotebookClient(notebook, kernel_name="python3", record_timing=True).execute()


def at(cell, what):
    return datetime.fromisoformat(cell.metadata.execution[what].replace("Z", "+00:00")).timestamp()


cells = [cell for cell in notebook.cells[1:] if cell.cell_type == "code"]
whole = (at(cells[-1], "shell.execute_reply") - at(cells[0], "iopub.status.busy")) / len(cells)
own = sum(at(cell, "iopub.status.idle") - at(cell, "iopub.status.busy") for cell in cells) / len(cells)
json.dump({"whole": 1000 * whole, "own": 1000 * own}, sys.stdout)
