#!/usr/bin/env python3
"""The wizard in a real terminal: tests/terminal/run.py STOCKADE [-k WORD] [--bless]

Every test gets a shell in tmux and a folder of its own; it types, and waits for what the screen shows.
"""

import json
import os
import re
import subprocess
import sys
import traceback

sys.path.insert(0, os.path.dirname(__file__))
from terminal import DIGEST, Terminal, Wizard  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "target/debug/stockade")
WIDTHS = [40, 60, 80, 200]
DOMAIN, ADMIN = "play.example.com", "10.8.0.0/24"
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def systems():
    done = subprocess.run([PROGRAM, "systems", "--format", "json"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)["systems"]


def walk(wizard, up_to=9, first=()):
    """Answers in turn until a question or the end; the keys that were asked."""
    asked = []
    for number in range(1, up_to):
        screen = wizard.terminal.wait(rf"(?s)(\n{number}\. (?!.*\n\d\. ).*\n(\? )?[a-z_.-]+(:| ›| \[| \()|\n(\? )?and now(:| ›))")
        if re.search(r"\n(\? )?and now(:| ›)", screen):
            return asked
        key = re.findall(r"^(?:\? )?([a-z_.-]+)(?::| ›| \[| \()", screen, re.M)[-1]
        asked.append(key)
        answer(wizard, key, number == 1 and first)
    return asked


def answer(wizard, key, first=()):
    if key == "system" and first:
        wizard.pick(*first)
    elif key == "domain":
        wizard.terminal.line(DOMAIN)
    elif key == "admin":
        wizard.terminal.line(ADMIN)
    elif key.startswith("images."):
        wizard.terminal.line(f"ghcr.io/example/{key.split('.')[1]}:1.0.0{DIGEST}")
    else:
        wizard.terminal.key("Enter")


@test
def every_system_is_set_up_and_generated():
    for number, system in enumerate(systems()):
        with Terminal(PROGRAM, WIDTHS[number % len(WIDTHS)], 70) as terminal:
            wizard = Wizard(terminal)
            asked = walk(wizard, first=(system["title"],))
            assert 3 <= len(asked) <= 5, asked
            wizard.last("generate")
            status, screen = terminal.status()
            assert status == 0, screen
            files = terminal.files()
            assert "stockade.yaml" in files and "bundle/compose.yaml" in files, files
            assert "without questions" in screen, screen
            status, screen = terminal.command("stockade generate --check")
            assert status == 0, screen


@test
def the_command_at_the_end_is_the_same_run():
    with Terminal(PROGRAM, 200) as terminal:
        wizard = Wizard(terminal)
        walk(wizard)
        wizard.last("write stockade.yaml")
        terminal.status()
    with Terminal(PROGRAM, 200) as terminal:
        wizard = Wizard(terminal)
        walk(wizard)
        wizard.last("generate")
        _, screen = terminal.status()
        command = re.search(r"stockade init --yes .*", screen).group(0).strip()
        profile = terminal.read("stockade.yaml")
        status, screen = terminal.command(f"mkdir again && cd again && {command}")
        assert status == 0, screen
        assert terminal.read("again/stockade.yaml") == profile


@test
def control_c_at_each_question_leaves_nothing():
    with Terminal(PROGRAM, height=70) as terminal:
        wizard = Wizard(terminal)
        asked = walk(wizard)
        wizard.last("quit")
        assert terminal.status()[0] == 1
    for stop in range(len(asked) + 1):
        with Terminal(PROGRAM, height=70) as terminal:
            wizard = Wizard(terminal)
            walk(wizard, stop + 1)
            if stop < len(asked):
                wizard.open(stop + 1, asked[stop])
            else:
                terminal.wait(r"\n(\? )?and now(:| ›)")
            terminal.key("C-c")
            status, screen = terminal.status()
            assert status == 130, (stop, screen)
            assert "nothing was written" in screen, screen
            assert terminal.cursor_is_shown(), f"the cursor is hidden after question {stop + 1}"
            assert terminal.files() == [], terminal.files()
            # The shell shows what is typed, line by line.
            status, screen = terminal.command("stty -a | grep -ow -- '-echo\\|-icanon\\|-isig'")
            assert status == 1, screen


@test
def back_and_quit_are_everywhere():
    with Terminal(PROGRAM, height=70) as terminal:
        wizard = Wizard(terminal)
        asked = walk(wizard, 4)
        wizard.open(4, "admin")
        terminal.line("back")
        wizard.open(3, asked[2])
        terminal.line("back")
        wizard.open(2, asked[1])
        terminal.key("Escape")
        wizard.open(1, "system")
        wizard.pick("back")
        terminal.wait("this is the first question")
        asked = walk_again(wizard)
        wizard.last("back")
        wizard.open(len(asked), asked[-1])
        wizard.pick("quit")
        status, screen = terminal.status()
        assert status == 1 and "nothing was written" in screen, screen
        assert terminal.files() == []


def walk_again(wizard):
    """From the first question, where questions were on the screen before."""
    wizard.terminal.tmux("clear-history")
    asked = ["system", "host", "domain", "admin", "proxy"]
    for number, key in enumerate(asked, 1):
        wizard.open(number, key)
        answer(wizard, key)
    return asked


@test
def quit_is_taken_where_one_types():
    with Terminal(PROGRAM) as terminal:
        wizard = Wizard(terminal)
        walk(wizard, 3)
        wizard.open(3, "domain")
        terminal.line("quit")
        status, screen = terminal.status()
        assert status == 1 and "nothing was written" in screen and terminal.files() == [], screen


@test
def wrong_answers_are_refused_with_the_way_out():
    with Terminal(PROGRAM, height=70) as terminal:
        wizard = Wizard(terminal)
        walk(wizard, 3)
        for wrong, said in [("https://play.example.com/x", "write `play.example.com`"), ("a b", "cannot hold"),
                            ("", "an answer is needed"), ("x" * 300, "at most 253")]:
            wizard.open(3, "domain")
            terminal.line(wrong)
            terminal.wait(re.escape(said))
        terminal.line(DOMAIN)
        for wrong, said in [("0.0.0.0/0", "whole internet"), ("10.8.0.1/24", "host bits")]:
            wizard.open(4, "admin")
            terminal.line(wrong)
            terminal.wait(re.escape(said))
        terminal.line(f"{ADMIN}, 192.0.2.7")
        wizard.open(5, "proxy")
        terminal.key("Enter")
        wizard.last("write stockade.yaml and")
        terminal.status()
        assert "[10.8.0.0/24, 192.0.2.7/32]" in terminal.read("stockade.yaml"), terminal.read("stockade.yaml")


@test
def a_paste_answers_one_question():
    with Terminal(PROGRAM, height=70) as terminal:
        wizard = Wizard(terminal)
        walk(wizard, 3)
        wizard.open(3, "domain")
        terminal.paste(f"{DOMAIN}\n0.0.0.0/0\nquit\n")
        screen = wizard.open(4, "admin")
        assert "whole internet" not in screen, screen
        terminal.paste(ADMIN)
        terminal.key("Enter")
        wizard.open(5, "proxy")
        terminal.key("Enter")
        wizard.last("generate")
        assert terminal.status()[0] == 0
        assert f"domain: {DOMAIN}" in terminal.read("stockade.yaml")


@test
def a_window_may_change_its_size():
    with Terminal(PROGRAM, height=70) as terminal:
        wizard = Wizard(terminal)
        wizard.open(1, "system")
        terminal.resize(40, 70)
        terminal.key("Down")
        terminal.resize(200, 70)
        terminal.key("Up")
        terminal.key("Enter")
        wizard.open(2, "host")
        terminal.resize(40, 70)
        terminal.key("Enter")
        wizard.open(3, "domain")
        terminal.text("play.exa")
        terminal.resize(120, 70)
        terminal.line("mple.com")
        wizard.open(4, "admin")
        terminal.line(ADMIN)
        wizard.open(5, "proxy")
        terminal.key("Enter")
        wizard.last("generate")
        assert terminal.status()[0] == 0
        assert f"domain: {DOMAIN}" in terminal.read("stockade.yaml")


@test
def a_low_window_shows_a_list_in_pages():
    with Terminal(PROGRAM, 80, 12) as terminal:
        wizard = Wizard(terminal)
        wizard.terminal.wait(r"\n(\? )?system")
        wizard.pick(systems()[-1]["title"])
        wizard.terminal.wait(r"\n2\. ")


@test
def no_question_lies_beyond_the_edge():
    for width in (40, 200):
        with Terminal(PROGRAM, width, 90) as terminal:
            wizard = Wizard(terminal)
            wizard.open(1, "system")
            lines = terminal.tmux("capture-pane", "-p").splitlines()
            labels = [line for line in lines if line.startswith(("❯ ", "  ")) and systems()[0]["title"] in line]
            assert labels, lines
            # A list whose lines wrapped would be drawn over itself.
            joined = terminal.screen().splitlines()
            assert all(len(line) <= width for line in joined if line.startswith(("❯ ", "  "))), joined


@test
def without_colour_there_is_none():
    for environment in ({"NO_COLOR": "1"}, {"LANG": "C"}):
        with Terminal(PROGRAM, height=90, **environment) as terminal:
            wizard = Wizard(terminal)
            walk(wizard)
            terminal.wait(r"\nand now:|\n\? and now")
            if "NO_COLOR" in environment:
                assert not re.search(r"\x1b\[(3|4|9)\d", terminal.screen(styles=True)), terminal.screen(styles=True)
            else:
                questions = terminal.screen().split("HARDENING.md")[0]
                assert all(ord(c) < 128 for c in questions), questions
            wizard.last("quit")
            assert terminal.status()[0] == 1


@test
def a_dumb_terminal_is_never_asked():
    for environment in ({"TERM": "dumb"},):
        with Terminal(PROGRAM, **environment) as terminal:
            terminal.line("stockade init")
            status, screen = terminal.status()
            assert status == 2 and "TERM" in screen and "stockade init --yes" in screen, screen
            assert terminal.files() == []


@test
def nobody_is_asked_without_a_terminal():
    with Terminal(PROGRAM) as terminal:
        for command in ("stockade init </dev/null", "stockade init 2>&1 | cat; exit=${PIPESTATUS[0]}; (exit $exit)"):
            status, screen = terminal.command(command)
            assert status == 2 and "no terminal" in screen and "stockade init --yes" in screen, screen


@test
def given_answers_are_not_asked_for():
    with Terminal(PROGRAM, height=70) as terminal:
        name = systems()[0]["name"]
        wizard = Wizard(terminal, f" --set system={name} --set domain={DOMAIN} --set proxy=caddy")
        asked = walk(wizard)
        assert asked == ["host", "admin", "proxy"], asked
        wizard.last("generate")
        status, screen = terminal.status()
        assert status == 0 and "kind: caddy" in terminal.read("stockade.yaml"), screen
    with Terminal(PROGRAM) as terminal:
        status, screen = terminal.command(f"stockade init --yes --set system={name} --set domain={DOMAIN} --set admin={ADMIN}")
        assert status == 0 and terminal.files() == ["stockade.yaml"], screen


@test
def what_is_found_is_offered_and_named():
    with Terminal(PROGRAM, height=90, SSH_CONNECTION="198.51.100.9 50000 192.0.2.1 2222") as terminal:
        wizard = Wizard(terminal, " --set host=here")
        screen = wizard.open(1, "system")
        assert "198.51.100.9" in screen and "2222" in screen, screen
        terminal.key("Enter")
        wizard.open(2, "domain")
        terminal.line(DOMAIN)
        screen = wizard.open(3, "admin")
        assert "logged in" in screen, screen
        terminal.key("Enter")
        wizard.open(4, "proxy")
        terminal.key("Enter")
        wizard.last("write stockade.yaml and")
        terminal.status()
        profile = terminal.read("stockade.yaml")
        assert "198.51.100.9/32" in profile and "port: 2222" in profile, profile


@test
def what_does_not_compile_opens_the_last_question_again():
    with Terminal(PROGRAM, height=90) as terminal:
        given = f" --set system=proactions-hub --set variant=docker --set domain={DOMAIN} --set admin={ADMIN}"
        wizard = Wizard(terminal, f"{given} --set proxy=caddy --set certificate=acme --set host=elsewhere")
        wizard.open(1, "settings.edapi_url")
        terminal.line("http://methode.example.com/edapi")
        terminal.wait("edapi-without-tls")
        terminal.wait(r"(?s)edapi-without-tls.*\n1\. ")
        terminal.line("https://methode.example.com/edapi")
        wizard.last("generate")
        status, screen = terminal.status()
        assert status == 0 and "edapi_url: https://" in terminal.read("stockade.yaml"), screen


@test
def the_question_at_fault_is_opened_again_and_no_other():
    with Terminal(PROGRAM, height=90) as terminal:
        # What was given with the command is at fault, not what was typed last.
        given = f" --set system=proactions-hub --set variant=docker --set domain={DOMAIN} --set host=elsewhere"
        wrong = "--set settings.edapi_url=http://methode.example.com/edapi"
        wizard = Wizard(terminal, f"{given} --set proxy=caddy --set certificate=acme {wrong}")
        wizard.open(1, "admin")
        terminal.line(ADMIN)
        terminal.wait("edapi-without-tls")
        terminal.wait(r"(?s)`settings.edapi_url` is open again.*\n2\. ")
        terminal.line("https://methode.example.com/edapi")
        wizard.last("generate")
        status, screen = terminal.status()
        profile = terminal.read("stockade.yaml")
        assert status == 0 and "edapi_url: https://" in profile and f"[{ADMIN}]" in profile, screen


@test
def what_waits_stands_in_the_profile_as_a_comment():
    with Terminal(PROGRAM, height=90) as terminal:
        given = f" --set system=proxyos --set variant=lan --set domain={DOMAIN} --set admin={ADMIN} --set host=elsewhere"
        wizard = Wizard(terminal, given)
        wizard.open(1, "images.proxyos")
        terminal.line("ghcr.io/example/app:latest@sha256:0")
        terminal.wait("✘|error:")
        terminal.key("Enter")
        screen = terminal.wait(r"\n(\? )?and now(:| ›)")
        assert "missing" in screen and "generate the bundle" not in screen.split("and now")[-1], screen
        wizard.last("write stockade.yaml")
        status, screen = terminal.status()
        assert status == 1 and "TODO" in screen and "# TODO services:" in terminal.read("stockade.yaml"), screen


@test
def a_profile_that_is_there_stays():
    with Terminal(PROGRAM) as terminal:
        terminal.command("echo '# mine' >stockade.yaml")
        status, screen = terminal.command("stockade init --yes --set domain=a.example.com")
        assert status == 2 and "is there already" in screen and terminal.read("stockade.yaml") == "# mine\n", screen


@test
def a_profile_is_changed_where_an_answer_is():
    with Terminal(PROGRAM, height=90) as terminal:
        name = systems()[0]["name"]
        before = f"# ours\nversion: 1\nname: play  # short\nsystem: {name}\ndomain: old.example.com  # moved\nadmin: [10.8.0.0/24]\n"
        with open(os.path.join(terminal.home, "stockade.yaml"), "w", encoding="utf-8") as file:
            file.write(before)
        keys = ["domain", "admin", "proxy"]
        wizard = Wizard(terminal)
        for number, key in enumerate(keys, 1):
            wizard.open(number, key)
            terminal.key("Enter")
        status, screen = terminal.status()
        assert status == 0 and "nothing to change" in screen and terminal.read("stockade.yaml") == before, screen
        terminal.clear()
        wizard = Wizard(terminal)
        wizard.open(1, "domain")
        terminal.line("new.example.com")
        for number, key in enumerate(keys[1:], 2):
            wizard.open(number, key)
            terminal.key("Enter")
        terminal.wait(r"\+domain: new.example.com  # moved")
        wizard.last("generate")
        status, screen = terminal.status()
        assert status == 0 and "bundle/compose.yaml" in terminal.files(), screen
        assert terminal.read("stockade.yaml") == before.replace("old.", "new.")
        terminal.clear()
        wizard = Wizard(terminal)
        wizard.open(1, "domain")
        terminal.key("C-c")
        assert terminal.status()[0] == 130
        assert terminal.read("stockade.yaml") == before.replace("old.", "new.")


@test
def alone_it_says_where_to_begin():
    with Terminal(PROGRAM) as terminal:
        status, screen = terminal.command("stockade")
        assert status == 2 and "stockade init" in screen, screen


README = os.path.join(os.path.dirname(__file__), "..", "..", "README.md")
BEGIN, END = "<!-- a recorded session: tests/terminal/run.py STOCKADE --bless writes it -->\n```text\n", "\n```\n<!-- end -->"
# What the host of the recording shows: programs of the same names come first on the path.
STAND_INS = {
    "docker": "echo '27.5.1 []'",
    "ip": """[ "$2" = addr ] && echo "3: wg0    inet 10.8.0.1/24 scope global wg0"
[ "$1" = route ] && echo '10.8.0.0/24 dev wg0 proto kernel scope link src 10.8.0.1'; true""",
}


def recorded():
    """A session as it is seen, on a host of stand-ins; amounts of the machine are those of a small server."""
    with Terminal(PROGRAM, 100, 90, NO_COLOR="1", SSH_CONNECTION="10.8.0.7 50000 10.8.0.1 22") as terminal:
        for name, text in STAND_INS.items():
            path = os.path.join(terminal.home, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(f"#!/bin/sh\n{text}\n")
            os.chmod(path, 0o755)
        terminal.line('mkdir play; cd play; PATH=~:$PATH')
        terminal.status()
        terminal.clear()
        wizard = Wizard(terminal)
        for number, key in enumerate(["system", "host", "domain", "admin", "proxy"], 1):
            wizard.open(number, key)
            terminal.line(DOMAIN if key == "domain" else "")
        wizard.last("generate")
        status, screen = terminal.status()
        assert status == 0, screen
    # What `generate` says itself is another page.
    screen = screen[screen.index("stockade init"):re.search(r"\n\S+: bundle in bundle", screen).end()]
    screen = re.sub(r"\d+ processors?, \d+ GiB", "4 processors, 8 GiB", screen)
    return "$ " + "\n".join(line.rstrip() for line in screen.splitlines())


@test
def a_secret_is_typed_unseen_and_replaced_after_a_question():
    value = "QWxsIHRoZSB3b3JsZHMgYSBzdGFnZSBhbmQgYWxsIHQ"
    with Terminal(PROGRAM, 120) as terminal:
        terminal.line(f"printf 'version: 1\\nname: hyos\\nsystem: hyos\\ndomain: play.home.arpa\\nadmin: [{ADMIN}]\\n' > stockade.yaml")
        terminal.command("stockade generate")
        file = "bundle/secrets/api_client_secret"
        before = terminal.read(file)
        terminal.clear()
        terminal.line("stockade secrets set api_client_secret")
        terminal.wait(r"api_client_secret \(not shown\)")
        terminal.line("first")
        terminal.wait(r"once more")
        terminal.line("second")
        terminal.wait(r"these two differ")
        for _ in range(2):
            terminal.line(value)
            terminal.wait(r"once more|replace the value of api_client_secret\?")
        screen = terminal.wait(r"replace the value of api_client_secret\?")
        assert "the dashboard needs the new value" in screen and value not in screen and "first" not in screen, screen
        terminal.key("Enter")
        status, screen = terminal.status()
        assert (status, terminal.read(file)) == (1, before), screen
        # Ctrl-C at the prompt: nothing has changed, and what is typed is seen again.
        terminal.clear()
        terminal.line("stockade secrets set api_client_secret")
        terminal.wait(r"not shown")
        terminal.key("C-c")
        status, screen = terminal.status()
        assert (status, terminal.read(file)) == (130, before), screen
        status, screen = terminal.command("echo seen")
        assert "echo seen" in screen, screen
        terminal.clear()
        terminal.line("stockade secrets rotate api_client_secret")
        terminal.wait(r"make another value\?")
        terminal.line("y")
        status, screen = terminal.status()
        assert status == 0 and terminal.read(file) != before, screen


@test
def the_readme_shows_a_session_as_it_is():
    with open(README, encoding="utf-8") as file:
        text = file.read()
    before, rest = text.split(BEGIN)
    shown, after = rest.split(END, 1)
    now = recorded()
    if "--bless" in sys.argv:
        with open(README, "w", encoding="utf-8") as file:
            file.write(before + BEGIN + now + END + after)
        return
    assert shown == now, f"README.md is stale; --bless writes it:\n{now}"


def main():
    words = [sys.argv[at + 1] for at, word in enumerate(sys.argv) if word == "-k"]
    chosen = [one for one in TESTS if not words or any(word in one.__name__ for word in words)]
    failed = 0
    for one in chosen:
        try:
            one()
            print(f"ok      {one.__name__}", flush=True)
        except Exception:  # each test tells for itself
            failed += 1
            print(f"FAILED  {one.__name__}\n{traceback.format_exc()}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
