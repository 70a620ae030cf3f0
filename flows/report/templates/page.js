"use strict";
// What the page adds to its text where scripts run: evidence beside it, data in tables that sort,
// and choices. All results are those of the build; nothing is computed here.

(() => {
  const EVIDENCE = JSON.parse(document.getElementById("evidence-data").textContent);
  const MINUS = "\u2212";

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  // Addresses -------------------------------------------------------------------------------------

  function decoded(hash) {
    try {
      return decodeURIComponent(hash.slice(1));
    } catch {
      return hash.slice(1);
    }
  }

  const address = () => decoded(location.hash);

  function leaveAddress() {
    history.replaceState(null, "", location.pathname + location.search);
  }

  async function copy(text, button) {
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = make("textarea", { class: "aside" });
      area.value = text;
      button.after(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = label), 1500);
  }

  function copyButton(label, text) {
    const button = make("button", { type: "button", class: "copy" }, label);
    button.addEventListener("click", () => copy(text, button));
    return button;
  }

  // Raw files ------------------------------------------------------------------------------------

  function usedLines(runs) {
    const used = new Set();
    for (const [first, last] of runs) {
      for (let line = first; line <= last; line += 1) used.add(line);
    }
    return used;
  }

  const AROUND = [-2, -1, 0, 1, 2];
  const SHORT = 300;

  function lineItem(line, text, used) {
    const shown = make(used ? "mark" : "span", {}, text || "\u00a0");
    return make("li", { "data-line": line }, make("span", { class: "line-number" }, String(line)), shown);
  }

  function rawLines(source, used, wanted) {
    const lines = document.createDocumentFragment();
    const gap = () => lines.append(make("li", { class: "gap", "aria-hidden": "true" }, "…"));
    let next = 1;
    for (const first of Object.keys(source.lines).map(Number).sort((a, b) => a - b)) {
      source.lines[first].forEach((text, place) => {
        const line = first + place;
        if (!wanted(line)) return;
        if (line > next) gap();
        lines.append(lineItem(line, text, used.has(line)));
        next = line + 1;
      });
    }
    if (next <= source.total) gap();
    return lines;
  }

  // The lines that were used, with a few around them; all lines of a short file, and of any that the
  // page carries whole at a click.
  function rawFile(source, runs) {
    const used = usedLines(runs);
    const near = (line) => source.total <= SHORT || line === 1 || AROUND.some((step) => used.has(line + step));
    const list = make("ol", { class: "raw" });
    list.append(rawLines(source, used, near));
    const box = make("div", { class: "raw-file", tabindex: "0", role: "region", "aria-label": source.file }, list);
    const words = `${used.size} of ${source.total} lines of `;
    const about = make("p", { class: "about" }, words, make("code", {}, source.file), ": ");
    const carried = Object.values(source.lines).reduce((sum, lines) => sum + lines.length, 0);
    if (carried === source.total && list.querySelector(".gap")) {
      const whole = make("button", { type: "button", class: "whole" }, "Show the whole file");
      whole.addEventListener("click", () => {
        list.replaceChildren(rawLines(source, used, () => true));
        whole.remove();
        toFirstMark(box);
        box.focus();
      });
      about.append(whole);
    }
    return [about, box];
  }

  function toFirstMark(box) {
    const first = box.querySelector("mark");
    if (first) box.scrollTop = first.offsetTop - 3 * first.offsetHeight;
  }

  function fromSource(name, runs) {
    const source = EVIDENCE.sources[name];
    const part = make("section", { class: "source" });
    if (!source) {
      part.append(make("h3", {}, name));
      return part;
    }
    part.append(make("h3", {}, source.title));
    const facts = [source.publisher, `release ${source.release}`].filter(Boolean).join(", ");
    const about = make("p", { class: "about" }, `${facts}. Terms: ${source.terms} `);
    if (/^https?:/.test(source.address)) {
      about.append(make("a", { href: source.address, rel: "noopener" }, "Where it was published"));
    }
    part.append(about);
    if (source.file) part.append(...rawFile(source, runs));
    if (source.note) part.append(make("p", { class: "about" }, source.note));
    return part;
  }

  function fromSources(rows) {
    return Object.entries(rows).map(([name, runs]) => fromSource(name, runs));
  }

  // Evidence: one dialog for numbers and exhibits ------------------------------------------------

  const title = make("h2", { id: "evidence-title", tabindex: "-1" });
  const closing = make("button", { type: "button", class: "close" }, "Close");
  const content = make("div", { class: "content" });
  const bar = make("div", { class: "bar" }, title, closing);
  const dialog = make("dialog", { id: "evidence", "aria-labelledby": "evidence-title" }, bar, content);
  document.body.append(dialog);
  let opener = null;

  closing.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => {
    if (evidenceAt(address())) leaveAddress();
    if (opener && opener.isConnected) opener.focus({ preventScroll: true });
    opener = null;
  });

  function show(heading, parts) {
    title.textContent = heading;
    content.replaceChildren(...parts);
    if (!dialog.open) dialog.showModal();
    content.scrollTop = 0;
    title.focus({ preventScroll: true });
    content.querySelectorAll(".raw-file").forEach(toFirstMark);
  }

  function part(heading, ...children) {
    return make("section", {}, make("h3", {}, heading), ...children);
  }

  function citing(what) {
    const link = `${location.pathname.split("/").pop() || "index.html"}${location.hash}`;
    const text = `${what}, in: ${EVIDENCE.citation} (${link})`;
    return part("Cite", make("p", { class: "citation" }, text), copyButton("Copy citation", text));
  }

  function openNumber(entry) {
    const printed = entry.querySelector("dt b").textContent;
    const about = entry.querySelector("dt span").textContent;
    const id = entry.querySelector(".id").textContent;
    const parts = [make("p", {}, about)];
    for (const bounds of entry.querySelectorAll(".bounds")) {
      parts.push(make("p", { class: "bounds" }, bounds.textContent));
    }
    const rows = JSON.parse(entry.dataset.runs);
    parts.push(...fromSources(rows));
    const code = entry.querySelector(".code code");
    if (code) {
      const text = code.textContent;
      const block = make("pre", { tabindex: "0" }, make("code", {}, text));
      parts.push(part("In Python", block, copyButton("Copy code", text)));
    }
    parts.push(citing(`Number ${id} (${printed})`));
    show(printed, parts);
  }

  function openExhibit(figure, exhibit) {
    const label = figure.querySelector("figcaption .label");
    const name = label ? label.textContent.replace(/\.$/, "") : figure.id;
    const parts = [];
    if (exhibit.data) parts.push(...dataOf(exhibit, name));
    parts.push(...fromSources(exhibit.rows), citing(name));
    show(`${name}: data and sources`, parts);
  }

  // Data that sort -------------------------------------------------------------------------------

  function printCell(cell) {
    if (cell === null) return "";
    return typeof cell === "number" ? String(cell).replace("-", MINUS) : String(cell);
  }

  function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), "en");
  }

  function dataOf(exhibit, name) {
    const body = make("tbody");
    const buttons = exhibit.columns.map((column) => make("button", { type: "button" }, column));
    const heads = buttons.map((button) => make("th", { scope: "col", "aria-sort": "none" }, button));
    let order = exhibit.data;
    const fill = () => {
      body.replaceChildren(
        ...order.map((row) =>
          make(
            "tr",
            {},
            ...row.map((cell) =>
              make("td", typeof cell === "number" ? { class: "numeric" } : {}, printCell(cell)),
            ),
          ),
        ),
      );
    };
    buttons.forEach((button, place) => {
      button.addEventListener("click", () => {
        const up = heads[place].getAttribute("aria-sort") !== "ascending";
        heads.forEach((head) => head.setAttribute("aria-sort", "none"));
        heads[place].setAttribute("aria-sort", up ? "ascending" : "descending");
        const sign = up ? 1 : -1;
        const missing = (row) => row[place] === null || row[place] === "";
        order = [...exhibit.data].sort(
          (a, b) => missing(a) - missing(b) || sign * compare(a[place], b[place]),
        );
        fill();
      });
    });
    fill();
    const table = make("table", {}, make("thead", {}, make("tr", {}, ...heads)), body);
    const box = make("div", { class: "data", tabindex: "0", role: "region", "aria-label": `Data of ${name}` }, table);
    const link = make("a", { href: exhibit.csv, download: "" }, exhibit.csv);
    return [make("p", { class: "about" }, "The same as a file beside this page: ", link), box];
  }

  // Choices --------------------------------------------------------------------------------------

  function choicesOf(figure, exhibit) {
    const { choices: names, decimals, unit_label: unit, does_not_apply: nothing } = exhibit.choices;
    const place = Object.fromEntries(exhibit.columns.map((column, index) => [column, index]));
    const own = exhibit.data.find((row) => row[place.own]);
    const id = figure.id.replace(/^fig-/, "");
    const selects = names.map((name, index) => {
      const labels = exhibit.data.map((row) => row[place[name]]).filter((label) => label !== nothing);
      const options = [...new Set(labels)].sort();
      const select = make("select", { id: `${figure.id}-choice-${index}` });
      for (const option of options) select.append(make("option", { value: option }, option));
      return select;
    });
    const output = make("output", { class: "result", "aria-live": "polite" });
    const what = make("span", { class: "about" }, `${unit}: `);
    const code = make("code");
    const reset = make("button", { type: "button" }, "As in the report");
    const form = make("form", { class: "choices", "aria-label": "What if one had chosen otherwise" });
    names.forEach((name, index) => {
      const label = make("label", { for: selects[index].id }, name);
      form.append(make("div", { class: "choice" }, label, selects[index]));
    });
    const snippet = make("details", { class: "snippet" }, make("summary", {}, "In Python"), make("pre", { tabindex: "0" }, code));
    form.append(make("div", { class: "answer" }, what, output, reset), snippet);
    form.addEventListener("submit", (event) => event.preventDefault());

    // The dots of the drawing, which stand in the order of the rows that have a value.
    const drawn = [...figure.querySelectorAll('[id*="dots-of-choices"] use')].sort(
      (a, b) => a.getAttribute("x") - b.getAttribute("x"),
    );
    const amount = (value) => Number(value).toFixed(decimals).replace("-", MINUS);

    // A choice that the others leave nothing to decide has one row, whatever is chosen there.
    function rowOf(wanted) {
      return exhibit.data.find((row) =>
        names.every((name, index) => [wanted[index], nothing].includes(row[place[name]])),
      );
    }

    function tell() {
      const row = rowOf(selects.map((select) => select.value));
      drawn.forEach((mark) => mark.classList.remove("chosen"));
      names.forEach((name, index) => {
        selects[index].disabled = row[place[name]] === nothing;
      });
      if (row[place.value] === null) {
        output.textContent = `No value: ${row[place.reason]}`;
      } else {
        const [low, high] = [row[place.low], row[place.high]];
        let bounds = "";
        if (low !== null && high === null) bounds = ", or more";
        else if (low !== high) bounds = `, between ${amount(low)} and ${amount(high)}`;
        const same = row === own ? "As in the report." : `The report has ${amount(own[place.value])}.`;
        output.textContent = `${amount(row[place.value])}${bounds}. ${same}`;
      }
      code.textContent = row[place.code] || "";
      snippet.hidden = !row[place.code];
      const mark = drawn[exhibit.data.indexOf(row)];
      if (mark) mark.classList.add("chosen");
    }

    function set(row) {
      selects.forEach((select, index) => {
        const label = row[place[names[index]]];
        if (label !== nothing) select.value = label;
      });
      tell();
    }

    function remember() {
      const chosen = names.map((name, index) => [name, selects[index].value]);
      const query = new URLSearchParams(chosen.filter((_, index) => !selects[index].disabled));
      history.replaceState(null, "", `#choice-${id}?${query}`);
    }

    form.addEventListener("change", () => {
      tell();
      remember();
    });
    reset.addEventListener("click", () => {
      set(own);
      leaveAddress();
    });
    set(own);
    figure.append(form);
    figure.choose = (query) => {
      const asked = new URLSearchParams(query);
      set(own);
      names.forEach((name, index) => {
        const known = [...selects[index].options].some((option) => option.value === asked.get(name));
        if (known) selects[index].value = asked.get(name);
      });
      tell();
      figure.scrollIntoView();
    };
  }

  // The page -------------------------------------------------------------------------------------

  for (const [id, exhibit] of Object.entries(EVIDENCE.exhibits)) {
    const figure = document.getElementById(id);
    const label = figure.querySelector(".label");
    const name = label ? label.textContent.replace(/\.$/, "") : id;
    const tools = figure.querySelector(".tools");
    const open = make("a", { href: `#data-${id}`, "aria-label": `Data and sources of ${name}` }, "Data and sources");
    const link = make("a", { href: `#${id}`, "aria-label": `Address of ${name}` }, "Link");
    tools.append(open, link);
    if (exhibit.choices) choicesOf(figure, exhibit);
  }

  // The figure that the words after a claim refer to first, small, beside the claim; of a high one its
  // upper part.
  for (const claim of document.querySelectorAll(".claim")) {
    let next = claim;
    let link = null;
    while (!link && next && (next === claim || !next.matches(".claim"))) {
      link = next.querySelector('a[href^="#fig-"]');
      next = next.nextElementSibling;
    }
    const drawing = link && document.querySelector(`${link.getAttribute("href")} svg`);
    if (!drawing) continue;
    const svg = document.createElementNS(drawing.namespaceURI, "svg");
    const use = document.createElementNS(drawing.namespaceURI, "use");
    const [, , width, height] = drawing.getAttribute("viewBox").split(" ").map(Number);
    svg.setAttribute("viewBox", `0 0 ${width} ${height > 0.6 * width ? 0.34 * width : height}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `${link.textContent}, small`);
    use.setAttribute("href", `#${drawing.id}`);
    use.setAttribute("width", width);
    use.setAttribute("height", height);
    svg.append(use);
    drawing.closest("figure").classList.add("copied");
    claim.append(make("a", { href: link.getAttribute("href"), class: "thumbnail" }, svg));
  }

  // Asking for the width lays the whole page out: not before it is shown.
  requestAnimationFrame(() => {
    const contents = document.querySelector("#contents details");
    contents?.toggleAttribute("open", matchMedia("(min-width: 76rem)").matches);
  });

  // What opens the evidence that an address names; a heading may begin with the same word.
  function evidenceAt(wanted) {
    const entry = document.getElementById(wanted);
    if (entry && entry.matches(".traces > div")) return () => openNumber(entry);
    const id = wanted.replace(/^data-/, "");
    if (id === wanted || !Object.hasOwn(EVIDENCE.exhibits, id)) return null;
    return () => openExhibit(document.getElementById(id), EVIDENCE.exhibits[id]);
  }

  function follow() {
    const open = evidenceAt(address());
    if (open) {
      open();
    } else if (address().startsWith("choice-")) {
      const [id, query] = location.hash.slice("#choice-".length).split("?");
      const figure = document.getElementById(`fig-${id}`);
      if (figure && figure.choose) figure.choose(query);
    } else if (dialog.open) {
      dialog.close();
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!evidenceAt(decoded(link.hash))) return;
    event.preventDefault();
    opener = link;
    history.pushState(null, "", link.hash);
    follow();
  });
  addEventListener("popstate", follow);
  follow();
  document.documentElement.dataset.ready = "true";
})();
