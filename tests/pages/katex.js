// Reads {"formulas": [[where, formula, display], ...]} and prints those that KaTeX refuses, with its reason.
const katex = require("katex");
let text = "";
process.stdin.on("data", part => (text += part)).on("end", () => {
  const wrong = [];
  for (const [where, formula, display] of JSON.parse(text).formulas) {
    try {
      katex.renderToString(formula, { displayMode: display, throwOnError: true, strict: "error" });
    } catch (error) {
      wrong.push([where, formula, String(error.message)]);
    }
  }
  console.log(JSON.stringify(wrong));
});
