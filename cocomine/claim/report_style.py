"""How a report looks, light and dark, on a screen, a phone and paper."""

STYLE = """\
:root {
  color-scheme: light dark;
  --text: #1c2326; --soft: #4d585a; --ground: #ffffff; --card: #f6f7f5; --line: #d5dad6;
  --better: #1f6fb2; --worse: #be560a; --open: #5c666c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6eaf1; --soft: #a9b4b5; --ground: #12171a; --card: #1b2226; --line: #343e44;
    --better: #6cb6f2; --worse: #f4a259; --open: #a3adb3;
  }
}
* { box-sizing: border-box; }
body { background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; margin: 0; }
main { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.15rem; font-weight: 600; color: var(--soft); margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 0.5rem; }
.lead { font-size: 1.6rem; line-height: 1.3; font-weight: 600; margin: 0.5rem 0; overflow-wrap: anywhere; }
.next { font-size: 1.1rem; margin: 0.5rem 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; }
caption { color: var(--soft); font-size: 0.9rem; padding: 0.5rem 0; text-align: start; }
th, td { border-bottom: 1px solid var(--line); padding: 0.35rem 0.75rem 0.35rem 0; }
th, td { text-align: start; vertical-align: top; }
thead th { color: var(--soft); font-size: 0.85rem; font-weight: 600; }
tbody th { font-weight: 400; min-width: 4rem; }
th, td { overflow-wrap: break-word; }
.number { white-space: nowrap; }
.long { font-family: ui-monospace, monospace; font-size: 0.8em; min-width: 11rem; overflow-wrap: anywhere; }
.small { font-size: 0.8rem; width: max-content; }
.small th, .small td { max-width: 14rem; }
.forest th { min-width: 0; overflow-wrap: anywhere; }
.forest { table-layout: fixed; margin: 1rem 0; }
.forest thead th:first-child { width: 22%; }
.forest td { font-size: 0.85rem; }
.forest tfoot td { border: 0; }
svg { display: block; overflow: visible; }
svg line { stroke: var(--open); stroke-width: 2.5; }
svg line.zero { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 3; }
svg text { fill: var(--soft); font-size: 0.75rem; }
.better { stroke: var(--better); fill: var(--better); }
.worse { stroke: var(--worse); fill: var(--worse); }
.open { stroke: var(--open); stroke-width: 2; fill: var(--ground); }
svg line.better { stroke: var(--better); }
svg line.worse { stroke: var(--worse); }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 0.4rem; }
pre { overflow-wrap: anywhere; padding: 0.75rem; white-space: pre-wrap; }
@media print {
  .lead { font-size: 1.3rem; }
  .scroll { overflow: visible; }
  .small { font-size: 0.5rem; width: 100%; }
  tr { break-inside: avoid; }
}
"""
