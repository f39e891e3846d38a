#!/usr/bin/env python3
"""Hold records to the JSON Schemas of their kinds, and to nothing else: only Python 3.9 and jsonschema are needed.

    check_records.py SCHEMAS RECORDS

SCHEMAS is a folder with <entity>.schema.json; RECORDS has one JSON object a line: {"entity": ..., "record": ...}, and
"valid": false for a record that must be refused. Findings name lines and places, never values. Exit status: 0 all as
said; 1 findings; 3 python3-jsonschema is missing.
"""

import json
import pathlib
import sys

try:
    from jsonschema import Draft202012Validator, FormatChecker
except ImportError:
    print("check_records: the Python module jsonschema (4 or later) is missing: apt install python3-jsonschema", file=sys.stderr)
    sys.exit(3)


def main():
    validators = {}
    for path in pathlib.Path(sys.argv[1]).glob("*.schema.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        Draft202012Validator.check_schema(schema)
        validators[path.name.split(".")[0]] = Draft202012Validator(schema, format_checker=FormatChecker())
    count = findings = 0
    with open(sys.argv[2], encoding="utf-8") as lines:
        for count, line in enumerate(lines, 1):
            said = json.loads(line)
            errors = list(validators[said["entity"]].iter_errors(said["record"]))
            if bool(errors) == said.get("valid", True):
                findings += 1
                place = "/".join(map(str, errors[0].absolute_path)) + " " + errors[0].validator if errors else "is valid"
                print(f"line {count}, {said['entity']}: {place}", file=sys.stderr)
    print(f"{len(validators)} schemas, {count} records, {findings} findings")
    return 1 if findings or not count else 0


if __name__ == "__main__":
    sys.exit(main())
