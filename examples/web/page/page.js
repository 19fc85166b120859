// Draws on a canvas, hands the drawing to the module, shows what it says. The module's memory is shared: exports tell where
// in it things lie (src/lib.rs).

const SIDE = 280;
// As thick beside a digit that fills the canvas as MNIST's strokes beside theirs.
const PEN = 22;

const paper = document.getElementById("paper");
const pen = paper.getContext("2d", { willReadFrequently: true });
const answer = document.getElementById("answer");
const time = document.getElementById("time");

const { instance } = await WebAssembly.instantiateStreaming(fetch("lenet5.wasm"));
const module = instance.exports;
const floats = (name, length) => new Float32Array(module.memory.buffer, module[name](), length);
const drawing = new Uint8Array(module.memory.buffer, module.drawing(), SIDE * SIDE);
const probabilities = floats("probabilities", 10);
const layers = [
  { values: floats("digit", 28 * 28), side: 28, canvases: [document.getElementById("digit")] },
  { values: floats("edges", 6 * 28 * 28), side: 28, canvases: canvases("edges", 6, 28) },
  { values: floats("strokes", 16 * 10 * 10), side: 10, canvases: canvases("strokes", 16, 10) },
];
const bars = [...Array(10).keys()].map((digit) => {
  const item = document.createElement("li");
  item.innerHTML = `<span>${digit}</span><span class="bar"><i></i></span><span></span>`;
  document.getElementById("bars").append(item);
  return item;
});

function canvases(id, count, side) {
  return Array.from({ length: count }, () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
    document.getElementById(id).append(canvas);
    return canvas;
  });
}

// One colour, as opaque as a value is large beside the largest of its layer.
function paint({ values, side, canvases }) {
  const [red, green, blue] = colour("--accent");
  const largest = values.reduce((a, b) => Math.max(a, b), 0) || 1;
  canvases.forEach((canvas, map) => {
    const image = new ImageData(side, side);
    for (let i = 0; i < side * side; i++) {
      image.data.set([red, green, blue, (255 * values[map * side * side + i]) / largest], 4 * i);
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
  });
}

function colour(name) {
  const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

function read() {
  const pixels = pen.getImageData(0, 0, SIDE, SIDE).data;
  for (let i = 0; i < drawing.length; i++) drawing[i] = pixels[4 * i + 3];
  const start = performance.now();
  module.read();
  const milliseconds = performance.now() - start;
  const drawn = document.body.classList.contains("drawn");
  const best = probabilities.indexOf(Math.max(...probabilities));
  answer.value = drawn ? best : "–";
  bars.forEach((item, digit) => {
    const share = drawn ? probabilities[digit] : 0;
    item.classList.toggle("best", drawn && digit === best);
    item.style.setProperty("--share", share);
    item.lastElementChild.textContent = `${(100 * share).toFixed(1)} %`;
  });
  time.textContent = drawn ? `Centred and read in ${milliseconds.toFixed(1)} ms, in this page.` : "";
  layers.forEach(paint);
}

// At most one answer a picture of the screen.
let asked = false;
function ask() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    read();
  });
}

let last = null;
function at(event) {
  const box = paper.getBoundingClientRect();
  return [((event.clientX - box.left) * SIDE) / box.width, ((event.clientY - box.top) * SIDE) / box.height];
}

function line(to) {
  pen.beginPath();
  pen.moveTo(...last);
  pen.lineTo(...to);
  pen.stroke();
  last = to;
}

paper.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || last) return;
  paper.setPointerCapture(event.pointerId);
  document.body.classList.add("drawn");
  last = at(event);
  line(last);
  ask();
});
paper.addEventListener("pointermove", (event) => {
  if (!last || !event.isPrimary) return;
  // Where the finger was between two events, too.
  const between = event.getCoalescedEvents?.() ?? [];
  (between.length ? between : [event]).forEach((event) => line(at(event)));
  ask();
});
for (const end of ["pointerup", "pointercancel"]) {
  paper.addEventListener(end, (event) => {
    if (event.isPrimary) last = null;
  });
}

function clear() {
  pen.clearRect(0, 0, SIDE, SIDE);
  document.body.classList.remove("drawn");
  ask();
}
document.getElementById("clear").addEventListener("click", clear);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") clear();
});

// Ink in the colour of the text, also when the evening comes.
function ink() {
  Object.assign(pen, { lineWidth: PEN, lineCap: "round", lineJoin: "round" });
  pen.strokeStyle = `rgb(${colour("--ink")})`;
  pen.globalCompositeOperation = "source-in";
  pen.fillStyle = pen.strokeStyle;
  pen.fillRect(0, 0, SIDE, SIDE);
  pen.globalCompositeOperation = "source-over";
  ask();
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ink);
ink();
document.documentElement.dataset.ready = "";
