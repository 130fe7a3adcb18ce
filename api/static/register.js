// Tells before sending what the server would refuse: a browser that is cut off shows no reason.
"use strict";
(() => {
  const files = document.querySelector("#files");
  files?.addEventListener("change", () => {
    const most = Number(files.dataset.limit);
    const tooLarge = [...files.files].reduce((sum, file) => sum + file.size, 0) > most;
    files.setCustomValidity(tooLarge ? files.dataset.tooLarge : "");
    files.reportValidity();
  });
})();
