// The sites on a plain ground with the outline they span: nothing is fetched from outside.
(() => {
  "use strict";
  const box = document.getElementById("map");
  if (!box || !window.L) return;
  const icons = { good: "circle-check", degraded: "alert-triangle", bad: "circle-x" };
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(box, {
    attributionControl: false, zoomSnap: 0.25, zoomAnimation: !still, fadeAnimation: !still,
    markerZoomAnimation: !still, scrollWheelZoom: false, minZoom: 4, maxZoom: 15,
  });
  const layer = L.layerGroup().addTo(map);
  let framed = false;

  // Andrew's monotone chain.
  const hull = (points) => {
    const sorted = [...points].sort((a, b) => a[1] - b[1] || a[0] - b[0]);
    const turn = (o, a, b) => (a[1] - o[1]) * (b[0] - o[0]) - (a[0] - o[0]) * (b[1] - o[1]);
    const half = (list) => {
      const out = [];
      for (const point of list) {
        while (out.length > 1 && turn(out.at(-2), out.at(-1), point) <= 0) out.pop();
        out.push(point);
      }
      return out.slice(0, -1);
    };
    return [...half(sorted), ...half(sorted.reverse())];
  };

  const widened = (points) => {
    const middle = [0, 1].map((i) => points.reduce((sum, p) => sum + p[i], 0) / points.length);
    return points.map((p) => p.map((v, i) => middle[i] + (v - middle[i]) * 1.15));
  };

  const mark = (site) => {
    const holder = document.createElement("span");
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "icon");
    use.setAttribute("href", `/static/vendor/icons.svg#${icons[site.state] ?? "help-circle"}`);
    svg.append(use);
    holder.append(svg);
    holder.className = `pin dot-${site.state}${site.hit === false ? " pin-aside" : ""}`;
    const size = site.kind === "datacentre" || site.kind === "hub" ? 30 : 22;
    return L.divIcon({ html: holder, className: "", iconSize: [size, size] });
  };

  const draw = (sites) => {
    layer.clearLayers();
    if (!sites.length) {
      box.textContent = box.dataset.empty;
      box.classList.add("map-empty");
      return;
    }
    const points = sites.map((site) => [site.latitude, site.longitude]);
    if (points.length > 2) {
      L.polygon(widened(hull(points)), { className: "outline", interactive: false }).addTo(layer);
    }
    for (const site of sites) {
      const label = document.createElement("span");
      label.textContent = `${site.name}: ${site.word}`;
      const target = `/sites/${encodeURIComponent(site.slug)}`;
      L.marker([site.latitude, site.longitude], { icon: mark(site), alt: label.textContent })
        .bindTooltip(label, { direction: "top", offset: [0, -10] })
        .on("click", () => location.assign(target))
        // An icon that is no picture has no alt: its name is said another way.
        .on("add", ({ target: pin }) => pin.getElement().setAttribute("aria-label", label.textContent))
        .addTo(layer);
    }
    const near = sites.filter((site) => site.hit).map((site) => [site.latitude, site.longitude]);
    const seen = L.latLngBounds(near.length ? near : points);
    if (!framed) map.fitBounds(seen, { padding: [34, 34], maxZoom: 12, animate: false });
    framed = true;
  };

  const load = async () => {
    const answer = await fetch(box.dataset.sites, { headers: { "X-Hatang-Background": "1" } });
    if (answer.ok && !answer.redirected) draw(await answer.json());
  };
  document.body.addEventListener("hatang:changed", load);
  load();
})();
