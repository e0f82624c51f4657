"""What a test lets another process do: `child.py WHAT FOLDER`. It says what it did, line by line, and waits to be killed."""

import json
import os
import sys

import grid_ffi as g
from contract import Keys, count, fix, patrol


def say(*words):
    print(*words, flush=True)


def open_once(folder):
    try:
        g.FieldBook.open(folder, Keys()).close()
    except g.FieldError.Unavailable as error:
        say("Unavailable", error.obstacle.name)
    else:
        say("opened")


def walk(folder):
    book = g.FieldBook.open(folder, Keys())
    running = patrol(book)
    say(running)
    for number in range(100_000):
        book.record_fix(running, fix(number))
        say(number + 1)


def tap(folder):
    book = g.FieldBook.open(folder, Keys())
    while True:
        say(count(book).seq)


def fill(folder):
    """Fills the disk below `folder`, then makes room. Says what happened as JSON."""
    ballast = os.path.join(os.path.dirname(folder), "ballast")
    with open(ballast, "wb") as file:
        file.write(bytes(512 * 1024))
    book = g.FieldBook.open(folder, Keys())
    taken, error = 0, None
    while error is None and taken < 10_000:
        try:
            book.attach(g.AttachmentDraft(role="other", mime="image/jpeg", content=os.urandom(64 * 1024)))
        except g.FieldError as refused:
            error = refused
    photo_error, error = repr(error), None
    while error is None and taken < 10_000:
        try:
            count(book, 1, reason="海" * 500)
            taken += 1
        except g.FieldError as refused:
            error = refused
    kept = book.status().saved
    os.remove(ballast)
    count(book)
    after = book.status().saved
    book.close()
    again = g.FieldBook.open(folder, Keys())
    checks = {check.name: check.ok for check in again.self_check()}
    say(json.dumps({
        "photo_error": photo_error,
        "count_error": repr(error),
        "taken": taken,
        "kept": kept,
        "after": after,
        "again": again.status().saved,
        "checks": checks,
    }))


if __name__ == "__main__":
    {"open": open_once, "walk": walk, "tap": tap, "fill": fill}[sys.argv[1]](sys.argv[2])
