// Puts words selected in the full text into the fields of the form. Without it they are typed.
"use strict";
(() => {
  const source = document.querySelector("[data-source]");
  const picking = document.querySelector("[data-picking]");
  if (!source || !picking) return;
  picking.hidden = false;

  const selected = () => {
    const chosen = getSelection();
    if (!chosen.rangeCount || !source.contains(chosen.getRangeAt(0).commonAncestorContainer)) return [];
    return chosen.toString().split("\n").map((line) => line.trim()).filter(Boolean);
  };

  const pick = (name) => {
    const words = selected();
    const field = document.querySelector(`#${name}`);
    const there = field.value.split("\n").map((line) => line.trim()).filter(Boolean);
    const added = words.filter((one) => !there.includes(one));
    if (added.length) field.value = [...there, ...added].join("\n") + "\n";
    return words.length > 0;
  };

  for (const button of picking.querySelectorAll("[data-pick]")) {
    button.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
    button.addEventListener("click", () => pick(button.dataset.pick));
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select")) return;
    const name = { m: "mask", s: "show" }[event.key];
    if (name && pick(name)) event.preventDefault();
  });
})();
