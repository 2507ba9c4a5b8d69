// Sorts tables, and shows the rows that were asked for. Texts of documents are compared and never become markup.
"use strict";
// A press on the head of a column sorts by it; what has no value stays last.
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

// Rows that say of which team, service, severity and owner they are can be chosen, and searched.
const filters = document.getElementById("filters");
if (filters) {
  const kinds = ["team", "service", "severity", "owner"].map(id => document.getElementById(id));
  const search = document.getElementById("search"), shown = document.getElementById("shown");
  const before = shown.textContent;
  const tables = [...document.querySelectorAll("table")].filter(table => table.querySelector("tr[data-team]"));
  const plain = text => text.normalize("NFKC").toLowerCase();
  const words = new Map();
  for (const table of tables) {
    for (const row of table.tBodies[0].rows) {
      words.set(row, plain([...row.cells].map(cell => cell.textContent).join(" ")));
    }
  }
  const choose = () => {
    const wanted = kinds.filter(one => one.value).map(one => [one.id, one.value]);
    const sought = plain(search.value).split(/\s+/).filter(Boolean);
    const any = wanted.length + sought.length > 0;
    let number = 0, whole = 0;
    for (const table of tables) {
      const rows = [...table.tBodies[0].rows];
      let left = 0;
      for (const row of rows) {
        const fits = wanted.every(([kind, value]) => (row.dataset[kind] || "").split("\n").includes(value)) &&
          sought.every(word => words.get(row).includes(word));
        row.hidden = !fits;
        left += fits;
      }
      const note = table.caption.querySelector(".left");
      note.hidden = !any;
      note.textContent = `\u2013 ${left} of these ${rows.length} fit`;
      number += left;
      whole += rows.length;
    }
    shown.textContent = any ? `${number} of ${whole} rows fit. ${before}` : before;
  };
  for (const one of [...kinds, search]) {
    one.addEventListener("input", choose);
    one.addEventListener("change", choose);
  }
  document.getElementById("all").addEventListener("click", () => {
    for (const one of [...kinds, search]) one.value = "";
    choose();
  });
  filters.hidden = false;
  choose();
}
