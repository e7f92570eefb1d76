// Starts `voiceguide lsp`; all that is shown comes from there.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = () => {
  const command = workspace.getConfiguration("voiceguide").get("command");
  const documents = [{ language: "voiceguide" }, { language: "markdown" }];
  client = new LanguageClient(
    "voiceguide",
    "voiceguide",
    { command, args: ["lsp"] },
    { documentSelector: documents },
  );
  return client.start();
};

exports.deactivate = () => client && client.stop();
