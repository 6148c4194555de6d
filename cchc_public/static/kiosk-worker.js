/* Service worker of the kiosk: after a power cut without network the screen still starts.
   KNOWN is written above this line by the server. A fixed number of answers is kept. */
"use strict";
const CACHE = "cchc-kiosk " + KNOWN.assets.join(" ");
const PATIENCE = 5000; // for a page
const COPY_PATIENCE = 60000; // for the copy of a long list, made anew after a change

self.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (KNOWN.assets.includes(url.pathname)) event.respondWith(answerAsset(request));
  else if ([KNOWN.start, KNOWN.figures, KNOWN.copy].includes(url.pathname)) {
    event.respondWith(answer(request, url.pathname));
  } else if (request.mode === "navigate") {
    // a list or a procedure: without a server the start page opens and makes it from the copy
    event.respondWith(answer(request, KNOWN.start, false));
  }
});

async function fill() {
  const cache = await caches.open(CACHE);
  const fresh = [KNOWN.start, KNOWN.figures, KNOWN.copy].map((path) => new Request(path, { cache: "no-cache" }));
  await cache.addAll([...KNOWN.assets, ...fresh]);
}

async function dropOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("cchc-kiosk ") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/* A name with its digest never changes its bytes. */
async function answerAsset(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request)) || fetch(request);
}

async function fetchInTime(request, patience = PATIENCE) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), patience);
  try {
    const response = await fetch(request, { signal: control.signal });
    if (response.status >= 500) throw new Error("server: " + response.status);
    return response;
  } finally {
    clearTimeout(timer);
  }
}

/* From the server, kept when it is new; else what was kept of ``path``, marked as such. */
async function answer(request, path, isKept = true) {
  const cache = await caches.open(CACHE);
  const known = await cache.match(path);
  try {
    const response = await fetchInTime(request, path === KNOWN.copy && !known ? COPY_PATIENCE : PATIENCE);
    const tag = response.headers.get("ETag");
    const isKnown = known && tag && known.headers.get("ETag") === tag;
    if (isKept && response.ok && !isKnown) await cache.put(path, response.clone());
    return response;
  } catch (error) {
    if (known) return mark(known);
    throw error;
  }
}

function mark(response) {
  const headers = new Headers(response.headers);
  headers.set("X-Cchc-Kept", "1");
  return new Response(response.body, { status: response.status, headers });
}
