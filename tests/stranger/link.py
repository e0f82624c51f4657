"""HTTP/1.1 to the platform, with the power to cut a request or an answer at any byte."""

from __future__ import annotations

import http.client
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

SILENCE_S = 30


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; the names of headers are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Link:
    """One platform."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Reply:
        """One request and its whole answer."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=SILENCE_S)
        try:
            connection.request(method, path, body or None, headers or {})
            answer = connection.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, names, answer.read())
        finally:
            connection.close()

    def post(self, path: str, body: bytes) -> Reply:
        return self.ask("POST", path, body)

    def cut_request(self, method: str, path: str, body: bytes, sent: int, headers: dict[str, str] | None = None) -> None:
        """Promises the whole body, sends so many bytes of it, and is gone."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        with socket.create_connection((self.host, self.port), timeout=SILENCE_S) as sock:
            sock.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body[:sent])
            sock.shutdown(socket.SHUT_WR)
            # Until the platform has closed too: then what arrived is kept.
            while sock.recv(4096):
                pass
