// A bundle as a .tar.gz, without what only the host makes.
"use strict";

const Archive = (() => {
  const BLOCK = 512;
  const encode = (text) => new TextEncoder().encode(text);

  // One entry in the ustar format (POSIX.1-1988), with its padding.
  function entry(path, mode, bytes, seconds) {
    const head = new Uint8Array(BLOCK);
    const put = (at, text) => head.set(encode(text), at);
    const octal = (number, width) => `${number.toString(8).padStart(width - 1, "0")}\0`;
    let name = path;
    if (encode(name).length > 100) {
      const cut = path.indexOf("/", path.length - 100);
      name = path.slice(cut + 1);
      put(345, path.slice(0, cut));
    }
    put(0, name);
    put(100, octal(Number.parseInt(mode, 8), 8));
    put(108, octal(0, 8));
    put(116, octal(0, 8));
    put(124, octal(bytes.length, 12));
    put(136, octal(seconds, 12));
    put(148, " ".repeat(8));
    put(156, path.endsWith("/") ? "5" : "0");
    put(257, "ustar\x0000");
    put(148, `${head.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `);
    const padded = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK);
    padded.set(bytes);
    return [head, padded];
  }

  // The whole bundle in a folder of its name, with the texts it was made from beside the rest.
  async function pack({ name, files }, texts, today) {
    const seconds = Date.parse(`${today}T00:00:00Z`) / 1000;
    const parts = [];
    const add = (path, mode, text) => parts.push(...entry(`${name}/${path}`, mode, encode(text), seconds));
    const missing = [];
    for (const [path, { mode, content }] of Object.entries(files)) {
      if (content === false) add(`preview/${path}/`, mode, "");
      else if (content === null) missing.push(path);
      else add(`preview/${path}`, mode, content);
    }
    for (const [path, text] of Object.entries(texts)) add(path.replace(/^\//, ""), "0644", text);
    add("README", "0644", `Made in a browser, to be looked at. \`stockade generate\` in this folder
writes the whole of it to bundle/, with what is secret and not in preview/:

${missing.map((path) => `  ${path}\n`).join("")}`);
    const tar = new Blob([...parts, new Uint8Array(2 * BLOCK)]);
    return new Response(tar.stream().pipeThrough(new CompressionStream("gzip"))).blob();
  }

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    // The download holds on to what it reads.
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  // What to paste into a shell: writes the files, but over none that is there, and generates.
  function command(texts) {
    const all = Object.values(texts).join("\n").split("\n");
    let word = "END";
    while (all.includes(word)) word += "_";
    const write = ([path, text]) => {
      const whole = text === "" || text.endsWith("\n") ? text : `${text}\n`;
      return `(set -C; cat >'${path.replace(/^\//, "")}') <<'${word}' &&\n${whole}${word}\n`;
    };
    return `${Object.entries(texts).map(write).join("")}stockade generate\n`;
  }

  return { pack, save, command };
})();
