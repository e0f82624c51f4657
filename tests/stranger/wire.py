"""Bytes of docs/sync.md: CBOR, marks, signatures, zstd. Reads and writes nothing but what it is given."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import Any

import cbor2
import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

VERSION = 1
FRAME_BYTES = 8 * 1024
ANSWER_BYTES_MAX = 2 * 1024 * 1024

BATCH, RECEIPT, CHECKPOINT = b"grid-batch-v1\0", b"grid-receipt-v1\0", b"grid-checkpoint-v1\0"
ENROLL, LIFEBOAT, CAPTURE, KEYS = b"grid-enroll-v1\0", b"grid-lifeboat-v1\0", b"grid-capture-v1\0", b"grid-keys-v1\0"

REFUSALS = {
    1: "malformed", 2: "newer_version", 3: "unknown_device", 4: "revoked", 5: "bad_signature", 6: "code_wrong",
    7: "code_used", 8: "code_expired", 9: "try_later", 10: "too_large", 11: "fork", 12: "not_found",
    13: "hash_mismatch", 14: "wrong_offset", 15: "not_granted", 16: "no_key",
}

Cbor = dict[int, Any]


class Refused(Exception):
    """The platform would not take the request: GFX1."""

    def __init__(self, status: int, refusal: Cbor) -> None:
        self.status = status
        self.code = REFUSALS.get(refusal[0], f"code_{refusal[0]}")
        self.detail: str = refusal[1]
        self.version_max: int | None = refusal.get(2)
        self.retry_after_s: int | None = refusal.get(3)
        super().__init__(f"{status} {self.code}: {self.detail}")


class NotOurs(Exception):
    """An answer without any of our marks: a captive portal, a proxy."""


def sha256(*parts: bytes) -> bytes:
    """SHA-256 over the parts, one behind the other."""
    return hashlib.sha256(b"".join(parts)).digest()


def big(value: int, width: int) -> bytes:
    """A number in so many bytes, big-endian."""
    return value.to_bytes(width, "big")


def cbor(value: Any) -> bytes:
    """CBOR in its shortest form; maps keep the order in which they were made."""
    return cbor2.dumps(value)


def uncbor(data: bytes) -> Any:
    """The one item in exactly these bytes."""
    stream = io.BytesIO(data)
    value = cbor2.CBORDecoder(stream).decode()
    if stream.tell() != len(data):
        raise ValueError("bytes behind the item")
    return value


def told(**fields: Any) -> Cbor:
    """A map with integer keys from `k0=…, k3=…`: what is None is left out."""
    return {int(name[1:]): value for name, value in fields.items() if value is not None}


class Key:
    """A private P-256 key of a device."""

    def __init__(self, secret: int | None = None) -> None:
        curve = ec.SECP256R1()
        self._key = ec.generate_private_key(curve) if secret is None else ec.derive_private_key(secret, curve)
        point = serialization.PublicFormat.UncompressedPoint
        self.public = self._key.public_key().public_bytes(serialization.Encoding.X962, point)

    def sign(self, label: bytes, data: bytes) -> bytes:
        """64 bytes: r and s, deterministic (RFC 6979)."""
        der = self._key.sign(label + data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = utils.decode_dss_signature(der)
        return big(r, 32) + big(s, 32)

    def signed(self, label: bytes, message: Cbor) -> list[bytes]:
        """`[bytes, signature]`."""
        data = cbor(message)
        return [data, self.sign(label, data)]


def holds(public: bytes, label: bytes, signed: list[bytes]) -> bool:
    """Whether `[bytes, signature]` is signed by this key for this purpose."""
    data, signature = signed
    if len(signature) != 64:
        return False
    der = utils.encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
        key.verify(der, label + data, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def key_name(public: bytes) -> bytes:
    """What the platform's keys are called: eight bytes."""
    return sha256(public)[:8]


def frame_digests(body: bytes) -> list[bytes]:
    """SHA-256 of each 8 KiB of a body, the last piece being what is left."""
    return [sha256(body[at : at + FRAME_BYTES]) for at in range(0, len(body), FRAME_BYTES)]


def scope_sum(rows: list[tuple[int, bytes, int]]) -> bytes:
    """The sum over rows of (kind, id, revision), modulo 2^256."""
    total = 0
    for kind, name, revision in rows:
        digest = sha256(b"grid-scope-v1\0", big(kind, 2), big(len(name), 2), name, big(max(revision, 1), 8))
        total += int.from_bytes(digest, "big")
    return big(total % (1 << 256), 32)


def framed(mark: bytes, header: Any, body: bytes) -> bytes:
    """A request of `GFB1` or `GFC1`."""
    head = cbor(header)
    return mark + big(len(head), 4) + head + body


@dataclass(frozen=True)
class Answer:
    """What came back: the mark, what stands behind it, and the HTTP around it."""

    status: int
    headers: dict[str, str]
    mark: bytes
    rest: bytes


MARKS = (b"GFN1", b"GFR1", b"GFT1", b"GFP1", b"GFA1", b"GFX1")


def answer_of(status: int, headers: dict[str, str], data: bytes) -> Answer:
    """Looks at the mark; a refusal is raised."""
    mark, rest = data[:4], data[4:]
    if mark not in MARKS:
        raise NotOurs(f"{status} {data[:40]!r}")
    if mark == b"GFX1":
        raise Refused(status, uncbor(rest))
    return Answer(status, headers, mark, rest)


def inflate(data: bytes, limit: int = ANSWER_BYTES_MAX) -> bytes:
    """The bytes in a zstd frame; its checksum is verified."""
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)) as reader:
        plain = reader.read(limit + 1)
    if len(plain) > limit:
        raise ValueError("larger than allowed")
    return plain


def deflate(data: bytes) -> bytes:
    """A zstd frame over these bytes."""
    return zstandard.ZstdCompressor(level=3).compress(data)


def raw_frame(data: bytes) -> bytes:
    """A zstd frame that packs nothing: one raw block. Any reader of zstd takes it, and its bytes can be told by hand."""
    if len(data) > 128 * 1024:
        raise ValueError("one block holds 128 KiB")
    head = b"\x28\xb5\x2f\xfd" + b"\xa0" + len(data).to_bytes(4, "little")
    return head + (len(data) << 3 | 1).to_bytes(3, "little") + data
