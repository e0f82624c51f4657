"""A platform on loopback, asked by lines of JSON, and the carrying of requests to it."""

import http.client
import json
import os
import subprocess
import urllib.parse

import grid_fieldbook as f

TOOL = os.environ.get("GRID_CONTRACT_TOOL", "")
ANSWERS_WITHIN_S = 60


class Platform:
    """`grid-contract serve` on a folder."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [TOOL, "serve", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        self.url = self._line()["url"]

    def ask(self, what, **more):
        """The answer; an error of the platform is raised."""
        self.process.stdin.write(json.dumps({"ask": what, **more}) + "\n")
        self.process.stdin.flush()
        answer = self._line()
        if "error" in answer:
            raise RuntimeError(f"the platform says: {answer['error']}")
        return answer

    def stop(self):
        try:
            self.process.communicate('{"ask": "stop"}\n', timeout=ANSWERS_WITHIN_S)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()

    def _line(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the platform ended")
        return json.loads(line)


def carried(url, request):
    """Sends one request as it is, and gives the answer as it came: nothing decompressed, no redirect followed."""
    place = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=ANSWERS_WITHIN_S)
    try:
        headers = {header.name: header.value for header in request.headers}
        connection.request(request.method.name, place.path + request.path, body=request.body, headers=headers)
        answer = connection.getresponse()
        try:
            body, is_cut = answer.read(), False
        except http.client.IncompleteRead as cut:
            body, is_cut = cut.partial, True
        headers = [f.HttpHeader(name=name, value=value) for name, value in answer.getheaders()]
        return f.HttpAnswer(status=answer.status, headers=headers, body=body, is_cut=is_cut)
    except ConnectionRefusedError:
        raise f.TransportError.NoLink(f.LinkProblem.NOTHING_LISTENS) from None
    except (OSError, http.client.HTTPException):
        raise f.TransportError.NoLink(f.LinkProblem.LOST) from None
    finally:
        connection.close()
