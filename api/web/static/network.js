// The drawing of the network. Places come from the server, so that it looks the same every day.
(() => {
  "use strict";
  const box = document.getElementById("drawing");
  if (!box || !window.cytoscape) return;
  const told = document.getElementById("told");
  const find = document.getElementById("find-site");
  const hint = told.textContent;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const shapes = { datacentre: "hexagon", hub: "round-rectangle", department: "diamond" };
  const sizes = { datacentre: 54, hub: 34, department: 24 };
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  // The places leave 34 pixels to each site and 44 to a hub: nothing grows beyond that.
  const LARGEST = 1.6;
  let grown = 1, growing = 0;
  const size = (node) => sizes[node.data("kind")] ?? 16 * grown;
  const look = () => {
    const tone = (element) => colour({ good: "good", bad: "bad", degraded: "degraded", maintenance: "maintenance" }[element.data("state")] ?? "unknown");
    return [
      { selector: "node", style: {
        width: size, height: size,
        shape: (n) => shapes[n.data("kind")] ?? "ellipse", "background-color": tone,
        label: (n) => (n.data("state") === "bad" ? "✕ " : "") + n.data("name"),
        color: colour("text"), "font-size": 13, "min-zoomed-font-size": 9, "text-valign": "bottom",
        "text-margin-y": 4, "text-background-color": colour("panel"), "text-background-opacity": 0.75,
        "border-width": (n) => (n.data("state") === "bad" ? 4 * grown : 0), "border-color": colour("text"),
      } },
      { selector: "edge", style: { width: 1.5 * grown, "line-color": colour("soft"), "line-opacity": 0.45, "curve-style": "straight" } },
      { selector: 'edge[state = "degraded"]', style: { width: 3 * grown, "line-opacity": 1, "line-color": colour("degraded"), "line-style": "dashed" } },
      { selector: 'edge[state = "bad"]', style: { width: 4 * grown, "line-opacity": 1, "line-color": colour("bad"), "line-style": "dashed" } },
      { selector: ".faded", style: { opacity: 0.18 } },
      { selector: ".chosen", style: { "border-width": 5 * grown, "border-color": colour("accent"), "font-size": 18, "z-index": 9 } },
    ];
  };

  const graph = cytoscape({
    container: box, style: look(), layout: { name: "preset" }, minZoom: 0.03, maxZoom: 4,
    autoungrabify: true, boxSelectionEnabled: false, hideEdgesOnViewport: true, textureOnViewport: true,
    userZoomingEnabled: true,
  });

  // Seen from afar a site keeps a size that can be seen and hit; near, its own.
  const grow = () => {
    box.dataset.settled = "true";
    const scale = Math.max(1, Math.min(LARGEST, 0.36 / graph.zoom()));
    if (Math.abs(scale - grown) < 0.05 * grown) return;
    grown = scale;
    graph.style(look());
  };
  graph.on("zoom", () => { box.dataset.settled = "false"; clearTimeout(growing); growing = setTimeout(grow, 80); });

  const choose = (node) => {
    if (node.hasClass("chosen")) { location.assign(`/sites/${encodeURIComponent(node.id())}`); return; }
    const near = node.closedNeighborhood();
    graph.batch(() => {
      graph.elements().removeClass("chosen").addClass("faded");
      near.removeClass("faded");
      node.addClass("chosen");
    });
    const circuits = node.connectedEdges().map((edge) => edge.data("circuits")).flat();
    told.textContent = [`${node.data("name")}: ${node.data("word")}`, ...circuits].join(" · ");
    const view = { fit: { eles: near, padding: 60 } };
    if (still) graph.fit(near, 60); else graph.animate(view, { duration: 250 });
  };
  const whole = () => {
    graph.elements().removeClass("chosen faded");
    told.textContent = hint;
    // Hundreds of names are not to be read from afar: the ground is left to the sites.
    const few = graph.nodes().length < 100;
    graph.fit(graph.elements().boundingBox({ includeLabels: few }), few ? 30 : 14);
  };
  graph.on("tap", "node", (event) => choose(event.target));
  graph.on("tap", (event) => { if (event.target === graph) whole(); });
  document.getElementById("whole").addEventListener("click", whole);

  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();
  const meant = () => {
    const asked = plain(find.value.trim());
    const found = asked && graph.nodes().filter((n) => plain(`${n.data("name")} ${n.id()}`).includes(asked));
    return found && found.length ? found.filter((n) => n.id() === asked)[0] ?? found[0] : null;
  };
  find.addEventListener("change", () => {
    const node = meant();
    if (node) { node.removeClass("chosen"); choose(node); }
  });
  // Enter again, with nothing typed meanwhile: the site that was found is opened.
  find.addEventListener("keydown", (event) => {
    const node = event.key === "Enter" ? meant() : null;
    if (node?.hasClass("chosen")) choose(node);
  });

  const put = (answer) => {
    const first = graph.elements().empty();
    const known = new Set(answer.nodes.map((n) => n.id).concat(answer.edges.map((e) => e.id)));
    graph.batch(() => {
      graph.elements().filter((element) => !known.has(element.id())).remove();
      for (const { x, y, ...data } of answer.nodes) {
        const node = graph.getElementById(data.id);
        if (node.empty()) graph.add({ group: "nodes", data, position: { x, y } });
        else { node.data(data); node.position({ x, y }); }
      }
      for (const { a, z, ...data } of answer.edges) {
        const edge = graph.getElementById(data.id);
        if (!edge.empty()) edge.data(data);
        else if (!graph.getElementById(a).empty() && !graph.getElementById(z).empty()) {
          graph.add({ group: "edges", data: { ...data, source: a, target: z } });
        }
      }
    });
    if (first) { whole(); grow(); }
    box.dataset.sites = String(graph.nodes().length);
  };
  // A replay says in the box itself which moment is drawn, and when it is another.
  const replayed = "source" in box.dataset;
  const load = async () => {
    const source = box.dataset.source ?? "/network/drawing";
    const answer = await fetch(source, { headers: { "X-Hatang-Background": "1" } });
    if (!answer.ok || answer.redirected) return;
    const drawn = await answer.json();
    if (source === (box.dataset.source ?? source)) { put(drawn); box.dataset.drawn = source; }
  };
  document.body.addEventListener(replayed ? "hatang:moment" : "hatang:changed", load);
  document.getElementById("theme")?.addEventListener("click", () => graph.style(look()));
  load();
})();
