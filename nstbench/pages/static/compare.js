// Two pictures of the page on top of each other: a slider between them, their difference, or side by side.
(() => {
  "use strict";
  const section = document.getElementById("compare");
  const pictures = [...document.querySelectorAll("img[data-name]")];
  if (!section || pictures.length < 2) return;
  const [a, b] = section.querySelectorAll("select");
  const stage = section.querySelector(".stage");
  const shown = stage.querySelectorAll("img");
  const at = section.querySelector("input[name=at]");
  const gain = section.querySelector("input[name=gain]");
  const whole = section.querySelector("input[name=whole]");
  const names = section.querySelectorAll(".names bdi");
  const mode = () => section.querySelector("input[name=mode]:checked").value;

  function fill(select) {
    const groups = new Map();
    pictures.forEach((picture, index) => {
      const { pair, name } = picture.dataset;
      if (!groups.has(pair)) {
        const group = document.createElement("optgroup");
        group.label = pair;
        groups.set(pair, group);
        select.append(group);
      }
      groups.get(pair).append(new Option(name, index));
    });
  }

  let chosen = 0;

  function show() {
    pictures.forEach((picture, index) => {
      picture.classList.toggle("compared", chosen > 0 && [a.value, b.value].includes(String(index)));
    });
    [a, b].forEach((select, index) => {
      const picture = pictures[select.value];
      shown[index].src = whole.checked ? picture.parentElement.href : picture.src;
      shown[index].alt = picture.alt;
      names[index].textContent = picture.dataset.name;
    });
    const { width, height } = pictures[a.value];
    stage.style.aspectRatio = mode() === "beside" ? "" : `${width} / ${height}`;
    stage.className = `stage ${mode()}`;
    names[0].parentElement.className = `names ${mode()}`;
    stage.style.setProperty("--at", `${at.value}%`);
    stage.style.setProperty("--gain", gain.value);
    gain.nextElementSibling.value = gain.value;
    at.closest("label").hidden = mode() !== "slider";
    gain.closest("label").hidden = mode() !== "difference";
  }

  function drag(event) {
    if (mode() !== "slider" || !(event.buttons & 1)) return;
    const box = stage.getBoundingClientRect();
    at.value = Math.min(Math.max((100 * (event.clientX - box.left)) / box.width, 0), 100);
    show();
  }

  function choose(picture) {
    // The second picture chosen is compared with the first; a third replaces the older of the two.
    a.value = b.value;
    b.value = pictures.indexOf(picture);
    chosen += 1;
    show();
    if (chosen > 1) section.scrollIntoView({ block: "center" });
    section.querySelector("[role=status]").textContent = `comparing ${names[0].textContent} with ${names[1].textContent}`;
  }

  [a, b].forEach(fill);
  const results = pictures.filter((picture) => picture.dataset.result !== undefined);
  const [left, right] = results.length > 1 ? results : [pictures[0], results[0] || pictures[1]];
  a.value = pictures.indexOf(left);
  b.value = pictures.indexOf(right);
  section.addEventListener("input", show);
  stage.addEventListener("pointerdown", drag);
  stage.addEventListener("pointermove", drag);
  section.querySelector("button").addEventListener("click", () => {
    [a.value, b.value] = [b.value, a.value];
    show();
  });
  results.forEach((picture) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "compare";
    button.setAttribute("aria-label", `compare ${picture.dataset.name}`);
    button.addEventListener("click", () => choose(picture));
    picture.closest("figure").querySelector("figcaption").append(button);
  });
  section.hidden = false;
  show();
})();
