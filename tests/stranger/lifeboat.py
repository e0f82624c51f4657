"""A lifeboat segment written by hand (docs/sync.md §13): header, frames, and HPKE to the platform's sealing key."""

from __future__ import annotations

import secrets
import zlib

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from records import Change, Fix, Log
from wire import LIFEBOAT, VERSION, Cbor, Key, big, cbor, key_name, sha256, told

BLOCK_BYTES = 4096
PIECE_BYTES = 64 * 1024
CHANGE, FILE, FIXES, END = 1, 2, 3, 4
INFO = b"grid-lifeboat-v1"
KEM_SUITE = b"KEM" + big(0x0010, 2)
HPKE_SUITE = b"HPKE" + big(0x0010, 2) + big(0x0001, 2) + big(0x0002, 2)


def _hmac(key: bytes, data: bytes) -> bytes:
    mac = hmac.HMAC(key or bytes(32), hashes.SHA256())
    mac.update(data)
    return mac.finalize()


def _extract(suite: bytes, salt: bytes, label: bytes, data: bytes) -> bytes:
    return _hmac(salt, b"HPKE-v1" + suite + label + data)


def _expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = big(length, 2) + b"HPKE-v1" + suite + label + info
    out, block, count = b"", b"", 1
    while len(out) < length:
        block = _hmac(key, block + labelled + bytes([count]))
        out, count = out + block, count + 1
    return out[:length]


def hpke_seal(public: bytes, plain: bytes, ephemeral: ec.EllipticCurvePrivateKey | None = None) -> bytes:
    """RFC 9180 base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM: encapsulated key, then the sealed text."""
    ephemeral = ephemeral or ec.generate_private_key(ec.SECP256R1())
    encapsulated = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = ephemeral.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public))
    secret = _expand(
        KEM_SUITE, _extract(KEM_SUITE, b"", b"eae_prk", shared), b"shared_secret", encapsulated + public, 32
    )
    context = b"\0" + _extract(HPKE_SUITE, b"", b"psk_id_hash", b"") + _extract(HPKE_SUITE, b"", b"info_hash", INFO)
    scheduled = _extract(HPKE_SUITE, secret, b"secret", b"")
    key = _expand(HPKE_SUITE, scheduled, b"key", context, 32)
    nonce = _expand(HPKE_SUITE, scheduled, b"base_nonce", context, 12)
    return encapsulated + AESGCM(key).encrypt(nonce, plain, b"")


def file_row(plain: bytes, key: bytes) -> Cbor:
    """What opens a sealed file."""
    return told(k0=sha256(plain), k1="image/jpeg", k2=len(plain), k3=key)


def sealed_file(plain: bytes, key: bytes) -> bytes:
    """An attachment as it lies on a phone: pieces of 64 KiB, each sealed with its number and whether it is the last."""
    pieces = [plain[at : at + PIECE_BYTES] for at in range(0, len(plain), PIECE_BYTES)] or [b""]
    ends = [number + 1 == len(pieces) for number in range(len(pieces))]
    nonces = [big(number, 8) + bytes(3) + bytes([end]) for number, end in enumerate(ends)]
    return b"".join(AESGCM(key).encrypt(nonce, piece, None) for nonce, piece in zip(nonces, pieces, strict=True))


class Segment:
    """A segment being written: a random key, a signed header, frames one behind the other."""

    def __init__(
        self,
        key: Key,
        log: Log,
        sealing_key: bytes,
        drawn: tuple[bytes, bytes, bytes] | None = None,
        grant: list[bytes] | None = None,
    ) -> None:
        """`drawn` replaces the random id, key and sealed key: for vectors. With a `grant` it is a capture."""
        self._log, self._frames, self._index = log, bytearray(), 0
        self._id, self._key = secrets.token_bytes(16), secrets.token_bytes(32)
        sealed = hpke_seal(sealing_key, self._key)
        if drawn:
            self._id, self._key, sealed = drawn
        header = told(
            k0=VERSION, k1=log.device, k2=log.epoch, k3=self._id, k4=b"", k5=sealed, k6=key_name(sealing_key), k7=b"", k8=grant,
        )  # fmt: skip
        self.header = cbor(header)
        signed = cbor(key.signed(LIFEBOAT, header))
        self._block = (b"GFL1" + big(len(signed), 4) + signed).ljust(BLOCK_BYTES, b"\0")

    def _put(self, kind: int, seq: int, h: bytes, body_hash: bytes, inside: bytes) -> None:
        covered = bytes([kind]) + big(self._index, 4) + big(seq, 8) + h + body_hash
        sealed = AESGCM(self._key).encrypt(bytes(8) + big(self._index, 4), inside, covered)
        head = self._id[:8] + covered + big(len(sealed), 4)
        self._frames += head + big(zlib.crc32(head + sealed), 4) + sealed
        self._index += 1

    def change(self, change: Change, recorded_at_ms: int, files: list[Cbor] | None = None) -> None:
        """A change with the keys of the attachments it names."""
        inside = told(
            k0=change.seq, k1=change.lane[0], k2=change.lane[1], k3=change.prev_in_lane, k4=change.kind, k5=change.schema,
            k6=change.body, k7=recorded_at_ms, k8=files or [],
        )  # fmt: skip
        self._put(CHANGE, change.seq, self._log.links[change.seq], sha256(change.body), cbor(inside))

    def fixes(self, patrol: bytes, first: int, fixes: list[Fix]) -> None:
        """Fixes that no change holds yet."""
        rows = [[fix.at_ms, fix.lat_e7, fix.lon_e7, fix.accuracy_dm, fix.speed_cms] for fix in fixes]
        seq, h = self._log.head
        self._put(FIXES, seq, h, bytes(32), cbor(told(k0=patrol, k1=first, k2=rows)))

    def file(self, row: Cbor) -> None:
        """An attachment that no record names yet."""
        seq, h = self._log.head
        self._put(FILE, seq, h, bytes(32), cbor(row))

    def end(self) -> None:
        """Closed in good order."""
        seq, h = self._log.head
        self._put(END, seq, h, bytes(32), b"")

    def to_bytes(self, zeros: int = 512) -> bytes:
        """The segment as it lies in its file."""
        return self._block * 2 + bytes(self._frames) + bytes(zeros)
