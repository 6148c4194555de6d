/* Adds a copy button to each snippet; without it the text is selected and copied by hand. */
(function () {
  "use strict";
  function copy(area, button) {
    area.select();
    var done = function () { button.textContent = area.dataset.cchcCopied; };
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(area.value).then(done, function () {});
    } else if (document.execCommand("copy")) { done(); }
  }
  document.querySelectorAll("textarea[data-cchc-copy]").forEach(function (area) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = area.dataset.cchcCopy;
    button.setAttribute("aria-describedby", area.id);
    button.addEventListener("click", function () { copy(area, button); });
    area.insertAdjacentElement("afterend", button);
  });
}());
