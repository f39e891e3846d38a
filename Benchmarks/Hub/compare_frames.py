"""The job of `HubBenchmark compare` with data frames: what pandas or polars takes to find where two sides of so many persons differ.

    compare_frames.py pandas|polars PERSONS

Both sides are made in memory, as whoever compares exports with data frames reads them in, in two orders that have nothing to do with
keys; then joined by key, and held against each other field by field. Making them counts, as it does for the hub's. Prints a line of
JSON.
"""

import json
import resource
import sys
import time

library, persons = sys.argv[1], int(sys.argv[2])
FIELDS = ["fornamn", "efternamn", "epost", "arskurs"]


def side(step, changed):
    """The columns of one side."""
    numbers = [(index * step) % persons for index in range(persons)]
    return {
        "key": [f"{number:012d}" for number in numbers],
        "fornamn": [f"Förnamn {number % 997}" for number in numbers],
        "efternamn": ["Annat" if changed and number % 1000 == 0 else "Efternamn" for number in numbers],
        "epost": [f"{number}@elev.example" for number in numbers],
        "arskurs": [str(number % 10) for number in numbers],
    }


if library == "pandas":
    import pandas
else:
    import polars
began = time.monotonic()
if library == "pandas":
    wanted = pandas.DataFrame(side(7_368_787, False))
    held = pandas.DataFrame(side(5_915_587_277, True))
    both = wanted.merge(held, on="key", how="outer", suffixes=("", "_held"), indicator=True, sort=True)
    differs = both["_merge"] != "both"
    for field in FIELDS:
        differs |= both[field].fillna("") != both[field + "_held"].fillna("")
    found = int(differs.sum())
else:
    wanted = polars.DataFrame(side(7_368_787, False))
    held = polars.DataFrame(side(5_915_587_277, True))
    both = wanted.join(held, on="key", how="full", suffix="_held", coalesce=True).sort("key")
    differs = polars.any_horizontal([polars.col(field).ne_missing(polars.col(field + "_held")) for field in FIELDS])
    found = both.filter(differs).height
seconds = time.monotonic() - began
assert found == (persons + 999) // 1000, found
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"peer": library, "job": "compare-frames", "persons": persons, "seconds": round(seconds, 3),
                  "peak_mib": round(peak, 1)}))
