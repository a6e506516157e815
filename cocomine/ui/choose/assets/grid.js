// The grid on the page. An action shows at once and is sent with all that the server has not yet confirmed, each with its
// number, so that none is lost or done twice however fast they come. Names come from a dataset: `textContent` alone.

const store = (globalThis[Symbol.for("cocomine.thumbnails")] ??= { id: null, tiles: new Map(), listeners: new Set() });
const gridsByRoot = new WeakMap();
const viewsByKey = new Map(); // what was searched and how it was ordered, for who comes back to the page
const SEND_AGAIN_MS = 3000;
const FEW = 9; // so many classes need neither a search nor an order
const MANY = 200; // more begin with those in most images, and fold away those in none
const DIALOG_POLL_MS = 150;
const DIALOG_LIMIT_MS = 10_000; // a dialog that has not come by then will not

class Grid {
  constructor(root, key) {
    this.find = (selector) => root.querySelector(selector);
    this.client = Math.random().toString(36).slice(2);
    this.last = 0; // the number of the newest action
    this.waiting = []; // actions not yet confirmed: [number, kind, names]
    this.truth = { included: [], excluded: [] };
    this.view = viewsByKey.get(key) ?? { query: "", order: null, onlySelected: false, unfolded: false };
    viewsByKey.set(key, this.view);
    this.cards = null;
    this.classes = [];
    this.sections = [];
    this.listen();
    const listener = () => (root.isConnected ? this.showThumbnails() : store.listeners.delete(listener));
    for (const other of store.listeners) other(); // lets go of grids that left the page
    store.listeners.add(listener);
  }

  update({ cards, included, excluded, confirmed, thumbnails }, send) {
    this.send = send;
    this.truth = { included, excluded };
    const [client, number] = confirmed;
    if (client === this.client) this.waiting = this.waiting.filter(([each]) => each > number);
    if (cards !== this.cards) {
      this.cards = cards;
      this.build(JSON.parse(cards));
    }
    this.thumbnailsId = thumbnails;
    this.showThumbnails();
    this.paint();
  }

  build(rows) {
    const template = this.find(".card-template").content.firstElementChild;
    this.classes = rows.map((row, index) => itemWithCard(row, index, template.cloneNode(true)));
    this.focused = null;
    this.tiles = null;
    const few = rows.length <= FEW;
    if (few) Object.assign(this.view, { query: "", order: null, onlySelected: false });
    this.find(".whole").classList.toggle("few", few);
    this.find("input").placeholder = `Search ${counted(rows.length, "class")}`;
    const hasGroups = this.classes.some(({ group }) => group);
    this.find("[data-order=groups]").textContent = hasGroups ? "Supercategory" : "As listed";
    this.find("input").value = this.view.query;
    this.arrange();
  }

  showThumbnails() {
    const tiles = store.id === this.thumbnailsId ? store.tiles : new Map();
    if (tiles === this.tiles || (this.tiles?.size === 0 && tiles.size === 0)) return;
    this.tiles = tiles;
    for (const item of this.classes) showThumbnail(item, tiles.get(item.shownAs));
  }

  act(kind, names) {
    if (!names.length) return;
    this.last += 1;
    this.waiting.push([this.last, kind, names]);
    if (kind === "details") this.returnFocusAfterDialog();
    else this.paint();
    this.sendWaiting();
  }

  // A message can get lost while the page is busy: what is not confirmed goes again, later each time.
  sendWaiting(patience = SEND_AGAIN_MS) {
    this.send("sent", { client: this.client, actions: this.waiting });
    clearTimeout(this.reminder);
    this.reminder = setTimeout(() => {
      if (this.waiting.length && this.find(".whole").isConnected) this.sendWaiting(2 * patience);
    }, patience);
  }

  toggle(item, state) {
    const kind = item.state === state ? "clear" : { included: "include", excluded: "exclude" }[state];
    this.act(kind, [item.name]);
    this.find(".announcement").textContent = `${item.name}: ${STATES[item.state]}`;
  }

  listen() {
    const groups = this.find(".groups");
    const search = this.find("input");
    search.addEventListener("input", () => this.search(search.value));
    search.addEventListener("keydown", (event) => this.searchKey(event));
    this.find(".wipe").addEventListener("click", () => this.search("", true));
    this.find(".orders").addEventListener("click", ({ target }) => target.dataset.order && this.orderBy(target.dataset.order));
    this.find(".only-selected").addEventListener("click", () => this.onlySelected(!this.view.onlySelected));
    this.find(".nothing").addEventListener("click", ({ target }) => target.dataset.near && this.search(target.textContent, true));
    groups.addEventListener("click", (event) => this.click(event.target.closest("button")));
    groups.addEventListener("keydown", (event) => this.key(event));
    groups.addEventListener("focusin", ({ target }) => target.classList.contains("face") && this.rove(target));
    this.find(".show-empty").addEventListener("click", () => this.unfold());
  }

  click(button) {
    if (!button) return;
    const { item, section } = button;
    if (section) return this.clickSection(button, section);
    if (button.classList.contains("exclude")) this.toggle(item, "excluded");
    else if (button.classList.contains("details")) this.act("details", [item.name]);
    else this.toggle(item, "included");
    item.face.focus({ preventScroll: true });
  }

  clickSection(button, { shown }) {
    this.act(button.classList.contains("all") ? "include" : "clear", shown.map(({ name }) => name));
    if (button.disabled) shown[0]?.face.focus({ preventScroll: true }); // or the keyboard would lose its place
  }

  // Streamlit gives the focus back to the component as a whole, and the keyboard would lose its place.
  returnFocusAfterDialog() {
    const { focused } = this;
    const giveUp = Date.now() + DIALOG_LIMIT_MS;
    let hasOpened = false;
    const timer = setInterval(() => {
      const isOpen = document.querySelector('[role="dialog"]') !== null;
      hasOpened ||= isOpen;
      if (isOpen || (!hasOpened && Date.now() < giveUp)) return;
      clearInterval(timer);
      const isElsewhere = document.activeElement !== document.body && !document.activeElement?.shadowRoot;
      if (hasOpened && !isElsewhere) focused?.focus({ preventScroll: true });
    }, DIALOG_POLL_MS);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { item } = event.target;
    const handlers = {
      x: () => item && this.toggle(item, "excluded"),
      Delete: () => item && this.toggle(item, "excluded"),
      d: () => item && this.act("details", [item.name]),
      "/": () => this.find("input").focus(),
      Escape: () => this.search("", true),
    };
    const handler = handlers[event.key.length === 1 ? event.key.toLowerCase() : event.key] ?? this.move(event.key);
    if (!handler) return;
    event.preventDefault();
    event.stopPropagation();
    handler();
  }

  searchKey(event) {
    if (event.key === "Escape") this.search("", true);
    else if (event.key === "ArrowDown" || event.key === "Enter") this.faces()[0]?.focus();
    else return;
    event.preventDefault();
  }

  // Told from what is known, for asking the page would lay out every card that is not in sight.
  faces() {
    return this.sections.flatMap(({ shown }) => shown.map(({ face }) => face));
  }

  move(key) {
    const faces = ["Home", "End", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(key) ? this.faces() : [];
    if (!faces.length) return null;
    const at = Math.max(faces.indexOf(this.focused), 0);
    const next = {
      Home: () => faces[0],
      End: () => faces.at(-1),
      ArrowLeft: () => faces[at - 1],
      ArrowRight: () => faces[at + 1],
      ArrowUp: () => nearestInNextRow(faces.slice(0, at).reverse(), faces[at]),
      ArrowDown: () => nearestInNextRow(faces.slice(at + 1), faces[at]),
    }[key]();
    return () => next?.focus();
  }

  // The Tab key reaches the grid at one card, and at the buttons of that card's group; arrows go from card to card alone.
  rove(face) {
    const buttons = (each) => each?.item.section.buttons ?? [];
    for (const node of [this.focused, ...buttons(this.focused)].filter(Boolean)) node.tabIndex = -1;
    this.focused = face;
    for (const node of [face, ...buttons(face)]) node.tabIndex = 0;
  }

  search(query, refocus) {
    this.view.query = query;
    const input = this.find("input");
    if (input.value !== query) input.value = query;
    if (refocus && !this.find(".groups").contains(input.getRootNode().activeElement)) input.focus();
    this.filter();
  }

  get order() {
    return this.view.order ?? (this.classes.length > MANY ? "images" : "groups");
  }

  unfold() {
    const shown = new Set(this.faces());
    this.view.unfolded = true;
    this.filter();
    this.faces().find((face) => !shown.has(face))?.focus();
  }

  orderBy(order) {
    this.view.order = order;
    this.arrange();
    this.find(".box").scrollTop = 0;
  }

  onlySelected(on) {
    this.view.onlySelected = on;
    this.kept = new Set();
    this.filter();
  }

  arrange() {
    const grouped = this.order === "groups" && this.classes.some(({ group }) => group);
    const byCount = (item, other) => other.count - item.count || item.index - other.index;
    const byName = (item, other) => item.name.localeCompare(other.name, "en", { numeric: true });
    const sorted = { groups: this.classes, images: this.classes.toSorted(byCount), names: this.classes.toSorted(byName) };
    const titles = grouped ? [...new Set(this.classes.map(({ group }) => group))] : [""];
    const members = (title) => (grouped ? this.classes.filter(({ group }) => group === title) : sorted[this.order]);
    this.sections = titles.map((title) => this.section(title, members(title), grouped));
    this.find(".groups").replaceChildren(...this.sections.map(({ node }) => node));
    this.filter();
  }

  section(title, members, grouped) {
    const node = this.find(".group-template").content.firstElementChild.cloneNode(true);
    const section = { node, title, members, shown: members, grouped };
    node.querySelector(".head").hidden = !grouped;
    node.querySelector(".title b").textContent = title || "no supercategory";
    section.buttons = [...node.querySelectorAll(".head button")];
    for (const button of section.buttons) button.section = section;
    for (const item of members) item.section = section;
    node.querySelector(".cards").append(...members.map(({ card }) => card));
    return section;
  }

  filter() {
    const query = plain(this.view.query);
    const isKept = (item) => item.state !== "neutral" || this.kept?.has(item);
    const folds = this.classes.length > MANY && !query && !this.view.onlySelected && !this.view.unfolded;
    const isFolded = (item) => folds && !item.count && item.state === "neutral";
    const isShown = (item) => (!query || finds(query, item)) && (!this.view.onlySelected || isKept(item)) && !isFolded(item);
    for (const section of this.sections) {
      section.shown = section.members.filter(isShown);
      const shown = new Set(section.shown);
      for (const item of section.members) if (item.card.hidden === shown.has(item)) item.card.hidden = !shown.has(item);
      section.node.hidden = !section.shown.length;
    }
    const foldedCount = this.classes.filter(isFolded).length;
    this.find(".show-empty").hidden = !foldedCount;
    this.find(".show-empty").textContent = `Show ${counted(foldedCount, "class")} without images`;
    this.showCounts(query);
  }

  paint() {
    const { included, excluded } = this.waiting.reduce(after, this.truth);
    const states = new Map([...included.map((name) => [name, "included"]), ...excluded.map((name) => [name, "excluded"])]);
    let changed = false;
    for (const item of this.classes) {
      const state = states.get(item.name) ?? "neutral";
      if (item.state === state) continue;
      changed = true;
      if (this.view.onlySelected && item.state) this.kept?.add(item); // a card does not vanish under the pointer
      showState(item, state);
    }
    if (changed) this.filter();
  }

  showCounts(query) {
    const shown = this.sections.reduce((sum, section) => sum + section.shown.length, 0);
    const count = (state) => this.classes.filter((item) => item.state === state).length;
    const included = count("included");
    const excluded = count("excluded");
    const isFiltered = query || this.view.onlySelected;
    const all = counted(this.classes.length, "class");
    const selected = [included && `${included.toLocaleString("en")} included`, excluded && `${excluded.toLocaleString("en")} excluded`];
    const parts = [isFiltered ? `${shown.toLocaleString("en")} of ${all}` : all, ...selected];
    this.find(".status").textContent = parts.filter(Boolean).join(" · ");
    this.find(".wipe").hidden = !this.view.query;
    this.find(".search kbd").hidden = Boolean(this.view.query);
    for (const button of this.find(".orders").children) {
      button.setAttribute("aria-pressed", String(button.dataset.order === this.order));
    }
    this.find(".only-selected").setAttribute("aria-pressed", String(this.view.onlySelected));
    for (const section of this.sections) if (section.grouped) this.showSectionCounts(section);
    this.showNoMatch(query, shown);
    this.keepOneStop();
  }

  showSectionCounts({ node, title, members, shown }) {
    const selected = members.filter(({ state }) => state === "included").length;
    const canInclude = shown.some(({ state }) => state !== "included");
    const all = node.querySelector(".all");
    const none = node.querySelector(".none");
    node.querySelector(".tally").textContent = selected
      ? `${selected.toLocaleString("en")} of ${members.length.toLocaleString("en")} selected`
      : counted(members.length, "class");
    all.textContent = shown.length < members.length ? `Select these ${shown.length.toLocaleString("en")}` : "Select all";
    all.setAttribute("aria-label", `${all.textContent} of ${title}`);
    all.disabled = !canInclude;
    none.setAttribute("aria-label", `Clear ${title}`);
    none.disabled = shown.every(({ state }) => state === "neutral");
  }

  showNoMatch(query, shown) {
    const nothing = this.find(".nothing");
    nothing.hidden = shown > 0;
    if (shown) return;
    if (!query) return nothing.replaceChildren("No classes selected. Show all classes and click the ones to include.");
    const where = this.view.onlySelected ? "No selected class is" : "No class is";
    nothing.replaceChildren(`${where} called “${this.view.query.trim()}”.`, ...suggestions(nearest(query, this.classes)));
  }

  // A card that is gone cannot be the one that the Tab key reaches.
  keepOneStop() {
    const isThere = this.focused?.isConnected && !this.focused.item.card.hidden;
    const first = this.faces()[0];
    if (!isThere && first) this.rove(first);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  if (!data) return;
  let grid = gridsByRoot.get(parentElement);
  if (!grid) gridsByRoot.set(parentElement, (grid = new Grid(parentElement, data.key)));
  grid.update(data, setTriggerValue);
}
