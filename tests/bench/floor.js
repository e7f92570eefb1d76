// Speech Markdown to SSML: node floor.js NODE_MODULES SCRIPT
const markdown = require(process.argv[2] + "/speechmarkdown-js");
const text = require("fs").readFileSync(process.argv[3], "utf8");
const made = new markdown.SpeechMarkdown().toSSML(text, { platform: "amazon-alexa" });
process.stdout.write(made);
