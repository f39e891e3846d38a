#!/usr/bin/env python3
"""A plain consumer of Knutpunkt's record changes, and a check of the public contract (docs/contract.md).

Binds a queue of its own to the exchange knutpunkt.records, takes N messages and holds each to the contract. It needs
nothing of Knutpunkt: only Python 3.9 and pika (Debian: python3-pika).

    plain_consumer.py --url amqp://guest:guest@127.0.0.1:5672/ --count 100

Prints one line a message: routing key, record id, sequence. Bodies hold personal data and are printed only with --bodies.

Exit status: 0 all messages keep the contract; 1 some break it; 2 wrong use; 3 no broker, or too few messages in time.
"""

import argparse
import json
import re
import ssl
import sys
import uuid

import pika
import pika.exceptions

EXCHANGE = "knutpunkt.records"
ROUTING_KEY = re.compile(r"record\.([a-z]+)\.(upserted|deleted)\.([a-z0-9_-]+)")
TYPE = re.compile(r"se\.knutpunkt\.record\.([A-Za-z]+)\.(upserted|deleted)\.v1")
SOURCE = re.compile(r"/knutpunkt/(\S+)")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
TRACE = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
# A Swedish identity number in its usual forms; none may stand outside of a body.
IDENTITY_NUMBER = re.compile(r"(?<![0-9A-Za-z-])(?:18|19|20)?\d{6}[-+]?(?:\d{4}|TF\d\d)(?![0-9A-Za-z-])", re.IGNORECASE)
REQUIRED = ("specversion", "id", "type", "source", "subject", "time", "partitionkey", "sequence")


class Checker:
    """Holds messages to the contract, one by one and against those before."""

    def __init__(self):
        self.checked = 0
        self.repeats = 0
        self.stale = 0
        self._seen = {}
        self._latest = {}

    def violations(self, exchange, routing_key, properties, body):
        """What is wrong with a message, in words; empty when it keeps the contract."""
        self.checked += 1
        wrong = []
        headers = properties.headers or {}

        def require(holds, what):
            if not holds:
                wrong.append(what)

        require(exchange == EXCHANGE, f"exchange is {exchange!r}")
        require(properties.delivery_mode == 2, f"delivery_mode is {properties.delivery_mode}, not 2 (persistent)")
        require(properties.content_type == "application/json", f"content_type is {properties.content_type!r}")
        attributes = {}
        for name in REQUIRED:
            value = headers.get(f"cloudEvents_{name}")
            require(isinstance(value, str) and value, f"header cloudEvents_{name} is missing or no text")
            attributes[name] = value if isinstance(value, str) else ""

        key = ROUTING_KEY.fullmatch(routing_key)
        require(key, "routing key is not record.<entity>.<upserted|deleted>.<source> in lower case")
        kind = TYPE.fullmatch(attributes["type"])
        require(kind, "cloudEvents_type is not se.knutpunkt.record.<entity>.<upserted|deleted>.v1")
        source = SOURCE.fullmatch(attributes["source"])
        require(source, "cloudEvents_source is not /knutpunkt/<source>")
        if key and kind and source:
            said = (kind[1].lower(), kind[2], source[1].lower())
            require(said == key.groups(), f"routing key {routing_key} and attributes {'.'.join(said)} differ")

        require(attributes["specversion"] == "1.0", "cloudEvents_specversion is not 1.0")
        require(properties.message_id == attributes["id"], "message_id is not cloudEvents_id")
        require(INSTANT.fullmatch(attributes["time"]), "cloudEvents_time is not RFC 3339 in UTC")
        require(attributes["partitionkey"] == attributes["subject"], "cloudEvents_partitionkey is not cloudEvents_subject")
        sequence = int(attributes["sequence"]) if re.fullmatch(r"[1-9]\d{0,18}", attributes["sequence"]) else None
        require(sequence, "cloudEvents_sequence is no positive number")
        if "traceparent" in headers:
            require(TRACE.fullmatch(str(headers["traceparent"])), "traceparent is no W3C trace context")
        require("knutpunkt_redelivery" not in headers, "a redelivery to one system came over the public exchange")
        for name, value in [("routing key", routing_key)] + sorted(headers.items()):
            require(not IDENTITY_NUMBER.search(str(value)), f"{name} holds what looks like an identity number")

        wrong += self._body_violations(body, attributes["subject"], kind[2] if kind else None)
        if kind and sequence:
            wrong += self._order_violations((kind[1], attributes["subject"]), sequence, attributes["id"], body)
        return wrong

    @staticmethod
    def _body_violations(body, subject, operation):
        try:
            record = json.loads(body.decode("utf-8"))
        except (UnicodeDecodeError, ValueError):
            return ["body is no JSON in UTF-8"]
        if not isinstance(record, dict):
            return ["body is no JSON object"]
        if record.get("id") != subject:
            return ["the record's id is not cloudEvents_subject"]
        if operation == "deleted" and set(record) != {"id"}:
            return ["the body of a deletion holds more than the id"]
        return []

    def _order_violations(self, record, sequence, event, body):
        """Repeats and late messages are allowed; two different events with one sequence are not."""
        before = self._seen.setdefault((record, sequence), (event, body))
        if before != (event, body):
            return [f"sequence {sequence} came with two different events"]
        latest = self._latest.get(record, 0)
        if sequence < latest:
            self.stale += 1
        elif sequence == latest:
            self.repeats += 1
        self._latest[record] = max(latest, sequence)
        return []


def connect(arguments):
    """The connection to the broker."""
    parameters = pika.URLParameters(arguments.url)
    if arguments.ca_file:
        host = parameters.host
        parameters.ssl_options = pika.SSLOptions(ssl.create_default_context(cafile=arguments.ca_file), host)
    return pika.BlockingConnection(parameters)


def declare(channel, arguments):
    """The consumer's own queue: one that stays (quorum) when it has a name, else one that goes with the connection."""
    if arguments.queue:
        channel.queue_declare(
            arguments.queue, durable=True, arguments={"x-queue-type": "quorum", "x-delivery-limit": 20}
        )
        name = arguments.queue
    else:
        name = f"consumer.check.{uuid.uuid4()}"
        channel.queue_declare(name, exclusive=True, auto_delete=True)
    for binding in arguments.binding or ["record.#"]:
        channel.queue_bind(name, EXCHANGE, binding)
    return name


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="amqp://guest:guest@127.0.0.1:5672/", help="the broker (default: %(default)s)")
    parser.add_argument("--ca-file", help="CA certificates (PEM) for amqps")
    parser.add_argument("--queue", help="a durable queue of this name, which stays; default: one for this run only")
    parser.add_argument("--binding", action="append", help="binding key, may be given several times (default: record.#)")
    parser.add_argument("--count", type=int, default=10, help="messages to take (default: %(default)s)")
    parser.add_argument("--timeout", type=float, default=60, help="seconds to wait for the next message (default: %(default)s)")
    parser.add_argument("--bodies", action="store_true", help="print bodies too: they hold personal data")
    parser.add_argument("--quiet", action="store_true", help="print only violations and the sum")
    arguments = parser.parse_args()
    if arguments.count < 1 or arguments.timeout <= 0:
        parser.error("--count and --timeout must be above 0")
    return arguments


def main():
    arguments = parse_arguments()
    checker = Checker()
    broken = 0
    try:
        connection = connect(arguments)
        channel = connection.channel()
        channel.basic_qos(prefetch_count=100)
        queue = declare(channel, arguments)
        print(f"waiting in {queue}", flush=True)
        for method, properties, body in channel.consume(queue, inactivity_timeout=arguments.timeout):
            if method is None:
                break
            wrong = checker.violations(method.exchange, method.routing_key, properties, body)
            headers = properties.headers or {}
            line = f"{method.routing_key} {headers.get('cloudEvents_subject')} {headers.get('cloudEvents_sequence')}"
            if wrong:
                broken += 1
                print(f"{line}: " + "; ".join(wrong), file=sys.stderr)
            elif not arguments.quiet:
                print(line)
            if arguments.bodies:
                print(body.decode("utf-8", "replace"))
            channel.basic_ack(method.delivery_tag)
            if checker.checked == arguments.count:
                break
        channel.cancel()
        connection.close()
    except (pika.exceptions.AMQPError, OSError, ValueError) as error:
        # pika wraps some errors without a text of its own.
        cause = str(error) or ", ".join(str(part) for part in error.args) or "nobody answers at the broker's address"
        print(f"plain_consumer: {type(error).__name__}: {cause}", file=sys.stderr)
        return 3
    print(
        f"{checker.checked} messages, {broken} break the contract, {checker.repeats} came again, "
        f"{checker.stale} came after a newer one"
    )
    if broken:
        return 1
    if checker.checked < arguments.count:
        print(f"plain_consumer: only {checker.checked} of {arguments.count} came in time", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
