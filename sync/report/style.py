"""How the page of a report looks, and the few lines that sort its tables. Text has a contrast of 4.5 to 1 or more."""

from __future__ import annotations

LIGHT = {
    "page": "#f6f5f2",
    "card": "#ffffff",
    "text": "#1c2126",
    "muted": "#565e67",
    "line": "#d9d9d4",
    "link": "#1f5fa8",
    "done": "#2b7d55",
    "open": "#3a76bd",
    "overdue": "#b23a1e",
    "wontdo": "#80868e",
    "soft": "#e4edf7",
}
DARK = {
    "page": "#101418",
    "card": "#191f25",
    "text": "#e9edf1",
    "muted": "#a8b1bb",
    "line": "#343c45",
    "link": "#8cbcf2",
    "done": "#63c495",
    "open": "#70a9ea",
    "overdue": "#ff9276",
    "wontdo": "#8d97a2",
    "soft": "#213246",
}

_RULES = """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);
 font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif}
main,header,footer{max-width:74rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2.25rem;padding-bottom:1.25rem}
h1{font-size:1.8rem;line-height:1.2;margin:0 0 .25rem;letter-spacing:-.01em}
h2{font-size:1.2rem;margin:2.5rem 0 .75rem}
h3{font-size:1rem;margin:0}
p{margin:.4rem 0}
.muted{color:var(--muted)}
.lead{font-size:1.08rem;max-width:48rem;margin:1rem 0 1.25rem}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,button:focus-visible,summary:focus-visible,[tabindex]:focus-visible{
 outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem 1rem;z-index:1}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;padding:0;margin:0}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin:0 0 1rem}
.figures div,.card{background:var(--card);border:1px solid var(--line);border-radius:10px}
.figures div{padding:.8rem 1rem;display:flex;flex-direction:column}
.figures dt{color:var(--muted);font-size:.88rem;order:-1}
.figures dd{margin:0;font-size:1.75rem;line-height:1.25;font-weight:650;font-variant-numeric:tabular-nums}
.figures dd+dd{font-size:.86rem;font-weight:400;color:var(--muted);line-height:1.4}
.figures .late dd:nth-of-type(1){color:var(--overdue)}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(30rem,100%),1fr));gap:1rem}
.card{padding:1rem 1.1rem}
figure{margin:0}
figcaption p{font-size:.88rem;color:var(--muted);margin:.1rem 0 .4rem}
.key{list-style:none;display:flex;flex-wrap:wrap;gap:.15rem 1rem;margin:0 0 .3rem;padding:0;font-size:.86rem}
.key svg{width:.95rem;height:.8rem;margin-right:.4rem;vertical-align:-.05rem}
.plot{display:block;width:100%;height:auto;overflow:visible}
.plot text{font-size:12px;fill:var(--muted);font-variant-numeric:tabular-nums}
.plot .value{fill:var(--text);font-weight:600}
.grid{stroke:var(--line);stroke-width:1}
.axis{stroke:var(--muted);stroke-width:1}
.done{fill:var(--done)}.open{fill:var(--open)}.overdue{fill:var(--overdue)}.wontdo{fill:var(--wontdo)}
.area{fill:var(--soft)}
.curve{fill:none;stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}
.w30{stroke:var(--open)}.w60{stroke:var(--text);stroke-dasharray:6 4}.w90{stroke:var(--done)}
.curve.all{stroke:var(--open)}
.dot{stroke-width:2;stroke-dasharray:none}
.dot.w30{fill:var(--open)}.dot.w60{fill:var(--text)}.dot.w90{fill:var(--done)}.dot.few{fill:var(--card)}
.slice{stroke:var(--card);stroke-width:1}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
#attention .long,#moved .long,#groups .long{max-height:34rem;overflow-y:auto}
.long thead th{position:sticky;top:0;background:var(--card);box-shadow:0 1px 0 var(--line)}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:.7rem .9rem .3rem;font-weight:650}
caption span{font-weight:400;color:var(--muted)}
th,td{text-align:left;padding:.42rem .9rem;border-top:1px solid var(--line);vertical-align:top}
thead th{border-top:0;color:var(--muted);font-weight:600;white-space:nowrap;vertical-align:bottom}
tbody th{font-weight:500}
td.n,th.n{text-align:right}
td.late{color:var(--overdue);font-weight:600}
td.words{min-width:16rem}
td.nb{white-space:nowrap}
th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer}
th button::after{content:"\\2195";opacity:.55;padding-left:.25em}
th[aria-sort=ascending] button::after{content:"\\2191";opacity:1}
th[aria-sort=descending] button::after{content:"\\2193";opacity:1}
.narrow .scroll{max-width:44rem}
.stack{display:grid;gap:1rem}
.alert{border-left:4px solid var(--overdue);padding-left:.8rem}
details{margin:.6rem 0}
summary{cursor:pointer;font-weight:600}
dl.terms dt{font-weight:600;margin-top:.6rem}
dl.terms dd{margin:0;max-width:48rem}
footer{padding-top:2rem;padding-bottom:2.5rem;font-size:.88rem}
@media (max-width:40rem){
 main,header,footer{padding-left:.9rem;padding-right:.9rem}
 h1{font-size:1.5rem}
 .figures{grid-template-columns:1fr 1fr;gap:.55rem}
 .figures dd{font-size:1.5rem}
 .card{padding:.85rem .8rem}
 .plot text{font-size:19px}
 .plot .minor{display:none}
 th,td{padding:.45rem .65rem}
 td.words{min-width:12.5rem}
 .wide{display:none}
}
@media print{
 body{background:#fff;font-size:10.5pt}
 main,header,footer{max-width:none;padding:0}
 .skip,nav{display:none}
 .card,.scroll,.figures div{border-color:#999;break-inside:avoid}
 .scroll,#attention .long,#moved .long,#groups .long{overflow:visible;max-height:none}
 tr{break-inside:avoid}
 h2{break-after:avoid}
 th button::after{content:""}
 .plots{grid-template-columns:1fr 1fr}
 .figures{grid-template-columns:repeat(3,1fr)}
 .figures dd{font-size:15pt}
 .figures dd+dd{font-size:8.5pt}
 .plot text{font-size:15px}
 table{font-size:8.5pt}
 th,td{padding:.25rem .5rem}
 td.words{min-width:0}
 *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
"""

SCRIPT = """
"use strict";
for (const table of document.querySelectorAll("table.sorts")) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending" ||
        (!head.hasAttribute("aria-sort") && head.classList.contains("n"));
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = row => {
        const cell = row.cells[column];
        return cell.dataset.v === undefined ? cell.textContent.trim() : cell.dataset.v;
      };
      const number = head.classList.contains("n");
      const order = (a, b) => {
        const x = value(a), y = value(b);
        if (x === "" || y === "") return (x === "") - (y === "");
        const by = number ? Number(x) - Number(y) : x.localeCompare(y, undefined, {numeric: true});
        return down ? -by : by;
      };
      body.append(...[...body.rows].sort(order));
    });
  });
}
"""


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colours.items())


STYLE = (
    f":root{{color-scheme:light dark;{_variables(LIGHT)}}}\n"
    f"@media (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}\n"
    f"@media print{{:root{{{_variables(LIGHT)}}}}}{_RULES}"
)
