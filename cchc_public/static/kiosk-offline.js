/* What the kiosk knows without a server: the last start page and figures, and a copy of the list.
   Everything is replaced, never added to, so a day of use holds no more than a minute of it. */
(function () {
  "use strict";
  const ROOT = document.body.dataset.root;
  const PAGE_SIZE = 10;
  const kept = new Map(); // path of the start page and of the figures -> their last good HTML
  const weights = new Map(); // of words asked for, made anew with the copy
  const FLOOR = 0.62; // of the words, by weight, below which nothing was found
  let copy = null;
  let etag = "";

  function fold(text) {
    return text
      .toLowerCase()
      .normalize("NFD")
      .replace(/[\u0300-\u036f]/g, "")
      .replace(/đ/g, "d")
      .replace(/[^a-z0-9]+/g, " ")
      .trim()
      .replace(/\b([bcdghklmnpqrstvx]h?|qu)y\b/g, "$1i");
  }

  function make(tag, content, attributes) {
    const element = document.createElement(tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    element.append(...[].concat(content));
    return element;
  }

  function say(key, values) {
    return copy.words[key].replace(/\{(\w+)\}/g, (_all, name) => values[name]);
  }

  /* Ask for the copy; true when the server answered. An unchanged copy is not read again. */
  function refresh(fetchInTime) {
    return fetchInTime(ROOT + "/ban-luu.json", readCopy).catch(() => false);
  }

  async function readCopy(response) {
    if (!response.ok) return false;
    const tag = response.headers.get("ETag") || "";
    if (copy && tag && tag === etag) {
      if (response.body) response.body.cancel();
    } else {
      copy = await response.json();
      weights.clear();
      etag = tag;
    }
    return !response.headers.has("X-Cchc-Kept");
  }

  /* Keep a page that must survive the server; true when it differs from the one before. */
  function remember(path, html) {
    if (path !== ROOT && path !== ROOT + "/so-lieu") return false;
    const isNew = kept.get(path) !== html;
    kept.set(path, html);
    return isNew;
  }

  /* How much a word tells: rare ones much, fillers ("cho", "của") nothing. */
  function weigh(word) {
    if (copy.spoken[word] === "") return 0;
    if (!weights.has(word)) {
      const held = copy.procedures.filter((item) => holds(item, word)).length;
      weights.set(word, Math.log((copy.procedures.length + 1) / (held + 0.5)));
    }
    return weights.get(word);
  }

  function holds(item, word) {
    return (" " + item.search).includes(" " + word);
  }

  /* The share of a wording, by weight, that a procedure holds; words that stand together count. */
  function score(item, words) {
    const all = words.reduce((sum, word) => sum + weigh(word), 0);
    const held = words.reduce((sum, word) => sum + (holds(item, word) ? weigh(word) : 0), 0);
    const place = item.search.indexOf(words.join(" "));
    return all ? held / all + (place < 0 ? 0 : 0.3 - Math.min(place, 100) / 1000) : 0;
  }

  function search(query, field, need) {
    const listed = copy.needs[need];
    const there = listed
      ? listed[1].map((code) => copy.procedures.find((item) => item.code === code)).filter(Boolean)
      : copy.procedures.filter((item) => !field || item.field === field);
    const digits = query.replace(/\D/g, "");
    if (digits.length > 2 && !/[^\d. ]/.test(query)) {
      return there.filter((item) => item.code.replace(".", "").startsWith(digits));
    }
    const typed = fold(query).split(" ").filter(Boolean);
    if (!typed.length) return there;
    const line = " " + typed.map((word) => copy.spoken[word] || word).join(" ") + " ";
    const wordings = copy.synonyms
      .filter(([said]) => line.includes(" " + said + " "))
      .map(([said, meant]) => line.replace(" " + said + " ", " " + meant + " "));
    const asked = [line, ...wordings].map((words) => words.trim().split(" "));
    const found = there
      .map((item) => ({ item, score: Math.max(...asked.map((words) => score(item, words))) }))
      .filter((each) => each.score >= FLOOR)
      .sort((one, other) => other.score - one.score || one.item.name.length - other.item.name.length);
    return found.filter((each) => each.score >= found[0].score * FLOOR).map((each) => each.item);
  }

  const link = (path, words, attributes) => make("a", words, { href: path, ...attributes });
  const steps = (links) => make("nav", links, { class: "cchc-steps", "aria-label": copy.words.pages });

  function listPage(parameters) {
    const query = (parameters.get("q") || "").trim().slice(0, 200);
    const field = parameters.get("linh-vuc") || "";
    const need = parameters.get("viec") || "";
    const asked = " " + fold(query) + " ";
    const away = copy.elsewhere.find(([said]) => asked.includes(" " + said + " "));
    const found = away ? [] : search(query, field, need);
    const pages = Math.max(1, Math.ceil(found.length / PAGE_SIZE));
    const page = Math.min(pages, Math.max(1, Number(parameters.get("trang")) || 1));
    const shown = found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
    const name = (copy.needs[need] || [copy.fields[field]])[0];
    const title = (name ? name + ": " : "") + say("found", { n: found.length });
    const body = shown.length
      ? make("ul", shown.map(entry), { class: "cchc-results" })
      : make("p", away ? say("elsewhere", { q: away[1] }) + " " + copy.words.place + " " + away[2] + "."
        : (query ? say("none", { q: query }) + " " : "") + copy.words.hint);
    const address = (number) => {
      const kept = new URLSearchParams({ q: query, "linh-vuc": field, viec: need, trang: number });
      return ROOT + "/tim?" + kept;
    };
    const links = [link(ROOT, copy.words.home)];
    if (page > 1) links.push(link(address(page - 1), copy.words.earlier));
    if (pages > 1) links.push(make("span", say("page", { n: page, all: pages })));
    if (page < pages) links.push(link(address(page + 1), copy.words.later));
    return { view: "list", title: query || name || title, main: [heading(title), body, steps(links)] };
  }

  function entry(item) {
    const parts = [make("b", item.short), make("span", copy.fields[item.field]), make("span", item.facts)];
    return make("li", link(ROOT + "/thu-tuc/" + item.code, parts));
  }

  function heading(text) {
    return make("h1", text, { tabindex: "-1", ...(text.length > 120 && { class: "cchc-long" }) });
  }

  function procedurePage(code) {
    const item = copy.procedures.find((each) => each.code === code);
    if (!item) return null;
    const words = copy.words;
    const back = ROOT + "/tim?linh-vuc=" + encodeURIComponent(item.field);
    const sections = item.sections.map(([title, lines]) =>
      make("section", [make("h2", title), make("ul", lines.map(line))])
    );
    const article = make("article", [
      heading(item.name),
      make("p", item.lead, { class: "cchc-lead" }),
      ...(item.warning ? [make("p", item.warning, { class: "cchc-warning" })] : []),
      ...sections,
      make("p", item.source, { class: "cchc-source" }),
    ]);
    const aside = make("aside", [
      qrCode(item),
      make("p", [make("b", words.qr), " ", make("span", item.address)]),
    ], { "aria-label": words.qr });
    const top = steps([link(back, words.back, { "data-back": "" }), link(ROOT, words.home)]);
    return { view: "procedure", title: item.name, main: [top, article, aside] };
  }

  function line([label, text, isSoft]) {
    const content = label ? [make("b", label + ":"), " " + text] : [text];
    return make("li", content, isSoft ? { class: "cchc-soft" } : {});
  }

  function qrCode({ qr, size }) {
    const dark = qr.flatMap((row, y) => {
      const bits = [...row].map((digit) => parseInt(digit, 16).toString(2).padStart(4, "0")).join("");
      return [...bits.slice(0, size).matchAll(/1+/g)].map(([run], at, all) => `M${all[at].index} ${y}h${run.length}v1h-${run.length}z`);
    });
    const place = `x="-4" y="-4" width="${size + 8}" height="${size + 8}"`;
    const box = make("div", []);
    box.innerHTML = `<svg viewBox="-4 -4 ${size + 8} ${size + 8}" role="img" shape-rendering="crispEdges"><rect ${place} fill="#fff"/><path d="${dark.join("")}" fill="#000"/></svg>`;
    box.firstChild.setAttribute("aria-label", copy.words.qr);
    return box.firstChild;
  }

  /* Return { main, title, view } for an address of the kiosk, or null when nothing is known. */
  function render(address) {
    const url = new URL(address, location.href);
    const html = kept.get(url.pathname);
    if (html) return read(html);
    if (!copy) return null;
    const start = ROOT + "/thu-tuc/";
    const page = url.pathname === ROOT + "/tim" ? listPage(url.searchParams)
      : url.pathname.startsWith(start) ? procedurePage(url.pathname.slice(start.length)) : null;
    return page && { ...page, main: make("main", page.main, { id: "noi-dung", tabindex: "-1" }) };
  }

  function read(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const main = page.getElementById("noi-dung");
    if (!main || !("root" in page.body.dataset)) return null;
    const style = page.querySelector("link[rel=stylesheet]").getAttribute("href");
    return { main: document.adoptNode(main), title: page.title, view: page.body.dataset.view, style };
  }

  window.cchcKiosk = { offline: { refresh, remember, render, read } };
})();
