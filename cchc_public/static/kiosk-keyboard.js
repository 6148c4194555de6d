/* The keyboard on the screen: letters, digits, Vietnamese letters and tone marks, composed to NFC. */
(function () {
  "use strict";
  const TONES = /[\u0300\u0301\u0303\u0309\u0323]/g;
  const field = document.getElementById("tim");
  const form = field.form;
  const toggle = form.querySelector('[data-do="keyboard"]');
  let keys = null;

  /* Return where a tone mark stands in a syllable without one: hòa, thủy, toán, quý, già, ngoài. */
  function findPlace(syllable) {
    const skipped = /^(qu|gi(?=[aăâeêioôơuưy]))/.exec(syllable);
    const start = skipped ? 2 : 0;
    const found = /[aăâeêioôơuưy]+/.exec(syllable.slice(start));
    if (!found) return -1;
    const first = start + found.index;
    const run = found[0];
    const marked = Math.max(...[..."ăâêôơư"].map((letter) => run.lastIndexOf(letter)));
    if (marked >= 0) return first + (run.endsWith("ươ") ? run.length - 1 : marked);
    if (run.length === 1) return first;
    const isOpen = first + run.length === syllable.length;
    return run.length > 2 || !isOpen ? first + 1 : first;
  }

  /* Put a tone on the last syllable of a text; the same tone twice takes it away. */
  function addTone(text, tone) {
    const found = /[\p{L}\p{M}]+$/u.exec(text);
    if (!found) return text;
    const apart = found[0].normalize("NFD");
    const plain = apart.replace(TONES, "").normalize("NFC");
    const place = findPlace(plain.toLowerCase());
    if (place < 0) return text;
    const isUndone = apart.includes(tone);
    const letter = isUndone ? plain[place] : (plain[place] + tone).normalize("NFC");
    return text.slice(0, found.index) + plain.slice(0, place) + letter + plain.slice(place + 1);
  }

  /* Replace what stands before the cursor by what ``change`` makes of it. */
  function edit(change) {
    const start = field.selectionStart;
    const end = field.selectionEnd;
    const before = change(field.value.slice(0, start), end > start);
    const value = (before + field.value.slice(end)).slice(0, field.maxLength);
    if (value === field.value) return;
    field.value = value;
    field.setSelectionRange(before.length, before.length);
    field.scrollLeft = field.scrollWidth;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  const actions = {
    erase: () => edit((before, isSelected) => (isSelected ? before : [...before].slice(0, -1).join(""))),
    clear: () => {
      field.select();
      edit(() => "");
    },
    search: () => form.requestSubmit(),
    hide: () => hide(),
  };

  function press(event) {
    const key = event.target.closest("button");
    if (!key) return;
    const { key: letter, mark, do: action } = key.dataset;
    if (letter) edit((before) => before + letter);
    else if (mark) edit((before) => addTone(before, String.fromCharCode(parseInt(mark, 16))));
    else actions[action]();
  }

  /* One stop for the tabulator; arrows walk from key to key. */
  function walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const all = [...keys.querySelectorAll("button")];
    const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
    all.forEach((key) => (key.tabIndex = key === next ? 0 : -1));
    next.focus();
    event.preventDefault();
  }

  function build() {
    const model = document.getElementById("ban-phim-mau");
    keys = model.content.firstElementChild.cloneNode(true);
    keys.hidden = true;
    keys.querySelectorAll("button").forEach((key, place) => (key.tabIndex = place ? -1 : 0));
    keys.addEventListener("click", press);
    keys.addEventListener("keydown", walk);
    // the cursor stays in the field while keys are touched
    keys.addEventListener("pointerdown", (event) => event.preventDefault());
    model.replaceWith(keys);
  }

  function show() {
    // a phone brings its own keyboard; ours would have no room for keys that a finger can hit
    if (!matchMedia("(min-width: 700px) and (min-height: 500px)").matches) return;
    field.inputMode = "none"; // not two keyboards at once
    keys.hidden = false;
    document.body.classList.add("cchc-typing");
    toggle.setAttribute("aria-expanded", "true");
  }

  function hide() {
    keys.hidden = true;
    field.inputMode = "search";
    document.body.classList.remove("cchc-typing");
    toggle.setAttribute("aria-expanded", "false");
  }

  build();
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    if (keys.hidden) {
      show();
      field.focus();
    } else {
      hide();
    }
  });
  field.addEventListener("click", show);
  window.cchcKiosk.keyboard = { show, hide, addTone };
})();
