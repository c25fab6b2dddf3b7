/** The style sheet of the HTML report. The page's policy allows this text alone, by its hash. */
export const style = `
:root { color-scheme: light dark; --fg: #1f1f1f; --quiet: #5a5a5a; --bg: #ffffff; --line: #d9d9d9; --bar: #1a6fc4; --rest: #8a8a8a; }
@media (prefers-color-scheme: dark) { :root { --fg: #dcdcdc; --quiet: #a6a6a6; --bg: #1f1f1f; --line: #3c3c3c; --bar: #59a4f9; --rest: #8a8a8a; } }
@media print { :root { --fg: #000000; --quiet: #404040; --bg: #ffffff; --line: #a0a0a0; --bar: #404040; --rest: #a0a0a0; } }
body { margin: 0 auto; padding: 24px 16px 48px; max-width: 1120px; color: var(--fg); background: var(--bg); font: 14px/20px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { margin: 0; font-size: 18px; line-height: 24px; font-weight: 600; overflow-wrap: anywhere; }
h2 { margin: 28px 0 6px; padding-top: 12px; border-top: 1px solid var(--line); font-size: 14px; font-weight: 600; }
p { margin: 4px 0; }
.quiet, th, td.note { color: var(--quiet); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { padding: 2px 12px 2px 0; text-align: left; font-weight: 400; vertical-align: top; }
th.right, td.right { text-align: right; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
tbody th { color: var(--fg); max-width: 340px; overflow-wrap: anywhere; }
table.sizes th, table.sizes td { white-space: nowrap; }
tbody.part > tr:first-child > * { padding-top: 8px; }
tfoot > tr > * { color: var(--fg); font-weight: 600; border-top: 1px solid var(--line); }
td.bar { width: 40%; min-width: 120px; }
svg { display: block; width: 100%; height: 14px; margin: 3px 0; }
.weights { fill: var(--bar); } .rest { fill: var(--rest); } .limit { fill: var(--fg); }
ul { margin: 4px 0; padding-left: 18px; }
code { font: 12px/18px ui-monospace, monospace; overflow-wrap: anywhere; }
`;

/** SHA-256 of `style` in base64; a test compares them. */
export const styleHash = '4ZsA8E97VLGyirh6ANOEx7U1Ux8YyAqJd9ddYAsmYl0=';
