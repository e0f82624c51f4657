"""Enrolment, exchange, feed: what a client does on an ordinary day."""

from __future__ import annotations

import json
import re
import secrets
import uuid
from dataclasses import replace
from pathlib import Path

import zstandard

import columns
import records as r
import vectors
from link import Reply
from phone import BadReceipt, Phone
from records import Log
from stage import Stage, check, code_of, holds, new_phone, refused, same
from wire import BATCH, CHECKPOINT, RECEIPT, Key, answer_of, cbor, deflate, frame_digests, framed, inflate, sha256, uncbor

DOCS = Path(__file__).parents[2] / "docs"
DICTIONARY = Path(__file__).parents[2] / "core" / "wire" / "data" / "columns-2026.zdict"
SNAPSHOTS = Path(__file__).parents[2] / "core" / "wire" / "tests" / "snapshots"


def sync_bytes(stage: Stage, request: bytes) -> Reply:
    """An exchange request as it stands; a refusal is raised."""
    reply = stage.grounds.link.post("/v1/sync", request)
    answer_of(reply.status, reply.headers, reply.body)
    return reply


@check("the vectors are those that this client makes")
def vectors_are_made_anew(_: Stage) -> None:
    same(vectors.text() == vectors.FILE.read_text(), True, "python vectors.py: unchanged")


@check("the bodies of all 15 kinds are those that the platform's own tests freeze")
def bodies_are_the_frozen_ones(_: Stage) -> None:
    for kind, fact in vectors.facts().items():
        lines = (SNAPSHOTS / f"fact_{kind}.snap").read_text().split("# all fields")[1].splitlines()[1:]
        frozen = "".join(line for line in lines[: next(i for i, line in enumerate(lines) if line.startswith("["))])
        same(r.body(vectors.STAMP, fact).hex(), frozen, kind)


@check("the numbers in docs/records.md are those that the platform freezes")
def numbers_are_the_frozen_ones(_: Stage) -> None:
    frozen = (SNAPSHOTS / "numbers_of_enumerations.snap").read_text().split("---\n")[-1].split("\n")
    lines = (DOCS / "records.md").read_text().splitlines()
    told = [
        f"{table[1]} {number} {name}"
        for table, row in ((re.match(r"\| `(\w+)` \| (?=\d)", line), line) for line in lines)
        if table
        for number, name in re.findall(r"(\d+) `(\w+)`", row)
    ]
    same(told, [line for line in frozen if line], "the numbers")


@check("every line of bytes in the documents is in the vectors")
def bytes_in_the_documents(_: Stage) -> None:
    known = vectors.FILE.read_text() + b"grid-chain-v1\0".hex() + vectors.DEVICE.hex() + f"{vectors.EPOCH:016x}"
    blocks = [block for page in ("sync.md", "records.md") for block in (DOCS / page).read_text().split("```hex\n")[1:]]
    lines = [line for block in blocks for line in block.split("```")[0].splitlines()]
    holds(len(lines) >= 20, f"only {len(lines)} lines of bytes were found")
    for line in lines:
        digits = re.sub(r" ", "", re.split(r" {3,}", line)[0])
        holds(re.fullmatch(r"([0-9a-f]{2})+", digits) is not None and digits in known, f"no vector has {line}")


@check("a ticket enrols a device, and the same device is answered again")
def a_ticket_enrols(stage: Stage) -> None:
    phone = stage.phone
    code = code_of(stage.grounds.ticket("W1"))
    first = phone.enroll(code)
    same((first[2], first[3], first[4]), ("陈岸", "W1", "大鹿岛派出所"), "the worker")
    same((len(first[1]), len(first[5]), len(first[6]), len(first[7])), (16, 16, 65, 65), "lengths")
    stage.away.enroll(code_of(stage.grounds.ticket("W2")))
    stage.first_sealing_key = phone.sealing_key
    again = phone.enroll(code.lower().replace("-", ""))
    same({k: v for k, v in again.items() if k not in (8, 9)}, {k: v for k, v in first.items() if k not in (8, 9)})
    refused("code_used", 409, lambda: Phone(stage.grounds.link).enroll(code))
    refused("code_wrong", 403, lambda: Phone(stage.grounds.link).enroll("AAAA-AAAA"))
    forged = Phone(stage.grounds.link)
    asked = forged.enrolment(code, 1)
    reply = stage.grounds.link.post("/v1/enroll", asked[:-1] + bytes([asked[-1] ^ 1]))
    refused("bad_signature", 403, lambda: answer_of(reply.status, reply.headers, reply.body))


@check("the first pull tells tasks and posts, and both sides come to the same sums")
def the_first_pull(stage: Stage) -> None:
    phone = stage.phone
    last = phone.sync()[-1]
    titles = {task[1] for task in phone.tasks().values()}
    same(titles, {"清理码头杂物", "调解邻里纠纷", "检查护栏"}, "the tasks")
    post = uncbor(phone.rows[(2, b"DL03")][1])
    same((post[0], post[1], post[2], post[4][0][4]), ("DL03", "东码头", 397_500_000, 50), "the post")
    same(phone.scope(), last.checkpoint[6], "the sums")
    same(last.receipt[3], sha256(b"grid-cover-v1\0"), "the digest of nothing")
    same(phone.forms & 0b1110, 0b1110, "the forms that the platform reads")


@check("every request of the vectors is taken as it stands, with the digest and the chain that they tell")
def the_vectors_are_pushed(stage: Stage) -> None:
    told = json.loads(vectors.FILE.read_text())
    phone = new_phone(stage, "W1", key=Key(vectors.SECRET), device=vectors.DEVICE, epoch=vectors.EPOCH)
    reply = sync_bytes(stage, bytes.fromhex(told["batch"]["request"]))
    said = uncbor(inflate(reply.body[4:]))
    receipt, checkpoint = uncbor(said[1][0]), uncbor(said[2][4][0])
    same(receipt[3].hex(), told["batch"]["cover_digest"], "the digest")
    same((checkpoint[0], checkpoint[5].hex()), (14, told["changes"][-1]["h"]), "the chain")
    # Both changes of a task that is nowhere are read, kept and parked; everything else is accepted.
    same(receipt[2], [[1, 1, 3, 1], [2, 13, 1], [14, 14, 3, 1]], "the verdicts")
    same(receipt[6], vectors.NONCE, "the nonce")
    phone.log = vectors.log()
    packed = columns.pack(phone.log.changes, DICTIONARY)
    same(phone.exchange(phone.seal(phone.log.changes, packed=packed)).verdicts[2], "duplicate", "the same in columns")


@check("records of every lane are accepted, signed for, and chained as we chained them")
def records_are_accepted(stage: Stage) -> None:
    phone, patrol = stage.phone, stage.patrol
    task = next(name for name, task in phone.tasks().items() if task[1] == "清理码头杂物")
    photo = r.attachment(sha256(stage.photo), 3, "image/jpeg", len(stage.photo), r.now_ms())
    phone.record("task", task, "task_accepted", {})
    phone.record("task", task, "task_arrived", {0: [397_500_000, 1_237_500_000, 80]})
    phone.record("task", task, "report_submitted", r.report(1, 1, [1, 2], "废网已经清走", [photo]))
    phone.record("patrol", patrol, "patrol_started", r.patrol_started(3, 1, "DL03"))
    phone.record("patrol", patrol, "checkpoint_visited", r.visited("DL03-1", 4, None, 3))
    phone.record("patrol", patrol, "observed", r.observed(1, "无异常"))
    begun = r.now_ms() - 60_000
    fixes = [r.Fix(begun + 5_000 * i, 397_500_000 + 540 * i, 1_237_500_000, 50, 120) for i in range(12)]
    phone.record("track", patrol, "track_segment", r.segment(0, fixes))
    phone.record("count", patrol, "counted", r.counted(1, 5, "DL03", patrol))
    phone.record("count", patrol, "counted", r.counted(1, -2, "DL03", patrol, "数错了"))
    phone.record("patrol", patrol, "patrol_ended", {0: len(fixes)})
    phone.record("count", phone.device, "counted", r.counted(16, 4, "DL03"))
    told = phone.exchange(phone.seal(phone.unsent))
    same(set(told.verdicts.values()), {"accepted"}, "the verdicts")
    same((told.checkpoint[0], told.checkpoint[5]), (phone.log.head[0], phone.log.head[1]), "the chain")
    same(phone.unsent, [], "what is unsent")
    # The echo of own work: the task's row has taken in the changes of its lane, and only what moved is told.
    echo = next(row for row in told.page[1] if row[1] == task)
    same((echo[3], echo[4][0], echo[4][4]), (b"", 4, 3), "the short row")
    same((r.STATUSES[phone.tasks()[task][5]], phone.tasks()[task][12]), ("submitted", 3), "the task's row")


@check("what arrived is what was recorded, as a supervisor sees it")
def a_supervisor_sees_it(stage: Stage) -> None:
    desk = stage.grounds.desk
    totals = {item["count_kind"]: item["total"] for item in desk("GET", "/api/counts")["items"]}
    same((totals["island_entry_check"], totals["publicity"]), (3 - 12, 4), "the sums, with the -12 of the vectors")
    patrol = desk("GET", f"/api/patrols/{uuid.UUID(bytes=stage.patrol)}")
    same((patrol["points"], patrol["fixes"], patrol["gaps"], patrol["status"]), (12, 12, 0, "ended"), "the patrol")
    holds(50 < patrol["distance_m"] < 75, f"11 steps of 6 m are {patrol['distance_m']} m")
    same(patrol["clock"], "anchored", "the clock")
    task = next(item for item in desk("GET", "/api/tasks?limit=50")["items"] if item["title"] == "清理码头杂物")
    same(task["status"], "submitted", "the task")


@check("the same batch again gives the same decisions, and nothing twice")
def the_same_again(stage: Stage) -> None:
    phone = stage.phone
    before = stage.grounds.desk("GET", "/api/counts")
    phone.record("count", stage.patrol, "counted", r.counted(9, 7, "DL03", stage.patrol))
    phone.record("task", secrets.token_bytes(16), "task_accepted", {})
    batch = phone.seal(phone.unsent)
    accepted, parked = (change.seq for change in batch.changes)
    first, again = phone.exchange(batch), phone.exchange(batch)
    same((first.verdicts[accepted], again.verdicts[accepted]), ("accepted", "duplicate"))
    same((first.verdicts[parked], again.verdicts[parked]), ("unknown_task", "unknown_task"))
    same(first.receipt[3], again.receipt[3], "the digest")
    after = {item["count_kind"]: item["total"] for item in stage.grounds.desk("GET", "/api/counts")["items"]}
    same(after, {item["count_kind"]: item["total"] for item in before["items"]} | {"household_visit": 7}, "the sums")


@check("an altered body, header or signature is refused, and nothing of it is kept")
def an_altered_batch_is_refused(stage: Stage) -> None:
    phone = stage.phone
    phone.record("count", stage.patrol, "counted", r.counted(9, 1, "DL03", stage.patrol))
    batch = phone.seal(phone.unsent)
    altered = batch.body[:-1] + bytes([batch.body[-1] ^ 1])
    refused("hash_mismatch", 460, lambda: sync_bytes(stage, framed(b"GFB1", batch.header, altered)))
    refused("hash_mismatch", 460, lambda: sync_bytes(stage, framed(b"GFB1", batch.header, batch.body + b"x")))
    data, signature = batch.header
    other = [data, signature[:-1] + bytes([signature[-1] ^ 1])]
    refused("bad_signature", 403, lambda: sync_bytes(stage, framed(b"GFB1", other, batch.body)))
    raised = uncbor(data) | {5: 0}
    refused("bad_signature", 403, lambda: sync_bytes(stage, framed(b"GFB1", [cbor(raised), signature], batch.body)))
    refused("malformed", 400, lambda: sync_bytes(stage, b"GFB2" + batch.request[4:]))
    same(phone.exchange(batch).verdicts[batch.changes[0].seq], "accepted", "the batch as it was signed")


@check("nothing is believed of an answer that was altered, forged, or given to another request")
def no_false_answer_is_believed(stage: Stage) -> None:
    phone = stage.phone
    phone.record("count", stage.patrol, "counted", r.counted(9, 1, "DL03", stage.patrol))
    batch, other = phone.seal(list(phone.unsent)), phone.seal([])
    packed = sync_bytes(stage, batch.request).body[4:]
    plain, before = uncbor(inflate(packed)), (phone.cursor, len(phone.unsent), phone.grant)
    receipt = uncbor(plain[1][0])
    seq = batch.changes[0].seq
    forged = {
        "a flipped bit": packed[:-9] + bytes([packed[-9] ^ 4]) + packed[-8:],
        "another verdict": deflate(cbor(plain | {1: [cbor(receipt | {2: [[seq, seq, 3, 2]]}), plain[1][1]]})),
        "a signature of somebody else": deflate(cbor(plain | {1: Key().signed(RECEIPT, receipt)})),
        "a checkpoint of somebody else": deflate(cbor(plain | {2: plain[2] | {4: Key().signed(CHECKPOINT, {})}})),
        "another request": sync_bytes(stage, other.request).body[4:],
    }
    for what, answer in forged.items():
        try:
            phone.believe(batch, answer)
        except (BadReceipt, ValueError, zstandard.ZstdError):
            same((phone.cursor, len(phone.unsent), phone.grant), before, what)
        else:
            raise AssertionError(f"{what} was believed")
    # A receipt that leaves out a change does not settle it; one that covers other bytes is none.
    phone.unsent = []
    try:
        phone.believe(replace(batch, changes=[replace(batch.changes[0], body=b"other")]), packed)
    except BadReceipt:
        pass
    else:
        raise AssertionError("a receipt for other bytes was believed")
    same(phone.believe(batch, packed).verdicts, {seq: "accepted"}, "the true answer")


@check("a header of a newer version, and one of a stranger, are refused")
def newer_and_strange(stage: Stage) -> None:
    phone = stage.phone
    header = phone.header(b"", 1, 1024, phone.log.head, None)
    newer = phone.key.signed(BATCH, header | {0: 2})
    same(refused("newer_version", 426, lambda: sync_bytes(stage, framed(b"GFB1", newer, b""))).version_max, 1)
    of_tomorrow = phone.key.signed(BATCH, {0: 2, 2: b"x"})
    refused("newer_version", 426, lambda: sync_bytes(stage, framed(b"GFB1", of_tomorrow, b"")))
    strange = phone.key.signed(BATCH, header | {1: bytes(16)})
    refused("unknown_device", 403, lambda: sync_bytes(stage, framed(b"GFB1", strange, b"")))


@check("other bytes under a taken key are kept beside the first and parked as a conflict")
def a_conflict(stage: Stage) -> None:
    phone = new_phone(stage, "W1")
    phone.record("count", phone.device, "counted", r.counted(12, 1, "DL03"))
    phone.exchange(phone.seal(phone.unsent))
    phone.log = Log(phone.device, phone.epoch)
    phone.record("count", phone.device, "counted", r.counted(12, 100, "DL03"))
    told = phone.exchange(phone.seal(phone.unsent))
    same((told.verdicts[1], phone.parked), ("conflict", {1: "conflict"}), "the verdict")
    totals = {item["count_kind"]: item["total"] for item in stage.grounds.desk("GET", "/api/counts")["items"]}
    same(totals["calls_received"], 1, "the first stays")
    holds(told.checkpoint[5] != phone.log.head[1], "the chain that the platform tells is that of the first")


@check("what is parked tells its reason and holds up nothing, not even its own lane")
def parked_with_reasons(stage: Stage) -> None:
    phone = new_phone(stage, "W2")
    phone.sync()
    other = Phone.tasks(stage.phone)
    mine, theirs = next(iter(phone.tasks())), next(iter(other))
    when = phone.stamp()
    made = {
        "unknown_task": phone.log.add("task", secrets.token_bytes(16), "task_accepted", r.body(when, {})),
        "not_holder": phone.log.add("task", theirs, "task_accepted", r.body(when, {})),
        "unreadable": phone.log.add("task", mine, "task_arrived", b"\x82\x00"),
    }
    strange = r.Change(4, (1, mine), 3, 999, r.body(when, {}))
    newer = r.Change(5, (1, mine), 4, 1, r.body(when, {}), schema=2)
    good = r.Change(6, (1, mine), 5, 1, r.body(when, {}))
    for change in (strange, newer, good):
        phone.log.changes.append(change)
        phone.log.links.append(change.link(phone.log.links[-1]))
    batch = phone.seal(list(phone.log.changes))
    told = phone.exchange(batch)
    wanted = {change.seq: reason for reason, change in made.items()} | {4: "newer_format", 5: "newer_format", 6: "accepted"}
    same(told.verdicts, wanted, "the verdicts")
    same(r.STATUSES[phone.tasks()[mine][5]], "accepted", "the task")


@check("a change waits for the one before it in its lane, and lanes do not wait for each other")
def order_in_a_lane(stage: Stage) -> None:
    phone, patrol = new_phone(stage, "W1"), secrets.token_bytes(16)
    first = phone.record("patrol", patrol, "patrol_started", r.patrol_started(5, 1, "DL03"))
    last = phone.record("patrol", patrol, "patrol_ended", {0: 0})
    count = phone.record("count", phone.device, "counted", r.counted(9, 1, "DL03"))
    told = phone.exchange(phone.seal([count, last]))
    found = (told.verdicts[last.seq], told.verdicts[count.seq], told.checkpoint[0])
    same(found, ("accepted", "accepted", 0), "before it is here")
    told = phone.exchange(phone.seal([first]))
    same((told.checkpoint[0], told.checkpoint[5]), (3, phone.log.head[1]), "once the gap is closed")
    shown = stage.grounds.desk("GET", f"/api/patrols/{uuid.UUID(bytes=patrol)}")
    same(shown["status"], "ended", "the patrol")


@check("a head that is not the platform's refuses nothing and moves no mark")
def a_fork(stage: Stage) -> None:
    phone = new_phone(stage, "W1")
    phone.record("count", phone.device, "counted", r.counted(9, 1, "DL03"))
    true, phone.log.links[-1] = phone.log.links[-1], bytes(32)
    told = phone.exchange(phone.seal(list(phone.unsent)))
    same((told.verdicts, told.checkpoint[0], told.checkpoint.get(5)), ({1: "accepted"}, 0, None), "under a false head")
    phone.log.links[-1] = true
    same(phone.exchange(phone.seal([])).checkpoint[5], true, "under the true one")


@check("a phone that last met another store is told everything from the start")
def another_incarnation(stage: Stage) -> None:
    phone = stage.phone
    before, phone.incarnation = dict(phone.rows), secrets.token_bytes(16)
    told = phone.exchange(phone.seal([]))
    same((told.page[0], len(told.page[1])), (0, len(before)), "from, and rows")
    same(phone.incarnation, told.receipt[4], "the store that is met now")


@check("a small batch may lie in its header, and in columns with the dictionary")
def columns_and_inline(stage: Stage) -> None:
    phone = stage.phone
    for inline in (False, True):
        phone.record("count", stage.patrol, "counted", r.counted(9, 1, "DL03", stage.patrol))
        phone.record("patrol", secrets.token_bytes(16), "patrol_started", r.patrol_started(5, 1, "DL03"))
        packed = columns.pack(phone.unsent, DICTIONARY)
        told = phone.exchange(phone.seal(list(phone.unsent), packed=packed, inline=inline))
        same(set(told.verdicts.values()), {"accepted"}, "the verdicts")
        same(told.checkpoint[5], phone.log.head[1], "the chain over what the platform read")


@check("long columns go without the dictionary")
def long_columns(stage: Stage) -> None:
    phone = stage.phone
    for i in range(400):
        note = secrets.token_hex(60)
        phone.record("patrol", stage.patrol, "observed", r.observed(1 + i % 11, note))
    packed = columns.pack(phone.unsent, DICTIONARY)
    same(packed[0], 2, "the form")
    told = phone.exchange(phone.seal(list(phone.unsent), packed=packed))
    same(set(told.verdicts.values()), {"accepted"}, "the verdicts")
    same(told.checkpoint[5], phone.log.head[1], "the chain over what the platform read")


@check("pages as small as can be tell everything once, and the last one tells the sums")
def small_pages(stage: Stage) -> None:
    phone = stage.phone
    before = dict(phone.rows)
    phone.rows, phone.cursor, phone.whole_to = {}, 0, 0
    answers = phone.sync(page_bytes=1)
    rows = [(row[0], row[1]) for told in answers for row in told.page[1]]
    same((len(rows), len(set(rows))), (len(before), len(before)), "rows, and different ones")
    same(phone.rows, before, "the rows")
    same([told.page[3] for told in answers], [True] * (len(answers) - 1) + [False], "more")
    holds(all(6 not in told.checkpoint for told in answers[:-1]), "only the last page tells the sums")
    same(phone.scope(), answers[-1].checkpoint[6], "the sums")


@check("what others did comes with the next page: a new task, a task recalled")
def what_others_did(stage: Stage) -> None:
    phone, grounds = stage.phone, stage.grounds
    grounds.dispatch(("巡查水井", "井盖松动", "hazard", "W1"))
    told = phone.sync()
    new = next(name for name, task in phone.tasks().items() if task[1] == "巡查水井")
    same([row[1] for answer in told for row in answer.page[1]], [new], "only what is new is told")
    shown = grounds.desk("GET", f"/api/tasks/{uuid.UUID(bytes=new)}")
    grounds.desk("POST", f"/api/tasks/{uuid.UUID(bytes=new)}/recall", {"revision": shown["revision"], "reason_text": "派错了"})
    last = phone.sync()[-1]
    task = phone.tasks()[new]
    same((r.STATUSES[task[5]], task[10]), ("recalled", "派错了"), "the task")
    same(phone.scope(), last.checkpoint[6], "the sums")
    # What was done before the recall was known is kept, and told as a late report.
    phone.record("task", new, "report_submitted", r.report(1, 1, [1], "井盖已经压好", []))
    phone.sync()
    same((phone.tasks()[new][11], phone.parked.get(phone.log.head[0])), (True, None), "a late report")


@check("the digests are over frames of 8 KiB, the last one being what is left")
def frames_of_a_body(_: Stage) -> None:
    body = secrets.token_bytes(3 * 8192 + 5)
    same([len(digest) for digest in frame_digests(body)], [32] * 4)
    same(frame_digests(b""), [], "of no body")
