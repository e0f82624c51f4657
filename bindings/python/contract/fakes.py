"""What a host brings, made to a case's measure: keys, a clock, a listener, a carrier, a log. Each keeps what it has seen."""

import threading

import grid_fieldbook as f
from served import carried
from values import number, octets, upper

MARK = b"wrapped:"
# What a callback records when it tries to.
TAP = {"kind": "rescued", "value": 1, "post": "DL-01"}


def told(call):
    """What came of a call as a case sees it: `ok`, or the error's kind and its obstacle."""
    try:
        call()
    except f.FieldBookError as error:
        obstacle = getattr(error, "obstacle", None)
        return kind_of(error) + (f" {f.plain(obstacle)}" if obstacle else "")
    return "ok"


def kind_of(error):
    return type(error).__name__[:-len("Error")]


def tap(book):
    return told(lambda: book().count(f.CountDraft(**TAP)))


def veiled(key):
    return bytes(byte ^ 0x5A for byte in key)


class Keys(f.KeyVault):
    """`book` gives the case's open book."""

    def __init__(self, then="plain", book=None):
        self.then, self.book, self.seen = then, book, []

    def wrap(self, key):
        self.act()
        return MARK + veiled(key)

    def unwrap(self, wrapped):
        self.act()
        if self.then == "other":
            return bytes(32)
        if self.then == "short":
            return b"too short"
        if not wrapped.startswith(MARK):
            raise f.HostError.Lost()
        if self.then == "calls_book":
            self.seen.append(tap(self.book))
        return veiled(wrapped[len(MARK):])

    def act(self):
        if self.then == "locked":
            raise f.HostError.Locked()
        if self.then == "lost":
            raise f.HostError.Lost()
        if self.then == "throws":
            raise RuntimeError("王五 13800000000")


class Clock(f.HostClock):
    FIXED = {"wall_ms": 1_767_571_200_000, "mono_ms": 1_000, "boot": 7}

    def __init__(self, says, book):
        self.book, self.seen, self.asked = book, [], False
        self.then = says if isinstance(says, str) else "says"
        fixed = self.FIXED if isinstance(says, str) else says
        self.reading = {name: number(value) for name, value in fixed.items()}

    def now(self):
        if self.then == "throws":
            raise OSError("no clock")
        # Its own calls ask the clock again; and there is no book while it is being opened.
        if self.then == "calls_book" and not self.asked and self.book() is not None:
            self.asked = True
            self.seen += [told(lambda: self.book().status()), tap(self.book)]
            self.asked = False
        return f.ClockReading(**self.reading)


class Progress(f.ProgressListener):
    def __init__(self, then, book):
        self.then, self.book, self.seen = then, book, []

    def on_progress(self, progress):
        if self.then == "throw":
            self.seen.append("throw")
            raise RuntimeError("the screen is gone")
        self.seen.append(getattr(self, self.then)())

    def look(self):
        return told(lambda: self.book().status())

    def count(self):
        return tap(self.book)

    def sync(self):
        return f.plain(self.book().sync(f.Budget(), f.CancelToken()).outcome)

    def nothing(self):
        return "ok"


class Carrier(f.Transport):
    """The language's own HTTP client to a platform."""

    def __init__(self, url):
        self.url, self.seen = url, []

    def send(self, request, cancel):
        self.seen.append(f"{f.plain(request.method)} {request.path}")
        return carried(self.url, request)

    def authority(self):
        return None


class Script(f.Transport):
    """Answers one item after the other, the last one again and again."""

    def __init__(self, items, book, asked, ended):
        self.items, self.book, self.asked, self.ended = list(items), book, asked, ended
        self.seen, self.lock = [], threading.Lock()

    def send(self, request, cancel):
        with self.lock:
            item = self.items.pop(0) if len(self.items) > 1 else self.items[0]
        self.seen.append(f"{f.plain(request.method)} {request.path}")
        self.asked.set()
        if "no_link" in item:
            raise f.TransportError.NoLink(f.LinkProblem[upper(item["no_link"])])
        if "failed" in item:
            raise f.TransportError.Failed(item["failed"])
        if "throws" in item:
            raise RuntimeError("no carrier")
        if "blocks" in item:
            self.ended.wait()
        if "count" in item:
            self.seen.append(tap(self.book))
        headers = [f.HttpHeader(name=name, value=value) for name, value in item.get("headers", {}).items()]
        return f.HttpAnswer(status=item.get("status", 503), headers=headers, body=octets(item.get("body", {"zeros": 0})))

    def authority(self):
        return None


class Log(f.Log):
    def __init__(self, then, ended):
        self.then, self.ended, self.seen = then, ended, []

    def log(self, line):
        self.seen.append(line.part)
        if self.then == "throw":
            raise RuntimeError("no log")
        if self.then == "block":
            self.ended.wait()
