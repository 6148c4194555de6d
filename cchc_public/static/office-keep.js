/* Nothing typed is lost: every edit of a form marked data-watch lies in this browser until the server says that it was
   saved. It is offered again after a closed tab, a crash, a lost line or an ended session. Works on any plain form. */
(function () {
  "use strict";
  var page = document.getElementById("cchc-keeping");
  if (!page) return;
  var prefix = "cchc-kept " + page.dataset.owner + " ";
  var form = document.querySelector("form[data-watch]");
  var dirty = false, sending = false, id = "";

  function entries() {
    return Object.keys(localStorage).filter(function (key) { return key.indexOf(prefix) === 0; });
  }
  function read(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch (error) { return null; }
  }

  /* localStorage outlives a closed tab at once, but reaches the disk late; what a killed browser
     leaves behind is in the database beside it */
  function disk(work, then) {
    var opening;
    try { opening = indexedDB.open("cchc-kept", 1); } catch (error) { if (then) then(null); return; }
    opening.onupgradeneeded = function () { opening.result.createObjectStore("kept"); };
    opening.onerror = function () { if (then) then(null); };
    opening.onsuccess = function () {
      var deal = opening.result.transaction("kept", "readwrite");
      var asked = work(deal.objectStore("kept"));
      deal.oncomplete = function () { opening.result.close(); if (then) then(asked && asked.result); };
      deal.onabort = function () { opening.result.close(); if (then) then(null); };
      if (deal.commit && !then) deal.commit();
    };
  }
  function forget(key, then) {
    localStorage.removeItem(key);
    disk(function (store) { return store.delete(key); }, then || function () {});
  }
  /* a newer copy on the disk comes back; the server names the copy that it saved */
  function recover(then) {
    disk(function (store) { return store.getAll(); }, function (found) {
      (found || []).forEach(function (one) {
        var known = read(one.key);
        if (one.key.indexOf(prefix) === 0 && (!known || known.at < one.at)) localStorage.setItem(one.key, JSON.stringify(one));
      });
      entries().forEach(function (key) {
        var kept = read(key);
        if (!kept || kept.id === page.dataset.saved) forget(key);
      });
      then();
    });
  }

  /* signing out clears this machine; whoever has something unsaved is asked */
  document.querySelectorAll("form.cchc-sign-out").forEach(function (one) {
    one.addEventListener("submit", function (event) {
      var left = entries().length;
      if (left && !window.confirm("Trên máy này còn " + left + " chỗ gõ dở chưa lưu. Đăng xuất sẽ bỏ các chỗ đó. Đăng xuất?")) {
        event.preventDefault();
        return;
      }
      if (!left) return;
      event.preventDefault();
      var keys = entries(), open = keys.length;
      sending = true;
      keys.forEach(function (key) { forget(key, function () { open -= 1; if (!open) one.submit(); }); });
    });
  });
  if (!form) { recover(function () {}); return; }

  /* words grow with their text */
  function grow(area) {
    if (!area.offsetParent) return;
    area.rows = 1;
    area.style.height = "auto";
    area.style.height = area.scrollHeight + 2 + "px";
  }
  window.cchcGrow = grow;
  form.querySelectorAll("textarea").forEach(function (area) {
    grow(area);
    area.addEventListener("input", function () { grow(area); });
  });
  form.addEventListener("toggle", function (event) { event.target.querySelectorAll("textarea").forEach(grow); }, true);

  var key = prefix + form.getAttribute("action");
  var state = form.querySelector(".cchc-unsaved");

  function fields() {
    return Array.prototype.filter.call(form.elements, function (one) {
      return one.name && ["password", "file", "submit", "button", "fieldset"].indexOf(one.type) < 0 &&
        [page.dataset.token, "cchc_ticket", "cchc_copy", "ban-nhap"].indexOf(one.name) < 0;
    });
  }
  function snapshot() {
    return fields().filter(function (one) { return !/^(checkbox|radio)$/.test(one.type) || one.checked; })
      .map(function (one) { return [one.name, one.value]; });
  }
  function clock() {
    var now = new Date();
    return now.getHours() + " giờ " + ("0" + now.getMinutes()).slice(-2);
  }
  function say(text, isBad) {
    if (!state) return;
    state.hidden = false;
    state.textContent = text;
    state.classList.toggle("cchc-is-bad", !!isBad);
  }
  function copyField() {
    var field = form.querySelector('[name="cchc_copy"]');
    if (!field) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = "cchc_copy";
      form.appendChild(field);
    }
    field.value = id;
  }
  function keep() {
    dirty = true;
    id = id || Date.now().toString(36) + Math.random().toString(36).slice(2, 10);
    try {
      var copy = { key: key, id: id, at: Date.now(), fields: snapshot() };
      localStorage.setItem(key, JSON.stringify(copy));
      disk(function (store) { store.put(copy, key); });
      say("Chưa lưu · đã giữ trên máy này lúc " + clock());
    } catch (error) {
      say("Chưa lưu, và máy này không giữ được bản gõ dở. Hãy bấm Lưu sớm.", true);
    }
    copyField();
  }
  window.cchcKeep = keep;

  /* put back what was kept: into the fields that stand here, or through the server when rows are missing */
  function count(kept, now) {
    var here = {};
    now.forEach(function (pair) { here[pair[0]] = (here[pair[0]] || "") + "\n" + pair[1]; });
    var there = {};
    kept.forEach(function (pair) { there[pair[0]] = (there[pair[0]] || "") + "\n" + pair[1]; });
    return Object.keys(Object.assign({}, here, there)).filter(function (name) {
      return name !== "version" && here[name] !== there[name];
    }).length;
  }
  function restore(kept) {
    var known = {};
    fields().forEach(function (one) { (known[one.name] = known[one.name] || []).push(one); });
    var version = kept.fields.filter(function (pair) { return pair[0] === "version"; })[0];
    var isOld = version && known.version && known.version[0].value !== version[1];
    var isMissing = kept.fields.some(function (pair) { return !known[pair[0]]; });
    if ((isMissing || isOld) && form.dataset.restore) return postBack(kept);
    fields().forEach(function (one) { if (/^(checkbox|radio)$/.test(one.type)) one.checked = false; });
    kept.fields.forEach(function (pair) {
      var one = (known[pair[0]] || []).shift();
      if (!one) return;
      if (/^(checkbox|radio)$/.test(one.type)) {
        while (one && one.value !== pair[1]) one = known[pair[0]].shift();
        if (one) one.checked = true;
      } else if (one.name !== "version" || isOld) one.value = pair[1];
    });
    id = kept.id;
    keep();
    form.dispatchEvent(new Event("cchc-restored"));
    say("Đã lấy lại những gì bạn gõ. Chưa lưu: xin bấm Lưu.");
  }
  function postBack(kept) {
    var post = document.createElement("form");
    post.method = "post";
    post.action = form.action;
    post.hidden = true;
    var tokens = Array.prototype.filter.call(form.elements, function (one) {
      return [page.dataset.token, "cchc_ticket"].indexOf(one.name) >= 0;
    }).map(function (one) { return [one.name, one.value]; });
    kept.fields.concat(tokens, [["do", form.dataset.restore], ["cchc_copy", kept.id]]).forEach(function (pair) {
      var field = document.createElement("textarea");
      field.name = pair[0];
      field.value = pair[1];
      post.appendChild(field);
    });
    document.body.appendChild(post);
    sending = true;
    post.submit();
  }
  function offer(kept, changes) {
    var box = document.createElement("div");
    box.className = "cchc-banner cchc-is-late cchc-kept";
    box.setAttribute("role", "status");
    var words = document.createElement("p");
    words.textContent = "Trên máy này còn giữ những gì bạn gõ lúc " + new Date(kept.at).toLocaleString("vi-VN") +
      " mà chưa lưu: " + changes + " chỗ khác với bản đang hiện.";
    box.appendChild(words);
    var line = document.createElement("p");
    [["Lấy lại", function () { box.remove(); restore(kept); }],
      ["Bỏ bản gõ dở", function () { forget(key); box.remove(); }]].forEach(function (pair) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "cchc-button-quiet";
      button.textContent = pair[0];
      button.addEventListener("click", pair[1]);
      line.appendChild(button);
      line.appendChild(document.createTextNode(" "));
    });
    box.appendChild(line);
    form.parentNode.insertBefore(box, form);
  }
  recover(function () {
    var kept = read(key);
    if (form.hasAttribute("data-unsaved")) {
      id = page.dataset.copy || (kept && kept.id) || "";
      keep();
    } else if (kept && !dirty) {
      var changes = count(kept.fields, snapshot());
      var how = performance.getEntriesByType("navigation")[0];
      if (!changes) forget(key);
      else if (how && (how.type === "back_forward" || how.type === "reload")) restore(kept);
      else offer(kept, changes);
    }
  });
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  window.addEventListener("beforeunload", function (event) {
    if (!dirty || sending || window.cchcLeave) return;
    event.preventDefault();
    event.returnValue = "";
  });

  /* a save without a line says so, keeps everything, and goes on trying */
  form.addEventListener("submit", function (event) {
    if (sending || !dirty) { sending = true; return; }
    event.preventDefault();
    var button = event.submitter, wait = 2;
    if (window.cchcBeforeSend) window.cchcBeforeSend();
    keep();
    (function attempt() {
      say("Đang lưu…");
      fetch(page.dataset.ping, { cache: "no-store", credentials: "omit" }).then(function (answer) {
        if (answer.status >= 500 && answer.status !== 503) throw new Error("no server");
        sending = true;
        if (button && form.requestSubmit) form.requestSubmit(button);
        else form.submit();
        id = ""; /* what is typed from here on is another copy: the server has not seen it */
        window.setTimeout(function () { sending = false; }, 15000);
      }).catch(function () {
        say("Chưa lưu được: không tới được máy chủ. Mọi thứ vẫn giữ trên máy này; tự thử lại sau " + wait + " giây.", true);
        window.setTimeout(attempt, wait * 1000);
        wait = Math.min(60, wait * 2);
      });
    })();
  });
})();

/* A pasted table keeps its merged cells: the clipboard's HTML goes along with its text. */
(function () {
  "use strict";
  /* Word sends a style sheet and a style for every letter: only what hides a cell matters */
  function lighter(html) {
    return html
      .replace(/<!--[\s\S]*?-->|<style[\s\S]*?<\/style>|<o:p>|<\/o:p>/gi, "")
      .replace(/\s(?:class|style|lang|width|height|v?align|face|size|bgcolor|border)=("[^"]*"|'[^']*'|[^\s>]+)/gi,
        function (found) { return /display\s*:\s*none|mso-hide/i.test(found) ? found : ""; });
  }
  window.cchcLighter = lighter;
  document.querySelectorAll("textarea[data-takes-tables]").forEach(function (area) {
    var page = area.form.querySelector('input[name="html"]');
    area.addEventListener("paste", function (event) {
      var html = event.clipboardData ? event.clipboardData.getData("text/html") : "";
      page.value = /<table/i.test(html) && !area.value.trim() ? lighter(html) : "";
    });
    area.addEventListener("input", function (event) {
      if (event.inputType !== "insertFromPaste") page.value = "";
    });
  });
})();
