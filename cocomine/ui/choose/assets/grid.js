// The grid on the page. An action shows at once and is sent with all that the server has not yet confirmed, each with its
// number, so that none is lost or done twice however fast they come. Names come from a dataset: `textContent` alone.

const store = (globalThis[Symbol.for("cocomine.thumbnails")] ??= { id: null, tiles: new Map(), listeners: new Set() });
const gridsByRoot = new WeakMap();
const viewsByKey = new Map(); // what was searched and how it was ordered, for who comes back to the page
const SEND_AGAIN_MS = 3000;
const FEW = 9; // so many classes need neither a search nor an order

class Grid {
  constructor(root, key) {
    this.find = (selector) => root.querySelector(selector);
    this.client = Math.random().toString(36).slice(2);
    this.last = 0; // the number of the newest action
    this.waiting = []; // actions not yet confirmed: [number, kind, names]
    this.truth = { wanted: [], forbidden: [] };
    this.view = viewsByKey.get(key) ?? { query: "", order: "groups", onlyPicked: false };
    viewsByKey.set(key, this.view);
    this.deck = null;
    this.classes = [];
    this.sections = [];
    this.listen();
    const listener = () => (root.isConnected ? this.showPictures() : store.listeners.delete(listener));
    for (const other of store.listeners) other(); // lets go of grids that left the page
    store.listeners.add(listener);
  }

  update({ deck, wanted, forbidden, confirmed, pictures }, send) {
    this.send = send;
    this.truth = { wanted, forbidden };
    const [client, number] = confirmed;
    if (client === this.client) this.waiting = this.waiting.filter(([each]) => each > number);
    if (deck !== this.deck) {
      this.deck = deck;
      this.build(JSON.parse(deck));
    }
    this.pictures = pictures;
    this.showPictures();
    this.paint();
  }

  build(rows) {
    const template = this.find(".card-template").content.firstElementChild;
    this.classes = rows.map((row, index) => withCard(row, index, template.cloneNode(true)));
    this.focused = null;
    this.tiles = null;
    const few = rows.length <= FEW;
    if (few) Object.assign(this.view, { query: "", order: "groups", onlyPicked: false });
    this.find(".whole").classList.toggle("few", few);
    this.find("input").placeholder = `Search ${counted(rows.length, "class")}`;
    const hasGroups = this.classes.some(({ group }) => group);
    this.find("[data-order=groups]").textContent = hasGroups ? "Supercategory" : "As listed";
    this.find("input").value = this.view.query;
    this.arrange();
  }

  showPictures() {
    const tiles = store.id === this.pictures ? store.tiles : new Map();
    if (tiles === this.tiles || (this.tiles?.size === 0 && tiles.size === 0)) return;
    this.tiles = tiles;
    for (const one of this.classes) showPicture(one, tiles.get(one.name));
  }

  act(kind, names) {
    if (!names.length) return;
    this.last += 1;
    this.waiting.push([this.last, kind, names]);
    if (kind !== "look") this.paint();
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

  toggle(one, state) {
    const kind = one.state === state ? "leave" : { wanted: "want", forbidden: "forbid" }[state];
    this.act(kind, [one.name]);
    this.find(".said").textContent = `${one.name}: ${STATES[one.state]}`;
  }

  listen() {
    const groups = this.find(".groups");
    const search = this.find("input");
    search.addEventListener("input", () => this.search(search.value));
    search.addEventListener("keydown", (event) => this.searchKey(event));
    this.find(".wipe").addEventListener("click", () => this.search("", true));
    this.find(".orders").addEventListener("click", ({ target }) => target.dataset.order && this.order(target.dataset.order));
    this.find(".only-picked").addEventListener("click", () => this.onlyPicked(!this.view.onlyPicked));
    this.find(".nothing").addEventListener("click", ({ target }) => target.dataset.near && this.search(target.textContent, true));
    groups.addEventListener("click", (event) => this.click(event.target.closest("button")));
    groups.addEventListener("keydown", (event) => this.key(event));
    groups.addEventListener("focusin", ({ target }) => target.classList.contains("stop") && this.rove(target));
  }

  click(button) {
    if (!button) return;
    const { one, section } = button;
    if (section) return this.clickSection(button, section);
    if (button.classList.contains("forbid")) this.toggle(one, "forbidden");
    else if (button.classList.contains("look")) this.act("look", [one.name]);
    else this.toggle(one, "wanted");
    one.face.focus({ preventScroll: true });
  }

  clickSection(button, { shown }) {
    this.act(button.classList.contains("all") ? "want" : "leave", shown.map(({ name }) => name));
    if (button.disabled) shown[0]?.face.focus({ preventScroll: true }); // or the keyboard would lose its place
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { one } = event.target;
    const deeds = {
      f: () => one && this.toggle(one, "forbidden"),
      Delete: () => one && this.toggle(one, "forbidden"),
      i: () => one && this.act("look", [one.name]),
      "/": () => this.find("input").focus(),
      Escape: () => this.search("", true),
    };
    const deed = deeds[event.key.length === 1 ? event.key.toLowerCase() : event.key] ?? this.move(event.key);
    if (!deed) return;
    event.preventDefault();
    event.stopPropagation();
    deed();
  }

  searchKey(event) {
    if (event.key === "Escape") this.search("", true);
    else if (event.key === "ArrowDown" || event.key === "Enter") this.firstCard()?.focus();
    else return;
    event.preventDefault();
  }

  // Told from what is known, for asking the page would lay out every card that is not in sight.
  stops() {
    const shown = this.sections.filter((section) => section.shown.length);
    return shown.flatMap((section) => [
      ...(section.grouped ? section.buttons.filter(({ disabled }) => !disabled) : []),
      ...section.shown.map(({ face }) => face),
    ]);
  }

  firstCard() {
    return this.sections.find(({ shown }) => shown.length)?.shown[0].face;
  }

  move(key) {
    const stops = ["Home", "End", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(key) ? this.stops() : [];
    if (!stops.length) return null;
    const at = Math.max(stops.indexOf(this.focused), 0);
    const next = {
      Home: () => stops[0],
      End: () => stops.at(-1),
      ArrowLeft: () => stops[at - 1],
      ArrowRight: () => stops[at + 1],
      ArrowUp: () => beside(stops.slice(0, at).reverse(), stops[at]),
      ArrowDown: () => beside(stops.slice(at + 1), stops[at]),
    }[key]();
    return () => next?.focus();
  }

  rove(stop) {
    if (this.focused) this.focused.tabIndex = -1;
    this.focused = stop;
    stop.tabIndex = 0;
  }

  search(query, refocus) {
    this.view.query = query;
    const input = this.find("input");
    if (input.value !== query) input.value = query;
    if (refocus && !this.find(".groups").contains(input.getRootNode().activeElement)) input.focus();
    this.filter();
  }

  order(order) {
    this.view.order = order;
    this.arrange();
    this.find(".box").scrollTop = 0;
  }

  onlyPicked(on) {
    this.view.onlyPicked = on;
    this.kept = new Set();
    this.filter();
  }

  arrange() {
    const grouped = this.view.order === "groups" && this.classes.some(({ group }) => group);
    const byCount = (one, other) => other.count - one.count || one.index - other.index;
    const byName = (one, other) => one.name.localeCompare(other.name, "en", { numeric: true });
    const sorted = { groups: this.classes, images: this.classes.toSorted(byCount), names: this.classes.toSorted(byName) };
    const titles = grouped ? [...new Set(this.classes.map(({ group }) => group))] : [""];
    const members = (title) => (grouped ? this.classes.filter(({ group }) => group === title) : sorted[this.view.order]);
    this.sections = titles.map((title) => this.section(title, members(title), grouped));
    this.find(".groups").replaceChildren(...this.sections.map(({ node }) => node));
    this.filter();
  }

  section(title, members, grouped) {
    const node = this.find(".group-template").content.firstElementChild.cloneNode(true);
    const section = { node, title, members, shown: members, grouped };
    node.querySelector("header").hidden = !grouped;
    node.querySelector(".title b").textContent = title || "no supercategory";
    section.buttons = [...node.querySelectorAll("header button")];
    for (const button of section.buttons) button.section = section;
    node.querySelector(".cards").append(...members.map(({ card }) => card));
    return section;
  }

  filter() {
    const query = plain(this.view.query);
    const isKept = (one) => one.state !== "free" || this.kept?.has(one);
    const isShown = (one) => (!query || finds(query, one)) && (!this.view.onlyPicked || isKept(one));
    for (const section of this.sections) {
      section.shown = section.members.filter(isShown);
      const shown = new Set(section.shown);
      for (const one of section.members) if (one.card.hidden === shown.has(one)) one.card.hidden = !shown.has(one);
      section.node.hidden = !section.shown.length;
    }
    this.tell(query);
  }

  paint() {
    const { wanted, forbidden } = this.waiting.reduce(after, this.truth);
    const states = new Map([...wanted.map((name) => [name, "wanted"]), ...forbidden.map((name) => [name, "forbidden"])]);
    let changed = false;
    for (const one of this.classes) {
      const state = states.get(one.name) ?? "free";
      if (one.state === state) continue;
      changed = true;
      if (this.view.onlyPicked && one.state) this.kept?.add(one); // a card does not vanish under the pointer
      showState(one, state);
    }
    if (changed) this.filter();
  }

  tell(query) {
    const shown = this.sections.reduce((sum, section) => sum + section.shown.length, 0);
    const count = (state) => this.classes.filter((one) => one.state === state).length;
    const wanted = count("wanted");
    const forbidden = count("forbidden");
    const some = query || this.view.onlyPicked;
    const all = counted(this.classes.length, "class");
    const picks = [wanted && `${wanted.toLocaleString("en")} wanted`, forbidden && `${forbidden.toLocaleString("en")} forbidden`];
    const parts = [some ? `${shown.toLocaleString("en")} of ${all}` : all, ...picks];
    this.find(".status").textContent = parts.filter(Boolean).join(" · ");
    this.find(".wipe").hidden = !this.view.query;
    this.find(".search kbd").hidden = Boolean(this.view.query);
    for (const button of this.find(".orders").children) {
      button.setAttribute("aria-pressed", String(button.dataset.order === this.view.order));
    }
    this.find(".only-picked").setAttribute("aria-pressed", String(this.view.onlyPicked));
    this.sections.filter(({ grouped }) => grouped).forEach((section) => this.tellSection(section, some));
    this.tellNothing(query, shown);
    this.keepOneStop();
  }

  tellSection({ node, title, members, shown }, some) {
    const picked = members.filter(({ state }) => state === "wanted").length;
    const free = shown.some(({ state }) => state !== "wanted");
    const all = node.querySelector(".all");
    const none = node.querySelector(".none");
    node.querySelector(".tally").textContent = picked
      ? `${picked.toLocaleString("en")} of ${members.length.toLocaleString("en")} picked`
      : counted(members.length, "class");
    all.textContent = some && shown.length < members.length ? `Want these ${shown.length.toLocaleString("en")}` : "Want all";
    all.setAttribute("aria-label", `${all.textContent} of ${title}`);
    all.disabled = !free;
    none.setAttribute("aria-label", `Clear ${title}`);
    none.disabled = shown.every(({ state }) => state === "free");
  }

  tellNothing(query, shown) {
    const nothing = this.find(".nothing");
    nothing.hidden = shown > 0;
    if (shown) return;
    if (!query) return nothing.replaceChildren("Nothing is picked yet. Show all classes and click the ones you want.");
    const where = this.view.onlyPicked ? "No class you picked is" : "No class is";
    nothing.replaceChildren(`${where} called “${this.view.query.trim()}”.`, ...offer(nearest(query, this.classes)));
  }

  // The Tab key reaches the grid at exactly one place.
  keepOneStop() {
    const stop = this.focused;
    const isThere = stop?.isConnected && !stop.disabled && (stop.one ? !stop.one.card.hidden : stop.section.shown.length);
    const first = this.firstCard();
    if (!isThere && first) this.rove(first);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  if (!data) return;
  let grid = gridsByRoot.get(parentElement);
  if (!grid) gridsByRoot.set(parentElement, (grid = new Grid(parentElement, data.key)));
  grid.update(data, setTriggerValue);
}
