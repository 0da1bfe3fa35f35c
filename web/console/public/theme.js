// Before the first paint, in a file of its own because the content security policy allows no inline script.
(function () {
  var theme = "system";
  try {
    theme = localStorage.getItem("bai.theme") || "system";
  } catch {
    // Storage may be off: the system's theme it is.
  }
  var dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
