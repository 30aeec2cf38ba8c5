// The compiler in a thread of its own. The page makes a worker from the text of this function, which also works where the page
// was opened from a disk; the worker is under the page's policy and can ask nothing of anybody.
"use strict";

function compilerThread() {
  let engine;

  async function start(packed, today) {
    const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const { instance } = await WebAssembly.instantiate(await new Response(plain).arrayBuffer(), {});
    engine = instance.exports;
    return answer(today);
  }

  // Four bytes at a time: the engine shares no memory.
  function answer(question) {
    const bytes = new TextEncoder().encode(question);
    const told = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
    told.set(bytes);
    for (const four of new Uint32Array(told.buffer)) engine.tell(four);
    const length = engine.ask(bytes.length) >>> 0;
    const heard = new Uint32Array(Math.ceil(length / 4));
    for (let at = 0; at < heard.length; at += 1) heard[at] = engine.hear(at * 4);
    return JSON.parse(new TextDecoder().decode(new Uint8Array(heard.buffer, 0, length)));
  }

  self.onmessage = async ({ data: { id, packed, today, asks } }) => {
    try {
      const answers = packed ? [await start(packed, today)] : asks.map((ask) => answer(JSON.stringify(ask)));
      self.postMessage({ id, answers });
    } catch (error) {
      // After this the engine's state is not to be trusted.
      self.postMessage({ id, broken: String(error) });
    }
  };
}

// The thread and its questions.
class Compiler {
  constructor(today) {
    const text = `"use strict"; (${compilerThread})();`;
    const script = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    this.worker = new Worker(Compiler.policy.createScriptURL(script));
    URL.revokeObjectURL(script);
    this.waiting = new Map();
    this.number = 0;
    this.worker.onmessage = ({ data }) => this.heard(data);
    this.worker.onerror = (event) => {
      for (const { reject } of this.waiting.values()) reject(new Error(event.message || "the compiler did not start"));
      this.waiting.clear();
    };
    this.started = Compiler.engine().then((packed) => this.post({ packed, today }));
  }

  heard({ id, answers, broken }) {
    const { resolve, reject } = this.waiting.get(id);
    this.waiting.delete(id);
    if (broken === undefined) resolve(answers);
    else reject(new Error(broken));
  }

  post(message) {
    this.number += 1;
    const id = this.number;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, ...message });
    });
  }

  // Answers to several questions, in turn; what is wrong with one is told in its place.
  async ask(...asks) {
    return (await this.post({ asks })).map((answer) => answer.is ?? null);
  }

  end() {
    this.worker.terminate();
  }

  // The engine, which `browser/build` puts beside the page.
  static engine() {
    Compiler.loading ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = Compiler.policy.createScriptURL("engine.js");
      script.onload = () => done(self.ENGINE);
      script.onerror = () => failed(new Error("engine.js is missing beside the page; browser/build makes it"));
      document.head.append(script);
    });
    return Compiler.loading;
  }
}

// The two texts that browsers want to know the origin of: this script's own, and drawings of the engine.
Compiler.policy = (self.trustedTypes ?? { createPolicy: (_, rules) => rules }).createPolicy("stockade", {
  createScriptURL: (url) => url,
  createHTML: (text) => text,
});
