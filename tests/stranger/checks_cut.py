"""Links that break: batches, answers, photos; and the lifeboat of a phone that is broken itself."""

from __future__ import annotations

import secrets

import records as r
from lifeboat import Segment, file_row, sealed_file
from link import Reply
from phone import Batch
from stage import Stage, check, holds, new_phone, refused, same
from upload import Upload
from wire import CAPTURE, FRAME_BYTES, Cbor, Key, answer_of, framed, sha256, told, uncbor


def ask(stage: Stage, request: bytes) -> tuple[bytes, bytes]:
    """Mark and rest of what `POST /v1/sync` answers."""
    reply = stage.grounds.link.post("/v1/sync", request)
    answer = answer_of(reply.status, reply.headers, reply.body)
    return answer.mark, answer.rest


def large(stage: Stage) -> Batch:
    """A batch of many frames: notes that no packing makes small."""
    phone = stage.phone
    for _ in range(250):
        phone.record("patrol", stage.patrol, "observed", r.observed(11, secrets.token_hex(200)))
    batch = phone.seal(list(phone.unsent))
    holds(len(batch.body) > 6 * FRAME_BYTES, f"{len(batch.body)} bytes are too few to be cut")
    return batch


@check("of a batch that was cut, whole frames are kept over a restart, and only the rest is sent")
def a_cut_batch(stage: Stage) -> None:
    phone, link = stage.phone, stage.grounds.link
    batch = large(stage)
    before_body = len(batch.request) - len(batch.body)
    link.cut_request("POST", "/v1/sync", batch.request, before_body + 2 * FRAME_BYTES + 100)
    same(ask(stage, batch.going_on()), (b"GFP1", b"\xa2\x00\x01\x01\x02"), "two whole frames")
    stage.grounds.stop()
    stage.grounds.start()
    phone.link = link = stage.grounds.link
    rest = batch.going_on(from_frame=2)
    link.cut_request("POST", "/v1/sync", rest, len(rest) - len(batch.body) + 2 * FRAME_BYTES + FRAME_BYTES + 1)
    mark, answer = ask(stage, batch.going_on())
    same((mark, uncbor(answer)), (b"GFP1", {0: 1, 1: 3}), "three whole frames")
    # Frames that are not those that were signed are not kept.
    false = framed(b"GFC1", [batch.header, told(k0=1, k1=0, k3=3)], bytes(FRAME_BYTES))
    same(uncbor(ask(stage, false)[1]), {0: 1, 1: 3}, "after a frame that was not signed")
    mark, answer = ask(stage, batch.going_on(from_frame=3))
    same(mark, b"GFR1", "the answer")
    said = phone.believe(batch, answer)
    same((set(said.verdicts.values()), len(said.verdicts)), ({"accepted"}, 250), "the verdicts")
    same(said.checkpoint[5], phone.log.head[1], "the chain")


@check("the rest of an answer that was cut is asked for, and makes the very same answer")
def a_cut_answer(stage: Stage) -> None:
    phone = stage.phone
    phone.record("count", stage.patrol, "counted", r.counted(9, 2, "DL03", stage.patrol))
    batch = phone.seal(list(phone.unsent))
    whole = stage.grounds.link.post("/v1/sync", batch.request).body
    for here in (1, 4, 100, len(whole) - 1, len(whole)):
        mark, tail = ask(stage, batch.going_on(have=whole[:here]))
        same((mark, whole[:here] + tail), (b"GFT1", whole), f"behind {here} bytes")
    same(ask(stage, batch.going_on(have=b"something else")), (whole[:4], whole[4:]), "with other bytes here")
    same(ask(stage, batch.going_on()), (whole[:4], whole[4:]), "with nothing here")
    same(set(phone.believe(batch, whole[4:]).verdicts.values()), {"accepted"}, "the first decision, not its repeat")


@check("what the platform does not know to go on with, it asks from the beginning")
def nothing_to_go_on_with(stage: Stage) -> None:
    phone = stage.phone
    batch = large(stage)
    same(uncbor(ask(stage, batch.going_on())[1]), {0: 1, 1: 0}, "no frames")
    same(set(phone.exchange(batch).verdicts.values()), {"accepted"}, "the verdicts")
    # A header without a body is complete: to go on with it is to ask for its answer.
    empty = phone.seal([])
    same(ask(stage, empty.going_on())[0], b"GFR1", "the answer to an empty batch")


@check("a photo that was cut half way goes on where the platform says, and is checked at its end")
def a_photo(stage: Stage) -> None:
    phone, link, data = stage.phone, stage.grounds.link, stage.photo
    abilities = link.ask("OPTIONS", "/v1/uploads")
    same((abilities.status, abilities.headers["tus-version"], abilities.headers["tus-max-size"]), (204, "1.0.0", "20971520"))
    upload = Upload(link, phone.grant, data)
    begun = upload.begin()
    same((begun.status, begun.headers["upload-offset"]), (201, "0"), "the beginning")
    half = len(data) // 2
    upload.send_and_break(0, half)
    same(upload.offset(), half, "what arrived")
    same(upload.begin().headers["upload-offset"], str(half), "what is told when it is begun again")
    refused("wrong_offset", 409, lambda: upload.send(0, 10))
    sent = upload.send(half, len(data))
    same((sent.status, sent.headers["upload-offset"]), (204, str(len(data))), "the end")
    same(stage.grounds.desk_bytes("GET", f"/api/attachments/{sha256(data).hex()}") == data, True, "what a supervisor gets")
    refused("not_granted", 401, lambda: Upload(link, phone.grant[:-1] + "0g", data).begin())
    other = Upload(link, phone.grant, secrets.token_bytes(1000))
    other.begin()
    wrong = Upload(link, phone.grant, bytes(1000))
    wrong.place = other.place
    refused("hash_mismatch", 460, lambda: wrong.send(0, 1000))
    same(other.offset(), 0, "after wrong bytes")


def deliver(stage: Stage, segment: bytes) -> Cbor:
    """What `POST /v1/lifeboat` answers; a refusal is raised."""
    reply: Reply = stage.grounds.link.post("/v1/lifeboat", segment)
    answer = answer_of(reply.status, reply.headers, reply.body)
    same(answer.mark, b"GFA1", "the mark")
    said: Cbor = uncbor(answer.rest)
    return said


@check("a lifeboat segment written by hand is taken in, once; damage costs what stood there")
def a_lifeboat(stage: Stage) -> None:
    phone = new_phone(stage, "W1")
    patrol = secrets.token_bytes(16)
    phone.record("patrol", patrol, "patrol_started", r.patrol_started(5, 1, "DL03"))
    phone.record("count", patrol, "counted", r.counted(5, 2, "DL03", patrol))
    phone.record("patrol", patrol, "patrol_ended", {0: 3})
    segment = Segment(phone.key, phone.log, phone.sealing_key)
    for change in phone.log.changes:
        segment.change(change, r.now_ms())
    segment.fixes(patrol, 0, [r.Fix(r.now_ms(), 397_500_000, 1_237_500_000, 50, 120)] * 3)
    segment.end()
    whole = segment.to_bytes()
    # The end is not counted. One header block is enough, and a frame that was altered is lost with its change alone.
    torn = bytearray(bytes(4096) + whole[4096:])
    torn[8192 + 93 + 5] ^= 1
    said = deliver(stage, bytes(torn))
    same((said[1], said[2], said[5], said[6]), (3, 2, 1, 3), "frames, new, damaged, fixes")
    said = deliver(stage, whole)
    same((said[1], said[2], said[3], said[4], said[5]), (4, 1, 2, 0, 0), "frames, new, duplicate, parked, damaged")
    same([deliver(stage, whole)[key] for key in (2, 3)], [0, 3], "again: new, duplicate")
    told = phone.exchange(phone.seal(list(phone.unsent)))
    same(set(told.verdicts.values()), {"duplicate"}, "the same in a batch")
    same((told.checkpoint[0], told.checkpoint[5]), (3, phone.log.head[1]), "the chain")


@check("a segment that is not signed by its device, or not sealed to this platform, is refused")
def a_false_lifeboat(stage: Stage) -> None:
    phone = new_phone(stage, "W1")
    phone.record("count", phone.device, "counted", r.counted(5, 1, "DL03"))

    def segment(key: Key, sealing: bytes) -> bytes:
        made = Segment(key, phone.log, sealing)
        made.change(phone.log.changes[0], r.now_ms())
        return made.to_bytes()

    refused("bad_signature", 403, lambda: deliver(stage, segment(Key(), phone.sealing_key)))
    refused("no_key", 422, lambda: deliver(stage, segment(phone.key, Key().public)))
    refused("malformed", 400, lambda: deliver(stage, bytes(9000)))
    same(deliver(stage, segment(phone.key, phone.sealing_key))[2], 1, "new")


@check("a capture signed by a granted key is taken in, and says nothing about a log that its device has signed")
def a_capture(stage: Stage) -> None:
    phone, capture = new_phone(stage, "W1"), Key()
    grant = phone.key.signed(CAPTURE, told(k0=phone.device, k1=capture.public))
    log = r.Log(phone.device, secrets.randbits(64))
    log.add("urgent", secrets.token_bytes(16), "urgent_started", r.body(phone.stamp(), r.urgent_started("", "")))
    segment = Segment(capture, log, phone.sealing_key, grant=grant)
    segment.change(log.changes[0], r.now_ms())
    same(deliver(stage, segment.to_bytes())[2], 1, "new")
    phone.record("count", phone.device, "counted", r.counted(5, 1, "DL03"))
    phone.exchange(phone.seal(list(phone.unsent)))
    phone.log.add("count", phone.device, "counted", r.body(phone.stamp(), r.counted(5, 1, "DL03")))
    segment = Segment(capture, phone.log, phone.sealing_key, grant=grant)
    segment.change(phone.log.changes[1], r.now_ms())
    refused("bad_signature", 403, lambda: deliver(stage, segment.to_bytes()))


@check("the operator brings a folder copied off a phone: its segments, and the sealed photos beside them")
def a_folder(stage: Stage) -> None:
    phone, plain, key = new_phone(stage, "W1"), secrets.token_bytes(150_000), secrets.token_bytes(32)
    photo = r.attachment(sha256(plain), 3, "image/jpeg", len(plain), r.now_ms())
    case = secrets.token_bytes(16)
    fact = r.case_reported(2, "护栏松动", "台阶东侧", "东码头", None) | {6: [photo]}
    change = phone.log.add("case", case, "case_reported", r.body(phone.stamp(), fact))
    segment = Segment(phone.key, phone.log, phone.sealing_key)
    segment.change(change, r.now_ms(), [file_row(plain, key)])
    unnamed = secrets.token_bytes(70_000)
    segment.file(file_row(unnamed, key[::-1]))
    folder = stage.grounds.data.parent / "phone"
    folder.mkdir()
    (folder / "1.boat").write_bytes(segment.to_bytes())
    (folder / f"{sha256(plain).hex()}.sealed").write_bytes(sealed_file(plain, key))
    (folder / f"{sha256(unnamed).hex()}.sealed").write_bytes(sealed_file(unnamed, key[::-1]))
    stage.grounds.admin("lifeboat", str(folder))
    same(stage.grounds.desk_bytes("GET", f"/api/attachments/{sha256(plain).hex()}") == plain, True, "the photo")
    kept = stage.grounds.data / "blobs" / sha256(unnamed).hex()[:2] / sha256(unnamed).hex()
    same(sha256(kept.read_bytes()), sha256(unnamed), "the one that no record names")


@check("a revoked device is told so; what its lifeboat brings is kept and parked")
def a_revoked_device(stage: Stage) -> None:
    phone = new_phone(stage, "W2")
    phone.record("count", phone.device, "counted", r.counted(5, 1, "DL03"))
    stage.grounds.admin("revoke", *revoked_words(phone.device))
    refused("revoked", 403, lambda: phone.exchange(phone.seal(list(phone.unsent))))
    segment = Segment(phone.key, phone.log, phone.sealing_key)
    segment.change(phone.log.changes[0], r.now_ms())
    said = deliver(stage, segment.to_bytes())
    same((said[2], said[4]), (1, 1), "new, parked")


def revoked_words(device: bytes) -> list[str]:
    """How the operator names a device."""
    text = device.hex()
    return ["-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))]
