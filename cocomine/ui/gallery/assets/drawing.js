// One image as SVG: its pixels, and over them each object as a group of mask, box and name. Names come from a dataset:
// they become text and never markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} name
 * @param {Record<string, string | number>} attributes
 * @param {Node[]} children
 */
function svg(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

/**
 * What `Outline.as_json` gives, with the name and colour of its class.
 * @param {ObjectRow} row
 * @param {Record<number, ClassRow>} classes
 * @returns {DrawnObject}
 */
function withClass([id, index, crowd, area, box, path], classes) {
  const [name, colour] = classes[index];
  return { id, index, crowd: Boolean(crowd), area, box, path, name, colour };
}

/**
 * @param {DrawnImage} image
 * @param {string | null} jpeg
 */
function drawn(image, jpeg) {
  const [width, height] = image.units;
  const inside = svg("svg", { width, height }); // cuts off what lies outside the image
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "presentation" }, inside);
  root.style.setProperty("--aspect", String(width / height));
  if (jpeg) {
    inside.append(svg("image", { class: "pixels", width, height, preserveAspectRatio: "none", href: asUrl(jpeg) }));
  } else inside.append(svg("rect", { class: "no-pixels", width, height }));
  const names = svg("g", { class: "names" });
  for (const object of image.objects) inside.append(objectNode(object, names));
  inside.append(names);
  return root;
}

function asUrl(jpeg) {
  return `data:image/jpeg;base64,${jpeg}`;
}

/**
 * @param {DrawnObject} object
 * @param {SVGElement} names
 */
function objectNode(object, names) {
  const group = svg("g", { class: `object${object.crowd ? " crowd" : ""}${object.path ? "" : " bare"}` });
  group.style.color = object.colour;
  group.object = object;
  if (object.path) group.append(svg("path", { class: "mask", d: object.path }));
  if (object.box) {
    const [x, y, width, height] = object.box;
    group.append(svg("rect", { class: "box", x, y, width, height }));
    const label = svg("text", { class: "name", x: Math.max(x, 0), y: Math.max(y, 0) });
    label.textContent = object.crowd ? `${object.name} (crowd)` : object.name;
    label.style.color = object.colour;
    label.object = object;
    names.append(label);
  }
  return group;
}

// Text keeps its size on the screen however large the image is shown.
const sizes = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    if (!(target instanceof SVGSVGElement) || !contentRect.width) continue;
    target.style.setProperty("--unit", String(target.viewBox.baseVal.width / contentRect.width));
  }
});

function counted(count, one) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : `${one}s`}`;
}

/**
 * Fades all but what `isShown` says; null shows all.
 * @param {Element} root
 * @param {((object: DrawnObject | null | undefined) => boolean) | null} isShown
 */
function isolate(root, isShown) {
  root.classList.toggle("isolating", Boolean(isShown));
  for (const node of root.querySelectorAll(".object, .name, tr.row")) {
    node.classList.toggle("other", isShown !== null && !isShown(node.object));
  }
}
