"""One case: its folder, what it has saved, and its steps one after the other."""

import gc
import inspect
import os
import re
import shutil
import tempfile
import threading

import doing
import fakes
import grid_fieldbook as f
from expect import Mismatch, match, seen
from values import arguments

# No text for a person names what is generated.
GENERATED = ("uniffi", "FieldException", "grid_ffi", "FfiConverter", "kotlin.", "0x")
NAME = re.compile(r"^\$(\w+)((?:\.\w+)*)$")


class Case:
    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="grid-case-")
        self.vaults = self.home
        self.saved, self.fakes, self.running = {}, {}, {}
        self.asked, self.ended = threading.Event(), threading.Event()

    def run(self, steps):
        """The place and the reason where it did not go as the case says, or none."""
        for index, step in enumerate(steps):
            try:
                self.step(step)
            except Exception as error:  # noqa: BLE001 - whatever it is, the case fails by it
                what = step.get("call") or step.get("do")
                why = str(error) if isinstance(error, Mismatch) else f"{type(error).__name__}: {error}"
                return f"step {index + 1}, {what}: {why}"
        return None

    def end(self):
        """Lets go of everything, and ends what was begun."""
        self.ended.set()
        f.set_log()
        for platform in [held for held in self.saved.values() if hasattr(held, "stop")]:
            platform.stop()
        self.saved.clear()
        self.fakes.clear()
        gc.collect()
        doing.free_disk(self, {})
        for folder in {self.home, self.vaults}:
            shutil.rmtree(folder, ignore_errors=True)

    def step(self, step):
        """One step; answers what it gave, where somebody wants it."""
        if "call" in step:
            return self.judged(step, lambda: self.call(step))
        do = doing.STEPS.get(step.get("do"))
        if do is None:
            raise Mismatch(f"this runner knows no step {step}")
        return do(self, step)

    def call(self, step):
        on = step.get("on", "book")
        target = f if on is None else self.saved[on]
        call = getattr(target, step["call"])
        given = {name: self.resolved(value) for name, value in step.get("args", {}).items()}
        return call(**arguments(inspect.unwrap(call), given, self.fake))

    def judged(self, step, call):
        """Runs the call, and holds what came against what the step expects."""
        try:
            answer = call()
        except f.FieldBookError as error:
            self.judge_error(step, error)
            return None
        if "error" in step:
            raise Mismatch(f"{step['error']} was expected, {f.plain(answer)!r} came")
        if "save" in step:
            self.saved[step["save"]] = answer
        if "expect" in step:
            match(self.resolved(step["expect"]), seen(f.plain(answer)))
        return answer

    def judge_error(self, step, error):
        fields = {name: f.plain(value) for name, value in vars(error).items()}
        came = {"kind": fakes.kind_of(error), **fields}
        if "error" not in step:
            raise Mismatch(f"the error {came} came")
        match(self.resolved(step["error"]), came, "error")
        for locale in ("en", "zh-CN"):
            advice = error.explain(locale)
            said = [str(error), advice.happened, advice.next]
            if not all(said) or any(name in text for name in GENERATED for text in said):
                raise Mismatch(f"the text of {came} is {said}")

    def resolved(self, value):
        """The value with every `$name` in it replaced by what was saved."""
        if isinstance(value, list):
            return [self.resolved(item) for item in value]
        if isinstance(value, dict):
            return {name: self.resolved(item) for name, item in value.items()}
        named = NAME.match(value) if isinstance(value, str) else None
        if named is None:
            return value
        found = self.saved[named[1]]
        for part in named[2].split(".")[1:]:
            if part.isdigit():
                found = found[int(part)]
            else:
                found = found[part] if isinstance(found, dict) else getattr(found, part)
        return found

    def fake(self, told):
        """What a host implements, where a case names it."""
        if "http" in told:
            made = fakes.Carrier(self.saved[told["http"]].url)
        elif "script" in told:
            made = fakes.Script(told["script"], self.book, self.asked, self.ended)
        elif told.get("fake") == "progress":
            made = fakes.Progress(told["then"], self.book)
        else:
            raise Mismatch(f"this runner knows no fake {told}")
        self.fakes[told.get("as", "")] = made
        return made

    def book(self):
        return self.saved.get("book")

    def vault(self, step):
        return os.path.join(self.vaults, step.get("vault", "vault"))

    def path(self, step):
        return os.path.join(self.vault(step), step["file"])
