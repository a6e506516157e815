// One class as a card, and what else the grid builds; every name becomes text and never markup.

const STATES = { included: "included", excluded: "excluded, images with it are left out", neutral: "not selected" };
const LONGEST_NAME = 28; // characters that fit in a card

function itemWithCard([name, group, count, colour, shownAs, members], index, card) {
  const plainName = plain(name);
  const text = [name, group, ...members].map(plain).join(" ");
  const item = { name, group, count, colour, shownAs, index, card, plainName, text };
  item.face = card.querySelector(".face");
  item.tile = card.querySelector(".tile");
  const of = members.length ? members.join(", ") : group;
  item.face.title = of ? `${name} (${of})` : name;
  card.querySelector(".name").append(...breakable(shortened(name, LONGEST_NAME)));
  card.querySelector(".count").textContent = counted(count, "image");
  for (const button of card.querySelectorAll("button")) button.item = item;
  card.querySelector(".exclude").setAttribute("aria-label", `Exclude ${name}`);
  card.querySelector(".details").setAttribute("aria-label", `Details of ${name}`);
  return item;
}

// Both ends of a long name are kept: many differ at the last. `shortened` in wording.py is the same.
function shortened(name, longest) {
  const signs = [...name];
  if (signs.length <= longest) return name;
  const tail = Math.floor((longest - 1) / 2);
  return `${signs.slice(0, longest - 1 - tail).join("").trimEnd()}…${signs.slice(-tail).join("").trimStart()}`;
}

// Long names may break after a joint.
function breakable(name) {
  return name.split(/(?<=[_/-])/).flatMap((part) => [document.createElement("wbr"), part]);
}

function showState(item, state) {
  item.state = state;
  item.card.dataset.state = state;
  item.face.setAttribute("aria-checked", String(state === "included"));
  item.face.setAttribute("aria-label", `${item.name}, ${STATES[state]}, ${counted(item.count, "image")}`);
  item.card.querySelector(".exclude").setAttribute("aria-pressed", String(state === "excluded"));
}

function showThumbnail({ name, colour, tile }, thumbnail) {
  tile.classList.toggle("has-thumbnail", Boolean(thumbnail));
  tile.textContent = thumbnail ? "" : initials(name);
  tile.style.background = thumbnail ? "" : colour;
  tile.style.color = thumbnail ? "" : inkOn(colour);
  if (!thumbnail) return;
  tile.style.backgroundImage = `url(${thumbnail.url})`;
  tile.style.backgroundSize = thumbnail.size;
  tile.style.backgroundPosition = thumbnail.position;
}

function initials(name) {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return words.length ? words.slice(0, 2).map((word) => [...word][0].toUpperCase()).join("") : ([...name][0] ?? "");
}

function inkOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return red * 0.299 + green * 0.587 + blue * 0.114 > 150 ? "#14181a" : "#ffffff";
}

function suggestions(names) {
  const buttons = names.map((name) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.near = "yes";
    button.textContent = name;
    return button;
  });
  return buttons.length ? [" Did you mean ", ...buttons, "?"] : [" Try a shorter word, or a supercategory."];
}

// Of the faces in the next row, given in the order in which they are reached, the nearest sideways.
function nearestInNextRow(faces, from) {
  const boxOf = (face) => face.item.card.getBoundingClientRect();
  const here = boxOf(from);
  const middle = (box) => box.left + box.width / 2;
  const isOtherRow = (box) => box.bottom <= here.top + 2 || box.top >= here.bottom - 2;
  const first = faces.findIndex((face) => isOtherRow(boxOf(face)));
  if (first < 0) return null;
  const row = boxOf(faces[first]);
  /** @type {[number, HTMLElement | null]} */
  let best = [Infinity, null];
  for (const face of faces.slice(first)) {
    const box = boxOf(face);
    if (box.bottom <= row.top + 2 || box.top >= row.bottom - 2) break;
    const away = Math.abs(middle(box) - middle(here));
    if (away < best[0]) best = [away, face];
  }
  return best[1];
}
