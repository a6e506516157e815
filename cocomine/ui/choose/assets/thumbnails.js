// Takes the thumbnails to the grid, wherever it is on the page, and tells the server that they need not be sent again.

const store = (globalThis[Symbol.for("cocomine.thumbnails")] ??= { id: null, tiles: new Map(), listeners: new Set() });

function lineAfter(bytes, start) {
  const end = bytes.indexOf(10, start);
  return [new TextDecoder().decode(bytes.subarray(start, end)), end + 1];
}

// The form is that of thumbnail_file.py with the thumbnails' id on a line before it.
function unpacked(bytes) {
  const [id, atDigest] = lineAfter(bytes, 0);
  const [, atHead] = lineAfter(bytes, atDigest);
  const [head, atSheets] = lineAfter(bytes, atHead);
  return [id, JSON.parse(head), atSheets];
}

function laidOut({ names, columns, tiles: perSheet, sheets }, bytes, start) {
  const tiles = new Map();
  let at = start;
  sheets.forEach((length, sheet) => {
    const url = URL.createObjectURL(new Blob([bytes.subarray(at, at + length)], { type: "image/jpeg" }));
    const here = names.slice(sheet * perSheet, (sheet + 1) * perSheet);
    const rows = Math.ceil(here.length / columns);
    here.forEach((name, index) => {
      const across = ((index % columns) / (columns - 1)) * 100;
      const down = rows > 1 ? (Math.floor(index / columns) / (rows - 1)) * 100 : 0;
      tiles.set(name, { url, size: `${columns * 100}% ${rows * 100}%`, position: `${across}% ${down}%` });
    });
    at += length;
  });
  return tiles;
}

export default function ({ data, setTriggerValue }) {
  if (!(data instanceof Uint8Array)) return;
  const [id, head, start] = unpacked(data);
  if (store.id !== id) {
    for (const url of new Set([...store.tiles.values()].map((tile) => tile.url))) URL.revokeObjectURL(url);
    store.tiles = laidOut(head, data, start);
    store.id = id;
    for (const listener of store.listeners) listener();
  }
  setTriggerValue("held", id);
}
