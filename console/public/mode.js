// Sets dark mode and density before the first paint: no flash of the wrong one. See src/app/look.ts.
(() => {
  let look = {};
  try {
    look = JSON.parse(localStorage.getItem("freehold.look") || "{}");
  } catch {
    // Nothing is remembered: a private window, or somebody else's text.
  }
  const system = matchMedia("(prefers-color-scheme: dark)").matches;
  const dark = look.mode === "dark" || (look.mode !== "light" && system);
  document.body.classList.toggle("awsui-dark-mode", dark);
  document.body.classList.toggle("awsui-compact-mode", look.density === "compact");
})();
