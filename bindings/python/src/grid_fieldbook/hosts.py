"""What a host brings: a place for the key, an ear for progress, a log."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
from pathlib import Path
from typing import Callable, Optional, Union

from . import grid_ffi as ffi
from .errors import told
from .types import HostError, KeyVault, Log, LogLevel, LogLine, ProgressListener, SyncProgress

Progress = Union[ProgressListener, Callable[[SyncProgress], object]]

_LEVELS = {LogLevel.ERROR: logging.ERROR, LogLevel.WARN: logging.WARNING, LogLevel.INFO: logging.INFO}


class KeyFile(KeyVault):
    """Keeps the keys of vaults in a file that only its owner may read. Beside the database lies only a hash of the key.

    For a desktop and for scripts: whoever reads this file reads the vaults. A key is added and none is ever removed. Vaults of
    `grid` have their key under a cipher and are not opened by this.
    """

    def __init__(self, path: Union[str, Path]) -> None:
        self.path = Path(path)

    def wrap(self, key: bytes) -> bytes:
        """Adds the key to the file, durably, and gives its name."""
        try:
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


class _Heard(ProgressListener):
    def __init__(self, hear: Callable[[SyncProgress], object]) -> None:
        self._hear = hear

    def on_progress(self, progress: SyncProgress) -> None:
        self._hear(progress)


class _Logged(Log):
    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger

    def log(self, line: LogLine) -> None:
        self._logger.log(_LEVELS[line.level], "%s: %s", line.part, line.text)


def listener(progress: Optional[Progress]) -> Optional[ProgressListener]:
    """A function in the place of a listener."""
    if progress is None or isinstance(progress, ProgressListener):
        return progress
    return _Heard(progress)


def set_log(log: Union[Log, logging.Logger, None] = None) -> None:
    """Lines of the core go to `log` from now on, a logger of `logging` or a `Log`; without one they are dropped."""
    with told:
        ffi.set_log(_Logged(log) if isinstance(log, logging.Logger) else log)


def _name(key: bytes) -> bytes:
    return b"sha256:" + hashlib.sha256(key).digest()
