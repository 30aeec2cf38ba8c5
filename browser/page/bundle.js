// The bundle's files: a list, one of them line by line with what the last change did, and why a line is as it is.
"use strict";

class BundleView {
  constructor(compiler) {
    const get = (id) => document.getElementById(id);
    Object.assign(this, { list: get("files"), file: get("file"), title: get("file-title"), note: get("file-note"), why: get("why"), only: get("only") });
    Object.assign(this, { compiler, number: 0, path: "compose.yaml", files: [], line: 0 });
    this.only.addEventListener("change", () => this.read());
    this.list.addEventListener("click", (event) => this.open(event.target.closest("li")?.dataset.path));
    this.list.addEventListener("keydown", (event) => this.step(event));
    this.file.addEventListener("click", (event) => this.explain(event.target.closest("[data-line]")));
    this.file.addEventListener("keydown", (event) => this.walk(event));
    // A drag over several lines is for copying them.
    this.file.addEventListener("mousedown", () => getSelection().removeAllRanges());
  }

  // Takes in the overview of a bundle; the text of the open file follows.
  async show({ files, gone }, number) {
    this.number = number;
    this.files = files;
    if (!files.some(({ path }) => path === this.path)) this.path = files.find(({ path }) => path === "compose.yaml")?.path ?? files[0]?.path;
    const rows = files.map(({ path, made, changed, tells }) => {
      const row = Object.assign(document.createElement("li"), { role: "option", id: `file-${path}` });
      row.dataset.path = path;
      row.setAttribute("aria-selected", String(path === this.path));
      row.append(path);
      const badge = (name, text, words) => {
        const span = Object.assign(document.createElement("span"), { className: name, textContent: text, title: words });
        row.append(" ", span);
      };
      if (made === "whole") badge("made", "made on the host", "its content is secret");
      if (changed) badge(tells ? "changed tells" : "changed", `+${changed.added} −${changed.removed}`, "lines that came and went with the change");
      return row;
    });
    rows.push(...gone.map((path) => Object.assign(document.createElement("li"), { className: "gone", textContent: `${path} (gone)` })));
    this.list.replaceChildren(...rows);
    this.list.setAttribute("aria-activedescendant", `file-${this.path}`);
    await this.read();
  }

  open(path) {
    if (path === undefined) return;
    this.path = path;
    for (const row of this.list.children) row.setAttribute("aria-selected", String(row.dataset.path === path));
    this.list.setAttribute("aria-activedescendant", `file-${path}`);
    [...this.list.children].find((row) => row.dataset.path === path)?.scrollIntoView({ block: "nearest" });
    this.file.scrollTop = 0;
    this.why.textContent = "Choose a line.";
    this.line = 0;
    return this.read();
  }

  async read() {
    const [asked, number] = [this.path, this.number];
    const [file] = await this.compiler().ask({ ask: "file", bundle: number, path: asked });
    if (file === null || asked !== this.path || number !== this.number) return;
    this.title.textContent = asked;
    const { mode, made, text, changes } = file;
    const notes = { whole: "Made on the host, and never here: it is secret, or proves who the server is.", partly: "Names in <angle brackets> become values on the host." };
    this.note.textContent = `Mode ${mode}. ${notes[made] ?? ""}`;
    const lines = changes?.length ? changes : (text ?? "").split("\n").slice(0, -1).map((line, at) => ({ is: " ", line: at + 1, text: line }));
    const shown = this.only.checked ? this.near(lines) : lines;
    this.file.replaceChildren(...shown.map(({ is, line, text: words }) => {
      const row = Object.assign(document.createElement("div"), { role: "option", className: { "+": "came", "-": "went", "…": "cut" }[is] ?? "" });
      if (line) {
        row.id = `line-${line}`;
        row.dataset.line = line;
      }
      const number_ = Object.assign(document.createElement("span"), { className: "number", textContent: line ?? is });
      const code = Object.assign(document.createElement("code"), { textContent: words === "" ? "\u200b" : words });
      if (is === "+" || is === "-") code.setAttribute("aria-label", `${is === "+" ? "new" : "gone"}: ${words}`);
      row.append(number_, code);
      return row;
    }));
    if (this.line) this.mark(this.line, false);
    const first = this.file.querySelector(".came, .went");
    const seen = first?.textContent;
    // A difference that is new is brought into view, inside of the box alone.
    if (first && this.seen !== seen) this.file.scrollTop = Math.max(0, first.offsetTop - this.file.offsetTop - 60);
    this.seen = seen;
  }

  // Changed lines with three around them.
  near(lines) {
    const keep = lines.map((_, at) => lines.slice(Math.max(0, at - 3), at + 4).some(({ is }) => is !== " "));
    const out = lines.flatMap((line, at) => {
      if (keep[at]) return [line];
      return at === 0 || keep[at - 1] ? [{ is: "…", line: null, text: "…" }] : [];
    });
    return keep.includes(true) ? out : [{ is: "…", line: null, text: "Nothing changed in this file." }];
  }

  step(event) {
    const paths = this.files.map(({ path }) => path);
    const at = paths.indexOf(this.path);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: paths.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.open(paths[Math.max(0, Math.min(to, paths.length - 1))]);
  }

  walk(event) {
    const rows = [...this.file.querySelectorAll("[data-line]")];
    const at = rows.findIndex((row) => Number(row.dataset.line) === this.line);
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return this.explain(rows[at]);
    }
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 15, PageUp: at - 15, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || rows.length === 0 || event.ctrlKey) return;
    event.preventDefault();
    this.mark(Number(rows[Math.max(0, Math.min(to, rows.length - 1))].dataset.line), true);
  }

  mark(line, bring) {
    this.line = line;
    for (const row of this.file.querySelectorAll("[aria-selected=true]")) row.removeAttribute("aria-selected");
    const row = document.getElementById(`line-${line}`);
    if (!row) return;
    row.setAttribute("aria-selected", "true");
    this.file.setAttribute("aria-activedescendant", row.id);
    if (bring) row.scrollIntoView({ block: "nearest" });
  }

  async explain(row) {
    if (!row || String(getSelection()) !== "") return;
    const line = Number(row.dataset.line);
    this.mark(line, false);
    const [why] = await this.compiler().ask({ ask: "explain", bundle: this.number, path: this.path, line });
    this.why.textContent = why ?? "Nothing is known about this line.";
  }
}
