import { sha256 } from '../ids.ts';

/** The look of the screens: readable at phone width and at 400 % zoom, colours at AA contrast, light and dark. */
export const css = `:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --card: #ffffff; --ink: #1b1f24; --soft: #51585f; --line: #767d85;
  --act: #0b57b0; --act-ink: #ffffff; --bad: #b3141d; --good: #17692f; --ring: #0b57b0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --card: #1e2226; --ink: #eef0f2; --soft: #b4bbc2; --line: #8b939b;
    --act: #8ab8f5; --act-ink: #0d1726; --bad: #ff9a9a; --good: #85d59d; --ring: #ffffff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
main {
  max-width: 32rem; margin: 4vh auto; padding: 1.5rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .5rem; overflow-wrap: anywhere;
}
h1, h2 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; }
h2 { font-size: 1.25rem; }
p, ul, ol, pre { margin: 0 0 1rem; }
ul, ol { padding-left: 1.25rem; }
.field { margin-bottom: 1.25rem; }
label { display: block; margin-bottom: .25rem; font-weight: 600; }
.hint { margin: 0 0 .25rem; color: var(--soft); }
.error { margin: 0 0 .25rem; color: var(--bad); font-weight: 600; }
.notice { padding: .75rem 1rem; border: 1px solid; border-left-width: .375rem; border-radius: .25rem; }
.bad { border-color: var(--bad); }
.good { border-color: var(--good); }
input {
  width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit;
  color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: .25rem;
}
input[aria-invalid] { border: 2px solid var(--bad); }
input[readonly] { background: var(--ground); }
button {
  display: block; width: 100%; min-height: 2.75rem; margin-bottom: .75rem; padding: .5rem 1rem;
  font: inherit; font-weight: 600; cursor: pointer; border: 2px solid var(--act); border-radius: .25rem;
  background: var(--act); color: var(--act-ink);
}
button.second { background: transparent; color: var(--act); }
a { color: var(--act); }
:focus-visible { outline: 3px solid var(--ring); outline-offset: 2px; }
pre { margin: 0 -.75rem 1rem; padding: .75rem; background: var(--ground); border-radius: .25rem; overflow-x: auto; }
code { font-family: ui-monospace, "Cascadia Mono", Consolas, monospace; font-size: .9375rem; }
pre code { font-size: .8125rem; }
nav { max-width: 32rem; margin: 0 auto; }
nav ul { display: flex; flex-wrap: wrap; align-items: center; gap: 0 .75rem; margin: 0; padding: 0; list-style: none; }
nav a { display: inline-block; padding: .5rem 0; }
nav a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; }
nav .out { margin-left: auto; }
nav button { width: auto; min-height: 2.5rem; margin: 0; padding: .25rem .75rem; }
dl { margin: 0 0 1rem; }
dt { color: var(--soft); }
dd { margin: 0 0 .75rem; font-weight: 600; }
.qr { display: block; width: 100%; max-width: 17rem; height: auto; margin: 0 auto 1rem; }
.sessions { padding: 0; list-style: none; }
.sessions li { padding: .75rem 0; border-top: 1px solid var(--line); }
.sessions button { margin-top: .75rem; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`;

const VERSION_LENGTH = 12;
/** Changes with the style, so that browsers may keep it for good. */
export const stylesheetHref = `/style.css?v=${sha256(css).slice(0, VERSION_LENGTH)}`;
