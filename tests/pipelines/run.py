#!/usr/bin/env python3
"""What the repository offers to pipelines, run by the real tools on a repository of the test's own, and on its clone.

    tests/pipelines/run.py [-k NAME]

Needs tests/setup and `cargo build`. No network: `pre-commit` takes a local repository, and the registry is the test's own.
"""

import hashlib
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("STOCKADE", ROOT / "target/debug/stockade"))
BIN = ROOT / ".tools/venv/bin"
HOME = tempfile.TemporaryDirectory()
PROFILE = """\
version: 1
name: {name}
system: ./notes.system.yaml
domain: {name}.example.com
admin: [10.8.0.0/24]
proxy: {{tls: {{mode: self-signed}}}}
"""


def run(command, folder, environment=None, status=0):
    """Runs a command, which must end with this status, and gives what it wrote."""
    path = f"{PROGRAM.parent}:{BIN}:{os.environ['PATH']}"
    full = {"PATH": path, "HOME": HOME.name, "NO_COLOR": "1", "STOCKADE_TODAY": "2026-11-30",
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@example.com", "LC_ALL": "C.UTF-8", **(environment or {})}
    done = subprocess.run(command, cwd=folder, env=full, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    if done.returncode != status:
        raise AssertionError(f"{command} ended with {done.returncode}, not {status}:\n{done.stdout}{done.stderr}")
    return done.stdout


def git(folder, *arguments):
    return run(["git", "-c", "init.defaultBranch=main", *arguments], folder)


class Repository(unittest.TestCase):
    """Two profiles, their bundles and everything a repository has, and a clone of it without secrets."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        base = Path(cls.scratch.name)
        cls.origin, cls.clone = base / "origin", base / "clone"
        for name in ["one", "two"]:
            folder = cls.origin / "apps" / name
            folder.mkdir(parents=True)
            shutil.copy(ROOT / "golden/own-app/notes.system.yaml", folder)
            (folder / "stockade.yaml").write_text(PROFILE.format(name=name))
        git(cls.origin, "init", "--quiet")
        run(["stockade", "generate", "."], cls.origin)
        git(cls.origin, "add", "--all")
        git(cls.origin, "commit", "--quiet", "-m", "All there is")
        git(base, "clone", "--quiet", str(cls.origin), str(cls.clone))

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def tearDown(self):
        git(self.clone, "reset", "--quiet", "--hard")
        git(self.clone, "clean", "--quiet", "-dfx")

    def spoil(self):
        """Somebody changes a generated file and commits it."""
        path = self.clone / "apps/two/bundle/compose.yaml"
        path.write_text(path.read_text() + "# mine\n")


class Clone(Repository):
    def test_no_secret_is_in_it(self):
        names = git(self.clone, "ls-files").split()
        self.assertFalse([name for name in names if "/secrets/" in name or name.endswith(".key")])
        self.assertIn("apps/one/bundle/compose.yaml", names)

    def test_check_needs_no_secret(self):
        said = run(["stockade", "generate", "--check", "."], self.clone)
        self.assertEqual(len(re.findall(r"up to date, as far as a clone can tell: \d+ files", said)), 2, said)
        self.assertEqual(run(["git", "status", "--porcelain"], self.clone), "")

    def test_check_of_one_profile_needs_no_secret(self):
        said = run(["stockade", "generate", "--check"], self.clone / "apps/one")
        self.assertIn("as far as a clone can tell", said)

    def test_what_differs_is_told(self):
        self.spoil()
        said = run(["stockade", "generate", "--check", "."], self.clone, status=1)
        self.assertIn("compose.yaml was changed by hand", said)
        self.assertIn("1 with findings:\n  ./apps/two/stockade.yaml", said)

    def test_a_missing_file_is_told(self):
        (self.clone / "apps/two/bundle/compose.yaml").unlink()
        said = run(["stockade", "generate", "--check", "."], self.clone, status=1)
        self.assertIn("compose.yaml is missing", said)

    def test_a_host_that_lost_some_secrets_is_no_clone(self):
        lost = next((self.origin / "apps/one/bundle/secrets").iterdir())
        kept = lost.rename(self.origin / "kept")
        said = run(["stockade", "generate", "--check", "apps/one"], self.origin, status=1)
        self.assertIn("is missing", said)
        kept.rename(lost)


class Action(Repository):
    """The steps of action.yml, as a runner runs them."""

    def steps(self, **inputs):
        document = yaml.safe_load((ROOT / "action.yml").read_text())
        given = {name: value["default"] for name, value in document["inputs"].items()} | inputs
        fill = lambda text: re.sub(r"\$\{\{ *inputs\.(\w+) *\}\}", lambda found: given[found[1]], text)
        for step in document["runs"]["steps"]:
            self.assertEqual(step["shell"], "bash")
            self.assertNotIn("${{", step["run"], "what a user gives must come by the environment")
            environment = {name: fill(value) for name, value in step.get("env", {}).items()}
            yield step["name"], ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], environment

    def test_a_good_repository_passes(self):
        for _, command, environment in self.steps():
            run(command, self.clone, environment)
        document = json.loads((self.clone / "stockade.sarif").read_text())
        self.assertEqual(len(document["runs"]), 1)

    def test_findings_are_annotations_and_sarif(self):
        path = self.clone / "apps/two/stockade.yaml"
        path.write_text(path.read_text().replace("admin:", "amdin:"))
        for name, command, environment in self.steps(paths="apps/one\napps/two\n"):
            said = run(command, self.clone, environment, status={"Install": 0}.get(name, 2))
            if name == "Findings":
                self.assertIn("::error file=apps/two/stockade.yaml,line=5", said)
        results = json.loads((self.clone / "stockade.sarif").read_text())["runs"][0]["results"]
        self.assertIn("unknown-key", [result["ruleId"] for result in results])
        rules = json.loads((self.clone / "stockade.sarif").read_text())["runs"][0]["tool"]["driver"]["rules"]
        for result in results:
            self.assertEqual(rules[result["ruleIndex"]]["id"], result["ruleId"])

    def test_a_changed_bundle_fails(self):
        self.spoil()
        for name, command, environment in self.steps():
            run(command, self.clone, environment, status=1 if name == "Bundles" else 0)


class GitLab(Repository):
    def job(self, failing=None):
        job = yaml.safe_load((ROOT / "pipelines/gitlab-ci.yml").read_text())["stockade"]
        for number, line in enumerate(job["script"]):
            run(["bash", "-eo", "pipefail", "-c", line], self.clone, status=1 if number == failing else 0)
        return [ElementTree.parse(self.clone / name).getroot() for name in job["artifacts"]["reports"]["junit"]]

    def test_a_good_repository_passes(self):
        for document in self.job():
            self.assertEqual([suite.get("name") for suite in document], ["./apps/one/stockade.yaml", "./apps/two/stockade.yaml"])
            self.assertEqual(document.get("failures"), "0")
            self.assertEqual(int(document.get("tests")), len(document.findall("testsuite/testcase")))

    def test_a_changed_bundle_is_a_failed_test(self):
        self.spoil()
        _, bundles = self.job(failing=1)
        failures = bundles.findall("testsuite/testcase/failure")
        self.assertEqual((len(failures), bundles.get("failures")), (1, "1"))
        self.assertIn("compose.yaml", failures[0].get("message"))


class PreCommit(Repository):
    def hook(self, name, status=0):
        hooks = Path(self.scratch.name) / "hooks"
        if not hooks.exists():
            hooks.mkdir()
            shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
            git(hooks, "init", "--quiet")
            git(hooks, "add", "--all")
            git(hooks, "commit", "--quiet", "-m", "Hooks")
        revision = git(hooks, "rev-parse", "HEAD").strip()
        config = {"repos": [{"repo": str(hooks), "rev": revision, "hooks": [{"id": name}]}]}
        (self.clone / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
        git(self.clone, "add", ".pre-commit-config.yaml")
        cache = {"PRE_COMMIT_HOME": str(Path(self.scratch.name) / "cache")}
        return run(["pre-commit", "run", "--all-files", name], self.clone, cache, status)

    def test_a_good_repository_passes(self):
        self.assertIn("Passed", self.hook("stockade-check"))
        self.assertIn("Passed", self.hook("stockade-generate-check"))

    def test_a_wrong_profile_is_refused(self):
        path = self.clone / "apps/two/stockade.yaml"
        path.write_text(path.read_text().replace("admin:", "amdin:"))
        self.assertIn("unknown key `amdin`", self.hook("stockade-check", 1))

    def test_a_changed_bundle_is_refused(self):
        self.spoil()
        self.assertIn("was changed by hand", self.hook("stockade-generate-check", 1))


class Schemas(unittest.TestCase):
    def test_the_files_have_the_shape_their_readers_want(self):
        check = [str(BIN / "check-jsonschema"), "--builtin-schema"]
        for schema, path in [("github-actions", "action.yml"), ("gitlab-ci", "pipelines/gitlab-ci.yml"),
                             ("renovate", "pipelines/renovate.json")]:
            run([*check, f"vendor.{schema}", path], ROOT)
        run(["pre-commit", "validate-manifest", ".pre-commit-hooks.yaml"], ROOT)


class Renovate(unittest.TestCase):
    """The pattern, read by the engine that Renovate falls back on, against every image of the repository."""

    SCRIPT = """
    const fs = require('fs');
    const manager = JSON.parse(fs.readFileSync(process.argv[1])).customManagers[0];
    const text = fs.readFileSync(0, 'utf8');
    const found = [...text.matchAll(new RegExp(manager.matchStrings[0], 'g'))].map(it => it.groups);
    const files = manager.managerFilePatterns.map(it => new RegExp(it.slice(1, -1)));
    const names = process.argv.slice(2).filter(name => files.some(it => it.test(name)));
    console.log(JSON.stringify({found, names}));
    """

    def read(self, text, *names):
        command = ["node", "-e", self.SCRIPT, str(ROOT / "pipelines/renovate.json"), *names]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def test_every_image_is_found_with_its_parts(self):
        digest = "sha256:" + "0a" * 32
        text = f"""
        services: {{db: {{image: 'postgres:16.4-alpine'}}, web: {{image: localhost:5000/a/b:1.2.3@{digest}}}}}
          image: "ghcr.io/owner/app:1.2.3"  # pinned 2026-11-30
          image: ghcr.io/owner/app
          image: &same docker.io/library/redis:7.4.6-alpine
        """
        found = [(it["depName"], it["currentValue"], it.get("currentDigest")) for it in self.read(text)["found"]]
        self.assertEqual(found, [("postgres", "16.4-alpine", None), ("localhost:5000/a/b", "1.2.3", digest),
                                 ("ghcr.io/owner/app", "1.2.3", None), ("docker.io/library/redis", "7.4.6-alpine", None)])

    def test_systems_of_the_repository_are_read_whole(self):
        for path in sorted((ROOT / "src/systems/builtin").glob("*.yaml")):
            text = path.read_text()
            images = [service["image"] for service in yaml.safe_load(text)["services"].values() if "image" in service]
            found = {f"{it['depName']}:{it['currentValue']}" for it in self.read(text)["found"]}
            for image in images:
                if "{{" not in image and ":" in image.split("@")[0].rsplit("/", 1)[-1]:
                    self.assertIn(image.split("@")[0], found, path.name)

    def test_profiles_and_system_files_are_looked_at(self):
        names = ["stockade.yaml", "a/stockade.yaml", "a/b.stockade.yaml", "c.system.yaml", "compose.yaml", "mystockade.yaml"]
        self.assertEqual(self.read("", *names)["names"], names[:4])


class Pin(unittest.TestCase):
    """`stockade images pin` against a registry of the test's own."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        base = Path(cls.scratch.name)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            cls.port = free.getsockname()[1]
        config = base / "registry.yml"
        config.write_text(f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {base}/store}}}}\n"
                          f"http: {{addr: '127.0.0.1:{cls.port}'}}\n")
        cls.registry = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", cls.port)) == 0:
                    break
            time.sleep(0.05)
        insecure = Path(HOME.name) / ".config/containers/registries.conf"
        insecure.parent.mkdir(parents=True)
        insecure.write_text(f'[[registry]]\nlocation = "127.0.0.1:{cls.port}"\ninsecure = true\n')
        cls.environment = {}
        cls.digests = {}
        for tag in ["1.2.3", "1.2.10", "1.2.11-rc1", "1.3.0", "2.0.0", "latest"]:
            layout = base / f"image-{tag}"
            cls.image(layout, tag)
            target = f"docker://127.0.0.1:{cls.port}/team/notes:{tag}"
            run(["skopeo", "--insecure-policy", "copy", "--quiet", f"oci:{layout}", target], base, cls.environment)
            cls.digests[tag] = run(["skopeo", "inspect", "--format", "{{.Digest}}", target], base, cls.environment).strip()

    @classmethod
    def tearDownClass(cls):
        cls.registry.terminate()
        cls.registry.wait(10)
        cls.scratch.cleanup()

    @staticmethod
    def image(layout, tag):
        """An OCI image layout with one file in it."""
        blobs = layout / "blobs/sha256"
        blobs.mkdir(parents=True)

        def put(data):
            name = hashlib.sha256(data).hexdigest()
            (blobs / name).write_bytes(data)
            return {"digest": f"sha256:{name}", "size": len(data)}

        layer = io.BytesIO()
        with tarfile.open(fileobj=layer, mode="w") as archive:
            info = tarfile.TarInfo("version")
            info.size = len(tag)
            archive.addfile(info, io.BytesIO(tag.encode()))
        layer = layer.getvalue()
        diff = hashlib.sha256(layer).hexdigest()
        config = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": [f"sha256:{diff}"]}}
        prefix = "application/vnd.oci.image"
        manifest = {"schemaVersion": 2, "mediaType": f"{prefix}.manifest.v1+json",
                    "config": {"mediaType": f"{prefix}.config.v1+json", **put(json.dumps(config).encode())},
                    "layers": [{"mediaType": f"{prefix}.layer.v1.tar", **put(layer)}]}
        index = {"schemaVersion": 2, "manifests": [{"mediaType": f"{prefix}.manifest.v1+json", **put(json.dumps(manifest).encode())}]}
        (layout / "index.json").write_text(json.dumps(index))
        (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    def setUp(self):
        self.folder = Path(self.scratch.name) / self.id().rsplit(".", 1)[-1]
        shutil.copytree(ROOT / "golden/own-app", self.folder)
        self.profile = self.folder / "stockade.yaml"
        self.text = (PROFILE.format(name="notes") + "services:\n  # the one we know\n"
                     f"  {self.service()}:\n    image: \"127.0.0.1:{self.port}/team/notes:1.2.3\"   # ours\n")
        self.profile.write_text(self.text)

    def service(self):
        return next(iter(yaml.safe_load((ROOT / "golden/own-app/notes.system.yaml").read_text())["services"]))

    def pin(self, *arguments, status=0):
        command = ["stockade", "images", "pin", "--service", self.service(), *arguments]
        return run(command, self.folder, self.environment, status)

    def expected(self, tag, text=None):
        new = f"{tag}@{self.digests[tag]}\"   # ours; pinned 2026-11-30"
        return (text or self.text).replace('1.2.3"   # ours', new)

    def test_the_newest_patch_and_its_digest_are_written(self):
        self.assertIn("1 image pinned", self.pin())
        self.assertEqual(self.profile.read_text(), self.expected("1.2.10"))
        self.assertIn("0 images pinned", self.pin())
        self.pin("--check")
        self.assertEqual(self.profile.read_text(), self.expected("1.2.10"))

    def test_looking_writes_nothing(self):
        for option, status in [("--dry-run", 0), ("--diff", 0), ("--check", 1)]:
            self.assertIn("1.2.10@sha256:", self.pin(option, status=status))
            self.assertEqual(self.profile.read_text(), self.text)

    def test_what_is_no_patch_is_asked_for(self):
        self.pin("--up-to", "minor", status=2)
        self.assertEqual(self.profile.read_text(), self.text)
        self.pin("--up-to", "minor", "--yes")
        self.assertEqual(self.profile.read_text(), self.expected("1.3.0"))

    def test_a_moved_tag_is_seen(self):
        self.pin()
        spoilt = self.profile.read_text().replace(self.digests["1.2.10"], self.digests["2.0.0"]).replace("2026-11-30", "2026-01-01")
        self.profile.write_text(spoilt)
        self.pin("--check", status=1)
        self.pin()
        self.assertEqual(self.profile.read_text(), self.expected("1.2.10"))

    def test_an_unknown_image_is_told_and_nothing_written(self):
        text = self.text.replace("team/notes", "team/nothing")
        self.profile.write_text(text)
        self.pin(status=3)
        self.assertEqual(self.profile.read_text(), text)


class Counted(unittest.TextTestRunner):
    def run(self, test):
        result = super().run(test)
        failed = len(result.failures) + len(result.errors)
        print(f"{result.testsRun - failed} passed, {failed} failed")
        return result


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    unittest.main(testRunner=Counted)
