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
  const pins = L.layerGroup().addTo(map);
  let framed = false, shown = [];

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

  // --- Pins that would overlap stand as one, which says how many and shows the worst of them. ---
  const order = ["bad", "degraded", "unknown", "maintenance", "good"];
  const rank = (site) => (order.indexOf(site.state) + 1 || 3) * 2 - isLarge(site);
  const isLarge = (site) => site.kind === "datacentre" || site.kind === "hub";
  const MANY = 40;
  const sizeOf = (sites) => (sites.length > 1 ? MANY : isLarge(sites[0]) ? 30 : 22);

  // Each group stands where its worst site stands; one that grew is compared anew.
  const grouped = (sites) => {
    const at = new Map(sites.map((site) => [site, map.project([site.latitude, site.longitude])]));
    const touch = (one, other) => at.get(one[0]).distanceTo(at.get(other[0])) < (sizeOf(one) + sizeOf(other)) / 2 + 2;
    let groups = [...sites].sort((a, b) => rank(a) - rank(b)).map((site) => [site]);
    for (let before = Infinity; groups.length < before;) {
      before = groups.length;
      const placed = [];
      for (const group of groups) {
        const near = placed.find((other) => touch(group, other));
        if (near) near.push(...group); else placed.push(group);
      }
      groups = placed;
    }
    return groups;
  };

  const mark = (group) => {
    const [worst] = group;
    const holder = document.createElement("span");
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `/static/vendor/icons.svg#${icons[worst.state] ?? "help-circle"}`);
    svg.append(use);
    holder.append(svg);
    const isAside = group.every((site) => site.hit === false);
    holder.className = `pin dot-${worst.state}${isAside ? " pin-aside" : ""}`;
    if (group.length > 1) {
      const alike = group.filter((site) => site.state === worst.state).length;
      const count = document.createElement("b");
      count.textContent = alike === group.length ? alike : `${alike}/${group.length}`;
      holder.append(count);
      holder.classList.add("pin-many");
    }
    const size = sizeOf(group);
    return L.divIcon({ html: holder, className: "", iconSize: [size, size] });
  };

  const told = (group) => {
    const [first] = group;
    if (group.length === 1) return `${first.name}: ${first.word}`;
    const words = new Map();
    for (const site of group) words.set(site.word, (words.get(site.word) ?? 0) + 1);
    const states = [...words].map(([word, count]) => `${word}: ${count}`).join(" · ");
    return `${first.name} + ${group.length - 1} — ${states}`;
  };

  const visit = (site) => `/sites/${encodeURIComponent(site.slug)}`;
  const listed = (group) => {
    const list = document.createElement("ul");
    for (const site of group) {
      const link = document.createElement("a");
      link.href = visit(site);
      link.textContent = `${site.name}: ${site.word}`;
      list.append(document.createElement("li"));
      list.lastChild.append(link);
    }
    return list;
  };

  // A group opens by coming nearer; where the map comes no nearer, as a list.
  const open = (marker, group) => {
    if (group.length === 1) { location.assign(visit(group[0])); return; }
    const bounds = L.latLngBounds(group.map((site) => [site.latitude, site.longitude]));
    if (map.getZoom() < map.getMaxZoom() && !bounds.getNorthEast().equals(bounds.getSouthWest())) {
      map.fitBounds(bounds, { padding: [40, 40], animate: !still });
    } else marker.unbindPopup().bindPopup(listed(group), { maxHeight: 220 }).openPopup();
  };

  const put = (group) => {
    const label = document.createElement("span");
    label.textContent = told(group);
    const [{ latitude, longitude }] = group;
    const marker = L.marker([latitude, longitude], { icon: mark(group), zIndexOffset: -100 * rank(group[0]) })
      .bindTooltip(label, { direction: "top", offset: [0, -10] })
      .on("click", () => open(marker, group))
      .addTo(pins);
    marker.getElement().setAttribute("aria-label", label.textContent);
  };

  const stand = () => {
    pins.clearLayers();
    for (const group of grouped(shown)) put(group);
    box.dataset.pinned = String(shown.length);
  };
  map.on("zoomend", () => { if (framed) stand(); });

  const draw = (sites) => {
    layer.clearLayers();
    pins.clearLayers();
    if (!sites.length) {
      box.textContent = box.dataset.empty;
      box.classList.add("map-empty");
      return;
    }
    shown = sites;
    const points = sites.map((site) => [site.latitude, site.longitude]);
    const near = sites.filter((site) => site.hit).map((site) => [site.latitude, site.longitude]);
    const seen = L.latLngBounds(near.length ? near : points);
    if (!framed) map.fitBounds(seen, { padding: [34, 34], maxZoom: 12, animate: false });
    framed = true;
    if (points.length > 2) {
      L.polygon(widened(hull(points)), { className: "outline", interactive: false }).addTo(layer);
    }
    stand();
  };

  const load = async () => {
    const answer = await fetch(box.dataset.sites, { headers: { "X-Hatang-Background": "1" } });
    if (answer.ok && !answer.redirected) draw(await answer.json());
  };
  document.body.addEventListener("hatang:changed", load);
  load();
})();
