"""The platform that the client is tried on: a process of grid-platform with a scratch folder, its operator and its desk.

What a client does is never done here; this is the other side.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

from link import Link, Reply

PASSWORD = "stranger-at-the-desk-1"
PEOPLE = (("D1", "值班", "duty_officer"), ("W1", "陈岸", "border_officer"), ("W2", "林潮", "border_officer"))
TASKS = (
    ("清理码头杂物", "缆绳旁有废网", "hazard", "W1"),
    ("调解邻里纠纷", "夜里噪声", "dispute", "W1"),
    ("检查护栏", "台阶东侧", "inspection", "W1"),
    ("别人的任务", "给另一位", "hazard", "W2"),
)
POSTS = """[[post]]
code = "DL03"
name = "东码头"
lat = 39.75
lon = 123.75
[[post.checkpoint]]
code = "DL03-1"
name = "灯塔"
lat = 39.751
lon = 123.751
radius_m = 50
"""


class Grounds:
    """A platform in a folder of its own, served on loopback."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program, self.data, self._served = program, folder / "platform", folder / "served"
        self._log = folder / "platform.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._cookie = ""
        self.link = Link("http://127.0.0.1:1")

    def set_up(self) -> None:
        self.data.mkdir()
        password = self.data.parent / "password"
        password.write_text(PASSWORD)
        self.admin("init")
        self.admin("org", "add", "--name", "大鹿岛派出所", "--prefix", "DL")
        for job_no, shown, role in PEOPLE:
            self.admin("user", "add", "--org", "DL", "--name", job_no.lower(), "--display-name", shown, "--job-no", job_no,
                       "--role", role, "--password-file", str(password))  # fmt: skip
        posts = self.data.parent / "posts.toml"
        posts.write_text(POSTS)
        self.admin("post", "--org", "DL", str(posts))
        self.dispatch(*TASKS)

    def dispatch(self, *tasks: tuple[str, str, str, str]) -> None:
        """Gives tasks: title, description, kind, job number of the holder."""
        names = ("title", "description", "case_kind", "holder_job_no")
        lines = [
            json.dumps(dict(zip(names, task, strict=True)) | {"level": "general", "place_text": "东码头"}) for task in tasks
        ]
        file = self.data.parent / "tasks.jsonl"
        file.write_text("\n".join(lines) + "\n")
        self.admin("tasks", "--by", "D1", str(file))

    def admin(self, *words: str) -> str:
        run = [str(self._program), "admin", "--data", str(self.data), *words]
        done = subprocess.run(run, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"grid-platform admin {' '.join(words)}: {done.stderr}")
        return done.stdout

    def ticket(self, job_no: str) -> str:
        """A ticket as a phone scans it."""
        said = self.admin("code", "issue", "--worker", job_no, "--url", self.link.url)
        found = re.search(r"^grid:\S+$", said, re.MULTILINE)
        if not found:
            raise RuntimeError(f"no ticket in {said!r}")
        return found[0]

    def start(self, *words: str) -> None:
        """Serves until `stop`; `words` go behind the command."""
        with self._served.open("wb") as served, self._log.open("ab") as log:
            run = [str(self._program), "serve", "--data", str(self.data), "--listen", "127.0.0.1:0", *words]
            self._process = subprocess.Popen(run, stdout=served, stderr=log)
        for _ in range(300):
            found = re.search(r"^grid-platform: (http\S+)$", self._served.read_text(), re.MULTILINE)
            if found:
                self.link = Link(found[1])
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"the platform did not begin to serve:\n{self._log.read_text()}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def log_end(self) -> str:
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return "\n".join(lines[-40:])

    def _desk(self, method: str, path: str, form: dict[str, Any] | None = None) -> Reply:
        headers = {"X-Grid-Console": "1", "Content-Type": "application/json", "Cookie": self._cookie}
        body = json.dumps(form).encode() if form is not None else b""
        return self.link.ask(method, path, body, headers)

    def desk(self, method: str, path: str, form: dict[str, Any] | None = None) -> Any:
        """The duty officer asks or does something."""
        reply = self.desk_bytes(method, path, form)
        return json.loads(reply)

    def desk_bytes(self, method: str, path: str, form: dict[str, Any] | None = None) -> bytes:
        reply = self._desk(method, path, form)
        if reply.status == 401:
            login = self._desk("POST", "/api/login", {"name": "d1", "password": PASSWORD})
            self._cookie = login.headers["set-cookie"].split(";")[0]
            reply = self._desk(method, path, form)
        if reply.status >= 400:
            raise RuntimeError(f"{method} {path}: {reply.status} {reply.body.decode(errors='replace')}")
        return reply.body
