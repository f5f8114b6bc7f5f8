// Before the first paint: the person's choice, or else the system's.
(() => {
  const wanted = localStorage.getItem("hatang-theme");
  const dark = wanted ? wanted === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
})();
