"""Prints every figure as one JSON line."""

import json
import sys

from tests.perf import allocating, engine, hopper, importing, listening, manager, simulating, talking

for module in (engine, simulating, allocating, importing, hopper, listening, talking, manager):
    for name, value, unit in module.figures():
        sys.stdout.write(json.dumps({"name": name, "value": round(value, 4), "unit": unit}) + "\n")
        sys.stdout.flush()
