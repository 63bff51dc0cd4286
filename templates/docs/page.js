
"use strict";
const root = document.documentElement;
const menu = document.getElementById("menu");
const contents = document.getElementById("contents");
const search = document.getElementById("search");
const found = document.getElementById("found");
const links = [...contents.querySelectorAll("li a")];
const entries = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
const groups = [...contents.querySelectorAll("details")];

root.classList.add("scripted");

function show(open) {
  root.classList.toggle("open", open);
  menu.setAttribute("aria-expanded", String(open));
}

menu.addEventListener("click", () => {
  show(!root.classList.contains("open"));
  if (root.classList.contains("open")) search.focus();
});
contents.addEventListener("click", (event) => {
  if (event.target.closest("li a")) show(false);
});

// What an entry says is read when somebody searches for the first time.
let texts;
function index() {
  texts ??= links.map((link, number) => ({
    head: `${link.textContent} ${link.title} ${link.hash}`.toLowerCase(),
    all: entries[number].textContent.toLowerCase(),
  }));
  return texts;
}

let closed = null;
function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  closed ??= groups.filter((group) => !group.open);
  const says = (text) => words.every((word) => text.includes(word));
  const named = words.length ? index().map((text) => says(text.head)) : [];
  const any = named.includes(true);
  let count = 0;
  links.forEach((link, number) => {
    // Names go first: only where none has these words do the texts count.
    const fits = !words.length || (any ? named[number] : says(index()[number].all));
    link.parentElement.hidden = !fits;
    count += fits;
  });
  for (const group of groups) {
    group.hidden = !group.querySelector("li:not([hidden])");
    group.open = words.length ? true : !closed.includes(group);
  }
  if (!words.length) closed = null;
  found.textContent = !words.length ? "" : count ? `${count} found${any ? "" : " in their texts"}` : "Nothing found";
}
search.addEventListener("input", filter);

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    show(true);
    search.focus();
    search.select();
  } else if (event.key === "Escape") {
    if (search.value) {
      search.value = "";
      filter();
    } else {
      show(false);
      search.blur();
    }
  } else if (event.target === search && event.key === "Enter") {
    const first = links.find((link) => !link.parentElement.hidden);
    if (search.value && first) first.click();
  } else if (["ArrowDown", "ArrowUp"].includes(event.key) && contents.contains(event.target)) {
    const shown = links.filter((link) => !link.parentElement.hidden && link.closest("details").open);
    const next = shown.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
    if (event.target !== search && !links.includes(event.target)) return;
    event.preventDefault();
    (next < 0 ? search : shown[Math.min(next, shown.length - 1)])?.focus();
  }
});

// The entry that is being read is marked in the contents, in a group that is open meanwhile.
let unfolded = null;
function unfold(group) {
  if (group === unfolded || contents.contains(document.activeElement)) return;
  if (unfolded) unfolded.open = false;
  unfolded = group.open ? null : group;
  group.open = true;
}

let current = null;
function mark(link) {
  current?.removeAttribute("aria-current");
  current = link;
  current.setAttribute("aria-current", "location");
  if (!search.value) unfold(current.closest("details"));
  if (!contents.contains(document.activeElement)) current.scrollIntoView({ block: "nearest" });
}

// The one that a link led to stays marked as long as it is in sight: the last ones never come to the top.
let chosen = null;
function arrive() {
  const number = links.findIndex((link) => link.hash === location.hash);
  chosen = entries[number] ?? null;
  if (chosen) mark(links[number]);
}
addEventListener("hashchange", arrive);
arrive();

const reading = new IntersectionObserver(
  (seen) => {
    const entry = seen.find((each) => each.isIntersecting);
    const place = chosen?.getBoundingClientRect();
    if (!entry || (place && place.top < innerHeight && place.bottom > 0)) return;
    chosen = null;
    mark(links[entries.indexOf(entry.target)]);
  },
  { rootMargin: "-10% 0px -85% 0px" },
);
for (const entry of entries) reading.observe(entry);

if (navigator.clipboard) {
  for (const caption of document.querySelectorAll("figcaption")) {
    const button = caption.appendChild(document.createElement("button"));
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(caption.nextElementSibling.textContent);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
  }
}
