
"use strict";
const root = document.documentElement;
const search = document.getElementById("search");
const found = document.getElementById("found");
const theme = document.getElementById("theme");
const entries = [...document.querySelectorAll("[data-entry]")];
const sections = [...document.querySelectorAll("main > section")];

const dark = matchMedia("(prefers-color-scheme: dark)");
function paint(name) {
  root.dataset.theme = name;
  theme.setAttribute("aria-pressed", String(name === "dark"));
}
paint(dark.matches ? "dark" : "light");
dark.addEventListener("change", () => paint(dark.matches ? "dark" : "light"));
theme.addEventListener("click", () => paint(root.dataset.theme === "dark" ? "light" : "dark"));

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const entry of entries) {
    const text = entry.textContent.toLowerCase();
    entry.hidden = !words.every((word) => text.includes(word));
    count += !entry.hidden;
  }
  for (const section of sections) {
    const own = [...section.querySelectorAll("[data-entry]")];
    section.hidden = words.length > 0 && own.every((entry) => entry.hidden);
  }
  found.textContent = !words.length ? "" : count ? `${count} found` : "Nothing found";
}
search.addEventListener("input", filter);

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && event.target !== search && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "Escape" && event.target === search) {
    search.value = "";
    filter();
    search.blur();
  } else if (["j", "k"].includes(event.key) && event.target !== search && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const shown = entries.filter((entry) => !entry.hidden).map((entry) => entry.querySelector("summary") ?? entry);
    const next = shown.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
    shown[Math.max(0, Math.min(next, shown.length - 1))]?.focus();
  }
});
