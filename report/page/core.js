'use strict';
(() => {
// Data of the page: one JSON object and named blobs. Everything else is derived here.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const NEVER = Infinity;
const CELLS = ['both', 'shallow_only', 'deep_only', 'neither'];
const data = JSON.parse($('#data').textContent);
const n = data.examples;
// replaced counts how often what is known of the whole run was replaced: of a run that grows (live.js).
const state = { ref: 0, at: data.start, replaced: 0, listeners: [] };
// When the last evaluation is, in words: of a run that isn't finished it is not the end.
const atTheEnd = data.end === 'so far' ? 'now' : data.end;
const lastAt = () => data.steps.length - 1;

// bytes64 are the bytes of base64.
function bytes64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let k = 0; k < raw.length; k++) bytes[k] = raw.charCodeAt(k);
  return bytes;
}

const bytesOf = (id, root = document) => {
  const node = root.getElementById(id);
  return node ? bytes64(node.textContent) : null;
};

async function unpack(packed, Type) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Type(await new Response(stream).arrayBuffer());
}

const blob = {};
const classType = () => data.wide ? Uint16Array : Uint8Array;
// What the network says at each shown evaluation, and who is right where the page is told. A run that grows has arrays of n, one
// an evaluation; a report has all in one array, example by example, as they pack best.
let predictions = [], rights = [], allPredictions = null, allRights = null;

async function inflate(id, Type, root = document) {
  const packed = bytesOf('data-' + id, root);
  return packed && unpack(packed, Type);
}

// loadEvaluations reads the largest part of a report, which its first screen doesn't need.
async function loadEvaluations() {
  [allPredictions, allRights] = await Promise.all([inflate('predictions', classType()), inflate('right', Uint8Array)]);
}

// readBlobs reads the other blobs in a document with its data: this one, or a later one of the same run.
async function readBlobs(root = document, of = data) {
  const wanted = [['labels', Uint16Array], ['last', Uint16Array],
    ['first', Float64Array], ['good', Float64Array], ['forget', Float64Array], ['speed', Float32Array], ['sprite-ids', Uint32Array],
    ['right-last', Uint8Array], ['order', Float32Array], ['switch', Float64Array],
    ['suspects', Uint32Array], ['suspect-answers', Uint16Array], ['suspect-scores', Float32Array]];
  const each = (list, name, Type) => Promise.all(list.map((_, k) => inflate(name + '-' + k, Type, root)));
  const references = of.references, all = {
    values: each(of.values || [], 'value', Float32Array),
    references: each(references, 'reference', Uint16Array),
    referencesRight: each(references, 'reference-right', Uint8Array),
    persistent: each(references, 'persistent', Uint32Array),
    ovals: each(references, 'oval', Int16Array),
    margins: each(references, 'margins', Float32Array),
  };
  for (const [id, Type] of wanted) all[id] = inflate(id, Type, root);
  const ids = Object.keys(all), read = await Promise.all(Object.values(all));
  return Object.fromEntries(ids.map((id, k) => [id, read[k]]));
}

// Who is right about example i: the network at shown evaluation k or at the end, or reference r. The
// page is told who is right where it doesn't follow from the predicted class.
const predicted = (i, k) => allPredictions ? allPredictions[i * data.steps.length + k] : predictions[k][i];
const right = (i, k) => allRights ? allRights[i * data.steps.length + k] === 1 : rights[k] ? rights[k][i] === 1 : predicted(i, k) === blob.labels[i];
const rightAtEnd = i => blob['right-last'] ? blob['right-last'][i] === 1 : blob.last[i] === blob.labels[i];
const referenceRight = (i, r = state.ref) => blob.referencesRight[r] ? blob.referencesRight[r][i] === 1 : blob.references[r][i] === blob.labels[i];
const cellOf = (networkRight, shallowRight) => networkRight ? (shallowRight ? 0 : 2) : (shallowRight ? 1 : 3);
const cellAt = (i, k) => cellOf(right(i, k), referenceRight(i));
const cellAtEnd = i => cellOf(rightAtEnd(i), referenceRight(i));

const className = k => isolated(data.classes[k] ?? String(k));
// A name that is written from right to left would draw what stands beside it into its direction.
const isolated = name => /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/.test(name) ? `\u2068${name}\u2069` : name;
const group = v => String(v).replace(/\B(?=(\d{3})+$)/g, ',');
// A share in per cent, as textfmt.Share writes it: what is neither none nor all isn't written as either.
function percent(x) {
  const rest = Math.min(x, 1 - x);
  let digits = 1;
  while (rest > 1e-9 && 100 * rest < .5000001 * 10 ** -digits) digits++;
  return (100 * x).toFixed(digits) + ' %';
}
const stepText = s => s === NEVER ? 'never' : group(s);
// Where an evaluation lies between the first and the last shown, 0 to 1, on the axis of the curves.
const fraction = k => (data.place[k] - data.place[0]) / (data.place[lastAt()] - data.place[0] || 1);
const epochText = e => e < 1000 ? String(+e.toPrecision(3)) : group(Math.round(e));
const when = k => `step ${group(data.steps[k])}` + (data.epochs[k] === null ? '' : ` · epoch ${epochText(data.epochs[k])}`);
// Which example it is: the name of its file, or its place in the dataset's official file.
const exampleName = i => data.names ? isolated(data.names[i]) : '#' + i;

function onChange(f) { state.listeners.push(f); }
// onReplaced calls f when another reference is chosen, and when what is known of the whole run was replaced.
function onReplaced(f) {
  let shown = '';
  onChange(() => {
    const now = `${state.ref} ${state.replaced}`;
    if (shown !== now) { shown = now; f(); }
  });
}
function go(change) {
  const before = { ref: state.ref, at: state.at, replaced: state.replaced };
  Object.assign(state, change);
  state.at = Math.max(0, Math.min(lastAt(), state.at));
  for (const f of state.listeners) f(before);
}

// nearby calls f when an element is on the screen or close to it: on a page that changes by itself, what nobody sees is
// not drawn, and later only as it is then. On a report it calls f at once, but not before drawRest: the first screen comes first.
const near = new Map(), waiting = new Map();
let drawn = false;
const watcher = data.live ? new IntersectionObserver(entries => {
  for (const { target, isIntersecting } of entries) {
    near.set(target, isIntersecting);
    if (!isIntersecting || !waiting.has(target)) continue;
    const f = waiting.get(target);
    waiting.delete(target);
    f();
  }
}, { rootMargin: '50%' }) : null;
function nearby(e, f) {
  if (watcher ? near.get(e) : drawn) { f(); return; }
  waiting.set(e, f);
  if (watcher && !near.has(e)) watcher.observe(e);
}

// drawRest draws on a report what waits, in parts, between which the page reacts. It begins once; all who ask wait for its end.
let drawing = null;
const drawRest = () => drawing ??= watcher ? Promise.resolve() : drawParts();
async function drawParts() {
  await loadEvaluations();
  drawn = true;
  for (const [e, f] of waiting) {
    waiting.delete(e);
    f();
    await new Promise(resolve => setTimeout(resolve));
  }
}

function element(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes)) {
    if (k === 'class') e.className = v;
    else if (k.startsWith('on')) e.addEventListener(k.slice(2), v);
    else e.setAttribute(k, v);
  }
  e.append(...children);
  return e;
}

// colour is one of the style sheet's. Reading one has the browser compute styles again, so they are kept.
const colours = new Map();
const dark = matchMedia('(prefers-color-scheme: dark)');
dark.addEventListener('change', () => colours.clear());
function colour(name) {
  if (!colours.has(name)) colours.set(name, getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim());
  return colours.get(name);
}

// Images lie on sheets; a thumbnail is a window on one of them.
const sheets = [];
let spritePlace = null;
function thumbnail(i, size) {
  const e = element('div', { class: 'thumb', role: 'img', 'aria-label': `image of example ${exampleName(i)}, labelled ${className(blob.labels[i])}` });
  const s = data.sprites;
  if (!s) return null;
  if (!spritePlace) {
    spritePlace = new Int32Array(n).fill(-1);
    blob['sprite-ids'].forEach((id, place) => { spritePlace[id] = place; });
  }
  if (spritePlace[i] < 0) return null;
  const sheet = Math.floor(spritePlace[i] / s.per_sheet), place = spritePlace[i] % s.per_sheet;
  sheets[sheet] ??= data.live ? `sheet/${data.live}/${sheet}` : URL.createObjectURL(new Blob([bytesOf('sheet-' + sheet)], { type: s.type }));
  const scale = size / Math.max(s.width, s.height);
  e.style.width = s.width * scale + 'px';
  e.style.height = s.height * scale + 'px';
  e.style.backgroundImage = `url(${sheets[sheet]})`;
  e.style.backgroundSize = `${s.columns * s.cell_width * scale}px ${s.sheet_rows[sheet] * s.cell_height * scale}px`;
  e.style.backgroundPosition = `${-(place % s.columns) * s.cell_width * scale}px ${-Math.floor(place / s.columns) * s.cell_height * scale}px`;
  return e;
}

// What the address of the page keeps after its #, a part of the page each: read takes the parameters, write sets them.
const links = [];
const onLink = (read, write) => links.push({ read, write });

// Radio buttons that look like buttons: arrow keys move, one tab stop.
function radios(root, names, chosen, pick) {
  const buttons = names.map((name, k) => element('button', { type: 'button', role: 'radio', onclick: () => choose(k) }, name));
  function choose(k, focus) {
    buttons.forEach((b, j) => { b.setAttribute('aria-checked', j === k); b.tabIndex = j === k ? 0 : -1; });
    if (focus) buttons[k].focus();
    pick(k);
  }
  root.addEventListener('keydown', e => {
    const d = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
    if (!d) return;
    e.preventDefault();
    choose((buttons.indexOf(document.activeElement) + d + buttons.length) % buttons.length, true);
  });
  root.replaceChildren(...buttons);
  buttons.forEach((b, j) => { b.setAttribute('aria-checked', j === chosen); b.tabIndex = j === chosen ? 0 : -1; });
  return buttons;
}

function pager(root, what, show) {
  const back = element('button', { type: 'button', 'aria-label': 'previous page of ' + what }, '← previous');
  const next = element('button', { type: 'button', 'aria-label': 'next page of ' + what }, 'next →');
  const text = element('span', { 'aria-live': 'polite' });
  root.replaceChildren(back, text, next);
  back.addEventListener('click', () => show(-1));
  next.addEventListener('click', () => show(1));
  return (page, pages, total) => {
    back.disabled = page === 0;
    next.disabled = page >= pages - 1;
    root.hidden = pages < 2;
    text.textContent = `page ${page + 1} of ${Math.max(pages, 1)} · ${group(total)} ${what}`;
  };
}
