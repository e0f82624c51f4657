"""Photos by tus 1.0 (docs/sync.md §9)."""

from __future__ import annotations

import base64
import hashlib

from link import Link, Reply
from wire import answer_of

PIECE_TYPE = "application/offset+octet-stream"


class Upload:
    """One attachment of one device on its way."""

    def __init__(self, link: Link, grant: str, data: bytes, mime: str = "image/jpeg") -> None:
        self._link, self._data = link, data
        self._headers = {"Authorization": f"Grid {grant}", "Tus-Resumable": "1.0.0"}
        named = base64.b64encode(hashlib.sha256(data).hexdigest().encode()).decode()
        self._metadata = f"sha256 {named},mime {base64.b64encode(mime.encode()).decode()}"
        self.place = ""

    def _ask(self, method: str, path: str, body: bytes = b"", **more: str) -> Reply:
        headers = self._headers | {name.replace("_", "-"): value for name, value in more.items()}
        reply = self._link.ask(method, path, body, headers)
        if reply.status >= 400 and reply.body:
            answer_of(reply.status, reply.headers, reply.body)
        return reply

    def begin(self) -> Reply:
        """201 with the place and the offset from which to go on."""
        length = str(len(self._data))
        reply = self._ask("POST", "/v1/uploads", Upload_Length=length, Upload_Metadata=self._metadata)
        self.place = reply.headers["location"]
        return reply

    def offset(self) -> int:
        """Where the platform says that it stands."""
        return int(self._ask("HEAD", self.place).headers["upload-offset"])

    def send(self, start: int, end: int) -> Reply:
        """The bytes from `start` up to `end`."""
        piece = self._data[start:end]
        return self._ask("PATCH", self.place, piece, Content_Type=PIECE_TYPE, Upload_Offset=str(start))

    def send_and_break(self, start: int, sent: int) -> None:
        """Promises everything from `start` on, sends so many bytes, and is gone."""
        headers = self._headers | {"Content-Type": PIECE_TYPE, "Upload-Offset": str(start)}
        self._link.cut_request("PATCH", self.place, self._data[start:], sent, headers)
