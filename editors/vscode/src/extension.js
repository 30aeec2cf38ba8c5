// Starts `stockade lsp` and hands it the files of Stockade; everything else is the server's.

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

/** What of these is a profile or a system file the server tells by name and keys; it leaves all others alone. */
const FILES = "**/*.{yaml,yml}";

let client;

/** The program to start; one that a workspace names only where the user trusts it. */
function program() {
  const setting = vscode.workspace.getConfiguration("stockade").inspect("path") ?? {};
  const own = vscode.workspace.isTrusted ? setting.workspaceFolderValue ?? setting.workspaceValue : undefined;
  return own || setting.globalValue || setting.defaultValue || "stockade";
}

async function start() {
  const command = program();
  client = new LanguageClient(
    "stockade",
    "Stockade",
    { command, args: ["lsp"] },
    {
      documentSelector: [{ scheme: "file", pattern: FILES }],
      synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{yaml,yml,j2}") },
    },
  );
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    const settings = "Open Settings";
    const answer = await vscode.window.showErrorMessage(`Stockade: cannot start \`${command} lsp\` (${error.message ?? error})`, settings);
    if (answer === settings) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "stockade.path");
    }
  }
}

async function stop() {
  const stopping = client;
  client = undefined;
  await stopping?.stop();
}

async function restart() {
  await stop();
  await start();
}

exports.activate = async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("stockade.restart", restart),
    vscode.workspace.onDidChangeConfiguration((change) => change.affectsConfiguration("stockade.path") && restart()),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
  );
  await start();
};

exports.deactivate = stop;
