// A keyboard-wedge scanner types fast and ends in Enter or Tab: such a burst goes where a code belongs, never into notes.
const FASTEST_HAND_MS = 60;
const SHORTEST_SCAN = 6;
const REPEAT_MS = 2000;

let typed = "";
let lastKeyAt = 0;
let before = null;
let lastScan = { code: "", at: -Infinity };

const say = (words) => {
  const live = document.getElementById("live");
  const toast = document.getElementById("scan-notice");
  if (live) live.textContent = words;
  if (toast) {
    toast.textContent = words;
    toast.hidden = false;
  }
};

const isField = (element) => element && /^(INPUT|TEXTAREA)$/.test(element.tagName) && element.type !== "password";
const expectsScan = (element) => isField(element) && "scan" in element.dataset;

const startBurst = () => {
  typed = "";
  const field = document.activeElement;
  before = isField(field) ? { field, value: field.value } : null;
};

const deliver = (code, field) => {
  field.value = code;
  field.form.requestSubmit();
};

document.addEventListener("keydown", (event) => {
  const now = event.timeStamp;
  if (now - lastKeyAt > FASTEST_HAND_MS) startBurst();
  lastKeyAt = now;
  if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
    typed += event.key;
    return;
  }
  if (event.key !== "Enter" && event.key !== "Tab") return;
  const code = typed;
  typed = "";
  if (code.length < SHORTEST_SCAN || document.activeElement?.type === "password") return;
  event.preventDefault();
  const here = document.activeElement;
  if (before && !expectsScan(before.field)) before.field.value = before.value;
  if (code === lastScan.code && now - lastScan.at < REPEAT_MS) {
    if (before && expectsScan(before.field)) before.field.value = before.value;
    say(`${code} was read twice. The second read is ignored.`);
    return;
  }
  lastScan = { code, at: now };
  const target = expectsScan(here) ? here : document.getElementById("omnibox");
  if (target) deliver(code, target);
}, true);
