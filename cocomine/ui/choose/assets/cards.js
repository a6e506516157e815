// One class as a card, and what else the grid builds; every name becomes text and never markup.

const STATES = { wanted: "wanted", forbidden: "forbidden, no image may have it", free: "not picked" };

function withCard([name, group, count, colour], index, card) {
  const plainName = plain(name);
  const one = { name, group, count, colour, index, card, plainName, text: `${plainName} ${plain(group)}` };
  one.face = card.querySelector(".face");
  one.tile = card.querySelector(".tile");
  one.face.title = group ? `${name} (${group})` : name;
  card.querySelector(".name").append(...breakable(name));
  card.querySelector(".count").textContent = counted(count, "image");
  for (const button of card.querySelectorAll("button")) button.one = one;
  card.querySelector(".forbid").setAttribute("aria-label", `Forbid ${name}`);
  card.querySelector(".look").setAttribute("aria-label", `Look closely at ${name}`);
  return one;
}

// Long names may break after a joint.
function breakable(name) {
  return name.split(/(?<=[_/-])/).flatMap((part) => [document.createElement("wbr"), part]);
}

function showState(one, state) {
  one.state = state;
  one.card.dataset.state = state;
  one.face.setAttribute("aria-checked", String(state === "wanted"));
  one.face.setAttribute("aria-label", `${one.name}, ${STATES[state]}, ${counted(one.count, "image")}`);
  one.card.querySelector(".forbid").setAttribute("aria-pressed", String(state === "forbidden"));
}

function showPicture({ name, colour, tile }, picture) {
  tile.classList.toggle("pictured", Boolean(picture));
  tile.textContent = picture ? "" : initials(name);
  tile.style.background = picture ? "" : colour;
  tile.style.color = picture ? "" : inkOn(colour);
  if (!picture) return;
  tile.style.backgroundImage = `url(${picture.url})`;
  tile.style.backgroundSize = picture.size;
  tile.style.backgroundPosition = picture.place;
}

function initials(name) {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return words.length ? words.slice(0, 2).map((word) => [...word][0].toUpperCase()).join("") : ([...name][0] ?? "");
}

function inkOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return red * 0.299 + green * 0.587 + blue * 0.114 > 150 ? "#14181a" : "#ffffff";
}

function offer(names) {
  const buttons = names.map((name) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.near = "yes";
    button.textContent = name;
    return button;
  });
  return buttons.length ? [" Did you mean ", ...buttons, "?"] : [" Try a shorter word, or a supercategory."];
}

// Of the places in the next row, the one that is nearest sideways.
function beside(stops, from) {
  const boxOf = (stop) => (stop.one?.card ?? stop).getBoundingClientRect();
  const here = boxOf(from);
  const middle = (box) => box.left + box.width / 2;
  const isOther = (box) => box.bottom <= here.top + 2 || box.top >= here.bottom - 2;
  const first = stops.findIndex((stop) => isOther(boxOf(stop)));
  if (first < 0) return null;
  const row = boxOf(stops[first]);
  let best = [Infinity, null];
  for (const stop of stops.slice(first)) {
    const box = boxOf(stop);
    if (box.bottom <= row.top + 2 || box.top >= row.bottom - 2) break;
    const away = Math.abs(middle(box) - middle(here));
    if (away < best[0]) best = [away, stop];
  }
  return best[1];
}
