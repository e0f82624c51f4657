"""Test vectors for writers of other clients: `python vectors.py` writes vectors.json, which the checks compare and push.

Everything in them is fixed: the key, the ids, the clocks. No vector depends on how a build of zstd packs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

import columns
import records as r
from lifeboat import Segment, hpke_seal
from phone import APP
from wire import BATCH, ENROLL, VERSION, Cbor, Key, cbor, frame_digests, framed, raw_frame, scope_sum, sha256, told

FILE = Path(__file__).with_name("vectors.json")
SECRET, SEALING_SECRET, EPHEMERAL_SECRET = (int.from_bytes(bytes([byte]) * 32, "big") for byte in (7, 8, 9))
DEVICE, PHONE, PATROL, TASK, CASE, CALL = (bytes([byte]) * 16 for byte in (0x22, 0x55, 0x33, 0x66, 0x77, 0x88))
EPOCH = 0xFEEDF00DDEADBEEF
NONCE = 77
WALL_MS = 1_768_356_184_123
BOOT = 0x0102030405060708
HERE = [397_512_345, 1_237_298_765, 63]
STAMP = r.stamp(WALL_MS, 3_600_000, BOOT, r.Anchor(WALL_MS - 60_000, 3_540_000, 180, BOOT, WALL_MS - 59_000))
FIXES = [r.Fix(WALL_MS + 5_000 * i, HERE[0] + 90 * i, HERE[1] - 70 * i, 60, 120 + i) for i in range(4)]
LANES = {
    "task_accepted": ("task", TASK), "patrol_started": ("patrol", PATROL), "checkpoint_visited": ("patrol", PATROL),
    "observed": ("patrol", PATROL), "patrol_paused": ("patrol", PATROL), "patrol_resumed": ("patrol", PATROL),
    "counted": ("count", PATROL), "track_segment": ("track", PATROL), "patrol_ended": ("patrol", PATROL),
    "case_reported": ("case", CASE), "report_submitted": ("case", CASE), "urgent_started": ("urgent", CALL),
    "urgent_milestone": ("urgent", CALL), "task_arrived": ("task", TASK),
}  # fmt: skip
"""The kinds in the order of the batch, each with its lane."""


def facts() -> dict[str, Cbor]:
    """A fact of each kind with every optional field; the values are those that core/wire/tests/snapshots freeze."""
    files = [
        r.attachment(b"\xa1" * 32, 3, "image/jpeg", 345_678, WALL_MS - 5_000, HERE),
        r.attachment(b"\xa2" * 32, 6, "audio/mp4", 0, 0),
    ]
    parties = r.dispute(10, 1, 7, [(1, "渔户甲"), (2, "渔户乙")])
    report = told(k0=2, k1=4, k2=[5, 14, 900], k3="双方当场和解。", k4=1, k5=2, k6=True, k7=HERE, k8=files)
    words = ("滩涂界线", "两户对界线说法不同。", "北滩三号桩")
    case = told(k0=1, k1=words[0], k2=words[1], k3=words[2], k4=HERE, k5=parties, k6=files)
    return {
        "task_accepted": {},
        "task_arrived": {0: HERE},
        "report_submitted": report,
        "patrol_started": r.patrol_started(3, 4, "DL-01", HERE),
        "checkpoint_visited": r.visited("DL-01-C2", 3, HERE[:2], 2),
        "observed": told(k0=7, k1="一条小船停在浅滩。", k2=HERE, k3=files),
        "patrol_paused": {},
        "patrol_resumed": {},
        "patrol_ended": {0: 5432},
        "track_segment": r.segment(120, FIXES),
        "counted": r.counted(1, -12, "DL-01", PATROL, "数错了"),
        "case_reported": case,
        "urgent_started": r.urgent_started("有人落水", "东码头", HERE),
        "urgent_milestone": {0: 7},
        "extension_requested": {0: WALL_MS + 259_200_000, 1: "住户外出，周五才回"},
    }


def log() -> r.Log:
    """A log with one change of each kind."""
    made, said = r.Log(DEVICE, EPOCH), facts()
    for kind, (lane, name) in LANES.items():
        made.add(lane, name, kind, r.body(STAMP, said[kind]))
    return made


def build() -> dict[str, Any]:
    """All vectors, as they lie in the file."""
    made, key = log(), Key(SECRET)
    rows = r.rows_form(made.changes)
    body = raw_frame(rows)
    header = told(
        k0=VERSION, k1=DEVICE, k2=EPOCH, k3=made.head, k5=0, k6=65_536, k7=len(body), k8=frame_digests(body), k9=NONCE,
        k10=told(k0=len(made.changes), k1=0, k2=0, k3=APP),
    )  # fmt: skip
    signed = key.signed(BATCH, header)
    asked = told(
        k0=VERSION, k1="K7QM-2XPD", k2=DEVICE, k3=PHONE, k4="一号机", k5=key.public, k6="linux", k7=APP, k8=78
    )  # fmt: skip
    enrolment = key.signed(ENROLL, asked)
    task_row = (1, TASK, 3)
    post_row = (2, b"DL-01", 1)
    return {
        "device": DEVICE.hex(),
        "device_secret": "07" * 32,
        "device_public": key.public.hex(),
        "epoch": f"{EPOCH:016x}",
        "enrolment": {"signed_bytes": enrolment[0].hex(), "signature": enrolment[1].hex()},
        "chain_start": made.links[0].hex(),
        "changes": [
            {
                "seq": change.seq, "lane": [change.lane[0], change.lane[1].hex()], "prev_in_lane": change.prev_in_lane,
                "kind": change.kind, "schema": change.schema, "body": change.body.hex(),
                "body_sha256": sha256(change.body).hex(), "h": made.links[change.seq].hex(),
            }
            for change in made.changes
        ],
        "batch": {
            "rows": rows.hex(),
            "columns": columns.write(made.changes).hex(),
            "body": body.hex(),
            "header": signed[0].hex(),
            "signature": signed[1].hex(),
            "request": framed(b"GFB1", signed, body).hex(),
            "cover_digest": r.cover_digest(made.changes).hex(),
        },
        "scope": {
            "rows": [[kind, name.hex(), revision] for kind, name, revision in (task_row, post_row)],
            "sum_of_task": scope_sum([task_row]).hex(),
            "sum_of_both_as_one_kind": scope_sum([task_row, post_row]).hex(),
        },
        "lifeboat": segment(made, key),
    }  # fmt: skip


def segment(made: r.Log, key: Key) -> dict[str, str]:
    """A segment with the count of the log in it; sealed to a platform whose secret is told."""
    curve = ec.SECP256R1()
    sealing = Key(SEALING_SECRET).public
    ephemeral = ec.derive_private_key(EPHEMERAL_SECRET, curve)
    segment_key = b"\x42" * 32
    sealed = hpke_seal(sealing, segment_key, ephemeral)
    boat = Segment(key, made, sealing, (b"\x99" * 16, segment_key, sealed))
    counted = next(change for change in made.changes if change.kind == r.KINDS["counted"])
    boat.change(counted, WALL_MS)
    boat.end()
    frames = boat.to_bytes(zeros=0)[8192:]
    return {
        "platform_secret": "08" * 32, "platform_public": sealing.hex(), "ephemeral_secret": "09" * 32,
        "segment_key": segment_key.hex(), "key_for_platform": sealed.hex(), "header": boat.header.hex(), "frames": frames.hex(),
    }  # fmt: skip


def text() -> str:
    """The file's text."""
    return json.dumps(build(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
    print(f"{FILE.name}: {len(cbor(build()))} bytes as CBOR")
