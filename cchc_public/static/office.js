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

/* Comfort for the sheet's screen: totals while typing, keys as in Excel, a pasted block of cells,
   a warning before leaving. Everything works without it; the server alone decides on figures. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-watch]");
  if (!form) return;
  var unsaved = form.querySelector(".cchc-unsaved");
  var dirty = false;

  function touched() {
    dirty = true;
    if (unsaved) unsaved.hidden = false;
  }
  form.addEventListener("input", touched);
  form.addEventListener("submit", function () { dirty = false; });
  window.addEventListener("beforeunload", function (event) {
    if (!dirty) return;
    event.preventDefault();
    event.returnValue = "";
  });

  /* words grow with their text */
  function grow(area) {
    area.rows = 1;
    area.style.height = "auto";
    area.style.height = area.scrollHeight + 4 + "px";
  }
  form.querySelectorAll("textarea").forEach(function (area) {
    if (area.offsetParent) grow(area);
    area.addEventListener("input", function () { grow(area); });
  });
  form.addEventListener("toggle", function (event) {
    event.target.querySelectorAll("textarea").forEach(grow);
  }, true);

  /* numbers: 1.714 and 77,56; anything else is left to the server */
  function read(text) {
    text = text.trim();
    if (/^\d{1,3}([. ]\d{3})+$/.test(text)) return Number(text.replace(/[. ]/g, ""));
    if (/^\d+(,\d+)?$/.test(text)) return Number(text.replace(",", "."));
    return null;
  }
  function write(number) {
    return number.toLocaleString("vi-VN", { maximumFractionDigits: 2 });
  }
  function field(row, key) {
    return row.querySelector('[data-col="' + key + '"]');
  }
  function figure(row, key) {
    var cell = field(row, key);
    if (!cell) return null;
    if (cell.tagName === "OUTPUT") return cell.figure === undefined ? read(cell.textContent) : cell.figure;
    return read(cell.value);
  }
  function add(row, keys) {
    return keys.split(" ").filter(Boolean).reduce(function (sum, key) {
      var one = figure(row, key);
      return sum === null || one === null ? null : sum + one;
    }, 0);
  }
  function show(cell, number, text) {
    if (cell.figure === number && cell.shown === text) return;
    cell.figure = number;
    cell.shown = text;
    cell.textContent = text;
    cell.classList.add("cchc-live");
  }
  function compute(row) {
    row.querySelectorAll("output[data-plus]").forEach(function (cell) {
      var plus = add(row, cell.dataset.plus);
      if (cell.dataset.over) {
        var over = add(row, cell.dataset.over);
        var known = plus !== null && over;
        show(cell, known ? plus / over : null,
          known ? (plus * 100 / over).toFixed(2).replace(".", ",") + "\u00a0% (" + write(plus) + " trên " + write(over) + ")" : "–");
        return;
      }
      var minus = cell.dataset.minus ? add(row, cell.dataset.minus) : 0;
      var result = plus === null || minus === null ? null : plus - minus;
      show(cell, result, result === null ? "–" : write(result));
    });
  }
  function recompute() {
    var rows = form.querySelectorAll("[data-row]");
    rows.forEach(function (row) { compute(row); compute(row); });
    form.querySelectorAll("[data-total]").forEach(function (total) {
      total.querySelectorAll("output:not([data-plus])").forEach(function (cell) {
        var sum = 0;
        rows.forEach(function (row) {
          var input = field(row, cell.dataset.col);
          var blank = !input || (!row.querySelector('[name$=".key"]').value && !input.value);
          var one = blank ? 0 : figure(row, cell.dataset.col);
          sum = sum === null || one === null ? null : sum + one;
        });
        show(cell, sum, sum === null ? "–" : write(sum));
      });
      compute(total);
      compute(total);
    });
  }
  form.addEventListener("input", recompute);

  /* the grid: arrows and Enter walk through the cells */
  function neighbour(cell, down, right) {
    var line = cell.closest("tr");
    if (down) {
      do { line = down > 0 ? line.nextElementSibling : line.previousElementSibling; }
      while (line && !line.hasAttribute("data-row"));
      return line && field(line, cell.dataset.col);
    }
    var cells = Array.prototype.slice.call(line.querySelectorAll(".cchc-num, td .cchc-words"));
    return cells[cells.indexOf(cell) + right];
  }
  function go(event, target) {
    if (!target || !target.focus) return;
    event.preventDefault();
    target.focus();
    if (target.select) target.select();
  }
  form.addEventListener("keydown", function (event) {
    var cell = event.target;
    if (!cell.classList.contains("cchc-num") || !cell.closest("tr[data-row]") || event.ctrlKey) return;
    var atStart = cell.selectionEnd === 0 || cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
    var atEnd = cell.selectionStart === cell.value.length || cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
    if (event.key === "Enter") { event.preventDefault(); go(event, neighbour(cell, 1, 0)); }
    if (event.key === "ArrowDown") go(event, neighbour(cell, 1, 0));
    if (event.key === "ArrowUp") go(event, neighbour(cell, -1, 0));
    if (event.key === "ArrowRight" && atEnd) go(event, neighbour(cell, 0, 1));
    if (event.key === "ArrowLeft" && atStart) go(event, neighbour(cell, 0, -1));
  });

  /* a block copied in Excel lands cell by cell, from the one it was pasted into */
  form.addEventListener("paste", function (event) {
    var start = event.target;
    var text = event.clipboardData && event.clipboardData.getData("text");
    if (!text || !start.closest("tr[data-row]") || !start.dataset.col || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    var line = start;
    text.replace(/\r/g, "").replace(/\n$/, "").split("\n").forEach(function (words) {
      var cell = line;
      words.split("\t").forEach(function (word) {
        if (!cell) return;
        cell.value = word.trim();
        cell = neighbour(cell, 0, 1);
      });
      line = line && neighbour(line, 1, 0);
    });
    touched();
    recompute();
  });
})();
