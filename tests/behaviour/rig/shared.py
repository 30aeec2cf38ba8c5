"""What all test cases share: one engine for the run, and evidence when something fails."""

import os
import unittest

from .engine import Engine
from .process import ROOT

_engine = None


def engine():
    """The run's one engine; `close` ends it."""
    global _engine
    if _engine is None:
        _engine = Engine().__enter__()
    return _engine


def close():
    """Ends the run's engine."""
    global _engine
    if _engine is not None:
        _engine.__exit__()
        _engine = None


class Case(unittest.TestCase):
    """A case on the shared engine. A class that sets `stack` gets its containers' logs shown when a test fails."""

    stack = None
    longMessage = True

    def evidence(self):
        """What a person needs besides the assertion."""
        return self.stack.evidence() if self.stack else ""


class Result(unittest.TextTestResult):
    """Writes the evidence of each failure to `target/behaviour/` and shows its end at once."""

    folder = ROOT / "target/behaviour"

    def _keep(self, test, error, part=None):
        """All failures of one test go into one file, the containers' state once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{test.id().replace(os.sep, '_')[:150]}.log"
        text = f"{part or test.id()}\n\n{self._exc_info_to_string(error, test)}\n"
        if not file.exists() and isinstance(test, Case):
            text += f"{test.evidence()}\n"
        with file.open("a") as log:
            log.write(text)
        self.stream.writeln(f"\n{text[:3000]}{'…' if len(text) > 3000 else ''}\nwhole: {file}")

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._keep(test, error)

    def addError(self, test, error):
        super().addError(test, error)
        self._keep(test, error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error:
            self._keep(test, error, str(subtest))

    def printErrors(self):
        """They were shown when they happened."""
