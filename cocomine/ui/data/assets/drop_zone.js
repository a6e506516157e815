// Files that are dropped anywhere in the window: they go to the upload of the page, and never take the browser away.

const UPLOAD = '.st-key-upload-dataset input[type="file"]';
const OWN_DROPS = '[data-testid="stFileUploaderDropzone"]'; // takes what is dropped on it by itself
const installed = Symbol.for("cocomine.drop-zone");

function hasFiles({ dataTransfer }) {
  return dataTransfer !== null && [...dataTransfer.types].includes("Files");
}

function isElsewhere({ target }) {
  return !target.closest?.(OWN_DROPS);
}

function dragOver(event) {
  if (!hasFiles(event)) return;
  event.preventDefault();
  if (isElsewhere(event)) event.dataTransfer.dropEffect = document.querySelector(UPLOAD) ? "copy" : "none";
}

function drop(event) {
  if (!hasFiles(event)) return;
  event.preventDefault();
  if (!isElsewhere(event)) return;
  const input = document.querySelector(UPLOAD);
  if (!input) return;
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

export default function ({ parentElement }) {
  const host = parentElement.host ?? parentElement;
  const frame = host.closest('[data-testid="stElementContainer"]');
  if (frame) frame.style.display = "none"; // or the page would leave a gap for it
  if (window[installed]) return;
  window[installed] = true;
  window.addEventListener("dragover", dragOver);
  window.addEventListener("drop", drop);
}
