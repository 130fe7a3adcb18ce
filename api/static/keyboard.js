// Keys on every page. Everything here can also be reached with Tab and Enter.
"use strict";
(() => {
  const box = document.querySelector("#q");
  const help = document.querySelector("#help");
  const hits = [...document.querySelectorAll("[data-hit] h2 a")];
  const follow = (selector) => document.querySelector(selector)?.click();

  const step = (by) => {
    if (!hits.length) return;
    const at = hits.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : hits.length - 1) : Math.min(hits.length - 1, Math.max(0, at + by));
    hits[next].focus();
    hits[next].closest("[data-hit]").scrollIntoView({ block: "nearest" });
  };

  const turn = (by) => {
    const pages = [...document.querySelectorAll(".scan .pager a")];
    const at = pages.findIndex((page) => page.hasAttribute("aria-current"));
    pages[at + by]?.click();
  };

  const keys = {
    "/": () => { box?.focus(); box?.select(); },
    "?": () => (help?.open ? help.close() : help?.showModal()),
    j: () => step(1),
    k: () => step(-1),
    n: () => turn(1),
    p: () => turn(-1),
    "]": () => follow('.pager a[rel="next"]'),
    "[": () => follow('.pager a[rel="prev"]'),
    u: () => follow('a[rel="up"]'),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.closest("input, textarea, select");
    if (typing) {
      if (event.key === "Escape") typing.blur();
      return;
    }
    const own = document.querySelector(`[data-key="${CSS.escape(event.key)}"]:not(:disabled)`);
    const act = own ? () => (own.matches("input") ? own.focus() : own.click()) : keys[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  for (const link of document.querySelectorAll("[data-help]")) {
    link.addEventListener("click", (event) => {
      if (!help?.showModal) return;
      event.preventDefault();
      help.showModal();
    });
  }

  document.addEventListener("click", (event) => {
    for (const fold of document.querySelectorAll("details.fold[open]")) {
      if (!fold.contains(event.target)) fold.open = false;
    }
  });

  // On a narrow screen the facets start folded.
  const side = document.querySelector("details.side");
  const narrow = matchMedia("(max-width: 60rem)");
  const fit = () => { if (side) side.open = !narrow.matches; };
  narrow.addEventListener("change", fit);
  fit();
})();
