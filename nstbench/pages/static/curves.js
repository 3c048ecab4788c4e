// Loss curves: one plot with a logarithmic axis, a curve per cell, values under the pointer or by the arrow keys.
// A page that goes on growing sends the section a "data" event with the new curves.
(() => {
  "use strict";
  const section = document.getElementById("curves");
  if (!section) return;
  const SVG = "http://www.w3.org/2000/svg";
  const DASHES = ["", "7 4", "2 3", "9 3 2 3"];
  const HUES = [212, 25, 140, 330, 45, 275, 185, 0];
  const EDGE = { left: 62, right: 12, top: 10, bottom: 34 };
  const [pairs, losses] = section.querySelectorAll("select");
  const plot = section.querySelector(".plot");
  const readout = section.querySelector(".readout");
  const legend = section.querySelector("table.legend");
  const hidden = new Set();
  let data = JSON.parse(section.querySelector("script[type='application/json']").textContent);
  let drawn = { cells: [], place: null };
  let near = null;

  const pair = () => data[pairs.value];
  const id = (cell) => JSON.stringify([pair().rows[cell.row], column(cell).name]);
  const column = (cell) => pair().columns[cell.column];
  const title = (cell) => `${column(cell).name}, ${pair().rows[cell.row]}`;
  // Backends often agree to the pixel: the first is a broad pale line, so that the next one shows on top of it.
  const kind = (cell) => (column(cell).backend === 0 && !column(cell).alone ? "first" : "");
  const number = (value) => (value >= 1e-3 && value < 1e4 ? String(value) : value.toExponential().replace("e+", "e"));
  const good = (value) => value !== null && value > 0;

  function colour(cell) {
    const rows = Math.max(pair().rows.length - 1, 1);
    return `hsl(${HUES[column(cell).network % HUES.length]} 70% ${36 + (30 * cell.row) / rows}%)`;
  }

  function element(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function options(select, texts) {
    if ([...select.options].map((one) => one.text).join("\n") === texts.join("\n")) return; // it may be open
    const before = select.selectedOptions[0]?.text;
    select.replaceChildren(...texts.map((text, index) => new Option(text, index)));
    select.value = Math.max(texts.indexOf(before), 0);
    select.parentElement.hidden = texts.length < 2;
  }

  const names = () => [...new Set(pair().cells.flatMap((cell) => Object.keys(cell.y)))];

  function linear(low, high) {
    const rough = (high - low) / 6 || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = Math.max([1, 2, 5, 10].find((factor) => factor * power >= rough) * power, 1);
    return Array.from({ length: Math.floor(high / step) + 1 }, (_, index) => index * step);
  }

  function logarithmic(low, high) {
    const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
    const factors = last - first > 3 ? [1] : [1, 2, 5];
    const every = Math.max(Math.ceil((last - first) / 8), 1);
    const ticks = [];
    for (let power = first; power <= last; power += every) {
      factors.forEach((factor) => ticks.push(Number(`${factor}e${power}`)));
    }
    return ticks.filter((tick) => tick >= low && tick <= high);
  }

  function axes(svg, place, low, high, last, width, height) {
    logarithmic(low, high).forEach((tick) => {
      const y = place.y(tick);
      svg.append(element("line", { class: "grid", x1: EDGE.left, x2: width - EDGE.right, y1: y, y2: y }));
      svg.append(element("text", { x: EDGE.left - 6, y: y + 4, "text-anchor": "end" }, number(tick)));
    });
    linear(0, last).forEach((tick) => {
      svg.append(element("text", { x: place.x(tick), y: height - EDGE.bottom + 16, "text-anchor": "middle" }, tick));
    });
    const middle = (EDGE.left + width - EDGE.right) / 2;
    svg.append(element("text", { x: middle, y: height - 4, "text-anchor": "middle" }, "iteration"));
  }

  function draw() {
    const loss = names()[losses.value];
    const cells = pair().cells.filter((cell) => !hidden.has(id(cell)) && cell.y[loss]?.some(good));
    const values = cells.flatMap((cell) => cell.y[loss].filter(good));
    const [width, height] = [plot.clientWidth, plot.clientHeight];
    const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${loss} loss against iterations` });
    plot.replaceChildren(svg);
    drawn = { cells, place: null, loss, svg };
    if (!values.length) {
      svg.append(element("text", { x: 20, y: 30 }, cells.length ? "no positive value" : "nothing to draw"));
      return;
    }
    let [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    [low, high] = low === high ? [low / 2, high * 2] : [low / 1.1, high * 1.1];
    const last = Math.max(...cells.map((cell) => cell.x.at(-1)), 1);
    const place = {
      x: (step) => EDGE.left + (step / last) * (width - EDGE.left - EDGE.right),
      y: (value) => EDGE.top + (1 - Math.log(value / low) / Math.log(high / low)) * (height - EDGE.top - EDGE.bottom),
    };
    drawn.place = place;
    axes(svg, place, low, high, last, width, height);
    cells.forEach((cell) => {
      const points = cell.x.map((step, index) => [step, cell.y[loss][index]]).filter(([, value]) => good(value));
      const path = points.map(([step, value]) => `${place.x(step).toFixed(1)},${place.y(value).toFixed(1)}`);
      const dashes = DASHES[column(cell).backend % DASHES.length];
      const attributes = { class: `curve ${kind(cell)}`, points: path.join(" "), stroke: colour(cell), "stroke-dasharray": dashes };
      svg.append(element("polyline", attributes));
      if (points.length === 1) {
        svg.append(element("circle", { cx: place.x(points[0][0]), cy: place.y(points[0][1]), r: 3, fill: colour(cell) }));
      }
    });
    point();
  }

  function point() {
    const { cells, place, loss, svg } = drawn;
    svg?.querySelectorAll(".cursor, .near-point").forEach((each) => each.remove());
    const cell = near && cells[near.cell];
    if (!cell || !place) {
      readout.textContent = "Move over the plot, or focus it and use the arrow keys, to read values.";
      return;
    }
    const index = Math.min(Math.max(near.index, 0), cell.x.length - 1);
    const value = cell.y[loss][index];
    const x = place.x(cell.x[index]);
    svg.querySelectorAll(".curve").forEach((each, at) => each.classList.toggle("near", at === near.cell));
    svg.append(element("line", { class: "cursor", x1: x, x2: x, y1: EDGE.top, y2: plot.clientHeight - EDGE.bottom }));
    if (good(value)) svg.append(element("circle", { class: "near-point", cx: x, cy: place.y(value), r: 4, fill: colour(cell) }));
    readout.textContent = `${title(cell)}: iteration ${cell.x[index]}, ${loss} loss ${value === null ? "not finite" : number(value)}`;
  }

  function hover(event) {
    const { cells, place, loss } = drawn;
    if (!place) return;
    const box = plot.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let best = Infinity;
    cells.forEach((cell, at) => {
      const distances = cell.x.map((step) => Math.abs(place.x(step) - x));
      const index = distances.indexOf(Math.min(...distances));
      const value = cell.y[loss][index];
      const distance = good(value) ? Math.abs(place.y(value) - y) : Infinity;
      if (distance < best) [best, near] = [distance, { cell: at, index }];
    });
    point();
  }

  function step(event) {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const move = moves[event.key];
    const count = drawn.cells.length;
    if (!move || !count) return;
    event.preventDefault();
    near ??= { cell: 0, index: 0 };
    const cell = (near.cell + move[0] + count) % count;
    near = { cell, index: Math.min(Math.max(near.index + move[1], 0), drawn.cells[cell].x.length - 1) };
    point();
  }

  function box(cells, text) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    input.type = "checkbox";
    input.checked = cells.some((cell) => !hidden.has(id(cell)));
    input.addEventListener("change", () => {
      cells.forEach((cell) => (input.checked ? hidden.delete(id(cell)) : hidden.add(id(cell))));
      show();
    });
    label.append(input, text);
    return label;
  }

  function swatch(cell) {
    const made = document.createElement("span");
    made.className = `swatch ${kind(cell)}`;
    made.style.background = colour(cell);
    made.setAttribute("aria-label", title(cell));
    return made;
  }

  function row(head, columns, cellOf) {
    const made = document.createElement("tr");
    const place = document.createElement("th");
    place.append(head);
    made.append(place);
    columns.forEach((_, at) => {
      const cell = document.createElement("td");
      const content = cellOf(at);
      if (content) cell.append(content);
      made.append(cell);
    });
    return made;
  }

  function show() {
    const { rows, columns, cells } = pair();
    const of = (test) => cells.filter(test);
    const heads = row(box(cells, "all"), columns, (at) => box(of((cell) => cell.column === at), columns[at].name));
    const lines = rows.map((name, at) =>
      row(box(of((cell) => cell.row === at), name), columns, (across) => {
        const cell = cells.find((each) => each.row === at && each.column === across);
        return cell && box([cell], swatch(cell));
      }),
    );
    legend.replaceChildren(heads, ...lines);
    near = null;
    draw();
  }

  function renew() {
    section.hidden = !data.some((each) => each.cells.length);
    if (section.hidden) return;
    options(pairs, data.map((each) => each.name));
    if (!pair().cells.length) pairs.value = data.findIndex((each) => each.cells.length);
    options(losses, names());
    show();
  }

  pairs.addEventListener("change", renew);
  losses.addEventListener("change", show);
  plot.tabIndex = 0;
  plot.addEventListener("pointermove", hover);
  plot.addEventListener("pointerdown", hover);
  plot.addEventListener("keydown", step);
  section.addEventListener("data", (event) => {
    const boxes = () => [...legend.querySelectorAll("input")];
    const [read, focused] = [near, boxes().indexOf(document.activeElement)];
    data = event.detail;
    renew();
    if (focused >= 0) boxes()[focused]?.focus({ preventScroll: true });
    if (read && drawn.cells[read.cell]) {
      near = read;
      point();
    }
  });
  renew();
  new ResizeObserver(() => section.hidden || draw()).observe(plot);
})();
