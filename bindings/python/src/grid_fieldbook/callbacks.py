"""Between the library and the app's own code: who is inside, who may begin, and what breaks a call off."""

from __future__ import annotations

import atexit
import contextlib
import threading
import time
from concurrent.futures import Future, wait
from types import TracebackType
from typing import Callable, Optional, Type, TypeVar, Union

from . import grid_ffi as ffi
from .errors import WRONG_TYPE
from .types import (
    CancelToken,
    ClockReading,
    HostClock,
    HostError,
    HttpAnswer,
    HttpRequest,
    KeyVault,
    Log,
    LogLine,
    ProgressListener,
    SyncProgress,
    Transport,
)

R = TypeVar("R")
Progress = Union[ProgressListener, Callable[[SyncProgress], object]]

# How long the end of the process waits for callbacks.
END_WAIT_S = 5.0
# How long a thread of the library needs to leave Python after a callback.
LEAVING_S = 0.05


class _Inside:
    """Knows which threads are inside the app's code. None enters it once the process ends."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._threads: list[int] = []
        self._was_used = False
        self._is_over = False

    def __enter__(self) -> None:
        with self._changed:
            if self._is_over and not is_main():
                raise HostError.Failed("the process ends")
            self._threads.append(threading.get_ident())
            self._was_used = True

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        with self._changed:
            self._threads.remove(threading.get_ident())
            self._changed.notify_all()

    def holds_this_thread(self) -> bool:
        """Whether whoever asks is a callback."""
        return threading.get_ident() in self._threads

    def end(self) -> None:
        """Lets nobody in any more, and waits until nobody is inside."""
        with self._changed:
            self._is_over = True
            self._changed.wait_for(lambda: not self._threads, END_WAIT_S)
        if self._was_used:
            time.sleep(LEAVING_S)


_inside = _Inside()


@atexit.register
def _at_the_end() -> None:
    """A thread of the library that is inside Python when the interpreter goes would abort the process."""
    ffi.set_log(None)
    _inside.end()


class Call:
    """A call that waits for the network: Ctrl-C and what ends the program break it off, and it has ended before they leave it."""

    def __init__(self, cancel: Optional[CancelToken]) -> None:
        self.cancel = CancelToken() if cancel is None else cancel
        self._broken_by: Optional[BaseException] = None

    def __enter__(self) -> None:
        """Enters a callback of this call."""
        _inside.__enter__()

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        """Keeps what would end the program for the end of the call: nothing can carry it through the library."""
        try:
            if error is not None and not isinstance(error, Exception):
                self._broken_by = self._broken_by or error
                self.cancel.cancel()
                raise HostError.Failed(type(error).__name__) from None
        finally:
            _inside.__exit__(kind, error, trace)

    def ended(self, call: Callable[[], R]) -> R:
        """What the call gives or raises at its end."""
        try:
            if is_main() and not _inside.holds_this_thread():
                return self._helped(call)
            return call()
        finally:
            if self._broken_by is not None:
                raise self._broken_by

    def _helped(self, call: Callable[[], R]) -> R:
        """Runs the call on another thread: signals reach the main thread only while it waits in Python."""
        answer: Future[R] = Future()

        def run() -> None:
            if answer.set_running_or_notify_cancel():
                try:
                    answer.set_result(call())
                except BaseException as error:  # noqa: BLE001 - raised where it is waited for
                    answer.set_exception(error)

        helper = threading.Thread(target=run, name="grid-call", daemon=True)
        try:
            try:
                helper.start()
            except RuntimeError:
                # No thread can be had, such as while the process ends.
                answer.cancel()
                return call()
            return answer.result()
        except BaseException:
            self._stop(answer)
            raise

    def _stop(self, answer: Future[R]) -> None:
        """Asks a call that has not ended to stop, and waits for its end, however often that is interrupted."""
        while not answer.done():
            with contextlib.suppress(BaseException):
                self.cancel.cancel()
                if not answer.cancel():
                    wait([answer])


class _Heard(ProgressListener):
    def __init__(self, hear: Callable[[SyncProgress], object], call: Call) -> None:
        self._hear, self._call = hear, call

    def on_progress(self, progress: SyncProgress) -> None:
        with self._call:
            self._hear(progress)


class _Carrier(Transport):
    def __init__(self, carrier: Transport, call: Call) -> None:
        self._carrier, self._call = carrier, call

    def send(self, request: HttpRequest, cancel: ffi.CancelToken) -> HttpAnswer:
        with self._call:
            return self._carrier.send(request, cancel)

    def authority(self) -> Optional[bytes]:
        with self._call:
            return self._carrier.authority()


class _Told(Log):
    def __init__(self, tell: Callable[[LogLine], None]) -> None:
        self._tell = tell

    def log(self, line: LogLine) -> None:
        with _inside:
            self._tell(line)


class _Clock(HostClock):
    def __init__(self, clock: HostClock) -> None:
        self._clock = clock

    def now(self) -> ClockReading:
        with _inside:
            return self._clock.now()


class _Keys(KeyVault):
    def __init__(self, keys: KeyVault) -> None:
        self._keys = keys

    def wrap(self, key: bytes) -> bytes:
        with _inside:
            return self._keys.wrap(key)

    def unwrap(self, wrapped: bytes) -> bytes:
        with _inside:
            return self._keys.unwrap(wrapped)


def is_main() -> bool:
    """Whether this is the main thread, the one that signals interrupt."""
    return threading.get_ident() == threading.main_thread().ident


def listener(progress: Optional[Progress], call: Call) -> Optional[ProgressListener]:
    """The app's listener or function, as the library may call it."""
    if progress is None:
        return None
    if isinstance(progress, ProgressListener):
        return _Heard(progress.on_progress, call)
    if callable(progress):
        return _Heard(progress, call)
    raise TypeError("progress is a ProgressListener or can be called")


def carrier(transport: Transport, call: Call) -> Transport:
    """The app's carrier, as the library may call it."""
    return _Carrier(_of(Transport, transport), call)


def teller(tell: Callable[[LogLine], None]) -> Log:
    """The app's log, as the library may call it."""
    return _Told(tell)


def clock_of(clock: Optional[HostClock]) -> Optional[HostClock]:
    """The app's clock, as the library may call it."""
    return None if clock is None else _Clock(_of(HostClock, clock))


def keys_of(keys: KeyVault) -> KeyVault:
    """The app's place for keys, as the library may call it."""
    return _Keys(_of(KeyVault, keys))


def _of(kind: Type[R], value: R) -> R:
    if not isinstance(value, kind):
        raise TypeError(WRONG_TYPE)
    return value
