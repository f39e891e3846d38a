#!/usr/bin/env python3
"""Hold an exported message contract (knutpunkt contract export), and messages, to the rules.

It needs nothing of Knutpunkt: only Python 3.9 and jsonschema (Debian: python3-jsonschema).

    check_contract.py DIR
    check_contract.py DIR --messages messages.ndjson --published Tests/Contract/fields.v1.txt

Checked always: that every schema is valid JSON Schema 2020-12; that every example is valid; that asyncapi.json has the
structure that AsyncAPI 3.0 asks for and no reference leads nowhere.

With --messages: every message (one JSON object a line: exchange, routingKey, contentType, messageId, headers, body)
belongs to exactly one channel and message, is valid, and has no field or header that the contract doesn't name.
With --published: nothing that was published is gone or has another type; what is new must be written down (--update).
With --asyncapi-schema: the document is valid by AsyncAPI's own JSON Schema (schemas/3.0.0.json of its project).

Findings name places, never values. Exit status: 0 all holds; 1 findings; 2 wrong use; 3 python3-jsonschema is missing.
"""

import argparse
import collections
import json
import pathlib
import re
import sys

try:
    from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker
    from jsonschema.exceptions import SchemaError
except ImportError:
    print("check_contract: the Python module jsonschema (4 or later) is missing: apt install python3-jsonschema", file=sys.stderr)
    sys.exit(3)

FORMAT = "application/schema+json;version=2020-12"
IDENTIFIER = re.compile(r"[A-Za-z0-9_.-]+")
PARAMETER = re.compile(r"\{([^{}]+)\}")


class Contract:
    """An exported contract, and what is wrong with it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.findings = []
        self.schemas = {}
        for path in sorted((self.folder / "schemas").glob("*.json")):
            schema = json.loads(path.read_text(encoding="utf-8"))
            self.schemas[f"schemas/{path.name}"] = schema
            try:
                Draft202012Validator.check_schema(schema)
            except SchemaError as error:
                self.find(f"schemas/{path.name}", "/".join(map(str, error.path)) + f": {error.message}")
        self.document = json.loads((self.folder / "asyncapi.json").read_text(encoding="utf-8"))
        if not self.schemas:
            self.find("schemas", "there are none")

    def find(self, place, what):
        self.findings.append(f"{place}: {what}")

    # Values against schemas

    def check(self, place, value, schema, closed=False):
        """Hold a value to a schema of the document; closed: fields that the schema doesn't name are findings too."""
        parts = schema["allOf"] if set(schema) == {"allOf"} else [schema]
        for part in parts:
            if set(part) == {"$ref"}:
                if part["$ref"] not in self.schemas:
                    self.find(place, f"{part['$ref']} isn't there")
                    continue
                part = self.schemas[part["$ref"]]
                if closed:
                    part = close(part)
            for error in Draft202012Validator(part, format_checker=FormatChecker()).iter_errors(value):
                self.find(place, describe(error))

    def schema_of(self, place, multi):
        if multi.get("schemaFormat") != FORMAT:
            self.find(place, f"schemaFormat is not {FORMAT}")
        return multi.get("schema", {})

    def check_message(self, place, message, headers, payload, closed=False):
        self.check(f"{place} headers", headers, self.schema_of(place, message["headers"]), closed)
        self.check(f"{place} payload", payload, self.schema_of(place, message["payload"]), closed)

    # The document

    def resolve(self, place, reference):
        node = self.document
        if not reference.startswith("#/"):
            self.find(place, f"{reference} is no reference within the document")
            return {}
        for step in reference[2:].split("/"):
            if not isinstance(node, dict) or step not in node:
                self.find(place, f"{reference} leads nowhere")
                return {}
            node = node[step]
        return self.resolve(place, node["$ref"]) if isinstance(node, dict) and set(node) == {"$ref"} else node

    def check_structure(self):
        """AsyncAPI 3.0.0 as far as this document uses it; --asyncapi-schema checks the rest."""
        document = self.document
        known = {"asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components"}
        for name in set(document) - known:
            self.find("asyncapi.json", f"unknown member {name}")
        if document.get("asyncapi") != "3.0.0":
            self.find("asyncapi.json", "asyncapi is not 3.0.0")
        for name in ("title", "version"):
            if not isinstance(document.get("info", {}).get(name), str):
                self.find("asyncapi.json", f"info.{name} is missing")
        for kind in ("channels", "operations"):
            for name in document.get(kind, {}):
                if not IDENTIFIER.fullmatch(name):
                    self.find(kind, f"{name} is no identifier")
        for name, channel in document.get("channels", {}).items():
            place = f"channels.{name}"
            if set(PARAMETER.findall(channel.get("address", ""))) != set(channel.get("parameters", {})):
                self.find(place, "the address and the parameters name different things")
            if not channel.get("messages"):
                self.find(place, "has no messages")
            for message in channel.get("messages", {}).values():
                self.resolve(place, message.get("$ref", ""))
        used = {channel["$ref"] for channel in (o["channel"] for o in document.get("operations", {}).values())}
        for name, operation in document.get("operations", {}).items():
            place = f"operations.{name}"
            if operation.get("action") not in ("send", "receive"):
                self.find(place, "action is neither send nor receive")
            self.resolve(place, operation["channel"]["$ref"])
            for message in operation.get("messages", []):
                if not message["$ref"].startswith(operation["channel"]["$ref"] + "/messages/"):
                    self.find(place, f"{message['$ref']} is no message of its channel")
                self.resolve(place, message["$ref"])
        if not used:
            self.find("operations", "there are none")
        for name, message in document.get("components", {}).get("messages", {}).items():
            place = f"components.messages.{name}"
            examples = message.get("examples", [])
            if not examples:
                self.find(place, "has no example")
            for example in examples:
                self.check_message(place, message, example["headers"], example["payload"], closed=True)

    def check_asyncapi(self, path):
        schema = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        for error in Draft7Validator(schema).iter_errors(self.document):
            self.find("asyncapi.json", describe(error))

    def check_examples(self):
        examples = sorted((self.folder / "examples").glob("*.json"))
        messages = self.document.get("components", {}).get("messages", {})
        if {path.stem for path in examples} != set(messages):
            self.find("examples", "don't name the messages of asyncapi.json")
        for path in examples:
            example = json.loads(path.read_text(encoding="utf-8"))
            if path.stem in messages:
                self.check_message(
                    f"examples/{path.name}", messages[path.stem], example["headers"], example["payload"], closed=True
                )

    # Messages

    def channels_of(self, exchange, routing_key):
        for name, channel in self.document["channels"].items():
            bindings = channel.get("bindings", {}).get("amqp", {})
            if bindings.get("is") != "routingKey" or bindings["exchange"]["name"] != exchange:
                continue
            pattern = "".join(
                step if index % 2 == 0 else "[a-z0-9_-]+"
                for index, step in enumerate(re.split(PARAMETER, channel["address"].replace(".", r"\.")))
            )
            if re.fullmatch(pattern, routing_key):
                yield name, channel

    def check_real(self, path):
        counts = collections.Counter()
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                real = json.loads(line)
                place = f"message {number} ({real['routingKey']})"
                channels = list(self.channels_of(real["exchange"], real["routingKey"]))
                if len(channels) != 1:
                    self.find(place, f"{len(channels)} channels have its exchange and routing key, not 1")
                    continue
                name, channel = channels[0]
                step = real["routingKey"].split(".")
                operation = step[{"record": 2, "role": 1}.get(step[0], 0)]
                if operation not in channel["messages"]:
                    self.find(place, f"its channel has no message {operation}")
                    continue
                message = self.resolve(place, channel["messages"][operation]["$ref"])
                if real["contentType"] != message["contentType"]:
                    self.find(place, "another content type")
                if real["messageId"] != real["headers"].get("cloudEvents_id"):
                    self.find(place, "message_id is not cloudEvents_id")
                self.check_message(place, message, real["headers"], real["body"], closed=True)
                counts[f"{name}.{operation}"] += 1
        return counts

    # What was published

    def fields(self):
        """Every field of every schema: path, type, required or not; and every value of a closed list."""
        lines = []
        for file, schema in self.schemas.items():
            name = pathlib.Path(file).name.replace(".schema.json", "")
            lines += self._fields(name, schema, schema)
        return lines

    def _fields(self, path, schema, root):
        if "$ref" in schema:
            schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        lines = []
        for name, inner in sorted(schema.get("properties", {}).items()):
            sign = "!" if name in schema.get("required", []) else "?"
            kind, here = inner, f"{path}.{name}"
            while kind.get("type") == "array":
                kind, here = kind["items"], here + "[]"
            said = "object" if "$ref" in kind else kind.get("format") or kind["type"]
            lines.append(f"{here}{sign} {said}")
            lines += [f"{here} = {value}" for value in sorted(kind.get("enum", []))]
            lines += self._fields(here, kind, root)
        return lines

    def check_published(self, path, update):
        path = pathlib.Path(path)
        now = self.fields()
        if update:
            path.write_text("\n".join(now) + "\n", encoding="utf-8")
            return
        published = path.read_text(encoding="utf-8").split("\n")[:-1]
        for line in sorted(set(published) - set(now)):
            self.find(path.name, f"published, and gone: {line}")
        for line in sorted(set(now) - set(published)):
            self.find(path.name, f"new, and not written down (--update): {line}")


def close(schema):
    """The schema with no room for fields that it doesn't name."""
    if isinstance(schema, list):
        return [close(element) for element in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: close(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed["additionalProperties"] = False
    return closed


def describe(error):
    """Where and which rule, without any value."""
    path = "/".join(str(step) for step in error.absolute_path) or "(whole)"
    if error.validator == "required":
        return f"{path}: {error.message}"
    if error.validator == "additionalProperties":
        extra = sorted(set(error.instance) - set(error.schema.get("properties", {})))
        return f"{path}: fields that the contract doesn't name: {', '.join(extra)}"
    return f"{path}: breaks {error.validator}"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="what knutpunkt contract export wrote")
    parser.add_argument("--messages", help="messages to check, one JSON object a line")
    parser.add_argument("--published", help="the fields that were published")
    parser.add_argument("--update", action="store_true", help="write --published anew")
    parser.add_argument("--asyncapi-schema", help="AsyncAPI's own JSON Schema of version 3.0.0")
    arguments = parser.parse_args()
    if arguments.update and not arguments.published:
        parser.error("--update needs --published")
    return arguments


def main():
    arguments = parse_arguments()
    try:
        contract = Contract(arguments.folder)
        contract.check_structure()
        contract.check_examples()
        if arguments.asyncapi_schema:
            contract.check_asyncapi(arguments.asyncapi_schema)
        if arguments.published:
            contract.check_published(arguments.published, arguments.update)
        counts = contract.check_real(arguments.messages) if arguments.messages else {}
    except (OSError, ValueError) as error:
        print(f"check_contract: {error}", file=sys.stderr)
        return 2
    for finding in contract.findings[:100]:
        print(finding, file=sys.stderr)
    for name, count in sorted(counts.items()):
        print(f"{name}: {count} messages")
    print(f"{len(contract.schemas)} schemas, {sum(counts.values()) if counts else 0} messages, {len(contract.findings)} findings")
    return 1 if contract.findings else 0


if __name__ == "__main__":
    sys.exit(main())
