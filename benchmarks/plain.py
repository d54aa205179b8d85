"""The yardstick: create cases with nothing but aiohttp. No journal, no retry, no pacing, no read-back. Do not improve.

Usage: python benchmarks/plain.py URL KEY CODE FOLDER,FOLDER,… COUNT; one slot per folder; prints the seconds it took.
"""

import asyncio
import sys
import time

import aiohttp


def body(number: int, folder: int) -> dict[str, object]:
    return {
        "title": f"Case {number}: check the order total",
        "type": "standalone",
        "folderId": folder,
        "priority": "medium",
        "precondition": {"text": "<p>Signed in as a customer with an open basket.</p>"},
        "steps": [
            {"description": f"<p>Step {step}: open the page</p>", "expected": "<p>It opens</p>"} for step in range(5)
        ],
        "tags": ["Functional"],
        "links": [{"text": f"Source: plain:{number}", "url": f"https://example.com/tests/{number}"}],
        "customFields": {"source_id": {"value": f"plain:{number}", "isDefault": False}},
    }


async def main(url: str, key: str, code: str, folders: list[int], count: int) -> None:
    numbers = iter(range(count))
    headers = {"Authorization": f"Bearer {key}"}
    connector = aiohttp.TCPConnector(limit=len(folders))
    async with aiohttp.ClientSession(url, headers=headers, connector=connector) as session:

        async def worker(folder: int) -> None:
            for number in numbers:
                path = f"/api/public/v0/project/{code}/tcase"
                async with session.post(path, json=body(number, folder)) as answer:
                    await answer.json()

        started = time.perf_counter()
        await asyncio.gather(*(worker(folder) for folder in folders))
        print(time.perf_counter() - started)


if __name__ == "__main__":
    address, api_key, project, slots, cases = sys.argv[1:]
    asyncio.run(main(address, api_key, project, [int(slot) for slot in slots.split(",")], int(cases)))
