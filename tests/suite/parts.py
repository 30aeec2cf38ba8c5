"""The parts of the test suite, as data: what each runs, what it needs, and how its tests are counted."""

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ".tools/venv/bin/python"
BEHAVIOUR = "tests/behaviour"
PAGES = ["hyos-waivers", "proxyos-everything", "proactions-hub-edapi", "stellarstack", "two-systems", "own-app"]

# What a count looks like in the output of the tools; each gives passed and failed.
NEXTEST = re.compile(rb"Summary.*? (?P<all>\d+)(?:/\d+)? tests? run")
RIG = re.compile(rb"^(?P<passed>\d+) passed, (?P<failed>\d+) failed$", re.M)
NODE = re.compile(rb"^# pass (?P<passed>\d+)\n# fail (?P<failed>\d+)$", re.M)
LEDGER = re.compile(rb"^(?:[a-z-]+: )?\d+ of (?P<all>\d+) as expected", re.M)


@dataclass
class Part:
    """One step of a run."""

    name: str
    what: str
    # Commands of an everyday run, in turn; none where the part is for a full run alone.
    everyday: list = field(default_factory=list)
    # Commands of a full run; the same where there are none.
    full: list = field(default_factory=list)
    # Programs without which it fails.
    tools: tuple = ()
    # Parts that must have been good before.
    after: tuple = ()
    # `computes` keeps the processors busy, so one runs at a time; `waits` runs beside it.
    lane: str = "computes"
    count: re.Pattern | None = None
    environment: dict = field(default_factory=dict)

    def commands(self, full):
        return self.full if full and self.full else self.everyday or self.full


def rig(*names):
    return [PYTHON, f"{BEHAVIOUR}/run.py", *(word for name in names for word in ("-k", name))]


def proxies(*parts):
    return [PYTHON, f"{BEHAVIOUR}/proxy", *parts]


KINDS = ["nftables", "iptables", "iptables-legacy", "ufw", "firewalld"]
LAB = {"tools": (PYTHON, "unshare", "nsenter", "ip", "nft"), "after": ("setup", "build"), "lane": "waits"}
CLIPPY = ["cargo", "clippy", "--all-targets", "--quiet", "--", "-D", "warnings"]
PARTS = [
    Part("setup", "installs the real tools that are missing", [["bash", "tests/setup"]], lane="waits"),
    Part("format", "cargo fmt", [["cargo", "fmt", "--check"]], tools=("cargo-fmt",)),
    Part("build", "the program and its tests, once for all parts", [["cargo", "nextest", "run", "--no-run"]],
         tools=("cargo-nextest", "gcc")),
    Part("tests", "unit, property, golden and conformance tests", [["cargo", "nextest", "run", "--no-fail-fast"]],
         tools=("cargo-nextest",), after=("setup", "build"), count=NEXTEST),
    Part("faults", "runs of generate, ended at each call that changes the bundle, by every fault",
         [["python3", "-B", "tests/faults", "target/debug/stockade"]], [["python3", "-B", "tests/faults", "target/debug/stockade", "--full"]],
         tools=("python3",), after=("build",), count=RIG),
    Part("lints", "clippy; with --full also of what runs in a browser, which is all but the feature `cli`", [CLIPPY],
         [CLIPPY, ["cargo", "clippy", "--lib", "--no-default-features", "--quiet", "--", "-D", "warnings"]], tools=("cargo-clippy",)),
    Part("docs", "rustdoc and its examples",
         [["cargo", "doc", "--no-deps", "--quiet"], ["cargo", "test", "--doc", "--quiet"]],
         tools=("cargo",), environment={"RUSTDOCFLAGS": "-D warnings"}),
    Part("editor", "sessions of editing against the language server",
         [["python3", "-B", "tests/editor/sessions.py", "target/debug/stockade"]], after=("build",), count=RIG,
         environment={"STOCKADE_TODAY": "2026-11-30"}),
    Part("editors", "a session in Neovim and one in Helix",
         full=[["bash", "tests/editor/setup"], ["python3", "-B", "tests/editor/editors.py", "target/debug/stockade"]],
         tools=("tmux", "unshare"), after=("setup", "build"), count=RIG, lane="waits"),
    Part("vscode", "the VS Code extension, built and loaded",
         [["npm", "ci", "--prefix", "editors/vscode", "--no-audit", "--no-fund"], ["npm", "run", "build", "--prefix", "editors/vscode"],
          ["npm", "test", "--prefix", "editors/vscode"]], tools=("npm",), lane="waits", count=NODE),
    Part("agreement", "profiles made from the schemas, thousands of them",
         full=[["cargo", "nextest", "run", "-E", "test(agreement::)"]], environment={"STOCKADE_AGREEMENT": "400"},
         tools=("cargo-nextest",), after=("setup", "build"), count=NEXTEST),
    Part("schemas", "the schemas in the yaml-language-server: findings, completion, hover",
         [[PYTHON, "-B", "tests/editor/schemas.py", "target/debug/stockade"]],
         tools=(PYTHON, ".tools/bin/yaml-language-server"), after=("setup", "build"), count=RIG),
    Part("page", "the HTML report in a browser",
         [["/usr/bin/python3", f"{BEHAVIOUR}/report_page.py", "target/debug/stockade",
           *(f"golden/{name}/profile.yaml" for name in PAGES)]],
         tools=("chromium",), after=("setup", "build")),
    Part("trust", "who trusts a bundle's authority: Chromium and curl, before and after",
         [["/usr/bin/python3", f"{BEHAVIOUR}/trust.py", "target/debug/stockade"]],
         tools=("chromium", "certutil", "curl", "unshare"), after=("setup", "build"), count=RIG),
    Part("pipelines", "hooks, action, jobs and image pins, run by the real tools on a repository and its clone",
         [[PYTHON, "-B", "tests/pipelines/run.py"]], tools=(PYTHON, "git", "node", "skopeo", "docker-registry"),
         after=("setup", "build"), count=RIG),
    Part("terminal", "the wizard in a real terminal",
         [["/usr/bin/python3", "tests/terminal/run.py", "target/debug/stockade"]],
         tools=("tmux",), after=("setup", "build"), count=RIG, lane="waits"),
    Part("workflows", "workflow files: syntax, expressions, and what could be abused",
         [["node", "tests/workflows.mjs", ".github/workflows/release.yml"],
          [".tools/bin/zizmor", "--offline", "--no-progress", ".github/workflows"]],
         tools=("node", ".tools/bin/zizmor"), after=("setup",), lane="waits"),
    Part("book", "the book, and every link in it",
         full=[["bash", "packaging/setup", "mdbook"], [".tools/cargo/bin/mdbook", "build"],
               ["cp", "-rT", "browser/page", "target/book/try"], ["python3", "tests/book_links.py", "target/book"]],
         after=("build",), count=LEDGER),
    Part("browser", "the compiler in a page, judged by the program and used in Chromium",
         full=[["bash", "browser/setup"], ["bash", "browser/build", "target/browser/page"],
               ["/usr/bin/python3", "-B", "tests/browser/run.py", "target/debug/stockade", "target/browser/page"]],
         tools=("chromium", "apt-get", "dpkg-deb"), after=("setup", "build"), count=RIG),
    Part("boots", "bundles and their firewalls on a Docker engine of their own",
         [rig("test_start.Traefik", "test_firewall.Firewalls", "test_verify.Page", "test_verify.Verified.test_a_right")], [rig()], count=RIG, **LAB),
    Part("proxies", "the proxies of bundles, asked over TLS from two networks",
         [proxies("*/private")], [proxies()], count=LEDGER, **LAB),
    *(Part(f"packets-{kind}", f"the rules for {kind}, asked with packets", full=[["python3", f"{BEHAVIOUR}/firewalls.py", kind],
           ["python3", f"{BEHAVIOUR}/stacks.py", kind]], count=LEDGER, **LAB) for kind in KINDS),
]
