// One image large, beside the list of its objects. Pointing at either shows the other; a click keeps it.

class Large {
  constructor(dialog, gallery) {
    this.dialog = dialog;
    this.gallery = gallery;
    this.find = (selector) => dialog.querySelector(selector);
    this.kept = null;
    this.listen();
  }

  get isOpen() {
    return this.dialog.open;
  }

  open(index) {
    const image = this.gallery.images[index];
    this.index = index;
    this.image = image;
    this.kept = null;
    this.drawing = drawn(image, image.large ?? image.jpeg);
    this.find(".stage").style.setProperty("--aspect", this.drawing.style.getPropertyValue("--aspect"));
    this.find(".stage").replaceChildren(this.drawing, ...(image.jpeg ? [] : [gone()]));
    sizes.observe(this.drawing);
    this.showTitle(image);
    this.find("tbody").replaceChildren(...this.rows(image));
    isolate(this.dialog, null);
    if (!this.isOpen) this.dialog.showModal();
    this.dialog.focus(); // rather than the first switch
    this.find(".objects").scrollTop = 0;
    if (image.jpeg && !image.large) this.gallery.send("opened", [image.split, image.id]);
  }

  // The sharper image has come.
  sharpen(image) {
    if (this.isOpen && image === this.image) this.drawing?.querySelector(".pixels")?.setAttribute("href", asUrl(image.large));
  }

  close() {
    if (this.isOpen) this.dialog.close();
  }

  step(by) {
    const index = this.index + by;
    if (index >= 0 && index < this.gallery.images.length) this.open(index);
  }

  showTitle(image) {
    const [width, height] = image.size;
    this.find(".title b").textContent = `${image.id} · ${image.split}`;
    this.find(".title span").textContent = `${image.file} · ${width} × ${height} px`;
    this.find(".number-of").textContent = `${this.index + 1} of ${this.gallery.images.length}`;
    this.find(".previous").disabled = this.index === 0;
    this.find(".next").disabled = this.index === this.gallery.images.length - 1;
    const crowds = image.objects.filter(({ crowd }) => crowd).length;
    const parts = [counted(image.objects.length - crowds, "object"), crowds && counted(crowds, "crowd region")];
    this.find(".count").textContent = image.objects.length ? parts.filter(Boolean).join(" · ") : "No objects shown.";
    this.find("table").hidden = this.find(".foot").hidden = !image.objects.length;
    this.find(".copy").textContent = "Copy list";
  }

  rows(image) {
    return image.objects.map((object) => {
      const row = document.createElement("tr");
      row.className = "row";
      row.tabIndex = 0;
      row.object = object;
      const dot = document.createElement("i");
      dot.style.background = object.colour;
      row.append(cell("class", dot, object.crowd ? `${object.name} (crowd)` : object.name));
      row.append(cell("number", object.area === null ? "n/a" : object.area.toLocaleString("en", { maximumFractionDigits: 0 })));
      row.append(cell("number id", String(object.id)));
      return row;
    });
  }

  show(object, from) {
    const shown = object ?? this.kept;
    isolate(this.dialog, shown && ((other) => other === shown));
    for (const row of this.dialog.querySelectorAll("tr.row")) {
      row.setAttribute("aria-selected", String(row.object === this.kept));
      if (row.object === shown && from !== "list") row.scrollIntoView({ block: "nearest" });
    }
  }

  keep(object) {
    this.kept = this.kept === object ? null : object;
    this.show(this.kept, "list");
  }

  async copy() {
    const { image } = this;
    const line = ({ id, name, area, crowd }) => [id, name, area ?? "", crowd ? "crowd" : ""].join("\t");
    const head = `image ${image.id} · ${image.split} · ${image.file}`;
    const text = [head, "annotation id\tclass\tarea, px\tcrowd", ...image.objects.map(line)].join("\n");
    try {
      await navigator.clipboard.writeText(text);
      this.find(".copy").textContent = "Copied";
    } catch {
      this.find(".copy").textContent = "Copying is blocked by the browser";
    }
  }

  listen() {
    const objectAt = (event) => event.target.closest?.(".object, .name, tr.row")?.object ?? null;
    const fromOf = (event) => (event.target.closest?.(".side") ? "list" : "stage");
    this.dialog.addEventListener("pointerover", (event) => this.show(objectAt(event), fromOf(event)));
    this.dialog.addEventListener("pointerleave", () => this.show(null, "list"));
    this.dialog.addEventListener("focusin", (event) => objectAt(event) && this.show(objectAt(event), "list"));
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) return this.close(); // beside it
      const object = objectAt(event);
      if (object) this.keep(object);
    });
    this.find(".previous").addEventListener("click", () => this.step(-1));
    this.find(".next").addEventListener("click", () => this.step(1));
    this.find(".close").addEventListener("click", () => this.close());
    this.find(".copy").addEventListener("click", () => this.copy());
    this.dialog.addEventListener("close", () => this.gallery.focus(this.index));
    this.dialog.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    event.stopPropagation(); // a dialog of the app around it must not close as well
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const object = event.target.closest?.("tr.row")?.object;
    const handlers = { ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1) };
    if (object) Object.assign(handlers, { Enter: () => this.keep(object), " ": () => this.keep(object) });
    const handler = handlers[event.key] ?? this.gallery.switchFor(event.key);
    if (!handler) return;
    event.preventDefault();
    handler();
  }
}

function cell(kind, ...content) {
  const node = document.createElement("td");
  node.className = kind;
  node.append(...content);
  return node;
}

function gone() {
  const node = document.createElement("span");
  node.className = "gone";
  node.textContent = "The image file is missing or unreadable; its objects are drawn without it.";
  return node;
}
