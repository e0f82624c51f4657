"""The wheel, in an environment of its own; the README's snippet there, against a real platform; types; the public names."""

import glob
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
STAGE = Path(os.environ.get("GRID_PYTHON_STAGE", ""))
TOOLS = Path(os.environ.get("GRID_PYTHON_TOOLS", ""))
CACHE = STAGE.parent
TOOL_MISSING = "setuptools and mypy could not be installed: no wheel was built and no type checked"
FEW_CALLS = """
import grid_fieldbook as f, sys
with f.FieldBook.open(sys.argv[1], f.KeyFile(sys.argv[1] + ".key")) as book:
    book.count(f.CountDraft(kind="rescued", value=2, post="DL-01"))
    print(f.__file__)
    print(f.plain(book.tally_today()))
"""
SNIPPET = """
import sys
from pathlib import Path
import readme_snippet
what, folder, *photo = sys.argv[1:]
print(readme_snippet.record(Path(folder), Path(photo[0])).seq if what == "record" else readme_snippet.send(Path(folder)))
"""


def run(*words, **more):
    """What a program says; its own text when it fails."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=300, **more)
    if done.returncode != 0:
        raise AssertionError(f"{words[0]} ended with {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def clean():
    """The environment without the paths of the tests."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


class Packaged(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not (TOOLS / ".grid-lock").exists():
            raise unittest.SkipTest(TOOL_MISSING)
        cls.home = Path(tempfile.mkdtemp(prefix="packaged.", dir=CACHE))
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)
        dist = CACHE / "dist"
        shutil.rmtree(dist, ignore_errors=True)
        # A copy: building writes beside the sources.
        shutil.copytree(STAGE, cls.home / "source", ignore=shutil.ignore_patterns("module", "__pycache__"))
        run(TOOLS / "bin/python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", dist,
            cls.home / "source", env=clean())
        cls.wheel, = glob.glob(str(dist / "*.whl"))
        run(sys.executable, "-m", "venv", cls.home / "fresh", env=clean())
        cls.python = cls.home / "fresh/bin/python"
        run(cls.python, "-m", "pip", "install", "--quiet", "--no-index", cls.wheel, env=clean())

    def fresh(self, *words, **more):
        """Runs the fresh environment's Python, away from the sources."""
        return run(self.python, *words, cwd=self.home, env={**clean(), **more}).splitlines()

    def test_the_wheel_is_for_any_python_on_this_machine_and_holds_what_it_should(self):
        machine = os.uname().machine
        self.assertEqual(os.path.basename(self.wheel), f"grid_fieldbook-0.1.0-py3-none-linux_{machine}.whl")
        with zipfile.ZipFile(self.wheel) as wheel:
            names = {name for name in wheel.namelist() if name.startswith("grid_fieldbook/")}
            library = wheel.read("grid_fieldbook/libgrid_ffi.so")
        wrapper = {f"grid_fieldbook/{path.name}" for path in (HERE.parent / "src/grid_fieldbook").iterdir() if path.is_file()}
        self.assertEqual(names, wrapper | {"grid_fieldbook/grid_ffi.py", "grid_fieldbook/libgrid_ffi.so"})
        self.assertIn("grid_fieldbook/py.typed", names)
        staged = (STAGE / "grid_fieldbook/libgrid_ffi.so").read_bytes()
        self.assertEqual(hashlib.sha256(library).digest(), hashlib.sha256(staged).digest())

    def test_a_few_calls_in_a_fresh_environment(self):
        where, tally = self.fresh("-c", FEW_CALLS, self.home / "few")
        self.assertTrue(where.startswith(str(self.home / "fresh")), where)
        self.assertEqual(tally, "[{'count_kind': 'rescued', 'total': 2, 'entries': 1}]")

    def test_what_the_readme_shows_holds_with_and_without_a_link(self):
        # Only here: the other tests need nothing of the contract.
        sys.path.insert(0, str(HERE.parent / "contract"))
        import grid_fieldbook as f
        from served import Platform

        folder, photo = self.home / "vault", self.home / "photo.jpg"
        photo.write_bytes(os.urandom(50_000))
        platform = Platform(str(self.home / "platform"))
        self.addCleanup(platform.stop)
        phone = f.PhoneDraft(phone="00000000-0000-4000-8000-000000000001", label="一号机", platform="linux", app_version="0.1.0")
        platform.ask("task", no="DL-2026-000001", title="楼道堆放杂物")
        with f.FieldBook.open(folder, f.KeyFile(folder.with_suffix(".key"))) as book:
            self.assertTrue(book.enroll(platform.ask("ticket")["ticket"], phone).is_ENROLLED())
            self.assertTrue(book.sync().outcome.is_COMPLETE())
        platform.ask("down")
        seq, = self.fresh("-c", SNIPPET, "record", folder, photo, PYTHONPATH=str(HERE))
        said, = self.fresh("-c", SNIPPET, "send", folder, PYTHONPATH=str(HERE))
        self.assertEqual(seq, "1")
        self.assertIn("未发完，1 条在本机：SyncOutcome.NO_LINK", said)
        platform.ask("up")
        said, = self.fresh("-c", SNIPPET, "send", folder, PYTHONPATH=str(HERE))
        self.assertEqual(said, "平台已收 1 条，照片 1 张")
        self.assertEqual(platform.ask("state")["records"], 1)

    def test_the_wrapper_is_typed_to_the_last_name(self):
        # The staged copy: mypy reads its settings and finds the package there.
        said = run(TOOLS / "bin/python", "-m", "mypy", "--cache-dir", self.home / "mypy", cwd=STAGE, env=clean())
        self.assertIn("Success: no issues found", said)


class Written(unittest.TestCase):
    def test_the_readme_shows_what_is_run(self):
        snippet = (HERE / "readme_snippet.py").read_text(encoding="utf-8")
        shown = snippet.partition("# README:begin\n")[2].partition("# README:end")[0]
        self.assertEqual(len(shown.splitlines()), 20)
        self.assertIn(f"```python\n{shown}```", (HERE.parent / "README.md").read_text(encoding="utf-8"))

    def test_the_public_names_are_those_that_are_written_down(self):
        run(sys.executable, HERE.parent / "api.py")
