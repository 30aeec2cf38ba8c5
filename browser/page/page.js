// The page: asks the compiler after every change, and shows what it says.
"use strict";

(() => {
  const PROFILE = "/stockade.yaml";
  const KEPT = "stockade-texts";
  const get = (id) => document.getElementById(id);
  const today = new Date().toISOString().slice(0, 10);
  let compiler = new Compiler(today);
  let texts = {};
  let open = PROFILE;
  let begun = null;
  let bundles = [];
  let asking = false;
  let again = false;
  let pressed = 0;
  let resting;

  const ask = (...asks) => compiler.ask(...asks);
  const uri = (path) => `file://${path}`;
  const about = (path) => ({ textDocument: { uri: uri(path) } });
  const editor = new Editor(changed, () => {
    clearTimeout(resting);
    resting = setTimeout(atCursor, 150);
  });
  const view = new BundleView(() => compiler);

  // --- texts ------------------------------------------------------------------------------------------------------

  function keep() {
    try {
      localStorage.setItem(KEPT, JSON.stringify({ texts, begun }));
    } catch {
      // Where nothing may be kept, nothing is.
    }
  }

  function kept() {
    try {
      return JSON.parse(localStorage.getItem(KEPT));
    } catch {
      return null;
    }
  }

  function tabs() {
    const paths = Object.keys(texts);
    get("texts").hidden = paths.length < 2;
    get("texts").replaceChildren(...paths.map((path) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: path.slice(1) });
      button.setAttribute("aria-pressed", String(path === open));
      button.addEventListener("click", () => turn(path));
      return button;
    }));
  }

  function turn(path) {
    if (path === open || texts[path] === undefined) return;
    texts[open] = editor.text;
    open = path;
    editor.open(texts[path]);
    tabs();
    changed();
  }

  // Texts in place of those that are open. The engine begins anew, so that nothing of the ones before is left.
  async function begin(all, renew) {
    texts = { ...all };
    open = PROFILE;
    editor.open(texts[PROFILE]);
    tabs();
    if (renew) await restart();
    for (const [path, text] of Object.entries(texts)) if (path !== PROFILE) await ask({ ask: "text", path, text });
    await changed();
  }

  async function restart() {
    compiler.end();
    compiler = new Compiler(today);
    await compiler.started;
  }

  // --- one round: text in, answers out ----------------------------------------------------------------------------

  // While one round is under way, further changes wait for one more.
  async function changed() {
    pressed ||= performance.now();
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      do {
        again = false;
        const since = pressed;
        pressed = 0;
        await round();
        performance.measure("answer", { start: since, end: performance.now() });
      } while (again);
    } catch (error) {
      await stopped(error);
    } finally {
      asking = false;
    }
  }

  async function round() {
    texts[open] = editor.text;
    keep();
    const [path, text] = [open, editor.text];
    const whole = { start: { line: 0, character: 0 }, end: { line: 1e6, character: 0 } };
    const [said, fixes] = await ask(
      { ask: "text", path, text },
      { ask: "editor", method: "textDocument/codeAction", params: { ...about(path), range: whole, context: { only: ["quickfix"] } } },
    );
    if (editor.text === text && open === path) {
      editor.show(said.findings[uri(path)] ?? []);
      if (editor.wanted) await complete(path);
    }
    findings(said.findings, fixes ?? [], path);
    await show(said);
  }

  async function complete(path) {
    const [items] = await ask({ ask: "editor", method: "textDocument/completion", params: { ...about(path), position: editor.position() } });
    if (editor.wanted) editor.offer(items ?? []);
  }

  async function stopped(error) {
    get("state").textContent = `The compiler stopped (${error.message}) and was started again. Please report the profile that does this.`;
    get("state").className = "error";
    await restart();
  }

  // --- findings ---------------------------------------------------------------------------------------------------

  const WORDS = ["", "error", "warning", "note"];

  function findings(all, fixes, path) {
    const rows = Object.entries(all).flatMap(([file, found]) => found.map((finding) => ({ file: decodeURIComponent(file.slice(7)), finding })));
    const count = (severity) => rows.filter(({ finding }) => finding.severity === severity).length;
    const said = [1, 2, 3].filter((severity) => count(severity) > 0)
      .map((severity) => `${count(severity)} ${WORDS[severity]}${count(severity) > 1 ? "s" : ""}`);
    const verdict = said.length ? said.join(", ") : "Nothing is wrong.";
    // Said again only where it is another.
    if (get("verdict").textContent !== verdict) get("verdict").textContent = verdict;
    get("findings").replaceChildren(...rows.map(({ file, finding }) => row(file, finding, file === path ? fixes : [])));
  }

  function row(file, finding, fixes) {
    const { range, severity, code, message } = finding;
    const item = Object.assign(document.createElement("li"), { className: WORDS[severity] });
    const [first, ...rest] = message.split("\n");
    const place = `${Object.keys(texts).length > 1 ? `${file.slice(1)}, ` : ""}line ${range.start.line + 1}`;
    const go = Object.assign(document.createElement("button"), { type: "button", className: "place", textContent: `${place}: ${first}` });
    go.addEventListener("click", () => {
      turn(file);
      editor.jump(range);
    });
    item.append(go, " ", Object.assign(document.createElement("code"), { textContent: `${WORDS[severity]}[${code}]` }));
    for (const line of rest) item.append(Object.assign(document.createElement("p"), { textContent: line }));
    const same = (other) => other.code === code && JSON.stringify(other.range) === JSON.stringify(range);
    for (const { title, edit } of fixes.filter(({ diagnostics }) => (diagnostics ?? []).some(same))) {
      const edits = edit.changes[uri(file)];
      if (!edits || Object.keys(edit.changes).length > 1) continue;
      const mend = Object.assign(document.createElement("button"), { type: "button", textContent: title });
      mend.addEventListener("click", () => editor.apply(edits));
      item.append(mend);
    }
    return item;
  }

  // What is known of the key under the cursor.
  async function atCursor() {
    if (asking) return;
    const [hover] = await ask({ ask: "editor", method: "textDocument/hover", params: { ...about(open), position: editor.position() } });
    get("about").replaceChildren(...(hover ? prose(hover.contents.value) : ["Put the cursor on a key."]));
  }

  // Paragraphs with **strong** and `code`, which is all that the engine writes.
  function prose(text) {
    return text.split(/\n{2,}/).map((part) => {
      const paragraph = document.createElement("p");
      for (const piece of part.split(/(\*\*[^*]+\*\*|`[^`]+`)/)) {
        const [, strong, code] = piece.match(/^(?:\*\*([^*]+)\*\*|`([^`]+)`)$/) ?? [];
        const as = strong ? "strong" : code ? "code" : null;
        paragraph.append(as ? Object.assign(document.createElement(as), { textContent: strong ?? code }) : piece);
      }
      return paragraph;
    });
  }

  // --- the bundle -------------------------------------------------------------------------------------------------

  async function show(said) {
    bundles = said.bundles;
    get("stale").hidden = said.current || bundles.length === 0;
    get("right").classList.toggle("old", !said.current);
    for (const button of ["copy", "download", "report"]) get(button).disabled = bundles.length === 0;
    const names = bundles.map(({ name, host }) => host ?? name);
    const before = get("host").value;
    get("host-label").hidden = bundles.length < 2;
    get("host").replaceChildren(...names.map((name, at) => new Option(name, at)));
    if (before !== "" && Number(before) < bundles.length) get("host").value = before;
    await chosen();
  }

  async function chosen() {
    const number = Number(get("host").value || 0);
    const bundle = bundles[number];
    if (!bundle) return;
    get("answers").replaceChildren(...bundle.answers.filter(([, count]) => count > 0).map(([status, count]) => {
      const item = Object.assign(document.createElement("li"), { className: status });
      item.append(Object.assign(document.createElement("strong"), { textContent: count }), ` ${status.replace("-", " ")}`);
      return item;
    }));
    await view.show(bundle, number);
    if (!get("diagram-view").hidden) await diagram();
  }

  async function diagram() {
    const [svg] = await ask({ ask: "diagram", bundle: Number(get("host").value || 0) });
    if (svg === null) return;
    const drawn = new DOMParser().parseFromString(Compiler.policy.createHTML(svg.trim()), "image/svg+xml");
    get("diagram").replaceChildren(document.importNode(drawn.documentElement, true));
  }

  function tab(name) {
    for (const one of ["files", "diagram"]) {
      get(`tab-${one}`).setAttribute("aria-selected", String(one === name));
      get(`tab-${one}`).tabIndex = one === name ? 0 : -1;
      get(`${one}-view`).hidden = one !== name;
    }
    if (name === "diagram") diagram();
  }

  function told(text) {
    get("done").textContent = text;
    setTimeout(() => get("done").textContent === text && (get("done").textContent = ""), 5000);
  }

  // --- buttons ----------------------------------------------------------------------------------------------------

  get("host").addEventListener("change", chosen);
  for (const name of ["files", "diagram"]) {
    get(`tab-${name}`).addEventListener("click", () => tab(name));
    get(`tab-${name}`).addEventListener("keydown", ({ key }) => {
      if (key !== "ArrowLeft" && key !== "ArrowRight") return;
      const other = name === "files" ? "diagram" : "files";
      tab(other);
      get(`tab-${other}`).focus();
    });
  }

  get("copy").addEventListener("click", async () => {
    const text = Archive.command({ ...texts, [open]: editor.text });
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Pages that are opened from a disk may not, but what is selected can be copied.
      const area = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      get("copy").focus();
    }
    told("Copied: paste it into a shell in an empty folder of the host.");
  });

  get("download").addEventListener("click", async () => {
    const [all] = await ask({ ask: "all", bundle: Number(get("host").value || 0) });
    Archive.save(await Archive.pack(all, { ...texts, [open]: editor.text }, today), `${all.name}.tar.gz`);
    told("Downloaded, without secrets and certificates.");
  });

  get("report").addEventListener("click", async () => {
    const [page] = await ask({ ask: "report", bundle: Number(get("host").value || 0) });
    Archive.save(new Blob([page], { type: "text/html" }), "report.html");
    told("Downloaded: the report as a page of its own.");
  });

  // --- the beginning ----------------------------------------------------------------------------------------------

  async function start() {
    await compiler.started;
    const [offers] = await ask({ ask: "begin" });
    const all = offers.map(({ profile, system }) => ({ [PROFILE]: profile, ...(system ? { [system[0]]: system[1] } : {}) }));
    get("begin").append(...offers.map(({ title, note }, at) => new Option(note.length < 60 ? `${title}: ${note}` : title, at)));
    const before = kept();
    begun = before?.begun ?? 0;
    get("begin").value = begun;
    get("begin").addEventListener("change", async () => {
      const wanted = Number(get("begin").value);
      texts[open] = editor.text;
      const same = JSON.stringify(texts) === JSON.stringify(all[begun]);
      if (!same) {
        get("ask").returnValue = "keep";
        get("ask").showModal();
        await new Promise((done) => get("ask").addEventListener("close", done, { once: true }));
        if (get("ask").returnValue !== "replace") {
          get("begin").value = begun;
          return;
        }
      }
      begun = wanted;
      await begin(all[wanted], true);
    });
    get("state").textContent = "";
    await begin(before?.texts?.[PROFILE] === undefined ? all[0] : before.texts, false);
    document.documentElement.dataset.ready = "yes";
  }

  start().catch((error) => {
    get("state").textContent = `The compiler does not start in this browser: ${error.message}`;
    get("state").className = "error";
  });
})();
