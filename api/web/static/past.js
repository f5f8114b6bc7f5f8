// The slider through time: it says which moment is wanted, the page and the drawing ask for it.
(() => {
  "use strict";
  const slider = document.getElementById("slider");
  if (!slider) return;
  const shown = document.getElementById("moment");
  const at = document.getElementById("at");
  const box = document.getElementById("drawing");
  const play = document.getElementById("play");
  const label = play.querySelector("span");
  const speed = document.getElementById("speed");
  const span = document.getElementById("span");
  const local = document.querySelector("input[name=local]");
  const TICK_MS = 1000;
  const written = new Intl.DateTimeFormat(document.documentElement.lang, {
    timeZone: shown.dataset.zone, day: "2-digit", month: "2-digit", year: "numeric",
    hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  const sortable = new Intl.DateTimeFormat("sv-SE", {
    timeZone: shown.dataset.zone, dateStyle: "short", timeStyle: "short",
  });
  let waiting = 0, playing = 0, asked = false;

  const tell = () => {
    const moment = new Date(Number(slider.value) * 1000);
    shown.textContent = written.format(moment);
    slider.setAttribute("aria-valuetext", shown.textContent);
    local.value = sortable.format(moment).replace(" ", "T");
    return moment;
  };
  const ask = () => {
    at.value = new Date(Number(slider.value) * 1000).toISOString();
    if (box) box.dataset.source = `/network/drawing?at=${encodeURIComponent(at.value)}`;
    asked = true;
    document.body.dispatchEvent(new CustomEvent("hatang:moment"));
  };
  document.getElementById("past").addEventListener("htmx:finally:request", () => { asked = false; });
  // While the slider is dragged only the moment where it rests is asked for.
  const moved = () => {
    tell();
    clearTimeout(waiting);
    waiting = setTimeout(ask, 150);
  };
  const go = (seconds) => {
    slider.value = String(Number(slider.value) + seconds);
    moved();
  };
  const stop = () => {
    clearInterval(playing);
    playing = 0;
    play.setAttribute("aria-pressed", "false");
    label.textContent = label.dataset.play;
  };
  const start = () => {
    if (Number(slider.value) >= Number(slider.max)) slider.value = slider.min;
    play.setAttribute("aria-pressed", "true");
    label.textContent = label.dataset.pause;
    playing = setInterval(() => {
      if (asked) return; // each moment is seen, however long its answer takes
      go(Number(speed.value));
      if (Number(slider.value) >= Number(slider.max)) stop();
    }, TICK_MS);
  };

  slider.addEventListener("input", () => { stop(); moved(); });
  play.addEventListener("click", () => { if (playing) stop(); else start(); });
  for (const button of document.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => { stop(); go(Number(button.dataset.step)); });
  }
  span.addEventListener("change", () => {
    const first = Number(slider.dataset.first), wide = Number(span.value);
    slider.min = String(wide ? Math.max(first, Number(slider.max) - wide) : first);
    moved();
  });
  tell();
})();
