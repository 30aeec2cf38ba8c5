// The profile's text: lines with numbers, findings under the words they are about, completion at the cursor.
"use strict";

class Editor {
  constructor(changed, moved) {
    const get = (id) => document.getElementById(id);
    Object.assign(this, { area: get("profile"), marks: get("marks"), numbers: get("numbers"), offers: get("offers") });
    Object.assign(this, { changed, moved, items: [], chosen: 0, findings: [], wanted: false });
    this.area.addEventListener("input", (event) => this.typed(event));
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("scroll", () => this.scrolled());
    this.area.addEventListener("blur", () => this.close());
    document.addEventListener("selectionchange", () => document.activeElement === this.area && this.moved());
    // A press on an offer must not take the focus from the text.
    this.offers.addEventListener("pointerdown", (event) => event.preventDefault());
    this.offers.addEventListener("click", (event) => {
      const at = [...this.offers.children].indexOf(event.target.closest("li"));
      if (at >= 0) this.take(this.items[at]);
    });
  }

  get text() {
    return this.area.value;
  }

  // Another text: the undo of before is gone with it.
  open(text) {
    this.area.value = text;
    this.area.setSelectionRange(0, 0);
    this.area.scrollTo(0, 0);
    this.close();
    this.draw();
  }

  // Replaces a part so that it can be undone.
  replace(from, to, text) {
    this.area.focus();
    this.area.setSelectionRange(from, to);
    const done = text === "" ? document.execCommand("delete") : document.execCommand("insertText", false, text);
    if (!done && from + text.length > 0) {
      this.area.setRangeText(text, from, to, "end");
      this.area.dispatchEvent(new InputEvent("input"));
    }
  }

  // Line and column from 0, as the engine counts them.
  position(offset = this.area.selectionStart) {
    const before = this.text.slice(0, offset).split("\n");
    return { line: before.length - 1, character: before.at(-1).length };
  }

  offset({ line, character }) {
    const lines = this.text.split("\n");
    const start = lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0);
    return start + Math.min(character, (lines[line] ?? "").length);
  }

  // Edits of the engine, as one step.
  apply(edits) {
    const places = edits.map(({ range, newText }) => ({ from: this.offset(range.start), to: this.offset(range.end), newText }));
    places.sort((a, b) => a.from - b.from);
    const from = places[0].from;
    const to = Math.max(...places.map((place) => place.to));
    let [at, out] = [from, ""];
    for (const place of places) {
      out += this.text.slice(at, place.from) + place.newText;
      at = place.to;
    }
    this.replace(from, to, out + this.text.slice(at, to));
  }

  jump(range) {
    this.area.focus();
    this.area.setSelectionRange(this.offset(range.start), this.offset(range.end));
    const height = this.area.scrollHeight / Math.max(1, this.text.split("\n").length);
    const top = range.start.line * height;
    if (top < this.area.scrollTop || top > this.area.scrollTop + this.area.clientHeight - height) {
      this.area.scrollTop = Math.max(0, top - this.area.clientHeight / 2);
    }
    this.area.scrollLeft = 0;
  }

  typed(event) {
    this.wanted = /^insertText$/.test(event.inputType ?? "") && /[\w: ./-]/.test(event.data ?? "");
    if (!this.wanted) this.close();
    this.draw();
    this.changed();
  }

  key(event) {
    const open = !this.offers.hidden;
    if (event.key === " " && event.ctrlKey) {
      this.wanted = true;
      this.changed();
    } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.choose((this.chosen + step + this.items.length) % this.items.length);
    } else if (open && event.key === "Enter") {
      this.take(this.items[this.chosen]);
    } else if (open && event.key === "Escape") {
      this.close();
    } else if (event.key === "Enter" && !event.isComposing && !event.ctrlKey && !event.altKey && !event.metaKey) {
      // The next line begins where this one does, and deeper below a key that waits for more.
      const { selectionStart: from, selectionEnd: to } = this.area;
      const line = this.text.slice(this.text.lastIndexOf("\n", from - 1) + 1, from);
      this.replace(from, to, `\n${line.match(/^ */)[0]}${/^[^#]*:\s*$/.test(line) ? "  " : ""}`);
    } else {
      if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") this.close();
      return;
    }
    event.preventDefault();
  }

  // Shows what the engine offers, as far as it goes on with what is typed.
  offer(items) {
    this.wanted = false;
    const caret = this.area.selectionStart;
    const fits = ({ label, textEdit }) => {
      const typed = this.text.slice(this.offset(textEdit.range.start), caret).trim().toLowerCase();
      return label.toLowerCase().startsWith(typed) && !(label.toLowerCase() === typed);
    };
    this.items = items.filter(fits).sort((a, b) => (a.sortText < b.sortText ? -1 : 1)).slice(0, 50);
    if (this.items.length === 0 || document.activeElement !== this.area) return this.close();
    this.offers.replaceChildren(...this.items.map(({ label, detail }, number) => {
      const item = Object.assign(document.createElement("li"), { id: `offer-${number}`, role: "option" });
      item.append(Object.assign(document.createElement("strong"), { textContent: label }));
      if (detail) item.append(` ${detail}`);
      return item;
    }));
    const { line, character } = this.position();
    const style = getComputedStyle(this.area);
    const wide = this.width(style);
    const left = this.numbers.offsetWidth + character * wide - this.area.scrollLeft + Number.parseFloat(style.paddingLeft);
    const editor = this.offers.parentElement;
    this.offers.hidden = false;
    this.offers.style.left = `${Math.max(0, Math.min(left, editor.clientWidth - this.offers.offsetWidth))}px`;
    const high = Number.parseFloat(style.lineHeight);
    this.offers.style.top = `${(line + 1) * high - this.area.scrollTop + Number.parseFloat(style.paddingTop) + 2}px`;
    this.area.setAttribute("aria-expanded", "true");
    this.choose(0);
  }

  width(style) {
    const context = document.createElement("canvas").getContext("2d");
    context.font = style.font;
    return context.measureText("0").width;
  }

  choose(number) {
    this.chosen = number;
    [...this.offers.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === number)));
    this.offers.children[number].scrollIntoView({ block: "nearest" });
    this.area.setAttribute("aria-activedescendant", `offer-${number}`);
  }

  take({ textEdit: { range, newText } }) {
    this.close();
    this.replace(this.offset(range.start), this.area.selectionStart, newText);
    // What follows a key is of interest at once.
    this.wanted = newText.endsWith(": ");
  }

  close() {
    this.offers.hidden = true;
    this.area.setAttribute("aria-expanded", "false");
    this.area.removeAttribute("aria-activedescendant");
  }

  show(findings) {
    this.findings = findings;
    this.draw();
  }

  // Numbers, and below the text the same text with its marks.
  draw() {
    const words = ["", "error", "warning", "note"];
    const lines = this.text.split("\n");
    const worst = new Map();
    for (const { range, severity } of this.findings) {
      worst.set(range.start.line, Math.min(severity, worst.get(range.start.line) ?? 3));
    }
    this.numbers.replaceChildren(...lines.flatMap((_, line) => {
      const number = document.createElement("span");
      number.textContent = line + 1;
      if (worst.has(line)) number.className = words[worst.get(line)];
      return [number, "\n"];
    }));
    const edges = new Set([0, this.text.length]);
    const spans = this.findings.map(({ range, severity }) => {
      const from = this.offset(range.start);
      const to = Math.max(this.offset(range.end), Math.min(from + 1, this.text.length));
      edges.add(from).add(to);
      return { from, to, severity };
    });
    const places = [...edges].sort((a, b) => a - b);
    const parts = places.slice(1).map((to, at) => {
      const severity = Math.min(9, ...spans.filter((span) => span.from < to && span.to > places[at]).map((span) => span.severity));
      const part = this.text.slice(places[at], to);
      if (severity === 9) return part;
      return Object.assign(document.createElement("mark"), { className: words[severity], textContent: part });
    });
    this.marks.replaceChildren(...parts, "\n");
    this.scrolled();
  }

  scrolled() {
    this.marks.scrollTo(this.area.scrollLeft, this.area.scrollTop);
    this.numbers.scrollTop = this.area.scrollTop;
    if (!this.offers.hidden) this.close();
  }
}
