/* The kiosk: one document that lives all day. Pages come from the server and replace <main>;
   without a server they are made from the copy. One clock, no timer is left behind. */
(function () {
  "use strict";
  const { offline, keyboard } = window.cchcKiosk;
  const data = document.body.dataset;
  const ROOT = data.root;
  const LIST = ROOT + "/tim";
  const FIGURES = ROOT + "/so-lieu";
  const IDLE = Number(data.idleSeconds) * 1000;
  const ATTRACT = IDLE / 2; // on the first screen, before the figures begin
  const WARNING = (IDLE * 2) / 3; // 20 of 60 seconds remain to say "not yet"
  const TICK = Math.min(1000, IDLE / 10);
  const PATIENCE = 4000; // for one page
  const COPY_PATIENCE = 60000; // for the copy of a long list, made anew after a change
  const LOOK = 60000; // between two looks whether anything changed
  const LOOK_WHEN_GONE = 10000;
  const TYPING = 350;
  const SLIDE = Number(data.slideSeconds) * 1000;
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  const field = document.getElementById("tim");
  const notice = document.getElementById("mat-ket-noi");
  const warning = document.getElementById("sap-ve-dau");
  const spoken = document.getElementById("doc-len");
  const style = document.querySelector("link[rel=stylesheet]").getAttribute("href");
  const now = () => performance.now();

  let touchedAt = now();
  let lookedAt = now();
  let lastList = "";
  let isGone = false;
  let isLooking = false;
  let running = null; // the request under way; a newer one ends it
  let typingTimer = 0;
  let slides = [];
  let current = 0;
  let since = 0;
  let isPaused = false;

  /* Fetch and read an answer; a server slower than our patience counts as gone. */
  async function fetchInTime(address, read, patience, signal) {
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(), patience);
    const end = () => control.abort();
    if (signal) signal.addEventListener("abort", end);
    try {
      const response = await fetch(address, { signal: control.signal, cache: "no-cache" });
      if (response.status >= 500) throw new Error("server: " + response.status);
      return await read(response);
    } finally {
      clearTimeout(timer);
      if (signal) signal.removeEventListener("abort", end);
    }
  }

  function tell(place, isOn) {
    const words = isOn ? place.dataset.words : "";
    if (place.textContent !== words) place.textContent = words;
  }

  function setGone(gone) {
    isGone = gone;
    tell(notice, gone);
    dropMoment();
  }

  /* Whether the desk is open is known to the server only: a kept page names no moment. */
  function dropMoment() {
    if (isGone) document.querySelectorAll(".cchc-now").forEach((told) => told.remove());
  }

  function ask(address, signal) {
    return fetchInTime(address, (response) => readPage(address, response), PATIENCE, signal);
  }

  async function readPage(address, response) {
    const html = await response.text();
    const page = offline.read(html);
    if (!page) throw new Error("not a page of the kiosk");
    page.isNew = response.ok && offline.remember(new URL(address, location.href).pathname, html);
    setGone(response.headers.has("X-Cchc-Kept"));
    return page;
  }

  /* Show an address of the kiosk: from the server, else from the copy, else leave all as it is. */
  async function go(address, { isTyping = false } = {}) {
    if (running) running.abort();
    const control = (running = new AbortController());
    let page = null;
    try {
      page = await ask(address, control.signal);
    } catch (_error) {
      if (control.signal.aborted) return;
      setGone(true);
      page = offline.render(address);
    }
    if (running === control) running = null;
    if (!control.signal.aborted && page) {
      const heading = show(page, address);
      if (isTyping) spoken.textContent = heading.textContent;
      else heading.focus();
    }
  }

  function show(page, address) {
    document.getElementById("noi-dung").replaceWith(page.main);
    dropMoment();
    document.title = page.title;
    data.view = page.view;
    // one entry for ever: "back" has nowhere to go, and a day leaves no history
    history.replaceState(null, "", address);
    settle(address);
    return page.main.querySelector("h1");
  }

  /* Bring everything outside <main> in line with what it shows now. */
  function settle(address) {
    if (data.view === "list") lastList = address;
    if (data.view === "start" || data.view === "figures") lastList = "";
    const back = document.querySelector("[data-back]");
    if (back && lastList) back.setAttribute("href", lastList);
    settleLoop();
  }

  /* Forget what somebody asked, and show the start or the figures. */
  function leave(address) {
    clearTimeout(typingTimer);
    field.value = "";
    keyboard.hide();
    touch();
    go(address);
  }

  function touch() {
    touchedAt = now();
    tell(warning, false);
  }

  function tick() {
    const idle = now() - touchedAt;
    if (data.view === "figures") {
      if (isPaused && idle >= IDLE) leave(ROOT);
      else if (slides.length && !isPaused && now() - since >= SLIDE) showSlide(current + 1);
    } else if (data.view === "start" && !field.value) {
      if (idle >= ATTRACT) leave(FIGURES);
    } else if (idle >= IDLE) {
      leave(ROOT);
    } else {
      tell(warning, idle >= WARNING);
    }
    look();
  }

  /* The slow loop of figures; with reduced motion all of them stay in sight. */
  function showSlide(number) {
    current = (number + slides.length) % slides.length;
    slides.forEach((slide, place) => (slide.hidden = place !== current));
    since = now();
  }

  function settleLoop() {
    slides = data.view === "figures" && !still.matches ? [...document.querySelectorAll(".cchc-slides > li")] : [];
    if (slides.length < 2) slides = [];
    isPaused = false;
    document.body.classList.toggle("cchc-looping", slides.length > 0);
    if (!slides.length) return;
    document.querySelectorAll("main [data-do]").forEach((button) => (button.hidden = false));
    showSlide(0);
  }

  const actions = {
    earlier: () => showSlide(current - 1),
    later: () => showSlide(current + 1),
    pause: (button) => {
      isPaused = !isPaused;
      [button.textContent, button.dataset.paused] = [button.dataset.paused, button.textContent];
      since = now();
    },
  };

  async function refreshCopy() {
    isLooking = true;
    lookedAt = now();
    const isThere = await offline.refresh((path, read) => fetchInTime(path, read, COPY_PATIENCE));
    isLooking = false;
    setGone(!isThere);
  }

  /* Ask now and then whether the list changed, and whether a lost server is back. */
  async function look() {
    if (isLooking || now() - lookedAt < (isGone ? LOOK_WHEN_GONE : LOOK)) return;
    await refreshCopy();
    const path = { start: ROOT, figures: FIGURES }[data.view];
    if (path && !field.value && !isGone) await renew(path);
  }

  /* Nobody is using the screen: take what is new of its page, and a new version of the program. */
  async function renew(path) {
    const view = data.view;
    try {
      const page = await ask(path);
      if (data.view !== view) return; // someone came meanwhile
      if (page.style !== style) location.replace(path);
      else if (page.isNew) show(page, path);
    } catch (_error) {
      setGone(true);
    }
  }

  function typed() {
    clearTimeout(typingTimer);
    typingTimer = setTimeout(() => {
      const query = field.value.trim();
      if (query.length > 1) go(listAddress(query), { isTyping: true });
      else if (!query) go(ROOT, { isTyping: true });
    }, TYPING);
  }

  function listAddress(query) {
    return LIST + "?" + new URLSearchParams({ q: query });
  }

  function submitted(event) {
    event.preventDefault();
    clearTimeout(typingTimer);
    keyboard.hide();
    go(listAddress(field.value.trim()));
  }

  function clicked(event) {
    const link = event.target.closest("a[href]");
    const button = event.target.closest("main [data-do]");
    if (button) {
      actions[button.dataset.do](button);
    } else if (link && !link.hash) {
      event.preventDefault(); // also what leads elsewhere: the screen never leaves the site
      follow(link);
    } else if (data.view === "figures") {
      leave(ROOT);
    }
  }

  function follow(link) {
    const address = link.getAttribute("href");
    if (link.origin !== location.origin || !(link.pathname + "/").startsWith(ROOT + "/")) return;
    if (address === ROOT) return void leave(ROOT);
    keyboard.hide();
    if (address.startsWith(LIST) && !address.includes("q=")) field.value = "";
    go(address);
  }

  function setUpFullScreen() {
    const button = document.querySelector('[data-do="full-screen"]');
    const isFull = () => matchMedia("(display-mode: fullscreen)").matches || innerHeight >= screen.height;
    const update = () => (button.hidden = !document.fullscreenEnabled || isFull());
    button.addEventListener("click", () => document.documentElement.requestFullscreen().catch(() => {}));
    addEventListener("resize", update);
    update();
  }

  function listen() {
    for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchmove"]) {
      addEventListener(kind, touch, { passive: true });
    }
    addEventListener("click", clicked);
    addEventListener("contextmenu", (event) => event.preventDefault());
    addEventListener("dragstart", (event) => event.preventDefault());
    addEventListener("online", () => (lookedAt = -LOOK));
    field.form.addEventListener("submit", submitted);
    field.addEventListener("input", typed);
  }

  async function begin() {
    const address = location.pathname + location.search;
    listen();
    setUpFullScreen();
    settle(address);
    setInterval(tick, TICK);
    if (navigator.serviceWorker) {
      navigator.serviceWorker.register(ROOT + "/sw.js", { scope: ROOT }).catch(() => {});
    }
    await refreshCopy();
    // without a server the worker answers every address with the start page
    if (location.pathname !== data.path) await go(address);
    for (const path of [ROOT, FIGURES]) await ask(path).catch(() => setGone(true));
    data.ready = "";
  }

  begin();
})();
