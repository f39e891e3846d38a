"use strict";
// Everything works without this script: it folds the menu on phones, keeps live parts fresh, and asks before what can't be undone.
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
      };
      source.addEventListener("end", (event) => {
        part.innerHTML = event.data;
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

  // Filters apply as they are chosen; the button stays for those without a script.
  for (const select of document.querySelectorAll("select[data-now]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
})();
