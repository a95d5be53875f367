#include "fovea/report/page_style.h"

namespace fovea {

const std::string_view kPageStyle = R"css(
:root {
  color-scheme: light dark;
  --paper: #fcfcfa; --panel: #ffffff; --ink: #1c2024; --soft: #5a626b; --rule: #e2e3df; --grid: #ebece8;
  --blue: #0067a8; --orange: #c2500a; --on: #ffffff; --bad: #c2500a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --panel: #1a1e22; --ink: #e8e6e1; --soft: #a2a9b0; --rule: #2f353b; --grid: #272c31;
    --blue: #62b5ea; --orange: #f0a13c; --on: #0d1013; --bad: #f0a13c;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 17px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%;
}
main { max-width: 1040px; margin: 0 auto; padding: 56px 28px 72px; }
h1, h2, h3 { line-height: 1.2; font-weight: 620; text-wrap: balance; }
h1 { font-size: 1.15rem; margin: 0; }
h2 { font-size: 1.4rem; margin: 0 0 .35em; letter-spacing: -.01em; }
h3 { font-size: 1rem; margin: 0 0 .4em; }
p { margin: .4em 0 .9em; max-width: 68ch; }
section { margin-top: 60px; }
.lead { color: var(--soft); }
.note { color: var(--soft); font-size: .88rem; }
.status { color: var(--soft); margin: 2px 0 0; }
.hero { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 44px; margin: 34px 0 8px; }
.hero .figure {
  font-size: clamp(3.4rem, 11vw, 6rem); font-weight: 640; line-height: 1; letter-spacing: -.035em; color: var(--blue);
}
.hero p { flex: 1 1 320px; font-size: 1.12rem; margin: 0; max-width: 54ch; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 1px; margin: 30px 0 0;
  background: var(--rule); border: 1px solid var(--rule); border-radius: 10px; overflow: hidden; }
.tiles div { background: var(--panel); padding: 14px 18px 15px; }
.tiles dt { font-size: .84rem; color: var(--soft); }
.tiles dd { margin: 1px 0 0; font-size: 1.25rem; font-weight: 560; letter-spacing: -.01em; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(290px, 1fr)); gap: 0 44px; margin: 12px 0; }
.facts div { display: flex; justify-content: space-between; gap: 18px; border-bottom: 1px solid var(--rule);
  padding: 8px 0; }
.facts dt { color: var(--soft); white-space: nowrap; }
.facts dd { margin: 0; text-align: right; overflow-wrap: break-word; min-width: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 30px 32px;
  margin-top: 20px; }
.charts figure, .sample { margin: 0; }
.charts figcaption { font-weight: 620; }
svg { font-family: inherit; }
svg text { fill: var(--ink); }
.chart { display: block; width: 100%; height: auto; overflow: visible; }
.chart .tick { font-size: 13px; fill: var(--soft); }
.chart .end { font-size: 13.5px; font-weight: 620; }
.chart .end.s0 { fill: var(--blue); }
.chart .end.s1 { fill: var(--orange); }
.grid { stroke: var(--grid); }
.base { stroke: var(--soft); stroke-opacity: .6; }
.curve { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
.s0.curve, .s0.cross, .s0.ring { stroke: var(--blue); }
.s1.curve { stroke: var(--orange); stroke-dasharray: 6 4; }
.s1.cross, .s1.ring { stroke: var(--orange); }
.mark { stroke: var(--paper); stroke-width: 1; }
.s0.mark { fill: var(--blue); }
.s1.mark { fill: var(--orange); }
.ring { fill: none; stroke-width: 1.8; }
.cross { fill: none; stroke-width: 2; }
.band .area { fill: transparent; }
.band .pointer { stroke: var(--soft); stroke-dasharray: 2 3; visibility: hidden; }
.band:hover .pointer { visibility: visible; }
.pair { display: grid; grid-template-columns: minmax(0, 560px) minmax(240px, 1fr); gap: 26px 48px; align-items: start; }
.matrix { display: block; width: 100%; height: auto; overflow: visible; print-color-adjust: exact;
  -webkit-print-color-adjust: exact; }
.matrix .right { fill: var(--blue); }
.matrix .wrong { fill: var(--orange); }
.matrix .on { fill: var(--on); }
.matrix .frame { fill: none; stroke: var(--rule); }
.classes { width: 100%; border-collapse: collapse; font-size: .93rem; }
.classes th { font-weight: 400; text-align: left; overflow-wrap: anywhere; }
.classes td, .classes th { padding: 4px 0; border-bottom: 1px solid var(--rule); }
.classes td { text-align: right; white-space: nowrap; padding-left: 12px; }
.classes .bar { width: 38%; }
.bar svg { display: block; width: 100%; height: 8px; }
.bar .track { fill: var(--grid); }
.bar .fill { fill: var(--blue); }
.confusions { padding-left: 1.3em; margin: .4em 0 1.4em; }
.confusions li { margin: .2em 0; }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 20px 16px; margin-top: 18px; }
.sample img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; image-rendering: pixelated;
  border-radius: 6px; background: var(--grid); outline: 1px solid var(--rule); }
.sample.bad img { outline: 3px solid var(--bad); }
.sample figcaption { font-size: .84rem; line-height: 1.35; margin-top: 7px; display: grid; overflow-wrap: anywhere; }
.sample .said { font-weight: 600; }
.sample.bad .said { color: var(--bad); }
.sample .truth, .sample .confidence { color: var(--soft); }
.filters { display: grid; grid-template-columns: repeat(auto-fill, minmax(50px, 1fr)); gap: 8px; margin-top: 16px; }
.filters img { width: 100%; aspect-ratio: 1; object-fit: contain; image-rendering: pixelated; border-radius: 4px;
  outline: 1px solid var(--rule); }
pre { background: var(--panel); border: 1px solid var(--rule); border-radius: 8px; padding: 13px 16px; margin: 6px 0 18px;
  white-space: pre-wrap; overflow-wrap: anywhere; font: .88rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas,
  "DejaVu Sans Mono", monospace; }
details { margin-top: 22px; }
summary { cursor: pointer; color: var(--blue); }
.scroll { overflow-x: auto; }
.numbers { border-collapse: collapse; font-size: .88rem; margin-top: 10px; }
.numbers th, .numbers td { text-align: right; padding: 4px 14px 4px 0; border-bottom: 1px solid var(--rule);
  white-space: nowrap; }
.words :is(th, td):nth-child(-n+2) { text-align: left; }
.numbers th { font-weight: 600; color: var(--soft); }
.next p { border-left: 3px solid var(--blue); padding-left: 18px; }
footer { margin-top: 64px; border-top: 1px solid var(--rule); padding-top: 14px; color: var(--soft); font-size: .86rem; }
@media screen and (max-width: 760px) {
  main { padding: 30px 18px 48px; }
  section { margin-top: 46px; }
  .pair { grid-template-columns: minmax(0, 1fr); }
  .tiles { grid-template-columns: 1fr 1fr; }
  .tiles div:last-child:nth-child(odd) { grid-column: 1 / -1; }
  .facts { grid-template-columns: minmax(0, 1fr); }
  .samples { grid-template-columns: repeat(auto-fill, minmax(88px, 1fr)); }
}
@media print {
  :root { --paper: #ffffff; --panel: #ffffff; --ink: #000000; --soft: #444444; --rule: #cccccc; --grid: #e6e6e6;
    --blue: #0067a8; --orange: #c2500a; --on: #ffffff; --bad: #c2500a; }
  :root { font-size: 12.5px; }
  body { font-size: 13px; }
  .hero .figure { font-size: 4.2rem; }
  .tiles { grid-template-columns: repeat(auto-fit, minmax(110px, 1fr)); }
  .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .facts div { padding: 4px 0; }
  .pair { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 26px 28px; }
  .samples { grid-template-columns: repeat(8, minmax(0, 1fr)); gap: 12px 10px; }
  main { max-width: none; padding: 0; }
  section { margin-top: 26pt; }
  figure, pre, .next p, .tiles, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .charts { grid-template-columns: 1fr 1fr; }
  details:not([open]) { display: none; }
}
)css";

}  // namespace fovea
