"""What the runner does beside calls, one function for each `do`."""

import errno
import gc
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import fakes
import grid_fieldbook as f
from expect import Mismatch, match, seen
from served import TOOL, Platform
from values import octets

HERE = os.path.dirname(os.path.abspath(__file__))
JOINS_WITHIN_S = 60
SMALL_DISK = os.environ.get("GRID_SMALL_DISK", "")
PREPARED = os.environ.get("GRID_CONTRACT_PREPARED", "")


def open_book(case, step):
    # The one of the same name goes only when the new one is there: both at once is what some cases are about.
    keys = case.fakes["keys"] = fakes.Keys(step.get("keys", "plain"), case.book)
    made = clock(case, step)
    name = step.get("as", "book")
    return case.judged({**step, "save": name},
                       lambda: f.FieldBook.open(step.get("folder", case.vault(step)), keys, made))


def clock(case, step):
    if "clock" not in step:
        return None
    made = case.fakes["clock"] = fakes.Clock(step["clock"], case.book)
    return made


def open_locked(case, step):
    made = clock(case, step)
    return case.judged({**step, "save": step.get("as", "book")}, lambda: f.LockedBook.open(case.vault(step), made))


def recover(case, step):
    keys = fakes.Keys(step.get("keys", "plain"), case.book)
    return case.judged(step, lambda: f.recover(case.vault(step), keys, clock(case, step)))


def let_go(case, step):
    case.saved.pop(step["of"], None)
    gc.collect()


def new_token(case, step):
    case.saved[step["as"]] = f.CancelToken()


def platform(case, step):
    name = step.get("as", "platform")
    folder = os.path.join(case.home, f"of-{name}")
    if step.get("from") == "prepared":
        shutil.copytree(os.path.join(PREPARED, "platform"), folder)
    case.saved[name] = Platform(folder)


def ask(case, step):
    more = {**step.get("args", {}), **{name: step[name] for name in ("no", "title") if name in step}}
    answer = case.saved[step.get("of", "platform")].ask(step["what"], **case.resolved(more))
    return kept(case, step, answer)


def kept(case, step, answer):
    """Saves an answer, and compares it."""
    if "save" in step:
        case.saved[step["save"]] = answer
    if "expect" in step:
        match(case.resolved(step["expect"]), seen(answer))
    return answer


def prepared_vault(case, step):
    shutil.rmtree(case.vault(step), ignore_errors=True)
    shutil.copytree(os.path.join(PREPARED, "vault"), case.vault(step))


def prepared_state(case, step):
    with open(os.path.join(PREPARED, "expected.json"), encoding="utf-8") as file:
        kept(case, step, json.load(file))


def write_file(case, step):
    with open(case.path(step), "r+b") as file:
        if "length" in step:
            file.truncate(step["length"])
        if "content" in step:
            at = step.get("at", 0)
            file.seek(at, os.SEEK_SET if at >= 0 else os.SEEK_END)
            file.write(octets(step["content"]))


def move_file(case, step):
    here, there = case.path(step), os.path.join(case.home, step["to"])
    os.rename(*((there, here) if step.get("back") else (here, there)))


def digest(case, step):
    found, vault = hashlib.sha256(), case.vault(step)
    paths = [os.path.join(folder, name) for folder, _, names in os.walk(vault) for name in names]
    for path in sorted(paths):
        name = os.path.relpath(path, vault)
        if name != "lock" and not name.endswith("-shm"):
            with open(path, "rb") as file:
                found.update(f"{name}\0{hashlib.sha256(file.read()).hexdigest()}\0".encode())
    kept(case, step, found.hexdigest())


def exists(case, step):
    kept(case, step, os.path.exists(case.path(step)))


def newer_schema(case, step):
    with open(os.path.join(case.vault(step), "key"), "rb") as file:
        key = fakes.Keys().unwrap(file.read()).hex()
    subprocess.run([TOOL, "newer-schema", case.vault(step), key, str(step["version"])],
                   check=True, capture_output=True, timeout=JOINS_WITHIN_S)


def threads(case, step):
    start, wrong = threading.Barrier(step["times"]), []

    def run():
        try:
            start.wait(JOINS_WITHIN_S)
            case.step(step["step"])
        except Exception as error:  # noqa: BLE001 - told by the case
            wrong.append(error)

    running = [threading.Thread(target=run, daemon=True) for _ in range(step["times"])]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(JOINS_WITHIN_S)
    if any(thread.is_alive() for thread in running):
        raise Mismatch(f"a thread does not end within {JOINS_WITHIN_S} s")
    if wrong:
        raise wrong[0]


def repeat(case, step):
    for _ in range(step["times"]):
        case.step(step["step"])


def until_error(case, step):
    for done in range(step["at_most"]):
        try:
            case.call(step["step"])
        except f.FieldBookError as error:
            case.judge_error(step, error)
            return kept(case, {"save": step["save"]} if "save" in step else {}, done)
    raise Mismatch(f"no error within {step['at_most']} times")


def small_disk(case, step):
    if not SMALL_DISK:
        raise Mismatch("there is no small disk here")
    case.vaults = tempfile.mkdtemp(dir=SMALL_DISK)


def ballast():
    return os.path.join(SMALL_DISK, "ballast")


def fill_disk(case, step):
    size = 1 << 20
    with open(ballast(), "ab", buffering=0) as file:
        while size:
            try:
                file.write(bytes(size))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                size //= 2


def free_disk(case, step):
    if SMALL_DISK and os.path.exists(ballast()):
        os.remove(ballast())


def open_files(case, step):
    found = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            found += os.readlink(f"/proc/self/fd/{name}").startswith(case.vault(step) + os.sep)
        except FileNotFoundError:
            pass
    kept(case, step, found)


class Background:
    """A call on a thread of its own."""

    def __init__(self, call):
        self.answer = self.error = None
        self.thread = threading.Thread(target=self.run, args=(call,), daemon=True)
        self.thread.start()

    def run(self, call):
        try:
            self.answer = call()
        except Exception as error:  # noqa: BLE001 - raised where it is joined
            self.error = error

    def join(self):
        self.thread.join(JOINS_WITHIN_S)
        if self.thread.is_alive():
            raise Mismatch(f"does not end within {JOINS_WITHIN_S} s")
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        return self.answer


def background(case, step):
    case.asked.clear()
    case.running[step["as"]] = Background(lambda: case.call(step["step"]))
    if step.get("until_asked") and not case.asked.wait(JOINS_WITHIN_S):
        raise Mismatch("no request was made")


def join(case, step):
    case.judged(step, case.running.pop(step["of"]).join)


def cancel_within_ms(case, step):
    begun = time.monotonic()
    case.saved[step["token"]].cancel()
    running = case.running.pop(step["of"])
    running.thread.join(JOINS_WITHIN_S)
    took = int((time.monotonic() - begun) * 1000)
    if took > step["ms"]:
        raise Mismatch(f"took {took} ms")
    case.judged(step, running.join)


def carry(case, step):
    session, to = case.saved[step["of"]], case.saved[step["to"]]
    carrier = fakes.Carrier(to.url)
    while (request := session.next_request()) is not None:
        try:
            session.answer(carrier.send(request, None))
        except f.TransportError as error:
            session.no_answer(getattr(error, "problem", f.LinkProblem.LOST))


def compare(case, step):
    match(case.resolved(step["right"]), seen(f.plain(case.resolved(step["left"]))))


def seen_by(case, step):
    kept(case, step, list(case.fakes[step["of"]].seen))


def set_log(case, step):
    made = case.fakes["log"] = fakes.Log(step["then"], case.ended) if "then" in step else None
    f.set_log(made)


def child(case, step, *words):
    done = subprocess.run([sys.executable, os.path.join(HERE, "child.py"), *words],
                          capture_output=True, text=True, timeout=JOINS_WITHIN_S)
    if done.returncode != 0:
        raise Mismatch(f"the other process failed: {done.stderr.strip()[-300:]}")
    return done.stdout.strip()


def child_open(case, step):
    kept(case, step, child(case, step, "open", case.vault(step)))


def kill_child(case, step):
    child(case, step, "count", case.vault(step), str(step["times"]))


STEPS = {name: globals()[name] for name in (
    "open_locked", "recover", "let_go", "new_token", "platform", "ask", "prepared_vault", "prepared_state", "write_file",
    "move_file", "digest", "exists", "newer_schema", "threads", "repeat", "until_error", "small_disk", "fill_disk",
    "free_disk", "open_files", "background", "join", "cancel_within_ms", "carry", "compare", "set_log", "child_open",
    "kill_child")}
STEPS.update({"open": open_book, "seen": seen_by})
