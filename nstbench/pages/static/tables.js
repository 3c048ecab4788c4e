// Tables: sort by a column, filter rows, copy as markdown or LaTeX.
(() => {
  "use strict";
  const sources = JSON.parse(document.getElementById("tables")?.textContent || "{}");
  const NUMBER = /^[*\s]*(-?[\d,]*\.?\d+(?:e[+-]?\d+)?)(?![\w.:-])/i; // not the start of a hash, version or date

  function key(row, column) {
    const text = (row.cells[column]?.textContent || "").trim();
    const found = NUMBER.exec(text);
    return { text, number: found ? Number(found[1].replaceAll(",", "")) : NaN, empty: text === "" || text === "–" };
  }

  function order(column, down) {
    return (one, other) => {
      const [a, b] = [key(one, column), key(other, column)];
      if (a.empty !== b.empty) return a.empty ? 1 : -1; // what is missing is last, whichever way
      const numbers = !Number.isNaN(a.number) && !Number.isNaN(b.number);
      const difference = numbers ? a.number - b.number : a.text.localeCompare(b.text, "en", { numeric: true });
      return down ? -difference : difference;
    };
  }

  function sortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        table.tBodies[0].append(...[...table.tBodies[0].rows].sort(order(column, down)));
      });
    });
  }

  function filter(table, said) {
    const label = document.createElement("label");
    const field = document.createElement("input");
    field.type = "search";
    field.size = 14;
    label.append("Filter", field);
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/);
      const rows = [...table.tBodies[0].rows];
      rows.forEach((row) => {
        row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
      });
      said.textContent = field.value ? `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows` : "";
    });
    return label;
  }

  async function copy(text, said) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea"); // where a page from disk may not use the clipboard
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    said.textContent = "copied";
  }

  function copier(name, text, said) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => copy(text, said));
    return button;
  }

  document.querySelectorAll("table.data").forEach((table) => {
    if (!table.tHead || !table.tBodies[0]) return;
    const tools = document.createElement("div");
    const said = document.createElement("span");
    tools.className = "tools";
    said.className = "quiet";
    said.setAttribute("role", "status");
    sortable(table);
    if (table.tBodies[0].rows.length > 3) tools.append(filter(table, said));
    Object.entries(sources[table.id] || {}).forEach(([kind, text]) => tools.append(copier(`Copy as ${kind}`, text, said)));
    tools.append(said);
    table.parentElement.before(tools);
  });
})();
