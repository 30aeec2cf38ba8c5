// Loads the extension, built and unbuilt, with a stand-in for the editor.

const assert = require("node:assert");
const Module = require("node:module");
const path = require("node:path");
const { test, afterEach } = require("node:test");

const ROOT = path.join(__dirname, "..");
const load = Module._load;
afterEach(() => {
  Module._load = load;
});

/** Answers to everything: a class, a function and an object at once. */
function anything() {
  const known = new Map();
  return new Proxy(class {}, {
    get(target, name) {
      if (name === Symbol.toPrimitive) return () => "";
      if (name === "prototype") return target.prototype;
      if (!known.has(name)) known.set(name, anything());
      return known.get(name);
    },
    apply: () => undefined,
    construct: () => ({}),
  });
}

/** The extension over stand-ins, and what it did with them. */
function extension({ setting = {}, trusted = true, fails = false } = {}) {
  const did = { started: [], stopped: 0, errors: [], commands: {}, listeners: {} };
  const listen = (name) => (listener) => {
    did.listeners[name] = listener;
    return { dispose() {} };
  };
  const vscode = {
    workspace: {
      get isTrusted() {
        return did.trusted ?? trusted;
      },
      getConfiguration: () => ({ inspect: () => ({ defaultValue: "stockade", ...setting }) }),
      createFileSystemWatcher: (pattern) => ({ pattern }),
      onDidChangeConfiguration: listen("configuration"),
      onDidGrantWorkspaceTrust: listen("trust"),
    },
    commands: {
      registerCommand: (name, run) => {
        did.commands[name] = run;
        return { dispose() {} };
      },
      executeCommand: (...command) => did.commands.executed?.push(command),
    },
    window: { showErrorMessage: async (text) => void did.errors.push(text) },
  };
  class LanguageClient {
    constructor(id, name, server, options) {
      Object.assign(this, { id, name, server, options });
    }
    async start() {
      if (fails) throw new Error("spawn ENOENT");
      did.started.push(this);
    }
    async stop() {
      did.stopped += 1;
    }
  }
  Module._load = (name, ...rest) =>
    name === "vscode" ? vscode : name === "vscode-languageclient/node" ? { LanguageClient } : load(name, ...rest);
  const file = path.join(ROOT, "src/extension.js");
  delete require.cache[file];
  return { did, own: require(file) };
}

test("what is built can be loaded by an editor", () => {
  const { main } = require(path.join(ROOT, "package.json"));
  Module._load = (name, ...rest) => (name === "vscode" ? anything() : load(name, ...rest));
  const built = require(path.join(ROOT, main));
  assert.equal(typeof built.activate, "function");
  assert.equal(typeof built.deactivate, "function");
});

test("it starts the server for YAML files and stops it", async () => {
  const { did, own } = extension();
  const context = { subscriptions: [] };
  await own.activate(context);
  assert.deepEqual(did.started[0].server, { command: "stockade", args: ["lsp"] });
  assert.deepEqual(did.started[0].options.documentSelector, [{ scheme: "file", pattern: "**/*.{yaml,yml}" }]);
  assert.equal(context.subscriptions.length, 3);
  await did.commands["stockade.restart"]();
  assert.deepEqual([did.started.length, did.stopped], [2, 1]);
  did.listeners.configuration({ affectsConfiguration: (key) => key === "other" });
  await did.listeners.configuration({ affectsConfiguration: (key) => key === "stockade.path" });
  assert.equal(did.started.length, 3);
  await own.deactivate();
  assert.equal(did.stopped, 3);
});

test("the program of a workspace is not started before it is trusted", async () => {
  const { did, own } = extension({ setting: { workspaceValue: "./evil", globalValue: "/opt/stockade" }, trusted: false });
  await own.activate({ subscriptions: [] });
  assert.equal(did.started[0].server.command, "/opt/stockade");
  did.trusted = true;
  await did.listeners.trust();
  assert.equal(did.started[1].server.command, "./evil");
});

test("a program that is not there is said", async () => {
  const { did, own } = extension({ fails: true });
  await own.activate({ subscriptions: [] });
  assert.match(did.errors[0], /cannot start `stockade lsp` \(spawn ENOENT\)/);
  await own.deactivate();
});

test("every command and setting of the manifest is there", () => {
  const { contributes } = require(path.join(ROOT, "package.json"));
  const { did, own } = extension();
  own.activate({ subscriptions: [] });
  assert.deepEqual(contributes.commands.map((it) => it.command), Object.keys(did.commands));
  assert.ok(Object.keys(contributes.configuration.properties).includes("stockade.path"));
});
