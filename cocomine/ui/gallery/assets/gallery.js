// A page of images. What is shown of them is a matter of classes on the root, so pointing and pressing keys answer at
// once; only what is excluded from the subset, and which image was opened and is sent sharper, goes to the server, each
// choice with its number.

const LAYERS = [["masks", "m"], ["boxes", "b"], ["names", "n"]];
const FEW_CLASSES = 24; // more are folded away until asked for
const LIVELY = 300; // so many objects fade in and out, more only come and go
const SEND_AGAIN_MS = 3000;
const galleriesByRoot = new WeakMap();
const viewsByKey = new Map(); // what was switched on or kept alone, for who turns the page or comes back

class Gallery {
  constructor(root, key) {
    this.root = root.querySelector(".whole");
    this.find = (selector) => root.querySelector(selector);
    this.client = Math.random().toString(36).slice(2);
    this.last = 0; // the number of the newest choice
    this.waiting = []; // choices not yet confirmed: [number, split, id, is excluded]
    this.view = viewsByKey.get(key) ?? { layers: { masks: true, boxes: true, names: false }, kept: null, unfolded: false };
    viewsByKey.set(key, this.view);
    /** @type {DrawnImage[]} */
    this.images = [];
    /** @type {Set<number>} */
    this.excluded = new Set();
    /** @type {Map<number, { name: string, colour: string }>} */
    this.classes = new Map();
    this.large = new Large(this.find("dialog"), this);
    this.switches = [...root.querySelectorAll(".switches")].flatMap((parent) => this.switchesIn(parent));
    this.listen();
  }

  update({ page, canExclude, excluded, confirmed, large }, send) {
    this.send = send;
    const [client, number] = confirmed;
    if (client === this.client) this.waiting = this.waiting.filter(([each]) => each > number);
    if (page !== this.text) {
      this.text = page;
      this.build(JSON.parse(page));
    }
    this.root.classList.toggle("can-exclude", canExclude);
    this.excluded = new Set(excluded);
    this.paint();
    if (large) this.sharpen(large);
  }

  build({ classes, images }) {
    this.large.close();
    this.classes = new Map(Object.entries(classes).map(([index, [name, colour]]) => [Number(index), { name, colour }]));
    this.images = images;
    for (const image of images) image.objects = image.objects.map((row) => withClass(row, classes));
    for (const node of this.root.querySelectorAll(".images svg")) sizes.unobserve(node);
    this.root.classList.toggle("lively", images.reduce((sum, { objects }) => sum + objects.length, 0) <= LIVELY);
    this.tiles = images.map((image, index) => this.tile(image, index));
    this.find(".images").replaceChildren(...this.tiles);
    this.buildLegend();
    this.showLayers();
    this.showKept();
  }

  tile(image, index) {
    const tile = this.find(".tile-template").content.firstElementChild.cloneNode(true);
    const opener = tile.querySelector(".open");
    const node = drawn(image, image.jpeg);
    tile.image = image;
    tile.index = index;
    const [width, height] = image.units;
    tile.style.setProperty("--aspect", String(Math.min(Math.max(width / height, 0.5), 3)));
    tile.classList.toggle("without-pixels", !image.jpeg);
    opener.prepend(node);
    opener.setAttribute("aria-label", `Image ${image.id}, ${image.split}: ${this.contents(image)}. Open`);
    tile.querySelector(".id").textContent = String(image.id);
    tile.querySelector(".split").textContent = image.split;
    tile.querySelector(".split").title = image.file;
    tile.querySelector("input").setAttribute("aria-label", `Exclude image ${image.id} from the subset`);
    sizes.observe(node);
    return tile;
  }

  contents(image) {
    const counts = Map.groupBy(image.objects, ({ name }) => name);
    return [...counts].map(([name, objects]) => `${objects.length} ${name}`).join(", ") || "no objects shown";
  }

  buildLegend() {
    const counts = new Map();
    for (const { objects } of this.images) for (const { index } of objects) counts.set(index, (counts.get(index) ?? 0) + 1);
    const ranked = [...counts].sort((one, other) => other[1] - one[1] || one[0] - other[0]);
    const chips = ranked.map(([index, count]) => this.chip(index, count));
    const folded = chips.length > FEW_CLASSES + 3;
    if (folded) for (const chip of chips.slice(FEW_CLASSES)) chip.classList.add("rare");
    this.find(".legend").replaceChildren(...chips, ...(folded ? [this.unfolding(chips.length)] : []));
    this.find(".legend").classList.toggle("folded", folded && !this.view.unfolded);
    this.find(".hint").hidden = !chips.length;
  }

  classOf(index) {
    return this.classes.get(index) ?? { name: "", colour: "" };
  }

  chip(index, count) {
    const { name, colour } = this.classOf(index);
    const chip = button("chip", "");
    const dot = document.createElement("i");
    const tally = document.createElement("span");
    dot.style.background = colour;
    tally.textContent = count.toLocaleString("en");
    chip.append(dot, name, tally);
    chip.index = index;
    chip.title = `${name}: ${counted(count, "object")} on this page. Click to isolate it.`;
    return chip;
  }

  unfolding(count) {
    const words = () => (this.view.unfolded ? "show fewer" : `and ${count - FEW_CLASSES} more classes`);
    const node = button("unfold", words());
    node.addEventListener("click", () => {
      this.view.unfolded = !this.view.unfolded;
      this.find(".legend").classList.toggle("folded", !this.view.unfolded);
      node.textContent = words();
    });
    return node;
  }

  switchesIn(parent) {
    return LAYERS.map(([layer, key]) => {
      const node = button("switch", layer);
      const hint = document.createElement("kbd");
      hint.textContent = key.toUpperCase();
      node.append(hint);
      node.layer = layer;
      node.addEventListener("click", () => this.toggle(layer));
      parent.append(node);
      return node;
    });
  }

  switchFor(key) {
    const found = key.length === 1 && LAYERS.find(([, letter]) => letter === key.toLowerCase());
    return found ? () => this.toggle(found[0]) : null;
  }

  toggle(layer) {
    this.view.layers[layer] = !this.view.layers[layer];
    this.showLayers();
    this.find("[aria-live]").textContent = `${layer} ${this.view.layers[layer] ? "shown" : "hidden"}`;
  }

  showLayers() {
    for (const [layer] of LAYERS) this.root.classList.toggle(`no-${layer}`, !this.view.layers[layer]);
    for (const node of this.switches) node.setAttribute("aria-pressed", String(this.view.layers[node.layer]));
  }

  // The class that the pointer is at, or else the one that was kept.
  show(index) {
    const page = this.find(".images");
    isolate(page, index === null ? null : (object) => object?.index === index);
    for (const tile of this.tiles) {
      tile.classList.toggle("without", index !== null && !tile.image.objects.some((object) => object.index === index));
    }
    for (const chip of this.find(".legend").children) chip.classList.toggle("shown", chip.index === index);
  }

  showKept() {
    const kept = [...this.classes].find(([, { name }]) => name === this.view.kept)?.[0] ?? null;
    for (const chip of this.root.querySelectorAll(".chip")) chip.setAttribute("aria-pressed", String(chip.index === kept));
    this.show(kept);
  }

  keep(index) {
    const { name } = this.classOf(index);
    this.view.kept = this.view.kept === name ? null : name;
    this.showKept();
  }

  exclude(tile, isExcluded) {
    this.last += 1;
    this.waiting.push([this.last, tile.image.split, tile.image.id, isExcluded]);
    this.paint();
    this.sendWaiting();
  }

  // A message can get lost while the page is busy: what is not confirmed goes again, later each time.
  sendWaiting(patience = SEND_AGAIN_MS) {
    this.send("sent", { client: this.client, choices: this.waiting });
    clearTimeout(this.reminder);
    this.reminder = setTimeout(() => {
      if (this.waiting.length && this.root.isConnected) this.sendWaiting(2 * patience);
    }, patience);
  }

  paint() {
    const waiting = new Map(this.waiting.map(([, split, id, isExcluded]) => [`${id} ${split}`, isExcluded]));
    for (const tile of this.tiles) {
      const { split, id } = tile.image;
      const isExcluded = waiting.get(`${id} ${split}`) ?? this.excluded.has(tile.index);
      tile.classList.toggle("excluded", isExcluded);
      tile.querySelector("input").checked = isExcluded;
    }
  }

  sharpen([split, id, jpeg]) {
    const image = this.images.find((each) => each.id === id && each.split === split);
    if (!image || !jpeg || image.large === jpeg) return;
    image.large = jpeg;
    this.large.sharpen(image);
  }

  focus(index) {
    this.tiles[index]?.querySelector(".open").focus({ preventScroll: true });
  }

  listen() {
    const page = this.find(".images");
    const legend = this.find(".legend");
    const over = (event) => event.target.closest?.(".object, .name")?.object?.index ?? event.target.closest?.(".chip")?.index;
    for (const part of [page, legend]) {
      part.addEventListener("pointerover", (event) => (over(event) === undefined ? this.showKept() : this.show(over(event))));
      part.addEventListener("pointerleave", () => this.showKept());
    }
    legend.addEventListener("focusin", ({ target }) => target.index !== undefined && this.show(target.index));
    legend.addEventListener("focusout", () => this.showKept());
    legend.addEventListener("click", ({ target }) => target.closest(".chip") && this.keep(target.closest(".chip").index));
    page.addEventListener("click", ({ target }) => {
      const opener = target.closest(".open");
      if (opener) this.large.open(opener.parentElement.index);
    });
    page.addEventListener("change", ({ target }) => this.exclude(target.closest(".tile"), target.checked));
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("pointerenter", () => {
      if (document.activeElement === document.body) this.root.focus({ preventScroll: true }); // so that keys work here
    });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const letGo = event.key === "Escape" && this.view.kept !== null ? () => this.letGo() : null;
    const handler = letGo ?? this.switchFor(event.key);
    if (!handler) return;
    event.preventDefault();
    event.stopPropagation();
    handler();
  }

  letGo() {
    this.view.kept = null;
    this.showKept();
  }
}

function button(kind, text) {
  const node = document.createElement("button");
  node.type = "button";
  node.className = kind;
  node.textContent = text;
  return node;
}

export default function ({ data, parentElement, setTriggerValue }) {
  if (!data) return;
  let gallery = galleriesByRoot.get(parentElement);
  if (!gallery) galleriesByRoot.set(parentElement, (gallery = new Gallery(parentElement, data.key)));
  gallery.update(data, setTriggerValue);
}
