"""A provider that accepts every message at once: `python -m bench.provider PORT`.

It says no more of Twilio's API than the adapter reads, so that the figure is ours and not its.
"""

import asyncio
import json
import re
import sys
from contextlib import suppress
from itertools import count

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
ACCOUNT = "AC" + "0" * 32
NUMBERS = count(1)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = LENGTH.search(head)
            await reader.readexactly(int(length[1]) if length else 0)
            said = {"sid": f"SM{next(NUMBERS):032x}", "account_sid": ACCOUNT, "status": "queued"}
            body = json.dumps(said).encode()
            lines = "HTTP/1.1 201 Created", "Content-Type: application/json"
            ends = f"Content-Length: {len(body)}\r\n\r\n"
            writer.write("\r\n".join((*lines, ends)).encode() + body)
            await writer.drain()
    writer.close()


async def main(port: int) -> None:
    async with await asyncio.start_server(answer, "127.0.0.1", port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
