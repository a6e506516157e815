// Image, ground truth and training mask side by side: what is pointed at in one of them shows in the others.

const IGNORED = 255;
const FADED = 38; // of 255, the opacity of pixels that are not meant
const imagesByRoot = new WeakMap();

class MaskImage {
  constructor(root) {
    this.root = root.querySelector(".whole");
    this.find = (selector) => root.querySelector(selector);
    this.kept = null;
    /** @type {{ image?: string, text?: string }} */
    this.shown = {};
    /** @type {LabelMap} */
    this.map = { size: [1, 1], values: new Uint8Array(1) };
    /** @type {LegendRow[]} */
    this.legend = [];
    this.truth = svg("svg", {});
    this.canvas = document.createElement("canvas");
    this.listen();
  }

  update(data) {
    const text = JSON.stringify([data.map, data.legend, data.labels]);
    if (data.image === this.shown.image && text === this.shown.text) return;
    this.shown = { image: data.image, text };
    this.kept = null;
    const { classes, images } = JSON.parse(data.image);
    this.image = images[0];
    this.labels = data.labels;
    this.image.objects = this.image.objects.map((row) => withClass(row, classes));
    for (const object of this.image.objects) object.label = this.labelOf(object);
    this.map = { size: data.map.size, values: unpacked(data.map) };
    this.legend = data.legend.map(([label, name, colour, count]) => ({ label, name, colour, count }));
    this.build(data);
  }

  // What an object would be in the label map: a crowd region is ignored, a class without a value is background.
  labelOf({ index, crowd }) {
    const label = this.labels[index];
    return label === undefined ? 0 : crowd ? IGNORED : label;
  }

  build({ report, lost }) {
    const { image, map } = this;
    const [width, height] = image.units;
    this.root.style.setProperty("--aspect", String(width / height));
    this.find(".image-frame").replaceChildren(drawn({ ...image, objects: [] }, image.jpeg), ...this.gone(), spot());
    this.truth = drawn(image, image.jpeg);
    this.truth.classList.add("no-boxes", "no-names");
    this.find(".truth-frame").replaceChildren(this.truth, spot());
    this.canvas = document.createElement("canvas");
    [this.canvas.width, this.canvas.height] = map.size;
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", `Training mask of image ${image.id}`);
    this.find(".map-frame").replaceChildren(this.canvas, spot());
    this.find("figcaption").textContent = `Image · ${image.id} · ${image.split}`;
    const isStretched = map.size[0] * height !== map.size[1] * width;
    const shape = isStretched ? ", stretched to the image’s shape" : "";
    this.find(".map-words").textContent = `Training mask · ${map.size[0]} × ${map.size[1]} px${shape}`;
    this.find(".legend").replaceChildren(...this.legend.map((row) => this.chip(row)));
    this.find(".report").textContent = report;
    this.find(".lost").replaceChildren(...lost.map((row) => this.lost(row)));
    this.show(null);
  }

  gone() {
    if (this.image.jpeg) return [];
    const node = document.createElement("span");
    node.className = "gone";
    node.textContent = "The image file is missing or cannot be read.";
    return [node];
  }

  chip({ label, name, colour, count }) {
    const share = count / this.map.values.length;
    const node = pill(colour);
    const value = document.createElement("b");
    value.textContent = String(label);
    node.append(value, name, quiet(shareText(share)));
    node.label = label;
    node.classList.toggle("absent", count === 0);
    node.title = `${name}: value ${label}, ${counted(count, "pixel")}. Hover to isolate it, click to keep it so.`;
    return node;
  }

  lost([id, name, reason]) {
    const object = this.image.objects.find((each) => each.id === id);
    const node = pill(object?.colour ?? "");
    node.append(name, quiet(`${reason} · ${id}`));
    node.object = object;
    node.title = `Annotation ${id} has no pixel in the training mask: ${reason}.`;
    return node;
  }

  // One value, or one object, alone.
  show(label, object) {
    const isShown = object ? (other) => other === object : label === null ? null : (other) => other.label === label;
    isolate(this.find(".truth-frame"), isShown);
    this.paint(object ? object.label : label);
    for (const node of this.find(".legend").children) node.classList.toggle("shown", node.label === label);
  }

  paint(label) {
    const [width, height] = this.map.size;
    const pixels = new ImageData(width, height);
    const colours = new Map(this.legend.map((row) => [row.label, parts(row.colour)]));
    this.map.values.forEach((value, at) => {
      pixels.data.set(colours.get(value) ?? [0, 0, 0], at * 4);
      pixels.data[at * 4 + 3] = label === null || value === label ? 255 : FADED;
    });
    this.canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  }

  point(frame, event) {
    const box = frame.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    for (const node of this.root.querySelectorAll(".spot")) {
      node.style.left = `${x * 100}%`;
      node.style.top = `${y * 100}%`;
      node.style.visibility = node.parentElement === frame ? "hidden" : "";
    }
    const [width, height] = this.map.size;
    const [column, row] = [Math.min(Math.floor(x * width), width - 1), Math.min(Math.floor(y * height), height - 1)];
    if (column < 0 || row < 0) return;
    const value = this.map.values[row * width + column];
    const name = this.legend.find(({ label }) => label === value)?.name ?? "";
    this.find(".pixel").textContent = `${column}, ${row}: ${value} ${name}`;
  }

  listen() {
    for (const frame of this.root.querySelectorAll(".frame")) {
      frame.addEventListener("pointermove", (event) => this.point(frame, event));
      frame.addEventListener("pointerenter", () => this.root.classList.add("pointing"));
      frame.addEventListener("pointerleave", () => {
        this.root.classList.remove("pointing");
        this.find(".pixel").textContent = "";
      });
    }
    const shown = ({ target }) => {
      const chip = target.closest?.(".chip");
      if (chip) this.show(chip.label ?? null, chip.object);
      else this.show(this.kept);
    };
    for (const list of [this.find(".legend"), this.find(".lost")]) {
      list.addEventListener("pointerover", shown);
      list.addEventListener("focusin", shown);
      list.addEventListener("pointerleave", () => this.show(this.kept));
      list.addEventListener("focusout", () => this.show(this.kept));
    }
    this.find(".legend").addEventListener("click", ({ target }) => {
      const chip = target.closest(".chip");
      if (chip) this.keep(chip.label);
    });
  }

  keep(label) {
    this.kept = this.kept === label ? null : label;
    for (const node of this.find(".legend").children) node.setAttribute("aria-pressed", String(node.label === this.kept));
    this.show(this.kept);
  }
}

function unpacked({ size, runs }) {
  const values = new Uint8Array(size[0] * size[1]);
  let at = 0;
  for (let index = 0; index < runs.length; index += 2) {
    values.fill(runs[index], at, at + runs[index + 1]);
    at += runs[index + 1];
  }
  return values;
}

function parts(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}

function pill(colour) {
  const node = document.createElement("button");
  const dot = document.createElement("i");
  node.type = "button";
  node.className = "chip";
  dot.style.background = colour;
  node.append(dot);
  return node;
}

function quiet(text) {
  const node = document.createElement("span");
  node.textContent = text;
  return node;
}

function spot() {
  const node = document.createElement("div");
  node.className = "spot";
  return node;
}

function shareText(share) {
  if (share === 0) return "not here";
  return share < 0.001 ? "under 0.1 %" : `${(share * 100).toFixed(1)} %`;
}

export default function ({ data, parentElement }) {
  if (!data) return;
  let image = imagesByRoot.get(parentElement);
  if (!image) imagesByRoot.set(parentElement, (image = new MaskImage(parentElement)));
  image.update(data);
}
