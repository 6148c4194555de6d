/* The slow loop of figures. It owns no timer: the clock of kiosk.js calls ``tick``. */
(function () {
  "use strict";
  const SLIDE = Number(document.body.dataset.slideSeconds) * 1000;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let slides = [];
  let current = 0;
  let since = 0;
  let isPaused = false;

  function show(number) {
    current = (number + slides.length) % slides.length;
    slides.forEach((slide, place) => (slide.hidden = place !== current));
    since = performance.now();
  }

  /* Begin with the figures of the present page; with reduced motion all of them stay in sight. */
  function start() {
    slides = [...document.querySelectorAll(".cchc-slides > li")];
    isPaused = false;
    const isLooping = slides.length > 1 && !still.matches;
    document.body.classList.toggle("cchc-looping", isLooping);
    if (!isLooping) {
      slides = [];
      return;
    }
    document.querySelectorAll("main [data-do]").forEach((button) => (button.hidden = false));
    show(0);
  }

  function stop() {
    slides = [];
    document.body.classList.remove("cchc-looping");
  }

  function tick() {
    if (slides.length && !isPaused && performance.now() - since >= SLIDE) show(current + 1);
  }

  function pause(button) {
    isPaused = !isPaused;
    const words = button.textContent;
    button.textContent = button.dataset.paused;
    button.dataset.paused = words;
    since = performance.now();
  }

  const actions = {
    pause,
    earlier: () => show(current - 1),
    later: () => show(current + 1),
  };

  window.cchcKiosk.loop = { start, stop, tick, actions, get isPaused() { return isPaused; } };
})();
