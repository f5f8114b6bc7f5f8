// The frame of every page: menu, theme, search key, live updates, the board's keyboard.
(() => {
  "use strict";
  const root = document.documentElement;

  document.getElementById("theme")?.addEventListener("click", () => {
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.bsTheme = next;
    localStorage.setItem("hatang-theme", next);
  });

  const toggle = document.querySelector(".rail-toggle");
  toggle?.addEventListener("click", () => {
    const open = root.classList.toggle("rail-open");
    toggle.setAttribute("aria-expanded", String(open));
  });

  // --- Live updates: one stream a browser. The tab that holds the lease reads it and tells the
  // others; HTTP/1.1 allows six connections a host, so a stream a tab would hang the seventh.
  const TOPICS = [
    "alerts.incident", "monitors.transition", "inventory.changed", "playbooks.change-finished",
    "playbooks.change-line", "playbooks.run-finished", "conference.readiness",
  ];
  const LEASE = "hatang-live";
  const LEASE_MS = 5000;
  const me = crypto.getRandomValues(new Uint32Array(2)).join("-");
  const badge = document.getElementById("live");
  const channel = badge ? new BroadcastChannel("hatang") : null;
  let source = null;
  let pending = 0;

  const changed = () => {
    if (pending) return;
    pending = setTimeout(() => {
      pending = 0;
      document.body.dispatchEvent(new CustomEvent("hatang:changed"));
    }, 700);
  };

  const show = (live) => {
    badge.textContent = live ? badge.dataset.live : badge.dataset.lost;
    badge.title = live ? "" : badge.dataset.lostTitle;
    badge.classList.toggle("live-lost", !live);
  };

  const hear = (message) => {
    if (message.kind === "event") changed();
    if (message.kind === "state") show(message.live);
    if (message.kind === "ask" && source) tell({ kind: "state", live: source.readyState === 1 });
    if (message.kind === "signed-out") location.reload();
  };
  const tell = (message) => { channel.postMessage(message); };
  const both = (message) => { tell(message); hear(message); };

  const open = () => {
    source = new EventSource("/api/v1/events");
    source.addEventListener("ready", () => both({ kind: "state", live: true }));
    source.addEventListener("signed-out", () => both({ kind: "signed-out" }));
    source.onerror = () => both({ kind: "state", live: false });
    for (const topic of TOPICS) source.addEventListener(topic, () => both({ kind: "event" }));
  };

  const lead = () => {
    let lease = null;
    try { lease = JSON.parse(localStorage.getItem(LEASE) ?? "null"); } catch { lease = null; }
    const free = !lease || lease.until < Date.now() || lease.id === me;
    if (free) {
      localStorage.setItem(LEASE, JSON.stringify({ id: me, until: Date.now() + LEASE_MS }));
      if (!source || source.readyState === 2) open();
    } else if (source) {
      source.close();
      source = null;
    }
  };

  if (channel) {
    channel.onmessage = (event) => hear(event.data);
    lead();
    if (!source) tell({ kind: "ask" });
    setInterval(lead, 2000);
    // Times such as "3 minutes" move on by themselves.
    setInterval(() => { if (!document.hidden) changed(); }, 30000);
    addEventListener("pagehide", () => {
      if (source) { source.close(); localStorage.removeItem(LEASE); }
    });
  }

  // --- Keyboard.
  const rows = () => [...document.querySelectorAll(".incident-row")];
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement?.closest(".incident-row"));
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
    all[Math.max(0, Math.min(all.length - 1, next))].focus();
  };
  const current = () => document.activeElement?.closest(".incident-row");
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    Enter: () => { const row = current(); if (row) location.assign(row.dataset.href); },
    o: () => { const row = current(); if (row) location.assign(row.dataset.href); },
    a: () => {
      const form = document.querySelector("#acknowledge textarea");
      if (form) { form.focus(); return; }
      const row = current();
      const button = row?.querySelector(".acknowledge");
      if (button) button.click();
      else if (row) location.assign(row.dataset.href);
    },
    "?": () => { document.getElementById("help")?.showModal(); },
    "/": () => { document.getElementById("search")?.focus(); },
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, dialog[open]")) return;
    const action = keys[event.key];
    if (!action) return;
    // Enter on a link or button is that link's or button's own.
    if (event.key === "Enter" && !event.target.matches(".incident-row")) return;
    event.preventDefault();
    action();
  });
})();
