"""An independent SCIM 2.0 server (scim2-server, PyPI) with the schemas of EGIL, for tests of what the hub sends to one.

Usage: scim_server.py TOKEN
Prints `Serving SCIM on http://127.0.0.1:<port>/v2` when it listens, and ends when its standard input does.
"""

import json
import os
import socket
import sys
import tempfile
import threading

from scim2_server.testserver.cli import main
from scim2_server.utils import load_default_schemas

CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
SCHOOL = "urn:scim:schemas:extension:sis:school:1.0:"
SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"
RESOURCE_TYPE = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"


def attribute(name, kind="string", many=False, required=False, unique="none"):
    return {
        "name": name, "type": kind, "multiValued": many, "description": name, "required": required, "caseExact": True,
        "mutability": "readWrite", "returned": "default", "uniqueness": unique,
    }


def reference(name, to, many=False, required=False, more=()):
    address = attribute("$ref", "reference") | {"referenceTypes": [to]}
    return {
        "name": name, "type": "complex", "multiValued": many, "description": name, "required": required,
        "mutability": "readWrite", "returned": "default",
        "subAttributes": [attribute("value"), address, *more],
    }


NAME = attribute("displayName", required=True)
TYPES = {
    "Organisation": [NAME],
    "SchoolUnitGroup": [NAME],
    "SchoolUnit": [
        NAME, attribute("schoolUnitCode", required=True, unique="server"), attribute("municipalityCode"),
        attribute("schoolTypes", many=True), reference("organisation", "Organisation"),
        reference("schoolUnitGroup", "SchoolUnitGroup"),
    ],
    "User": [
        attribute("civicNo"), attribute("securityMarking", "boolean"),
        reference(
            "enrolments", "SchoolUnit", many=True,
            more=[attribute("schoolType"), attribute("schoolYear", "integer"), attribute("programCode")]),
        reference("userRelations", "User", many=True, more=[attribute("relationType"), attribute("displayName")]),
    ],
    "Employment": [
        reference("employedAt", "SchoolUnit", required=True), reference("user", "User", required=True),
        attribute("employmentRole", required=True), attribute("signature"),
    ],
    "StudentGroup": [
        NAME, attribute("studentGroupType"), attribute("schoolType"), reference("owner", "SchoolUnit", required=True),
        reference("studentMemberships", "User", many=True),
    ],
    "Activity": [
        NAME, reference("owner", "SchoolUnit", required=True), reference("groups", "StudentGroup", many=True),
        reference("teachers", "Employment", many=True), reference("parentActivity", "Activity"),
    ],
}


def schemas():
    core = load_default_schemas()[CORE_USER].model_dump()
    return [core] + [
        {"schemas": [SCHEMA], "id": SCHOOL + name, "name": "School" + name, "description": name, "attributes": attributes}
        for name, attributes in TYPES.items()
    ]


def resource_types():
    for name in TYPES:
        kind = {
            "schemas": [RESOURCE_TYPE], "id": name, "name": name,
            "endpoint": "/Activities" if name == "Activity" else f"/{name}s", "schema": SCHOOL + name,
        }
        if name == "User":
            kind |= {"schema": CORE_USER, "schemaExtensions": [{"schema": SCHOOL + name, "required": False}]}
        yield kind


def end_with_input():
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=end_with_input, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["scim2-server", "--bearer-token", sys.argv[1]]
        for option, value in [("schema", schemas()), ("resource-type", list(resource_types()))]:
            path = os.path.join(folder, option + ".json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(value, file)
            arguments += [f"--{option}", path]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            arguments += ["--port", str(free.getsockname()[1])]
        sys.argv = arguments
        main()
