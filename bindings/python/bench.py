"""`bench.py FOLDER` prints one line of JSON: microseconds of a status, milliseconds of 50 tasks, durable counts in a second.

Opens the vault in FOLDER, or makes one, with the plain keys of the contract, and leaves 1,000 counts in it.
"""

import json
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "contract"))

import fakes  # noqa: E402
import grid_fieldbook as f  # noqa: E402

STATUSES = 2_000
LISTS = 100
COUNTS = 1_000


def median_ns(times, call):
    taken = []
    for _ in range(times):
        begun = time.perf_counter_ns()
        call()
        taken.append(time.perf_counter_ns() - begun)
    return statistics.median(taken)


def main():
    folder, = sys.argv[1:]
    with f.FieldBook.open(folder, fakes.Keys()) as book:
        book.status()
        status_ns = median_ns(STATUSES, book.status)
        tasks_ns = median_ns(LISTS, lambda: book.tasks(True, 50))
        begun = time.perf_counter()
        for _ in range(COUNTS):
            book.count(f.CountDraft(kind="rescued", value=1, post="DL-01"))
        rate = COUNTS / (time.perf_counter() - begun)
    print(json.dumps({"language": "python", "status_us": round(status_ns / 1e3, 2), "tasks_ms": round(tasks_ns / 1e6, 3),
                      "counts_per_s": round(rate, 1)}))


if __name__ == "__main__":
    main()
