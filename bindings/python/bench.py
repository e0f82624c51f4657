"""`bench.py FOLDER`: what a call through Python costs beside the same call from Rust, in turns in one process.

Opens the vault `theirs` in FOLDER, Rust the one that GRID_BENCH_PEER names. Prints one line of JSON, and adds 2,000 counts to both.
"""

import asyncio
import ctypes
import json
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "contract"))

import fakes  # noqa: E402
import grid_fieldbook as f  # noqa: E402


class Peer:
    """The same calls from Rust in this process: tests/bench-peer. Times are microseconds."""

    def __init__(self):
        self._library = ctypes.CDLL(os.environ["GRID_BENCH_PEER_LIB"])

    def __call__(self, name, *times):
        function = getattr(self._library, f"grid_peer_{name}")
        function.restype, function.argtypes = ctypes.c_double, [ctypes.c_uint32] * len(times)
        taken = function(*times)
        assert taken >= 0, f"Rust failed: {name}"
        return taken


def timed(call):
    begun = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - begun) / 1e3


def median(times, call):
    return statistics.median(timed(call) for _ in range(times))


async def median_awaited(times, call):
    taken = []
    for _ in range(times):
        begun = time.perf_counter_ns()
        await call()
        taken.append((time.perf_counter_ns() - begun) / 1e3)
    return statistics.median(taken)


def measure(book, peer):
    taken = {}

    def turn(name, rust, ours):
        taken.setdefault(f"rust_{name}_us", []).append(rust())
        taken.setdefault(f"{name}_us", []).append(ours())

    def count():
        for _ in range(10):
            book.count(f.CountDraft(kind="rescued", value=1, post="DL-01"))

    for _ in range(50):
        turn("status", lambda: peer("status", 100), lambda: median(100, book.status))
    loop, awaited = asyncio.new_event_loop(), f.AsyncFieldBook(book)
    for _ in range(50):
        turn(
            "elsewhere",
            lambda: peer("status_elsewhere", 100),
            lambda: loop.run_until_complete(median_awaited(100, awaited.status)),
        )
    for _ in range(20):
        turn("tasks", lambda: peer("tasks", 10), lambda: median(10, lambda: book.tasks(True, 50)))
        turn(
            "tasks_elsewhere",
            lambda: peer("tasks_elsewhere", 10),
            lambda: loop.run_until_complete(median_awaited(10, lambda: awaited.tasks(True, 50))),
        )
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    # For the files of both vaults to have the size at which they are written over: none stays at its first records.
    for _ in range(100):
        peer("counts", 10)
        count()
    for _ in range(100):
        turn("count", lambda: peer("counts", 10) / 10, lambda: timed(count) / 10)
    figures = {name: statistics.mean(values) if "count" in name else statistics.median(values) for name, values in taken.items()}
    return {name: round(value, 3) for name, value in figures.items()}


def main():
    folder, = sys.argv[1:]
    peer = Peer()
    peer("open")
    with f.FieldBook.open(os.path.join(folder, "theirs"), fakes.Keys()) as book:
        book.status()
        figures = measure(book, peer)
    peer("close")
    print(json.dumps({"runner": "python"} | figures))


if __name__ == "__main__":
    main()
