/* The sheet's grid: totals and contradictions while typing, keys as in Excel, blocks, undo. It walks the identities that
   the server sends as JSON and knows no rule of its own. Everything works without it; the server alone decides on figures. */
(function () {
  "use strict";
  var form = document.getElementById("sheet");
  if (!form) return;
  var rules = JSON.parse(document.getElementById("cchc-identities").textContent);
  var all = function (query, root) { return Array.prototype.slice.call((root || form).querySelectorAll(query)); };
  var rows = all("[data-row]");

  function grow(area) { if (window.cchcGrow) window.cchcGrow(area); }

  /* numbers: 1.714 and 77,56; anything else is left to the server */
  function read(text) {
    text = text.trim().replace(/\s*%$/, "");
    if (/^\d{1,3}([. ]\d{3})+$/.test(text)) return Number(text.replace(/[. ]/g, ""));
    if (/^\d+(,\d+)?$/.test(text)) return Number(text.replace(",", "."));
    return null;
  }
  function write(number) { return number.toLocaleString("vi-VN", { maximumFractionDigits: 2 }); }
  function field(row, key) { return row.querySelector('[data-col="' + key + '"]'); }

  /* every row as known figures; what is given is never overwritten */
  function known(row) {
    var values = {}, given = {};
    all("input[data-col]", row).forEach(function (cell) {
      var number = cell.value.trim() ? read(cell.value) : undefined;
      if (number !== undefined) { given[cell.dataset.col] = true; if (number !== null) values[cell.dataset.col] = number; }
    });
    var label = row.querySelector('[name$=".label"]');
    return { row: row, values: values, given: given, level: row.dataset.level, key: row.dataset.key,
      section: row.dataset.section, blank: !row.dataset.key && !(label && label.value) && !Object.keys(given).length };
  }
  function sum(values, keys) {
    return keys.reduce(function (total, key) { return total === null || values[key] === undefined ? null : total + values[key]; }, 0);
  }
  function put(node, key, value) {
    if (value < 0 || node.given[key] || node.values[key] !== undefined) return false;
    node.values[key] = value;
    return true;
  }
  function within(node) {
    return rules.sums.some(function (one) {
      var whole = one[0], parts = one[1], values = node.values;
      var open = parts.filter(function (key) { return values[key] === undefined; });
      if (!open.length) return put(node, whole, sum(values, parts));
      if (values[whole] === undefined) return false;
      var rest = values[whole] - parts.reduce(function (total, key) { return total + (values[key] || 0); }, 0);
      if (open.length === 1) return put(node, open[0], rest);
      return rest === 0 && open.filter(function (key) { return put(node, key, 0); }).length > 0;
    });
  }
  function between(whole, parts) {
    return rules.adds.some(function (key) {
      var open = parts.filter(function (part) { return part.values[key] === undefined; });
      if (!parts.length || parts.some(function (part) { return part.given[key] && part.values[key] === undefined; })) return false;
      var rest = parts.reduce(function (total, part) { return total + (part.values[key] || 0); }, 0);
      if (!open.length) return put(whole, key, rest);
      if (open.length === 1 && whole.values[key] !== undefined) return put(open[0], key, whole.values[key] - rest);
      return false;
    });
  }
  function families(nodes) {
    var plain = nodes.filter(function (one) { return one.level === "r" && !one.blank; });
    var found = nodes.filter(function (one) { return one.level === "g"; }).map(function (group) {
      return [group, plain.filter(function (one) { return one.section === group.key; })];
    });
    plain.forEach(function (row) {
      var details = nodes.filter(function (one) { return one.level === "d" && one.section === row.key; });
      if (details.length) found.push([row, details]);
    });
    var total = nodes.filter(function (one) { return one.level === "t"; })[0];
    if (total && rules.hasTotal) found.push([total, plain]);
    return found;
  }
  function solve() {
    var nodes = rows.map(known), tied = families(nodes), rounds = 0;
    while (rounds++ < 500 && (nodes.some(within) || tied.some(function (pair) { return between(pair[0], pair[1]); })));
    return { nodes: nodes, tied: tied };
  }
  function clashes(found) {
    var marked = [];
    found.nodes.forEach(function (node) {
      rules.sums.forEach(function (one) {
        var parts = sum(node.values, one[1]);
        if (parts !== null && node.values[one[0]] !== undefined && parts !== node.values[one[0]])
          marked.push([node, one[0], node.values[one[0]], parts]);
      });
    });
    found.tied.forEach(function (pair) {
      rules.adds.forEach(function (key) {
        var rest = pair[1].reduce(function (total, part) { return total === null || part.values[key] === undefined ? null : total + part.values[key]; }, pair[1].length ? 0 : null);
        if (rest !== null && pair[0].values[key] !== undefined && rest !== pair[0].values[key])
          marked.push([pair[0], key, pair[0].values[key], rest]);
      });
    });
    return marked;
  }
  function show() {
    var found = solve();
    found.nodes.forEach(function (node) {
      all("input[data-col]", node.row).forEach(function (cell) {
        var key = cell.dataset.col, value = node.values[key];
        if (value === undefined && rules.standIn[key]) value = node.values[rules.standIn[key]];
        var ratio = rules.ratios.filter(function (one) { return one[0] === key; })[0];
        var text = value === undefined ? "" : write(value);
        if (ratio) {
          var over = sum(node.values, ratio[2]), part = sum(node.values, ratio[1]);
          text = over && part !== null ? (part * 100 / over).toFixed(2).replace(/,?0+$|\.?0+$/, "").replace(".", ",") + " %" : "";
        }
        if (cell.placeholder !== text) cell.placeholder = text;
        cell.classList.remove("cchc-clash");
        cell.removeAttribute("title");
      });
    });
    var marked = clashes(found);
    marked.forEach(function (one) {
      var cell = field(one[0].row, one[1]);
      if (!cell) return;
      cell.classList.add("cchc-clash");
      cell.title = "Ô này " + write(one[2]) + ", các số khác cho " + write(one[3]) + ".";
    });
    var told = form.querySelector(".cchc-clashes");
    var words = marked.length ? "▲ " + marked.length + " chỗ lệch" : "";
    if (told && told.textContent !== words) told.textContent = words;
  }

  /* undo and redo over cells, blocks and mended words alike */
  var done = [], undone = [], before = {};
  function remember(changes) {
    done.push(changes);
    if (done.length > 300) done.shift();
    undone = [];
  }
  function step(from, to, side) {
    var changes = from.pop();
    if (!changes) return;
    to.push(changes);
    changes.forEach(function (one) { one.cell.value = one[side]; before[one.cell.name] = one[side]; if (one.cell.rows) grow(one.cell); });
    changes[0].cell.focus();
    touched();
  }
  function touched() { show(); if (window.cchcKeep) window.cchcKeep(); offerUndo(); }
  var back = form.querySelector("[data-undo]");
  function offerUndo() { if (back) back.hidden = !done.length; }
  if (back) back.addEventListener("click", function () { step(done, undone, "was"); });
  function cells() { return all("input[data-col], textarea"); }
  cells().forEach(function (cell) { before[cell.name] = cell.value; });
  form.addEventListener("input", function (event) {
    var cell = event.target, last = done[done.length - 1];
    if (!(cell.name in before)) return;
    if (last && last.typing === cell && !undone.length) last[0].now = cell.value;
    else {
      var changes = [{ cell: cell, was: before[cell.name], now: cell.value }];
      changes.typing = cell;
      remember(changes);
    }
    before[cell.name] = cell.value;
    show();
    offerUndo();
  });
  form.addEventListener("focusin", function () { if (done.length) delete done[done.length - 1].typing; });
  form.addEventListener("cchc-restored", function () {
    cells().forEach(function (cell) { before[cell.name] = cell.value; });
    show();
  });

  /* arrows and Enter walk through the cells; Shift marks a block */
  function lineOf(row) { return all("[data-col]", row); }
  function place(cell) {
    var row = cell.closest("[data-row]");
    return { y: rows.indexOf(row), x: lineOf(row).indexOf(cell) };
  }
  function at(y, x) { return rows[y] && lineOf(rows[y])[x]; }
  var anchor = null, head = null, copied = "";
  function block() {
    if (!anchor || !head) return [];
    var one = place(anchor), other = place(head), lines = [];
    for (var y = Math.min(one.y, other.y); y <= Math.max(one.y, other.y); y++)
      lines.push(lineOf(rows[y]).slice(Math.min(one.x, other.x), Math.max(one.x, other.x) + 1));
    return lines;
  }
  function mark() {
    all(".cchc-picked").forEach(function (cell) { cell.classList.remove("cchc-picked"); });
    block().forEach(function (line) { line.forEach(function (cell) { cell.classList.add("cchc-picked"); }); });
  }
  function unmark() { anchor = head = null; mark(); }
  function go(event, target) {
    if (!target) return;
    event.preventDefault();
    target.focus();
    if (target.select) target.select();
  }
  form.addEventListener("mousedown", unmark);
  form.addEventListener("keydown", function (event) {
    var cell = event.target, key = event.key, control = event.ctrlKey || event.metaKey;
    if (control && /^[sS]$/.test(key)) { event.preventDefault(); form.requestSubmit(all('button[value="save"]').pop()); return; }
    if (control && /^[zZyY]$/.test(key) && cell.name in before) {
      event.preventDefault();
      if (/^[yY]$/.test(key) || event.shiftKey) step(undone, done, "now");
      else step(done, undone, "was");
      return;
    }
    if (!cell.dataset || !cell.dataset.col || !cell.closest("[data-row]")) return;
    if (control && /^[cC]$/.test(key) && block().length && (block().length > 1 || block()[0].length > 1)) {
      event.preventDefault();
      copied = block().map(function (line) {
        return line.map(function (one) { return one.value || one.placeholder; }).join("\t");
      }).join("\n");
      navigator.clipboard.writeText(copied);
      return;
    }
    if (control && key !== "Home") return;
    if (key === "Delete" && block().length) {
      event.preventDefault();
      fill(block().reduce(function (found, line) { return found.concat(line); }, []).map(function (one) { return [one, ""]; }));
      return;
    }
    if (cell.tagName === "TEXTAREA" && key !== "Tab") return;
    var moves = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], Enter: [event.shiftKey ? -1 : 1, 0] };
    var move = moves[key];
    if (!move) { if (key !== "Shift") unmark(); return; }
    if (event.shiftKey && key !== "Enter") {
      anchor = anchor || cell;
      var end = place(head || cell), next = at(end.y + move[0], end.x + move[1]);
      if (next) head = next;
      event.preventDefault();
      mark();
      return;
    }
    var isAll = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
    if (key === "ArrowLeft" && !isAll && cell.selectionEnd !== 0) return;
    if (key === "ArrowRight" && !isAll && cell.selectionStart !== cell.value.length) return;
    unmark();
    var here = place(cell), target = at(here.y + move[0], here.x + move[1]);
    if (key === "Enter") event.preventDefault();
    go(event, target);
  });

  function fill(pairs) {
    var changes = pairs.filter(function (pair) { return pair[0] && pair[0].value !== pair[1]; }).map(function (pair) {
      return { cell: pair[0], was: pair[0].value, now: pair[1] };
    });
    if (!changes.length) return;
    changes.forEach(function (one) { one.cell.value = one.now; before[one.cell.name] = one.now; if (one.cell.rows) grow(one.cell); });
    remember(changes);
    touched();
  }
  /* tabs part cells and line ends part rows; a cell in quotes may hold both, as Excel writes it */
  function cut(text) {
    var lines = [[""]], quoted = false;
    text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("").forEach(function (letter, at, whole) {
      var line = lines[lines.length - 1], last = line.length - 1;
      if (letter === '"' && !line[last] && !quoted) { quoted = text.indexOf('"', at + 1) > 0; if (quoted) return; }
      else if (quoted && letter === '"' && /^[\t\n]?$/.test(whole[at + 1] || "")) { quoted = false; return; }
      if (!quoted && letter === "\t") line.push("");
      else if (!quoted && letter === "\n") lines.push([""]);
      else line[last] += letter;
    });
    return lines;
  }
  function readAsTable(text, html) {
    var reader = document.getElementById("dan");
    reader.querySelector('[name="text"]').value = text;
    reader.querySelector('[name="html"]').value = (window.cchcLighter || String)(html).slice(0, 900000);
    window.cchcLeave = true;
    reader.submit();
  }
  function name(cell) {
    var around = cell.closest("[data-label]");
    return "«" + (around ? around.dataset.label : cell.getAttribute("aria-label")).trim() + "»";
  }
  /* nothing is cut off in silence: what does not fit is asked */
  function ask(words, answers) {
    all(".cchc-block-ask").forEach(function (old) { old.remove(); });
    var box = document.createElement("div"), line = document.createElement("p"), focus = document.activeElement;
    box.className = "cchc-banner cchc-is-late cchc-block-ask";
    line.className = "cchc-actions";
    box.setAttribute("role", "alertdialog");
    box.setAttribute("aria-label", words);
    box.textContent = words;
    answers.concat([["Thôi, không dán", function () {}]]).forEach(function (pair) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "cchc-button-quiet";
      button.textContent = pair[0];
      button.addEventListener("click", function () { box.remove(); if (focus) focus.focus(); pair[1](); });
      line.appendChild(button);
    });
    box.appendChild(line);
    form.querySelector(".cchc-sub").after(box);
    line.firstChild.focus();
  }
  /* a block of figures lands cell by cell; a table with words goes through the reader, with its merged cells */
  form.addEventListener("paste", function (event) {
    var start = event.target, board = event.clipboardData, text = board && board.getData("text"), html = board && board.getData("text/html");
    var isWordy = start.tagName === "TEXTAREA";
    if (!text || !start.dataset || !start.dataset.col || !(isWordy ? /\t/ : /[\t\n]/).test(text.trim())) return;
    event.preventDefault();
    var lines = cut(text), from = place(start), pairs = [], outside = 0;
    var width = Math.max.apply(null, lines.map(function (line) { return line.length; }));
    var hasWords = lines.some(function (line) { return line.some(function (word) { return /\p{L}/u.test(word); }); });
    if (hasWords && !isWordy) { readAsTable(text, html); return; }
    function lay(x) {
      pairs = [];
      outside = 0;
      lines.forEach(function (line, down) {
        line.forEach(function (word, right) {
          var cell = at(from.y + down, x + right);
          if (cell) pairs.push([cell, word.trim()]);
          else if (word.trim()) outside++;
        });
      });
    }
    lay(from.x);
    /* one column, a whole row, what was copied here: the place says it all; else nobody knows which columns these are */
    var isSure = width === 1 || text.replace(/\r/g, "").trim() === copied.trim() || !from.x && width === lineOf(rows[from.y]).length;
    if (!outside && !isWordy && isSure) { fill(pairs); return; }
    var size = lines.length + " dòng × " + width + " cột", answers = [];
    var here = pairs;
    if (outside) {
      lay(0);
      var fromFirst = pairs;
      if (!outside && from.x) answers.push(["Dán từ cột đầu của dòng này", function () { fill(fromFirst); }]);
    }
    lay(from.x);
    var to = lineOf(rows[from.y]).slice(from.x, from.x + width).pop();
    var columns = isWordy || start === to ? " từ đây" : ", từ cột " + name(start) + " đến cột " + name(to);
    answers.push([(outside ? "Chỉ dán phần vừa: " : "Dán vào ") + here.length + " ô" + columns, function () { fill(here); }]);
    answers.push(["Đọc như một bảng", function () { readAsTable(text, html); }]);
    ask("Khối vừa chép có " + size + (outside ? "; từ ô này thì " + outside + " ô có số không còn chỗ." : "."), answers);
  });

  /* after a save, place and focus stay */
  var memory = "cchc-place " + location.pathname, scroll = form.querySelector(".cchc-scroll");
  form.addEventListener("submit", function () {
    var name = document.activeElement && document.activeElement.name in before ? document.activeElement.name : lastName;
    sessionStorage.setItem(memory, JSON.stringify([name, scroll ? scroll.scrollTop : 0, window.scrollY]));
  });
  var lastName = "";
  form.addEventListener("focusin", function (event) { if (event.target.name in before) lastName = event.target.name; });
  var kept = JSON.parse(sessionStorage.getItem(memory) || "null");
  sessionStorage.removeItem(memory);
  if (kept) {
    var again = kept[0] && form.elements[kept[0]];
    if (again && again.focus && !location.hash) again.focus({ preventScroll: true });
    if (scroll) scroll.scrollTop = kept[1];
    window.scrollTo(0, kept[2]);
  }
  show();
})();
