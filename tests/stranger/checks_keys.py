"""Rotation of the platform's keys: a client is led from key to key, and trusts no other."""

from __future__ import annotations

import re
import ssl

import records as r
from checks_cut import deliver
from lifeboat import Segment
from link import meet
from phone import BadReceipt, Phone
from stage import Stage, check, holds, new_phone, parts_of, refused, same


def rotate(stage: Stage, *words: str) -> None:
    """Does something to the keys while no server runs."""
    stage.grounds.stop()
    stage.grounds.admin("keys", *words)
    stage.grounds.start()
    stage.phone.link = stage.grounds.link


def exchange(stage: Stage, phone: Phone) -> bytes:
    """An empty exchange; the key that signed the receipt."""
    phone.link = stage.grounds.link
    return phone.exchange(phone.seal([])).signer


@check("after a rotation a phone is told the new keys by the old one, and answered under the new one from then on")
def a_rotation_is_followed(stage: Stage) -> None:
    phone = stage.phone
    old, old_sealing = phone.signing_keys[0], phone.sealing_key
    rotate(stage, "rotate", "signing")
    rotate(stage, "rotate", "sealing")
    told = phone.exchange(phone.seal([]))
    same([notice[1] for notice in told.notices], [1, 2], "the purposes of the notices")
    same(told.signer, old, "the signer of the answer that brought the news")
    same((phone.signing_keys[1:], phone.sealing_key == old_sealing), ([old], False), "what is trusted")
    told = phone.exchange(phone.seal([]))
    same((told.signer, told.notices), (phone.signing_keys[0], []), "then: the new key, and no more notices")


@check("a segment sealed to either sealing key is opened")
def either_sealing_key(stage: Stage) -> None:
    phone = stage.phone
    later = new_phone(stage, "W1")
    holds(later.sealing_key == phone.sealing_key, "a new enrolment tells the newest sealing key")
    for sealing in (later.sealing_key, stage.first_sealing_key):
        later.record("count", later.device, "counted", r.counted(5, 1, "DL03"))
        segment = Segment(later.key, later.log, sealing)
        segment.change(later.log.changes[-1], r.now_ms())
        same(deliver(stage, segment.to_bytes())[2], 1, "new")


@check("a phone that was away for two rotations is led link by link; one that knows no key of ours believes nothing")
def two_rotations(stage: Stage) -> None:
    away = stage.away
    rotate(stage, "rotate", "signing")
    rotate(stage, "retire", oldest_key(stage))
    signer = exchange(stage, away)
    same((signer == away.signing_keys[0], len(away.signing_keys)), (True, 2), "the newest signs; the ended one is dropped")
    exchange(stage, stage.phone)
    same(away.signing_keys, stage.phone.signing_keys, "what both trust")
    stranger = new_phone(stage, "W1")
    stranger.signing_keys = [stranger.key.public]
    try:
        exchange(stage, stranger)
    except BadReceipt:
        same((stranger.cursor, stranger.keys_told), (0, False), "what was believed")
    else:
        raise AssertionError("a receipt under an unknown key was believed")


@check("over TLS 1.3 the authority of the ticket is the only root; another one ends before a request")
def over_tls(stage: Stage) -> None:
    grounds = stage.grounds
    grounds.stop()
    grounds.admin("ca", "init", "--host", "127.0.0.1")
    grounds.start("--tls")
    try:
        address, parts = parts_of(grounds.ticket("W1"))
        holds(address.startswith("https:"), f"the ticket is of {address}")
        phone = Phone(meet(address, parts["ca"]))
        phone.enroll(parts["code"])
        told = phone.sync()[-1]
        same(phone.scope(), told.checkpoint[6], "the sums")
        for authority, newest in (("00" * 32, ssl.TLSVersion.TLSv1_3), (parts["ca"], ssl.TLSVersion.TLSv1_2)):
            try:
                meet(address, authority, newest)
            except (ConnectionError, ssl.SSLError):
                continue
            raise AssertionError(f"{authority} over {newest.name} was taken")
    finally:
        grounds.stop()
        grounds.start()


@check("ten wrong codes in ten minutes close the door for where they come from, and say for how long")
def wrong_codes(stage: Stage) -> None:
    link = stage.grounds.link
    # One wrong code was tried before.
    for _ in range(9):
        refused("code_wrong", 403, lambda: Phone(link).enroll("AAAA-AAAA"))
    refusal = refused("try_later", 429, lambda: Phone(link).enroll("AAAA-AAAA"))
    holds(refusal.retry_after_s is not None and 0 < refusal.retry_after_s <= 600, f"it says {refusal.retry_after_s} s")


def oldest_key(stage: Stage) -> str:
    """The name of the oldest signing key, as the operator reads it."""
    listed = stage.grounds.admin("keys", "list")
    found = re.search(r"\b[0-9a-f]{16}\b", next(line for line in listed.splitlines() if "signing" in line))
    if not found:
        raise AssertionError(listed)
    return found[0]
