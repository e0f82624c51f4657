"""Runs the cases of tests/contract through Python: `run.py [-k PATTERN] FOLDER_OF_CASES`.

Writes what came of each where GRID_CONTRACT_RESULTS says. Knows calls and comparison, and nothing of any case.
"""

import argparse
import faulthandler
import json
import os
import pathlib
import sys
import threading

from case import Case

ENDS_WITHIN_S = 300


def main():
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("-k", default="", help="only cases whose name holds this")
    said.add_argument("cases", type=pathlib.Path)
    asked = said.parse_args()
    results = []
    for path in sorted(asked.cases.glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
            if asked.k in case["name"]:
                results.append(result(case))
                say(results[-1])
    if "GRID_CONTRACT_RESULTS" in os.environ:
        told = json.dumps({"runner": "python", "results": results}, ensure_ascii=False, indent=1)
        pathlib.Path(os.environ["GRID_CONTRACT_RESULTS"]).write_text(told + "\n", encoding="utf-8")
    failed = sum(not ran["ok"] for ran in results)
    print(f"python: {len(results) - failed} passed, {failed} failed", flush=True)
    # A case that hangs has left its thread behind.
    os._exit(1 if failed or not results else 0)


def result(told):
    """What came of one case; one that hangs is left behind, and every thread says where it is."""
    why = [f"does not end within {ENDS_WITHIN_S} s"]
    thread = threading.Thread(target=lambda: why.__setitem__(0, played(told["steps"])), daemon=True)
    thread.start()
    thread.join(ENDS_WITHIN_S)
    if thread.is_alive():
        faulthandler.dump_traceback(all_threads=True)
    return {"name": told["name"], "ok": why[0] is None, "detail": why[0] or ""}


def played(steps):
    case = Case()
    try:
        return case.run(steps)
    finally:
        case.end()


def say(ran):
    print(f"{'ok    ' if ran['ok'] else 'FAILED'} {ran['name']}  {ran['detail']}".rstrip(), flush=True)


if __name__ == "__main__":
    faulthandler.enable()
    sys.stdout.reconfigure(encoding="utf-8")
    main()
