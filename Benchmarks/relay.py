#!/usr/bin/env python3
"""The same in Python on aio-pika: publish, relay, consume.

    relay.py HOST PORT MESSAGES BODY-BYTES WINDOW

Prints a line of JSON for each. Logs in as guest.
"""

import asyncio
import json
import os
import resource
import sys
import time

import aio_pika

HEADERS = {
    "cloudEvents_specversion": "1.0",
    "cloudEvents_id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "cloudEvents_type": "se.knutpunkt.record.person.upserted.v1",
    "cloudEvents_source": "/knutpunkt/edlevo",
    "cloudEvents_subject": "b3c1f9d2-0000-4000-8000-000000000001",
    "cloudEvents_time": "2026-08-17T06:00:00.000Z",
    "cloudEvents_partitionkey": "b3c1f9d2-0000-4000-8000-000000000001",
    "cloudEvents_sequence": "1",
}


def report(job, messages, began):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rate = round(messages / (time.monotonic() - began))
    line = {"peer": "aio-pika", "job": job, "messages": messages, "per_second": rate, "peak_mib": round(peak, 1)}
    print(json.dumps(line), flush=True)


def message(body, headers, message_id):
    return aio_pika.Message(
        body, headers=headers, message_id=message_id, content_type="application/json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT)


async def main(host, port, messages, size, window):
    name = f"bench.python.{os.getpid()}"
    url = f"amqp://guest:guest@{host}:{port}/"
    async with await aio_pika.connect(url) as publishing, await aio_pika.connect(url) as consuming:
        channel = await publishing.channel(publisher_confirms=True)
        arguments = {"x-queue-type": "quorum"}
        queues = [await channel.declare_queue(f"{name}.{end}", durable=True, arguments=arguments) for end in ("in", "out")]
        body = b'"' + b"x" * (size - 2) + b'"'

        began = time.monotonic()
        room = asyncio.Semaphore(window)

        async def send():
            try:
                await channel.default_exchange.publish(
                    message(body, HEADERS, HEADERS["cloudEvents_id"]), queues[0].name, mandatory=True)
            finally:
                room.release()

        async with asyncio.TaskGroup() as group:
            for _ in range(messages):
                await room.acquire()
                group.create_task(send())
        report("publish", messages, began)

        async def consume(queue, prefetch, handle):
            reading = await consuming.channel()
            await reading.set_qos(prefetch_count=prefetch)
            finished = asyncio.Event()
            count = 0

            async def on_message(incoming):
                nonlocal count
                await handle(incoming)
                count += 1
                if count == messages:
                    finished.set()

            await (await reading.get_queue(queue.name)).consume(on_message)
            await finished.wait()
            await reading.close()

        async def relay(incoming):
            await channel.default_exchange.publish(
                message(incoming.body, incoming.headers, incoming.message_id), queues[1].name, mandatory=True)
            await incoming.ack()

        async def take(incoming):
            await incoming.ack()

        began = time.monotonic()
        await consume(queues[0], window, relay)
        report("relay", messages, began)
        began = time.monotonic()
        await consume(queues[1], 1000, take)
        report("consume", messages, began)


if len(sys.argv) != 6:
    sys.exit("usage: relay.py HOST PORT MESSAGES BODY-BYTES WINDOW")
asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:])))
