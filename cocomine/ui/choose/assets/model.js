// What the grid knows without a page: the selection after an action, which classes a search finds, which names are near.
// `after` is the same function as in class_grid.py, whose answer is the truth.

function after({ included, excluded }, [, kind, names]) {
  const named = new Set(names);
  const without = (list) => list.filter((name) => !named.has(name));
  if (kind === "include") {
    const known = new Set(included);
    return { included: [...included, ...names.filter((name) => !known.has(name))], excluded: without(excluded) };
  }
  if (kind === "exclude") {
    const known = new Set(excluded);
    return { included: without(included), excluded: [...excluded, ...names.filter((name) => !known.has(name))] };
  }
  if (kind === "clear") return { included: without(included), excluded: without(excluded) };
  return { included, excluded };
}

function plain(text) {
  return text.toLowerCase().replaceAll("_", " ").trim();
}

function finds(query, { text }) {
  return query.split(/\s+/).every((word) => text.includes(word));
}

// Levenshtein's distance, given up as soon as it must exceed `most`.
function distance(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const replaced = row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    if (Math.min(...next) > most) return most + 1;
    row = next;
  }
  return row[other.length];
}

function nearest(query, classes) {
  const most = Math.max(1, Math.ceil(query.length / 3));
  const far = (one) => {
    const words = one.plainName.split(/[^\p{L}\p{N}]+/u).concat(one.plainName);
    return Math.min(...words.map((word) => distance(query, word, most)));
  };
  const found = classes.map((one) => [far(one), one.name]).filter(([far]) => far <= most);
  return found.sort((one, other) => one[0] - other[0]).slice(0, 3).map(([, name]) => name);
}

function counted(count, one) {
  const more = one.endsWith("s") ? `${one}es` : `${one}s`;
  return `${count.toLocaleString("en")} ${count === 1 ? one : more}`;
}
