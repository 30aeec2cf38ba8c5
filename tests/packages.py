"""What is shipped, built twice, installed and run where nothing else is.

    python3 tests/packages.py [FOLDER]     packages of two builds, by default in target/shipped

Two copies of the sources lie in folders of different names, and the same bytes must come of both. They are built with the
profile `release`, in a fifth of the time that `dist` takes: what makes a build repeatable is the same. Then the Debian package
goes into an empty root and out again, and the image runs on an engine of the project's own. Needs root.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/behaviour"))

import rig  # noqa: E402
from rig.process import Failure  # noqa: E402

PROFILE = "version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n"
PLAIN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}


def want(what, is_so, more=""):
    if not is_so:
        raise Failure(f"{what}\n{more}")


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    want(f"$ {' '.join(map(str, command))}: status {done.returncode}", done.returncode == 0, done.stdout + done.stderr)
    return done.stdout


def build(folder, name):
    """A copy of what Git knows, and what is built from it."""
    sources = folder / name
    files = run("git", "ls-files", "-z", cwd=ROOT).split("\0")
    for file in filter(None, files):
        # A file that was deleted and not committed yet is none.
        if (ROOT / file).is_file() and not file.startswith("golden/"):
            (sources / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / file, sources / file)
    (sources / ".tools").mkdir(exist_ok=True)
    (sources / ".tools/cargo").symlink_to(ROOT / ".tools/cargo")
    epoch = run("git", "log", "-1", "--format=%ct", cwd=ROOT).strip()
    environment = {**os.environ, "STOCKADE_PROFILE": "release", "SOURCE_DATE_EPOCH": epoch}
    environment.pop("CARGO_TARGET_DIR", None)
    run("bash", "packaging/build", "packages", cwd=sources, env=environment)
    return sources / "packages"


def the_same(one, other):
    def all_of(folder):
        return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}

    one, other = all_of(one), all_of(other)
    differ = [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)]
    want("two builds of the same sources are the same", one and not differ, f"these differ: {differ}")
    want("paths of the machine are not in what is shipped", not any(str(ROOT).encode() in text for text in one.values()))


def sums(packages):
    listed = run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=packages)
    want("the checksums are those of three files", listed.count(": OK") == 3, listed)


def archive(packages):
    (path,) = packages.glob("*.tar.gz")
    with tarfile.open(path) as tar:
        names = {member.name.split("/", 1)[-1] for member in tar.getmembers()}
        owners = {(member.uid, member.gid) for member in tar.getmembers()}
    wanted = {"stockade", "README.md", "completions/stockade.bash", "man/stockade.1.gz", "man/stockade-generate.1.gz"}
    want("the archive holds program, completions and man pages", wanted <= names, f"{wanted - names}")
    want("nobody's numbers are in the archive", owners == {(0, 0)}, f"{owners}")


def debian(packages, folder):
    """Installed in an empty root, asked, and removed without a trace."""
    (package,) = packages.glob("*.deb")
    root = folder / "root"
    for path in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/dpkg/triggers", "tmp", "work"):
        (root / path).mkdir(parents=True)
    for path in ("var/lib/dpkg/status", "var/lib/dpkg/available"):
        (root / path).touch()
    before = present(root)
    dpkg = ("dpkg", f"--root={root}", "--force-not-root", "--log=/dev/null")
    run(*dpkg, "--install", package)
    kind = run("file", "--brief", root / "usr/bin/stockade")
    want("the program is static", "static" in kind, kind)
    inside = ("chroot", root, "/usr/bin/stockade")
    # Nothing else is there: no shell, no library, no certificate, no user.
    want("it runs on a bare machine", run(*inside, "--version", env=PLAIN).startswith("stockade "))
    answers = ("--set", "system=hyos", "--set", "domain=play.example.com", "--set", "admin=10.8.0.0/24")
    run(*inside, "init", "/work", "--yes", *answers, env=PLAIN)
    run(*inside, "generate", "/work/stockade.yaml", env=PLAIN)
    want("it has written a bundle", (root / "work/bundle/compose.yaml").is_file())
    shutil.rmtree(root / "work")
    (root / "work").mkdir()
    completions = root / "usr/share/bash-completion/completions/stockade"
    asked = run("bash", "--norc", "-c", f"PATH={root}/usr/bin:$PATH; source {completions}; COMP_LINE='stockade controls read-only-r' "
                "COMP_WORDS=(stockade controls read-only-r) COMP_CWORD=2; _stockade stockade read-only-r controls; echo ${COMPREPLY[@]}", env=PLAIN)
    want("bash completes with what was installed", asked.strip() == "read-only-root", asked)
    for path in ("usr/share/zsh/vendor-completions/_stockade", "usr/share/fish/vendor_completions.d/stockade.fish",
                 "usr/share/doc/stockade/copyright", "usr/share/man/man1/stockade-explain.1.gz"):
        want(f"{path} is installed", (root / path).is_file())
    run(*dpkg, "--purge", "stockade")
    left = sorted(present(root) - before)
    want("nothing is left when it is removed", not left, f"{left}")


def present(root):
    """What lies in a root, but for the books of dpkg itself."""
    paths = (str(path.relative_to(root)) for path in root.rglob("*"))
    return {path for path in paths if not path.startswith("var/lib/dpkg/")}


def image(packages, folder):
    work = folder / "work"
    work.mkdir()
    (work / "stockade.yaml").write_text(PROFILE)
    os.chown(work, 1000, 1000)
    with rig.Engine() as engine:
        engine.docker("build", "--tag", "stockade", packages / "image")
        (described,) = engine.inspect("stockade")
        want("the image has a user that is not root", described["Config"]["User"] == "65532:65532", f"{described['Config']}")
        want("the image is one layer", len(described["RootFS"]["Layers"]) == 1)
        hard = ("--rm", "--read-only", "--network", "none", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
        mounted = (*hard, "--volume", f"{work}:/work")
        version = engine.docker("run", *hard, "stockade", "--version").stdout
        want("it says its version", version.startswith("stockade "), version)
        checked = engine.docker("run", *mounted, "stockade", "check")
        want("it checks a profile that it may only read", "no findings" in checked.stdout + checked.stderr,
             checked.stdout + checked.stderr)
        engine.docker("run", *mounted, "--user", "1000:1000", "stockade", "generate")
        want("it writes as the user that is named", (work / "bundle/compose.yaml").stat().st_uid == 1000)
        refused = engine.docker("run", *mounted, "stockade", "generate", "--out", "other", check=False)
        want("it writes nothing where its user may not", refused.returncode == 3, refused.stdout + refused.stderr)


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/shipped").resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    steps = 0
    try:
        one = build(folder, "one")
        the_same(one, build(folder, "another"))
        for step, *more in ((sums,), (archive,), (debian, folder), (image, folder)):
            step(one, *more)
            steps += 1
        steps += 1
    except Failure as failure:
        print(failure)
    print(f"{steps} passed, {5 - steps} failed")
    if steps == 5:
        # What is built twice is large.
        for name in ("one", "another"):
            shutil.rmtree(folder / name)
    return steps < 5


sys.exit(main())
