"""The style and the script of the HTML page. Imported by explain.render.html."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c2128; --soft: #59636e; --paper: #fff; --line: #d1d9e0; --lit: #fff3cd;
  --mark: #9a6700; --box: #f6f8fa; --wrt: #0969da; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --paper: #0d1117; --line: #3d444d;
  --lit: #3a2d06; --mark: #e3b341; --box: #151b23; --wrt: #4493f8; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 5rem; max-width: 76rem; color: var(--ink); background: var(--paper);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.3rem; margin: 0 0 .8rem; font-weight: 600; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
math { font-size: 1.08em; max-width: 100%; }
.equation { display: flex; flex-wrap: wrap; align-items: center; gap: .35rem .3em; max-width: 100%; overflow-x: auto;
  overflow-y: hidden; padding: .15rem 0; }
.headline { font-size: 1.2rem; }
.value { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.where { margin: .2rem 0 0; padding-left: 1.2rem; list-style: none; }
main { display: grid; grid-template-columns: minmax(0, 1fr) minmax(14rem, 24rem); gap: 2rem; align-items: start; }
main.alone { grid-template-columns: minmax(0, 1fr); }
.steps { grid-column: 1; grid-row: 1; min-width: 0; }
aside { grid-column: 2; grid-row: 1; position: sticky; top: 1rem; max-height: calc(100vh - 6rem); overflow: auto;
  border: 1px solid var(--line); border-radius: 8px; padding: .5rem; text-align: center; margin-top: 2rem; }
aside svg { max-width: 100%; height: auto; }
ol { list-style: none; margin: 0; padding: 0; }
li.step { border-left: 3px solid transparent; border-radius: 0 6px 6px 0; padding: .3rem .7rem; cursor: pointer; }
li.step p { margin: .1rem 0 .2rem; color: var(--soft); font-size: .92rem; }
li.step.lit { border-left-color: var(--mark); background: var(--lit); }
li.more { color: var(--soft); padding: .3rem .7rem; }
.vertex rect { fill: var(--box); stroke: var(--line); stroke-width: 1.5; }
.vertex.wrt rect { stroke: var(--wrt); stroke-width: 2.5; }
.vertex.output rect { stroke: var(--ink); }
.vertex.constant rect { stroke-dasharray: 4 3; }
.vertex.lit rect { fill: var(--lit); stroke: var(--mark); stroke-width: 3; }
svg text { fill: var(--ink); font: 13px system-ui, "DejaVu Sans", sans-serif; text-anchor: middle; }
svg text.name { font-weight: 600; }
svg text.value { font-size: 12px; fill: var(--soft); }
.edge path { fill: none; stroke: var(--soft); stroke-width: 1.5; }
.edge rect { fill: var(--paper); }
.edge text { fill: var(--soft); }
.edge.lit path { stroke: var(--mark); stroke-width: 3; }
.edge.lit text { fill: var(--mark); font-weight: 600; }
marker path { fill: var(--soft); }
nav { position: fixed; left: 50%; bottom: 1rem; transform: translateX(-50%); display: flex; gap: .6rem;
  align-items: center; padding: .3rem .5rem; border: 1px solid var(--line); border-radius: 999px;
  background: var(--paper); box-shadow: 0 2px 8px rgb(0 0 0 / .18); }
nav button { font: inherit; border: 0; border-radius: 999px; width: 2.4rem; height: 2.4rem; color: inherit;
  background: var(--box); cursor: pointer; }
nav output { min-width: 5.5rem; text-align: center; color: var(--soft); font-variant-numeric: tabular-nums; }
:focus-visible { outline: 2px solid var(--wrt); outline-offset: 2px; }
@media (max-width: 52rem) { main { grid-template-columns: minmax(0, 1fr); gap: 0; }
  aside { grid-column: 1; grid-row: auto; position: static; max-height: 60vh; margin-top: 1rem; }
  .steps { grid-row: auto; } body { padding: 1rem .9rem 5rem; } }
@media print { nav { display: none; } body { max-width: none; padding: 0; font-size: 11pt; }
  :root { --ink: #000; --soft: #333; --paper: #fff; --line: #999; --box: #fff; }
  main { display: block; } aside { position: static; max-height: none; page-break-inside: avoid; }
  li.step, .headline { page-break-inside: avoid; } li.step.lit { background: none; border-left-color: transparent; } }
"""

SCRIPT = """
const steps = [...document.querySelectorAll("li.step")], at = document.getElementById("at");
let here = -1;
const count = () => { at.textContent = here < 0 ? `${steps.length} steps` : `${here + 1} of ${steps.length}`; };
function go(to, move = true) {
  here = Math.max(-1, Math.min(steps.length - 1, to));
  document.querySelectorAll(".lit").forEach(one => one.classList.remove("lit"));
  count();
  if (here < 0) return;
  const step = steps[here], name = step.dataset.node;
  step.classList.add("lit");
  const page = step.closest("main");
  for (const one of page.querySelectorAll(".vertex")) if (one.dataset.name === name) {
    one.classList.add("lit");
    const box = one.closest("aside"), area = one.getBoundingClientRect(), frame = box.getBoundingClientRect();
    if (area.top < frame.top || area.bottom > frame.bottom) box.scrollTop += area.top - frame.top - frame.height / 2;
  }
  for (const one of page.querySelectorAll(".edge")) if (one.dataset.from === name) one.classList.add("lit");
  if (move) step.scrollIntoView({ block: "nearest" });
}
addEventListener("keydown", event => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const to = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: steps.length - 1, Escape: -1 }[event.key];
  if (to !== undefined) { event.preventDefault(); go(to); }
});
document.getElementById("on").onclick = () => go(here + 1);
document.getElementById("back").onclick = () => go(here - 1);
steps.forEach((step, index) => { step.onclick = () => go(index, false); });
count();
"""
