export const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1c2530, #e8edf2); --soft: light-dark(#5b6b7b, #9fb0c0);
  --card: light-dark(#fff, #1b232c); --page: light-dark(#f2f5f8, #12181f); --edge: light-dark(#dbe2e9, #2d3945);
  --accent: light-dark(#0b63ce, #6cb1ff); --bad: light-dark(#b3261e, #ff8f85); --good: light-dark(#1b7a3d, #6fd08c); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.05rem; margin: 0; padding: 1rem 1.25rem .75rem; }
h3 { font-size: 1.25rem; margin: 0 0 .75rem; overflow-wrap: anywhere; }
p { margin: 0 0 .75rem; } .soft { color: var(--soft); } .pad { padding: 0 1.25rem 1rem; margin: 0; }
section { background: var(--card); border: 1px solid var(--edge); border-radius: .75rem; margin-top: 1.25rem; overflow: hidden; }
time.now { display: block; font-size: 1.75rem; font-variant-numeric: tabular-nums; margin-bottom: .75rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
button, input { font: inherit; color: inherit; padding: .35rem .8rem; border-radius: .5rem; border: 1px solid var(--edge); background: var(--page); }
button { cursor: pointer; } button:hover, button:focus-visible { border-color: var(--accent); color: var(--accent); }
button:disabled { opacity: .5; cursor: progress; } form input { width: 8rem; } a { color: var(--accent); }
output { color: var(--soft); overflow-wrap: anywhere; white-space: pre-wrap; }
.mail { border-top: 1px solid var(--edge); } .pad.edge { border-top: 1px solid var(--edge); padding-top: .75rem; }
.mail summary { cursor: pointer; list-style: none; padding: .6rem 1.25rem; display: grid; column-gap: 1rem;
  grid-template-columns: 12rem minmax(0, 1fr) auto; border-left: 3px solid transparent; }
.mail summary::-webkit-details-marker { display: none; }
.mail summary:hover, .mail[open] summary { background: light-dark(#f7f9fb, #202a34); }
.mail summary:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.mail .from, .mail .subject { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 650; }
.mail .subject .soft { font-weight: 400; } .mail .when { font-size: .9rem; font-variant-numeric: tabular-nums; }
.mail .to { font-size: .9rem; grid-column: 2 / -1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.mail:not(.read) summary { border-left-color: var(--accent); }
.mail.read .from, .mail.read .subject { font-weight: 400; }
.mail article { padding: 1.25rem; border-top: 1px solid var(--edge); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; margin: 0 0 1rem; font-size: .9rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; } code { font-size: .85em; }
.tag { border: 1px solid var(--edge); border-radius: 1rem; padding: 0 .6rem; white-space: nowrap; }
.views > input { position: absolute; width: 1px; height: 1px; padding: 0; opacity: 0; }
.views label { display: inline-block; padding: .3rem .8rem; margin-bottom: -1px; color: var(--soft); cursor: pointer; border-bottom: 2px solid transparent; }
.views input:checked + label { color: var(--ink); border-bottom-color: var(--accent); }
.views input:focus-visible + label { outline: 2px solid var(--accent); }
.views .as-html:checked ~ pre, .views .as-text:checked ~ iframe { display: none; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--page); padding: 1rem; border-radius: .5rem; margin: 0; font: .9rem/1.5 ui-monospace, monospace; }
iframe { display: block; width: 100%; height: 38rem; resize: vertical; border: 1px solid var(--edge); border-radius: .5rem; background: #fff; color-scheme: light; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .95rem; }
th, td { text-align: left; padding: .55rem 1.25rem; border-top: 1px solid var(--edge); vertical-align: top; } th { color: var(--soft); font-weight: 400; font-size: .9rem; }
td small { display: block; color: var(--soft); } td time { white-space: nowrap; } .failed { color: var(--bad); } .succeeded { color: var(--good); }
@media (max-width: 40rem) {
  .mail summary { grid-template-columns: minmax(0, 1fr) auto; } .mail .subject { grid-column: 1 / -1; grid-row: 2; } .mail .to { grid-column: 1 / -1; }
}
`;
