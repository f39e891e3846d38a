"use strict";
// Everything works without this script: it folds the menu on phones, sets wide tables upright there, keeps live parts fresh, and asks
// before what can't be undone.
(() => {
  const side = document.querySelector(".side");
  const menu = document.querySelector(".menu");
  if (side && menu) {
    side.classList.add("folded");
    menu.hidden = false;
    menu.addEventListener("click", () => {
      const folded = side.classList.toggle("folded");
      menu.setAttribute("aria-expanded", String(!folded));
    });
  }

  // On a phone a table that is wider than the window is read row by row, each cell with its column's name; without the script it scrolls.
  // Tables whose columns are compared with each other (heat, matrix) stay as they are.
  const phone = window.matchMedia("(max-width: 52rem)");
  const roles = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
  const setUpright = (root) => {
    for (const table of root.querySelectorAll(".scroll > table:not(.heat, .matrix)")) {
      table.classList.remove("stacked");
      if (!phone.matches || table.parentElement.scrollWidth <= table.parentElement.clientWidth + 1) continue;
      const names = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
      for (const row of table.tBodies[0]?.rows ?? []) {
        [...row.cells].forEach((cell, place) => {
          cell.dataset.label = place === 0 && cell.tagName === "TH" ? "" : names[place] ?? "";
        });
      }
      // Some browsers take what is shown as blocks for no table any more.
      for (const part of [table, ...table.querySelectorAll("*")]) {
        const role = part.tagName === "TH" ? (part.scope === "row" ? "rowheader" : "columnheader") : roles[part.tagName];
        if (role) part.setAttribute("role", role);
      }
      table.classList.add("stacked");
    }
  };
  setUpright(document);
  phone.addEventListener("change", () => setUpright(document));
  document.addEventListener("toggle", (event) => setUpright(event.target), true);

  // <div data-live="/address">: what comes in an event replaces the content. Focus inside is left alone: a part that somebody is in
  // isn't replaced under their hands.
  for (const part of document.querySelectorAll("[data-live]")) {
    let source = null;
    let ended = false;
    const open = () => {
      source = new EventSource(part.dataset.live);
      source.onmessage = (event) => {
        if (part.contains(document.activeElement)) return;
        part.innerHTML = event.data;
        setUpright(part);
      };
      source.addEventListener("end", (event) => {
        part.innerHTML = event.data;
        setUpright(part);
        ended = true;
        source.close();
      });
    };
    open();
    // A tab that nobody looks at costs nothing.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) { source.close(); } else if (!ended && source.readyState === EventSource.CLOSED) { open(); }
    });
  }

  for (const form of document.querySelectorAll("form[data-ask]")) {
    form.addEventListener("submit", (event) => {
      if (!window.confirm(form.dataset.ask)) event.preventDefault();
    });
  }

  // <div data-into="text" hidden>: a file that is chosen there is read into the field, to be looked at before it is sent.
  for (const part of document.querySelectorAll("[data-into]")) {
    const field = document.getElementById(part.dataset.into);
    const input = part.querySelector("input[type=file]");
    if (!field || !input) continue;
    part.hidden = false;
    input.addEventListener("change", async () => {
      if (input.files.length > 0) field.value = await input.files[0].text();
    });
  }

  // Filters apply as they are chosen by pointer. Who goes through the choices with the arrows isn't there yet when one of them is
  // passed: the page stays until they press the button, which is there for those without a script too.
  for (const select of document.querySelectorAll("select[data-now]")) {
    let byKey = false;
    select.addEventListener("pointerdown", () => { byKey = false; });
    select.addEventListener("keydown", () => { byKey = true; });
    select.addEventListener("change", () => { if (!byKey) select.form.requestSubmit(); });
  }
})();
