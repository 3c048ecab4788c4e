// Asks every two seconds what has changed, and fetches that; the rest of the page stays as the reader has it.
(() => {
  "use strict";
  const BUSY_MS = 2000;
  const IDLE_MS = 10000; // a run that is over may go on later
  const PARTS = ["progress", "pictures", "failures"];
  const lost = document.getElementById("lost");
  const section = document.getElementById("curves");
  let known = {};
  let finished = [];
  const pairs = section.querySelector("select");
  let [chosen, choosing] = [false, false];
  pairs.addEventListener("change", () => (chosen ||= !choosing));

  // What runs now comes first, and is shown until the reader asks for something else.
  function draw(running) {
    section.dispatchEvent(new CustomEvent("data", { detail: [...running, ...finished] }));
    if (!chosen && pairs.value !== "0") {
      pairs.value = "0";
      choosing = true;
      pairs.dispatchEvent(new Event("change"));
      choosing = false;
    }
  }

  async function get(name) {
    const answer = await fetch(name, { cache: "no-store" });
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    return answer;
  }

  // A picture that is there already is not loaded anew, and what the reader has scrolled or focused stays so.
  function replace(part, html) {
    const old = document.getElementById(part);
    const fresh = new DOMParser().parseFromString(html, "text/html").body;
    const held = [...old.querySelectorAll("img")];
    fresh.querySelectorAll("img").forEach((image) => {
      const at = held.findIndex((one) => one.getAttribute("src") === image.getAttribute("src"));
      if (at >= 0) image.replaceWith(...held.splice(at, 1)); // each once: a picture may be on the page several times
    });
    const stops = () => [...old.querySelectorAll("a, [tabindex]")];
    const scrolled = () => [...old.querySelectorAll(".scroll")];
    const focused = stops().indexOf(document.activeElement);
    const lefts = scrolled().map((each) => each.scrollLeft);
    old.replaceChildren(...fresh.childNodes);
    scrolled().forEach((each, index) => (each.scrollLeft = lefts[index] ?? 0));
    if (focused >= 0) stops()[focused]?.focus({ preventScroll: true });
  }

  async function renew() {
    const state = await (await get("state.json")).json();
    const changed = (part) => state.parts[part] !== known[part];
    for (const part of PARTS.filter(changed)) {
      replace(part, await (await get(`${part}.html`)).text());
    }
    if (changed("curves")) finished = await (await get("curves.json")).json();
    if (changed("curves") || state.running.length || document.body.dataset.ran) {
      draw(state.running);
      document.body.dataset.ran = state.running.length ? "yes" : "";
    }
    known = state.parts;
    return state.over ? IDLE_MS : BUSY_MS;
  }

  async function forever() {
    let wait = BUSY_MS;
    try {
      wait = await renew();
      lost.hidden = true;
    } catch {
      lost.hidden = false;
    }
    setTimeout(forever, wait);
  }

  forever();
})();
