"""The yardstick: copy files from SOAP to QA Sphere with nothing but aiohttp. No journal, no check. Do not improve.

Usage: python benchmarks/plain_files.py SOAP_URL URL KEY FIRST_ID COUNT; four at a time; prints the seconds it took.
"""

import asyncio
import base64
import sys
import time

import aiohttp

ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">'
    '<soap:Body><Attachments_GetAttachment xmlns="http://www.pragmaticsw.com/">{}<AttachmentId>{}</AttachmentId>'
    "</Attachments_GetAttachment></soap:Body></soap:Envelope>"
)
SLOTS = 4


async def main(soap: str, url: str, key: str, account: str, first: int, count: int) -> None:
    numbers = iter(range(first, first + count))
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session:

        async def worker() -> None:
            for number in numbers:
                headers = {
                    "SOAPAction": '"http://www.pragmaticsw.com/Attachments_GetAttachment"',
                    "Content-Type": "text/xml; charset=utf-8",
                }
                async with session.post(soap, data=ENVELOPE.format(account, number), headers=headers) as answer:
                    text = await answer.text()
                start = text.index("Result>") + 7
                content = base64.b64decode(text[start : text.index("</", start)])
                form = aiohttp.FormData()
                form.add_field("file", content, filename=f"file-{number}")
                async with session.post(f"{url}/api/public/v0/file", data=form) as answer:
                    await answer.json()

        started = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(SLOTS)))
        print(time.perf_counter() - started)


if __name__ == "__main__":
    service, address, api_key, login, first_id, files = sys.argv[1:]
    asyncio.run(main(service, address, api_key, login, int(first_id), int(files)))
