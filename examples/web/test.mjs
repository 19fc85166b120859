// Draws on the page in a headless Chromium and reads what it answers; fails if it is wrong, if nothing moves, or if the
// console has an error. `node test.mjs FOLDER` leaves pictures of the page there.
//
// The browser is driven over two pipes, its own remote debugging protocol: no packages.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";

const dist = new URL("dist/", import.meta.url).pathname;
const pictures = process.argv[2];
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".wasm": "application/wasm" };
const server = createServer((request, response) => {
  const name = new URL(request.url, "http://page").pathname.slice(1) || "index.html";
  try {
    const body = readFileSync(join(dist, name));
    response.writeHead(200, { "content-type": types[extname(name)] }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));

const profile = mkdtempSync(join(tmpdir(), "page-"));
const options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];
const browser = spawn("chromium", [...options, "--remote-debugging-pipe", `--user-data-dir=${profile}`], {
  stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
});
const waiting = new Map();
const errors = [];
let session, count = 0, rest = "";
browser.stdio[4].setEncoding("utf8").on("data", (data) => {
  const messages = (rest + data).split("\0");
  rest = messages.pop();
  for (const { id, method, params, result, error } of messages.map((message) => JSON.parse(message))) {
    if (waiting.has(id)) {
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      error ? reject(new Error(error.message)) : resolve(result);
    }
    if (method === "Runtime.exceptionThrown") errors.push(params.exceptionDetails.exception?.description ?? "an exception");
    if (method === "Runtime.consoleAPICalled" && params.type === "error") errors.push(JSON.stringify(params.args));
    if (method === "Log.entryAdded" && params.entry.level === "error") errors.push(`${params.entry.text} ${params.entry.url ?? ""}`);
  }
});
function say(method, params = {}) {
  const id = ++count;
  browser.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId: session })}\0`);
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}
const evaluate = async (expression) => {
  const { result, exceptionDetails } = await say("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description);
  return result.value;
};

/** Until the page has shown its next picture. */
const shown = () => evaluate("new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(then, 200))))");

async function open(width, height, scheme, mobile) {
  await say("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: mobile ? 2 : 1, mobile });
  await say("Emulation.setTouchEmulationEnabled", { enabled: mobile });
  await say("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
  await say("Page.navigate", { url: `http://127.0.0.1:${server.address().port}/` });
  await evaluate(`new Promise((then) => {
    const wait = () => (document.documentElement?.dataset.ready === "" ? then() : setTimeout(wait, 20));
    wait();
  })`);
  await shown();
}

/** Strokes of points on the canvas, from 0 to 1 each way. */
async function draw(strokes, finger) {
  const { x, y, width, height } = await evaluate(`document.getElementById("paper").getBoundingClientRect().toJSON()`);
  for (const stroke of strokes) {
    const points = stroke.map(([across, down]) => [x + across * width, y + down * height]);
    if (finger) {
      const touch = (type, point) => say("Input.dispatchTouchEvent", { type, touchPoints: point ? [{ x: point[0], y: point[1] }] : [] });
      await touch("touchStart", points[0]);
      for (const point of points) await touch("touchMove", point);
      await touch("touchEnd");
    } else {
      const mouse = (type, [x, y]) => say("Input.dispatchMouseEvent", { type, x, y, button: "left", buttons: 1, clickCount: 1 });
      await mouse("mousePressed", points[0]);
      for (const point of points) await mouse("mouseMoved", point);
      await mouse("mouseReleased", points.at(-1));
    }
  }
  await shown();
}

/** What the page shows. */
const look = () => evaluate(`({
  answer: document.getElementById("answer").value,
  bars: [...document.querySelectorAll("#bars li")].map((item) => parseFloat(item.lastElementChild.textContent)),
  maps: [...document.querySelectorAll(".maps canvas")].map((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((sum, value, i) => (i % 4 === 3 ? sum + value : sum), 0);
  }),
  wide: document.documentElement.scrollWidth > innerWidth,
})`);

async function picture(name) {
  if (!pictures) return;
  const { data } = await say("Page.captureScreenshot", { format: "png", captureBeyondViewport: true });
  writeFileSync(join(pictures, `${name}.png`), Buffer.from(data, "base64"));
}

function require(holds, what) {
  if (!holds) throw new Error(what);
}

const round = (x, y, across, down, from, to) =>
  Array.from({ length: 41 }, (_, i) => {
    const angle = from + ((to - from) * i) / 40;
    return [x + across * Math.cos(angle), y + down * Math.sin(angle)];
  });
const line = ([a, b], [c, d]) => Array.from({ length: 11 }, (_, i) => [a + ((c - a) * i) / 10, b + ((d - b) * i) / 10]);
const DIGITS = {
  7: [[...line([0.28, 0.25], [0.72, 0.25]), ...line([0.72, 0.25], [0.42, 0.8])]],
  0: [round(0.5, 0.5, 0.19, 0.28, -Math.PI / 2, 1.5 * Math.PI)],
  3: [[...round(0.46, 0.34, 0.17, 0.14, -0.8 * Math.PI, 0.5 * Math.PI), ...round(0.46, 0.63, 0.2, 0.155, -0.5 * Math.PI, 0.8 * Math.PI)]],
  1: [line([0.52, 0.22], [0.48, 0.8])],
};

async function read(digit, finger) {
  const before = await look();
  await draw(DIGITS[digit], finger);
  const after = await look();
  const changed = after.maps.filter((sum, i) => sum !== before.maps[i]).length;
  console.log(
    `${finger ? "finger" : "mouse "} draws ${digit}: answer ${after.answer}, ${after.bars[digit]} % sure, ` +
      `bars ${after.bars.join(" ")}, ${changed} of ${after.maps.length} maps changed`,
  );
  require(after.answer === String(digit), `the page says ${after.answer}`);
  require(Math.abs(after.bars.reduce((a, b) => a + b) - 100) < 1, "bars do not add up to 100 %");
  require(after.bars[digit] > 50 && after.bars.some((bar, i) => bar !== before.bars[i]), "the bars have not changed");
  require(after.maps.length === 22 && changed >= 18, "feature maps have not changed");
  require(!after.wide, "the page is wider than the screen");
}

async function clear() {
  await evaluate(`document.getElementById("clear").click()`);
  await shown();
  const { answer, bars } = await look();
  require(answer === "–" && bars.every((bar) => bar === 0), "the page is not cleared");
}

const deadline = setTimeout(() => {
  console.error("the page has not answered for two minutes");
  browser.kill();
  process.exit(1);
}, 120_000);
try {
  const { targetId } = await say("Target.createTarget", { url: "about:blank" });
  ({ sessionId: session } = await say("Target.attachToTarget", { targetId, flatten: true }));
  for (const domain of ["Page", "Runtime", "Log"]) await say(`${domain}.enable`);
  await open(1000, 1060, "light", false);
  await picture("empty");
  for (const digit of [0, 3, 1, 7]) {
    await clear();
    await read(digit, false);
  }
  await picture("light");
  await open(390, 844, "dark", true);
  await read(3, true);
  await picture("phone");
  require(errors.length === 0, `errors on the console: ${errors.join("; ")}`);
  console.log("no errors on the console");
} catch (error) {
  console.error(error.message, errors.join("; "));
  process.exitCode = 1;
} finally {
  clearTimeout(deadline);
  browser.kill();
  server.close();
  await new Promise((ended) => (browser.exitCode === null && browser.signalCode === null ? browser.once("exit", ended) : ended()));
  rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
