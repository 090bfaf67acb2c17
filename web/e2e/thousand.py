"""Writes a project of N processes into the database of a server that is stopped: surveys of three stages, whose later
stages read what the earlier ones wrote. A thousand real runs would take an hour and draw the same graph."""

import json
import random
import sqlite3
import sys
import time

folder, project, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
random.seed(7)
db = sqlite3.connect(f"{folder}/castalia.db")
project_id, user = db.execute("SELECT id, created_by FROM projects WHERE name = ?", (project,)).fetchone()
now = int(time.time() * 1000)
names = iter(range(10**9))
order = iter(range(count))


def ulid(prefix):
    return f"{prefix}_01{next(names):024d}"


def dataset(process, version, name, media):
    found = ulid("ds")
    key = f"processes/{process}/v{version}/{name}"
    db.execute(
        "INSERT INTO datasets (id, project_id, process_id, version, name, key, media_type, size, sha256, partial_flag,"
        " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 1000, ?, 0, ?)",
        (found, project_id, process, version, name, key, media, "0" * 64, now),
    )
    return {"id": found, "name": name, "media_type": media, "size": 1000, "process": process, "key": key}


def process(name, kind, inputs, outputs, state):
    found = ulid("proc")
    made = now - 1000 * (count - next(order))
    db.execute(
        "INSERT INTO processes VALUES (?, ?, ?, ?, ?, 'bootstrap', ?, ?, 1)",
        (found, project_id, project, name, kind, user, made),
    )
    written = [dataset(found, 1, *one) for one in outputs] if state == "completed" else []
    read = [
        {
            "path": f"/input{at}", "reference": f"dataset:{one['id']}", "name": one["name"],
            "media_type": one["media_type"], "size": 1000, "sha256": "0" * 64, "process": one["process"],
            "version": 1, "key": one["key"], "id": one["id"],
        }
        for at, one in enumerate(inputs)
    ]
    resources = {"cpu_millis": 1000, "memory_mb": 512, "storage_mb": 512, "gpu": 0, "deadline_s": 60}
    db.execute(
        "INSERT INTO versions (process_id, version, project_id, bucket, type_name, type_version, program, state, reason,"
        " priority, parameters, inputs, resources, cpu_millis, memory_mb, gpu, held, cost, created_by, created_at,"
        " started_at, ended_at, log_lines, outputs) VALUES (?, 1, ?, ?, ?, '1', ?, ?, ?, 0, '{}', ?, ?, 1000, 512, 0, 0, 0,"
        " ?, ?, ?, ?, 0, ?)",
        (
            found, project_id, project, kind, json.dumps({"command": ["true"]}), state,
            None if state == "completed" else "the program ended with code 1", json.dumps(read), json.dumps(resources),
            user, made, made, made + 900,
            json.dumps([{key: one[key] for key in ("id", "name", "media_type", "size")} for one in written]),
        ),
    )
    for one in read:
        db.execute(
            "INSERT INTO version_inputs VALUES (?, 1, ?, ?, ?, 1)", (found, one["path"], one["id"], one["process"])
        )
    return written


left = count
survey = 0
while left > 0:
    survey += 1
    width = min(left, random.randint(4, 30))
    tables, spectra = [], []
    for line in range(width):
        stage = 0 if not tables else 1 if not spectra else random.randint(0, 2)
        state = "completed" if random.random() < 0.9 else random.choice(["failed", "cancelled"])
        left -= 1
        if stage == 0:
            tables += process(f"Import line {survey}.{line}", "points", [], [("points.csv", "text/csv")], state)
        elif stage == 1:
            inputs = random.sample(tables, min(len(tables), 2))
            spectra += process(f"Spectrum {survey}.{line}", "fft", inputs, [("spectrum.csv", "text/csv")], state)
        else:
            inputs = random.sample(spectra, min(len(spectra), 3))
            outputs = [("map.geojson", "application/geo+json"), ("figure.json", "application/json")]
            process(f"Map {survey}.{line}", "density", inputs, outputs, state)
db.commit()
print(db.execute("SELECT count(*) FROM processes WHERE project_id = ?", (project_id,)).fetchone()[0])
