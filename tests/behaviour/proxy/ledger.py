"""What was checked and how it went. Every check is a function with a sentence, in the module of its subject."""

import time
import traceback


def check(*, families=(4, 6), when=lambda lab: True):
    """Marks a function as a check: run over these IP versions, in labs for which `when` holds."""

    def mark(function):
        function.families, function.when = families, when
        return function

    return mark


def checks_of(module):
    """The checks of a module, in its order."""
    return [item for item in vars(module).values() if callable(item) and hasattr(item, "families")]


class Ledger:
    """Counts single comparisons and keeps those that failed."""

    def __init__(self, verbose=False):
        self.verbose, self.compared, self.failures, self.where = verbose, 0, [], ""

    def run(self, where, function, *arguments):
        """Runs one check; an exception is a failure of it, not the end."""
        self.where = where
        before, compared, start = len(self.failures), self.compared, time.monotonic()
        try:
            function(*arguments)
        except Exception:
            self.failures.append(f"{where}: {traceback.format_exc()}")
        if self.compared == compared and len(self.failures) == before:
            self.failures.append(f"{where}: compared nothing")
        good = len(self.failures) == before
        if self.verbose or not good:
            print(f"{'ok  ' if good else 'FAIL'} {where} ({time.monotonic() - start:.1f} s)", flush=True)
            for failure in self.failures[before:]:
                print("     " + failure.replace("\n", "\n     "), flush=True)

    def equal(self, what, found, wanted, hint=""):
        self.holds(what, found == wanted, f"found {found!r}, wanted {wanted!r}{f' ({hint})' if hint else ''}")

    def one_of(self, what, found, wanted, hint=""):
        self.holds(what, found in wanted, f"found {found!r}, wanted one of {wanted!r}{f' ({hint})' if hint else ''}")

    def holds(self, what, truth, found=""):
        self.compared += 1
        if not truth:
            self.failures.append(f"{what}: {found}")
