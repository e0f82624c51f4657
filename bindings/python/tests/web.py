"""Everything that may answer at a platform's address: a captive portal, silence, a broken server, and a platform that
enrols vaults and then behaves as the test says. Loopback only."""

import http.server
import socket
import threading

# The generator of P-256: a public key as good as any, since nothing is signed here.
PUBLIC_KEY = bytes.fromhex(
    "04"
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
PAGE = "<html><body>请先登录无线网络</body></html>".encode()


class Web:
    """A server on a free port of the loopback address. `answer(path, body)` gives (status, headers, body) or None: silence."""

    def __init__(self, answer):
        web = self
        self.requests = []
        self.released = threading.Event()
        self.asked = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                web.requests.append((self.path, body))
                web.asked.set()
                answered = answer(self.path, body)
                if answered is None:
                    web.released.wait(120)
                    self.close_connection = True
                    return
                status, headers, page = answered
                self.send_response(status)
                for name, value in {"content-length": str(len(page)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(page)

            do_HEAD = do_PATCH = do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)

    def asked_for(self, path):
        return sum(1 for asked, _ in self.requests if asked == path)

    def ticket(self):
        return f"grid:{self.address}#code=ABCD-EFGH"


def portal(_path, _body):
    return 200, {"content-type": "text/html; charset=utf-8"}, PAGE


def platform(then):
    """Enrols every vault, and answers everything else with `then`."""

    def answer(path, body):
        return enrolled(body) if path == "/v1/enroll" else then(path, body)

    return answer


def enrolled(body):
    assert body[:4] == b"GFE1", body[:4]
    signed, _ = read_cbor(body, 4)
    asked, _ = read_cbor(signed[0], 0)
    reply = {0: 1, 1: bytes([8] * 16), 2: "民警 P01", 3: "P01", 4: "大鹿岛边境派出所", 5: bytes([3] * 16),
             6: PUBLIC_KEY, 7: PUBLIC_KEY, 8: 1_767_571_200_000, 9: asked[8]}
    return 200, {"content-type": "application/vnd.grid.enroll"}, b"GFN1" + cbor(reply)


def free_port():
    """A port where nobody listens, for now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cbor(value):
    """The little of CBOR that an enrolment needs."""
    def head(major, number):
        for size, code in ((1, 24), (2, 25), (4, 26), (8, 27)):
            if number < 24:
                return bytes([major << 5 | number])
            if number < 1 << (8 * size):
                return bytes([major << 5 | code]) + number.to_bytes(size, "big")
        raise ValueError(number)

    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(5, len(value)) + b"".join(cbor(key) + cbor(item) for key, item in value.items())


def read_cbor(data, at):
    """One value and where it ends."""
    major, number = data[at] >> 5, data[at] & 31
    at += 1
    if number >= 24:
        size = 1 << (number - 24)
        number = int.from_bytes(data[at:at + size], "big")
        at += size
    if major == 0:
        return number, at
    if major in (2, 3):
        raw = data[at:at + number]
        return (raw if major == 2 else raw.decode()), at + number
    if major == 4:
        items = []
        for _ in range(number):
            item, at = read_cbor(data, at)
            items.append(item)
        return items, at
    if major == 5:
        items = {}
        for _ in range(number):
            key, at = read_cbor(data, at)
            items[key], at = read_cbor(data, at)
        return items, at
    raise ValueError(major)
