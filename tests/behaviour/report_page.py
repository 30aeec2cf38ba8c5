#!/usr/bin/python3
"""The HTML report in a real browser: /usr/bin/python3 tests/behaviour/report_page.py STOCKADE PROFILE…

Judges what `stockade report --format html` writes for each profile: valid HTML, nothing on the console, no request but the
page itself, a policy that holds, a filter that filters, no sideways scrolling on a phone, everything on paper.
`SHOTS=DIR` keeps pictures.
"""

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
import html5lib  # noqa: E402
from browser import Browser  # noqa: E402

LINES = "[...document.querySelectorAll('.line')]"
SHOWN = f"{LINES}.filter((line) => line.checkVisibility())"
FORM = "document.getElementById('filter')"

failures = []


def check(holds, said):
    if not holds:
        failures.append(said)
        print(f"  FAILED {said}")


def document(name, path):
    """Well-formed by the standard's own parser, with references that lead somewhere."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(text)
    check(not parser.errors, f"{name}: not valid HTML: {parser.errors[:3]}")
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    check(len(ids) == len(set(ids)), f"{name}: an id is there twice")
    for element in tree.iter():
        wanted = (element.get("href") or "").removeprefix("#") if (element.get("href") or "").startswith("#") else None
        labels = (element.get("aria-labelledby") or "").split()
        for label in [*labels, *([wanted] if wanted else [])]:
            check(label in ids, f"{name}: nothing has the id {label}")
        check(element.get("style") is None, f"{name}: a style attribute, which the policy forbids")
        outside = element.get("src") or (element.get("href") if wanted is None else None)
        check(not outside, f"{name}: refers to {outside}")


def quiet(browser, name, path):
    """Nothing on the console, nothing asked for but the page."""
    bad = {"Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Audits.issueAdded"}
    for event in browser.events:
        if event["method"] in bad:
            check(False, f"{name}: {event['method']}: {str(event['params'])[:300]}")
        if event["method"] == "Network.requestWillBeSent":
            url = event["params"]["request"]["url"]
            check(url == f"file://{path}", f"{name}: asks for {url}")


def layout(browser, name):
    """Nothing sticks out of the window but what scrolls in a frame of its own."""
    wide = browser.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    check(wide <= 0, f"{name}: scrolls sideways by {wide} px")
    out = browser.value(
        """[...document.querySelectorAll('body *')]
             .filter((element) => !element.closest('.scroll, .skip, svg') && element.checkVisibility())
             .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
             .map((element) => element.outerHTML.slice(0, 80))"""
    )
    check(not out, f"{name}: outside the window: {out[:3]}")


def diagram(browser, name):
    """Boxes apart from each other, texts within their boxes, as the browser's own fonts draw them."""
    wrong = browser.value(
        """(() => {
          const boxes = [...document.querySelectorAll('.diagram g')].map((group) => ({
            box: group.querySelector('rect').getBBox(),
            texts: [...group.querySelectorAll('text')].map((text) => [text.textContent, text.getBBox()]),
          }));
          const meet = (a, b) => b.x < a.x + a.width && a.x < b.x + b.width && b.y < a.y + a.height && a.y < b.y + b.height;
          const wrong = boxes.length ? [] : ['no boxes'];
          for (const [number, { box, texts }] of boxes.entries()) {
            for (const other of boxes.slice(number + 1)) if (meet(box, other.box)) wrong.push('boxes meet');
            for (const [text, at] of texts) if (at.x < box.x || at.x + at.width > box.x + box.width) wrong.push(text);
          }
          return wrong;
        })()"""
    )
    check(not wrong, f"{name}: the diagram: {wrong}")


def filters(browser, name):
    every = browser.value(f"{LINES}.length")
    if not every:
        check(not browser.value(f"{FORM}.checkVisibility()"), f"{name}: a filter of nothing")
        return
    check(browser.value(f"{FORM}.checkVisibility()"), f"{name}: no filter")

    def shown(expression, wanted, what):
        browser.value(f"{FORM}.reset(), {expression}, {FORM}.dispatchEvent(new Event('input', {{bubbles: true}}))")
        found = browser.value(f"{SHOWN}.length")
        check(found == wanted, f"{name}: {what}: {found} shown, not {wanted}")
        told = browser.value(f"{FORM}.querySelector('output').value")
        check(told.startswith(f"All {wanted} " if wanted == every else f"{wanted} of {every} "), f"{name}: told {told!r}")

    for status in browser.value(f"[...{FORM}.status.options].map((option) => option.value)"):
        wanted = browser.value(f"document.querySelectorAll('.line[data-status=\"{status}\"]').length") if status else every
        shown(f"{FORM}.status.value = '{status}'", wanted, f"status {status!r}")
    for boundary in browser.value(f"[...{FORM}.boundary.options].map((option) => option.value)"):
        inside = f"document.querySelectorAll('[data-boundary=\"{boundary}\"] .line').length"
        shown(f"{FORM}.boundary.value = '{boundary}'", browser.value(inside) if boundary else every, f"boundary {boundary!r}")
    first = browser.value(f"{LINES}[0].querySelector('h4').textContent.split(' ')[0]")
    shown(f"{FORM}.text.value = '{first.lower()}'", 1, "one number")
    shown(f"{FORM}.text.value = 'nothing-is-called-so'", 0, "no match")
    check(not browser.value("[...document.querySelectorAll('[data-boundary]')].some((part) => part.checkVisibility())"),
          f"{name}: headings of empty parts stay")

    # On paper nothing is left out, filtered or not.
    browser.media("print")
    check(browser.value(f"{SHOWN}.length") == every, f"{name}: the filter holds on paper")
    check(not browser.value(f"{FORM}.checkVisibility()"), f"{name}: the filter is printed")
    layout(browser, f"{name} on paper")
    check(browser.pdf().startswith(b"%PDF"), f"{name}: does not print")
    browser.media()
    browser.value(f"{FORM}.querySelector('button').click()")
    browser.value("new Promise((done) => setTimeout(done))")
    check(browser.value(f"{SHOWN}.length") == every, f"{name}: the button does not show all")


def keyboard(browser, name):
    """Every control is reached with Tab and shows that it is; typing filters."""
    browser.value("document.body.focus()")
    reached = []
    for _ in range(60):
        for kind in ("rawKeyDown", "keyUp"):
            browser.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
        at = browser.value("document.activeElement.name || document.activeElement.type || document.activeElement.className")
        if not browser.value("document.activeElement === document.body"):
            seen = browser.value("getComputedStyle(document.activeElement).outlineStyle")
            check(seen != "none", f"{name}: the focus on {at} cannot be seen")
        reached.append(at)
        if at == "text":
            browser.call("Input.insertText", text="nothing-is-called-so")
            check(browser.value(f"{SHOWN}.length") == 0, f"{name}: typing does not filter")
        if at == "reset":
            break
    for control in ("skip", "text", "status", "boundary", "reset"):
        check(control in reached, f"{name}: Tab does not reach {control}: {reached}")


def policy(browser, name):
    """The policy is alive: neither a script nor a request that somebody smuggled in would do anything."""
    got = browser.value(
        """(async () => {
          const got = [];
          const broken = [];
          document.addEventListener('securitypolicyviolation', (event) => broken.push(event.effectiveDirective));
          try { await fetch('https://127.0.0.1:9/'); got.push('fetch'); } catch {}
          try { document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.smuggled = 1">'); got.push('markup'); } catch {}
          const image = new Image();
          await new Promise((done) => { image.onload = done; image.onerror = done; image.src = 'https://127.0.0.1:9/x.png'; });
          if (image.naturalWidth) got.push('image');
          const style = document.createElement('p');
          style.setAttribute('style', 'color: red');
          document.body.append(style);
          if (style.style.color) got.push('style');
          await new Promise((done) => setTimeout(done));
          return [got, window.smuggled, [...new Set(broken)].sort()];
        })()"""
    )
    wanted = ["connect-src", "img-src", "require-trusted-types-for", "style-src-attr"]
    check(got == [[], None, wanted], f"{name}: the policy lets through or does not notice: {got}")


def judge(browser, name, path):
    document(name, path)
    for width, scheme in ((390, "light"), (390, "dark"), (768, "light"), (1280, "dark"), (1280, "light")):
        browser.size(width)
        browser.media("", scheme)
        browser.open(path)
        here = f"{name} at {width} px, {scheme}"
        quiet(browser, here, path)
        layout(browser, here)
        diagram(browser, here)
        if shots := os.environ.get("SHOTS"):
            browser.screenshot(f"{shots}/{name}-{width}-{scheme}.png", whole=True)
    filters(browser, name)
    quiet(browser, f"{name}, filtered", path)
    browser.open(path)
    if browser.value(f"{FORM}.checkVisibility()"):
        keyboard(browser, name)
    policy(browser, name)
    browser.scripts(False)
    browser.open(path)
    browser.scripts(True)
    check(browser.value(f"{SHOWN}.length === {LINES}.length"), f"{name}: without scripts something is hidden")
    check(not browser.value(f"{FORM}.checkVisibility()"), f"{name}: without scripts there is a filter that does nothing")


def main():
    stockade, profiles = sys.argv[1], sys.argv[2:]
    environment = {**os.environ, "STOCKADE_TODAY": "2026-11-21"}
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        for profile in profiles:
            name = os.path.basename(os.path.dirname(os.path.abspath(profile)))
            path = os.path.join(os.path.realpath(folder), f"{name}.html")
            subprocess.run([stockade, "report", profile, "--format", "html", "--out", path], check=True, env=environment)
            print(f"{name}: {os.path.getsize(path)} bytes")
            judge(browser, name, path)
    print("failed" if failures else "the page does what it says")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
