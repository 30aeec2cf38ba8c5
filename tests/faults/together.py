"""Many runs at the same time on one bundle: each ends well or says that another one is at work, and in the end the bundle is what one
of the profiles says, whole, with the secrets of the first."""

import subprocess

import trees
from interruptions import Done, Lab
from situations import NOTES, SIGNED, Situation

AT_ONCE = 12
PROFILES = {"a.yaml": NOTES + SIGNED, "b.yaml": NOTES + SIGNED + "settings: {greeting: Hello}\n", "c.yaml": NOTES + "proxy: {kind: nginx, tls: {mode: self-signed}}\n"}


def run(program, count):
    lab = Lab(program, Situation("together", None, PROFILES["a.yaml"]))
    done = Done("together", "runs")
    try:
        wanted = {}
        for name, text in PROFILES.items():
            with open(f"{lab.folder}/{name}", "w", encoding="utf-8") as file:
                file.write(text)
            lab.lay({})
            status, said = lab.type("generate", name, "--out", "bundle")
            assert status == 0, said
            wanted[name] = trees.plain(trees.take(lab.bundle))
        lab.lay({})
        values = None
        while done.ended < count:
            some = list(PROFILES) * (AT_ONCE // len(PROFILES))
            started = [(name, start(lab, name, look=at % 4 == 3)) for at, name in enumerate(some)]
            for name, (look, process) in started:
                said = process.communicate()[0].decode()
                done.ended += 1
                if process.returncode not in ((0, 1, 3) if look else (0, 3)):
                    done.failures.append(("unhealed", f"{name} among others", f"{process.returncode}\n{said}"))
            done.states += 1
            tree = trees.take(lab.bundle)
            plain = trees.plain(tree)
            if plain not in wanted.values():
                differ = min((trees.differences(plain, one) for one in wanted.values()), key=len)
                done.failures.append(("mixed", "after runs at the same time", "\n".join(differ)))
            values = values or trees.values(tree)
            if trees.values(tree) != values:
                done.failures.append(("lost", "after runs at the same time", "a secret has another value"))
        return done
    finally:
        lab.close()


def start(lab, name, look):
    words = [lab.program, "generate", name, "--out", "bundle", *(["--check", "--no-cache"] if look else [])]
    return look, subprocess.Popen(words, cwd=lab.folder, env=lab.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
