"""What a host brings: a place for the key, a log."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import logging
import os
import secrets
import threading
from pathlib import Path
from typing import Iterator, Optional, Union

from . import grid_ffi as ffi
from .callbacks import teller
from .errors import WRONG_TYPE, told
from .types import HostError, KeyVault, Log, LogLevel, LogLine

_LEVELS = {LogLevel.ERROR: logging.ERROR, LogLevel.WARN: logging.WARNING, LogLevel.INFO: logging.INFO}
_ADDING = threading.Lock()


class KeyFile(KeyVault):
    """Keeps the keys of vaults in a file that only its owner may read. Beside the database lies only a hash of the key.

    For a desktop and for scripts: whoever reads this file reads the vaults. A key is added and none is ever removed. Vaults of
    `grid` have their key under a cipher and are not opened by this. Threads and processes may share a file: the empty file
    beside it, `<name>.lock`, lets one of them add a key at a time.
    """

    def __init__(self, path: Union[str, Path]) -> None:
        self.path = Path(path)

    def wrap(self, key: bytes) -> bytes:
        """Adds the key to the file, durably, and gives its name."""
        try:
            with self._alone():
                self._replace([*self._keys(), bytes(key)])
        except OSError as error:
            raise HostError.Failed(type(error).__name__) from None
        return _name(key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Gives the key of this name."""
        try:
            return next(key for key in self._keys() if _name(key) == wrapped)
        except StopIteration:
            raise HostError.Lost() from None
        except OSError as error:
            raise HostError.Failed(type(error).__name__) from None

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else adds a key meanwhile: no thread here, no other process."""
        lock = self.path.with_name(f"{self.path.name}.lock")
        with _ADDING, open(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600), "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _keys(self) -> list[bytes]:
        try:
            lines = self.path.read_text(encoding="ascii").split()
            return [bytes.fromhex(line) for line in lines]
        except FileNotFoundError:
            return []
        except ValueError:
            raise HostError.Lost() from None

    def _replace(self, keys: list[bytes]) -> None:
        """Writes the file anew beside the old one; it has its name only when it is durable."""
        draft = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}.draft")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.writelines(f"{key.hex()}\n" for key in keys)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def set_log(log: Union[Log, logging.Logger, None] = None) -> None:
    """Lines of the core go to `log` from now on, a logger of `logging` or a `Log`; without one they are dropped."""
    with told:
        ffi.set_log(_wrapped(log))


def _wrapped(log: Union[Log, logging.Logger, None]) -> Optional[Log]:
    if log is None:
        return None
    if isinstance(log, logging.Logger):
        return teller(functools.partial(_say, log))
    if isinstance(log, Log):
        return teller(log.log)
    raise TypeError(WRONG_TYPE)


def _say(logger: logging.Logger, line: LogLine) -> None:
    logger.log(_LEVELS[line.level], "%s: %s", line.part, line.text)


def _name(key: bytes) -> bytes:
    return b"sha256:" + hashlib.sha256(key).digest()
