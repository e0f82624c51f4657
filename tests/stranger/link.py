"""HTTP/1.1 to the platform, with the power to cut a request or an answer at any byte."""

from __future__ import annotations

import hashlib
import http.client
import socket
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

SILENCE_S = 30


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; the names of headers are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Link:
    """One platform; over TLS with its own authority as the only root."""

    def __init__(self, url: str, root: bytes | None = None) -> None:
        parts = urlsplit(url)
        self.url, self.host, self.port = url, parts.hostname or "127.0.0.1", parts.port or 80
        self._tls: ssl.SSLContext | None = None
        if root is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._tls.minimum_version = ssl.TLSVersion.TLSv1_3
            self._tls.load_verify_locations(cadata=root)

    def _connection(self) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(self.host, self.port, timeout=SILENCE_S)
        return http.client.HTTPSConnection(self.host, self.port, timeout=SILENCE_S, context=self._tls)

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Reply:
        """One request and its whole answer."""
        connection = self._connection()
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


def meet(url: str, fingerprint: str, newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED) -> Link:
    """First contact: the certificate that the ticket names is found among those that are shown, and is the only root then."""
    parts = urlsplit(url)
    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blind.maximum_version = newest
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    address = (parts.hostname, parts.port or 443)
    with socket.create_connection(address, timeout=SILENCE_S) as sock, blind.wrap_socket(sock) as tls:
        # Before Python 3.13 what a server shows stands in the inner object only.
        inner = tls if hasattr(tls, "get_unverified_chain") else getattr(tls, "_sslobj")  # noqa: B009
        shown = [as_der(certificate) for certificate in inner.get_unverified_chain()]
    root = next((der for der in shown[1:] if hashlib.sha256(der).hexdigest() == fingerprint), None)
    if root is None:
        raise ConnectionError("nobody here is the authority of the ticket")
    return Link(url, root)


def as_der(certificate: Any) -> bytes:
    """The DER of a certificate as any Python since 3.10 gives it."""
    return certificate if isinstance(certificate, bytes) else ssl.PEM_cert_to_DER_cert(certificate.public_bytes())
