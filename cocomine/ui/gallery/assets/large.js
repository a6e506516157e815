// One picture large, beside the list of its objects. Pointing at either shows the other; a click keeps it.

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

  open(place) {
    const image = this.gallery.images[place];
    this.place = place;
    this.image = image;
    this.kept = null;
    this.drawing = drawn(image, image.large ?? image.photo);
    this.find(".stage").style.setProperty("--aspect", this.drawing.style.getPropertyValue("--aspect"));
    this.find(".stage").replaceChildren(this.drawing, ...(image.photo ? [] : [gone()]));
    sizes.observe(this.drawing);
    this.tell(image);
    this.find("tbody").replaceChildren(...this.rows(image));
    isolate(this.dialog, null);
    if (!this.isOpen) this.dialog.showModal();
    this.dialog.focus(); // rather than the first switch
    this.find(".objects").scrollTop = 0;
    if (image.photo && !image.large) this.gallery.send("opened", [image.split, image.id]);
  }

  // The sharper photo has come.
  sharpen(image) {
    if (this.isOpen && image === this.image) this.drawing.querySelector(".photo")?.setAttribute("href", asUrl(image.large));
  }

  close() {
    if (this.isOpen) this.dialog.close();
  }

  step(by) {
    const place = this.place + by;
    if (place >= 0 && place < this.gallery.images.length) this.open(place);
  }

  tell(image) {
    const [width, height] = image.size;
    this.find(".title b").textContent = `${image.id} · ${image.split}`;
    this.find(".title span").textContent = `${image.file} · ${width} × ${height} px`;
    this.find(".place").textContent = `${this.place + 1} of ${this.gallery.images.length}`;
    this.find(".previous").disabled = this.place === 0;
    this.find(".next").disabled = this.place === this.gallery.images.length - 1;
    const crowds = image.objects.filter(({ crowd }) => crowd).length;
    const parts = [counted(image.objects.length - crowds, "object"), crowds && counted(crowds, "crowd region")];
    this.find(".count").textContent = image.objects.length ? parts.filter(Boolean).join(" · ") : "No object is drawn here.";
    this.find("table").hidden = this.find(".foot").hidden = !image.objects.length;
    this.find(".copy").textContent = "Copy the list";
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
      row.append(cell("number", object.area === null ? "not given" : object.area.toLocaleString("en", { maximumFractionDigits: 0 })));
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
      this.find(".copy").textContent = "The browser does not let me copy";
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
    this.dialog.addEventListener("close", () => this.gallery.focus(this.place));
    this.dialog.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    event.stopPropagation(); // a dialog of the app around it must not close as well
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const object = event.target.closest?.("tr.row")?.object;
    const deeds = { ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1) };
    if (object) Object.assign(deeds, { Enter: () => this.keep(object), " ": () => this.keep(object) });
    const deed = deeds[event.key] ?? this.gallery.switchFor(event.key);
    if (!deed) return;
    event.preventDefault();
    deed();
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
  node.textContent = "The picture is missing on disk or unreadable; its objects are drawn without it.";
  return node;
}
