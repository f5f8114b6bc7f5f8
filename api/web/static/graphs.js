// Graphs of a device, circuit or service: read when the page is shown, and anew each minute.
(() => {
  "use strict";
  const SHOWN_MS = 60000;
  const tongue = document.documentElement.lang || "vi";
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  // Told apart by colour and by dash, for those who see no colours.
  const COLOURS = ["accent", "maintenance", "degraded", "good", "bad", "soft"];
  const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [4, 4], [1, 2]];
  const SCALES = [["", 1], ["k", 1e3], ["M", 1e6], ["G", 1e9], ["T", 1e12]];

  const amount = (value, unit, words) => {
    if (value === null) return "–";
    const scaled = unit === "bit/s" || unit === "packet/s";
    const [prefix, by] = scaled ? [...SCALES].reverse().find(([, step]) => Math.abs(value) >= step) ?? SCALES[0] : SCALES[0];
    const shown = unit === "s" && Math.abs(value) < 1 ? [value * 1000, "ms"] : [value / by, `${prefix}${words[unit] ?? unit}`];
    const number = new Intl.NumberFormat(tongue, { maximumSignificantDigits: 3 }).format(shown[0]);
    return `${number} ${shown[1]}`;
  };

  const moment = (seconds, span) => {
    const form = span === "6h" || span === "24h" ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } : { day: "2-digit", month: "2-digit" };
    return new Intl.DateTimeFormat(tongue, { ...form, timeZone: "Asia/Ho_Chi_Minh" }).format(new Date(seconds * 1000));
  };

  for (const section of document.querySelectorAll(".graphs")) {
    const words = Object.fromEntries([...section.querySelector(".graph-words").content.children].map((one) => [one.dataset.name, one.textContent]));
    const note = section.querySelector(".graph-note");
    const plots = new Map();
    let span = "6h";

    const tell = (what) => { note.textContent = what ? note.dataset[what] : ""; note.hidden = !what; };
    const named = (line) => [words[line.name] ?? line.name, line.label].filter(Boolean).join(" ");

    const legend = (figure, picture) => {
      const list = figure.querySelector(".graph-legend");
      list.replaceChildren(...picture.lines.map((line, place) => {
        const item = document.createElement("li");
        const mark = document.createElement("span");
        mark.className = "graph-mark";
        mark.style.borderTopColor = colour(COLOURS[place % COLOURS.length]);
        mark.style.borderTopStyle = DASHES[place % DASHES.length].length ? "dashed" : "solid";
        const figures = ["last", "percentile95", "maximum"].map((name) => `${words[name]} ${amount(line[name], picture.unit, words)}`);
        item.append(mark, `${named(line)}: ${figures.join(" · ")}`);
        return item;
      }), ...picture.marks.map((one) => {
        const item = document.createElement("li");
        item.textContent = `${words[one.name] ?? one.name}: ${amount(one.value, picture.unit, words)}`;
        return item;
      }));
    };

    const draw = (figure, picture) => {
      plots.get(figure)?.destroy();
      figure.hidden = picture.lines.length === 0;
      if (figure.hidden) return;
      legend(figure, picture);
      const box = figure.querySelector(".graph-box");
      const axis = { stroke: colour("soft"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line") } };
      const levels = picture.marks.map((one) => ({ label: words[one.name] ?? one.name, stroke: colour("bad"), width: 1, dash: [6, 6], points: { show: false } }));
      plots.set(figure, new window.uPlot({
        width: box.clientWidth || 600, height: 170, legend: { show: false }, cursor: { drag: { x: false, y: false } },
        scales: { x: { time: false }, y: { range: (_, low, high) => [picture.zero ? Math.min(0, low) : low, high > low ? high * 1.05 : low + 1] } },
        axes: [
          { ...axis, values: (_, all) => all.map((at) => moment(at, span)) },
          { ...axis, size: 92, values: (_, all) => all.map((value) => amount(value, picture.unit, words)) },
        ],
        series: [{}, ...picture.lines.map((line, place) => ({
          label: named(line), stroke: colour(COLOURS[place % COLOURS.length]), dash: DASHES[place % DASHES.length],
          width: 1.5, spanGaps: false, points: { show: false },
        })), ...levels],
      }, [picture.at, ...picture.lines.map((line) => line.values), ...picture.marks.map((one) => picture.at.map(() => one.value))], box));
    };

    const read = async (figure) => {
      const query = new URLSearchParams({ key: section.dataset.key, range: span });
      const answer = await fetch(`/api/v1/graphs/${section.dataset.kind}/${figure.dataset.graph}?${query}`, { headers: { Accept: "application/json" } });
      if (answer.status === 404) return null;
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    };

    const show = async () => {
      const figures = [...section.querySelectorAll(".graph")];
      try {
        const pictures = await Promise.all(figures.map(read));
        const drawn = pictures.map((picture, place) => {
          if (picture) draw(figures[place], picture);
          return picture?.lines.length ?? 0;
        });
        tell(drawn.some(Boolean) ? "" : "empty");
      } catch {
        for (const figure of figures) figure.hidden = true;
        tell("broken");
      }
      section.dataset.ready = "true";
    };

    for (const button of section.querySelectorAll("[data-range]")) {
      button.addEventListener("click", () => {
        span = button.dataset.range;
        for (const one of section.querySelectorAll("[data-range]")) one.setAttribute("aria-pressed", String(one === button));
        void show();
      });
    }
    tell("loading");
    void show();
    setInterval(() => { if (!document.hidden) void show(); }, SHOWN_MS);
  }
})();
