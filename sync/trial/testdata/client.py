"""A websocket client that shares no code with the hub: the library shakes hands and reads, the bytes come from standard input.

Input: one JSON object {"uri": ..., "cases": {name: [hexadecimal bytes, ...]}}. Output: one JSON object name -> close code; 1006 stands for a
connection that ended without one. Case "" sends nothing and answers with the type byte of the first message.
"""

import asyncio
import json
import ssl
import sys

import websockets

PROTOCOL = "zw110.sync.1"
BOUND = 90  # seconds for one case


async def first(uri, context):
    async with websockets.connect(uri, ssl=context, subprotocols=[PROTOCOL]) as ws:
        message = await asyncio.wait_for(ws.recv(), BOUND)
        return message[0] if isinstance(message, bytes) else -1


async def send(uri, context, parts):
    ws = await websockets.connect(uri, ssl=context, subprotocols=[PROTOCOL], ping_interval=None, close_timeout=5)
    await asyncio.wait_for(ws.recv(), BOUND)
    for part in parts:
        ws.transport.write(bytes.fromhex(part))
    await asyncio.wait_for(ws.wait_closed(), BOUND)
    return ws.close_code


async def main():
    job = json.load(sys.stdin)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    names = list(job["cases"])
    jobs = [send(job["uri"], context, job["cases"][n]) if n else first(job["uri"], context) for n in names]
    print(json.dumps(dict(zip(names, await asyncio.gather(*jobs)))))


asyncio.run(main())
