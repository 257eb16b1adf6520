// The two galleries.
const PER_PAGE = () => innerWidth < 736 ? 24 : 48;

// strip draws right (dark) and wrong (light) over the shown evaluations, on the same axis as the curves.
function strip(i) {
  const w = 240, h = 12;
  const c = element('canvas', { width: w, height: h, role: 'img' });
  const pen = c.getContext('2d');
  const end = k => k === lastAt() ? 1 : (fraction(k) + fraction(k + 1)) / 2;
  let hits = 0, from = 0;
  for (let k = 0; k <= lastAt(); k++) {
    const hit = right(i, k);
    hits += hit;
    if (k < lastAt() && right(i, k + 1) === hit) continue; // one rectangle for evaluations that agree
    const x = Math.floor(from * w);
    from = end(k);
    pen.fillStyle = colour(hit ? 'gold' : 'rule');
    // Right is also taller than wrong: the strip can be read without colour.
    pen.fillRect(x, hit ? 0 : 5, Math.max(Math.ceil(from * w) - x, 1), hit ? h : h - 5);
  }
  pen.fillStyle = colour('ink');
  pen.fillRect(Math.min(Math.round(fraction(state.at) * w), w - 2), 0, 2, h);
  c.setAttribute('aria-label', `right at ${hits} of ${lastAt() + 1} evaluations shown`);
  return c;
}

function card(i, k) {
  const network = k < 0 ? blob.last[i] : predicted(i, k), label = blob.labels[i];
  const line = (name, p, hit) => element('div', { class: hit ? '' : 'miss' }, `${hit ? '✓' : '✗'} ${name} ${className(p)}`);
  const words = element('div', { class: 'words' }, element('div', { class: 'id', title: exampleName(i) }, pickBox(i), element('button', { type: 'button', class: 'plain-button', 'aria-haspopup': 'dialog', onclick: () => openDetail(i) }, exampleName(i))),
    element('div', {}, 'label ' + className(label), ...(data.label_errors?.includes(i) ? [' ', element('span', { class: 'badge fails' }, 'label error')] : [])),
    line(data.references[state.ref].name, blob.references[state.ref][i], referenceRight(i)), line('net', network, k < 0 ? rightAtEnd(i) : right(i, k)));
  const image = thumbnail(i, innerWidth < 736 ? 44 : 56);
  const e = element('li', { class: 'card', 'data-example': i });
  image?.addEventListener('click', () => openDetail(i));
  if (image) e.append(image, words);
  else { words.style.gridColumn = '1/-1'; e.append(words); }
  e.append(strip(i), element('div', { class: 'first' }, blob.first[i] === NEVER ? 'never right' : `first right at step ${stepText(blob.first[i])}, ${blob.good[i] === NEVER ? 'not for good' : 'for good from ' + stepText(blob.good[i])}`));
  return e;
}

// gallery shows pages of a list of examples as cards.
function gallery(root, pagerRoot, what) {
  let list = [], page = 0, k = -1;
  const update = pager(pagerRoot, what, d => { page += d; show(); root.scrollIntoView({ block: 'start' }); });
  pagerRoot.before(listTools(() => list));
  function show() {
    const per = PER_PAGE(), pages = Math.ceil(list.length / per);
    page = Math.max(0, Math.min(page, pages - 1));
    const cards = Array.from(list.slice(page * per, (page + 1) * per), i => card(i, k));
    root.replaceChildren(...(cards.length ? cards : [element('li', { class: 'empty' }, 'No such example.')]));
    update(page, pages, list.length);
  }
  return (examples, evaluation, keepPage) => { list = examples; k = evaluation; if (!keepPage) page = 0; show(); };
}

// valueKey sorts by a measure over values: "value3" from its least, "-value3" from its greatest. What has none comes last.
function valueKey(how) {
  const m = /^(-?)value(\d+)$/.exec(how);
  return m && (i => { const v = blob.values[m[2]][i]; return Number.isNaN(v) ? Infinity : m[1] ? -v : v; });
}

// shareOf orders by when an example is learned; the never learned come last.
const shareOf = i => neverLearned(i) ? 2 : Number.isNaN(blob.order[i]) ? 1 : blob.order[i];

function ordered(list, how) {
  const margins = blob.margins[state.ref];
  const key = { order: i => shareOf(i), '-order': i => -shareOf(i), speed: i => blob.speed[i], margin: i => margins ? -margins[i] : i }[how] || valueKey(how);
  return key ? list.sort((a, b) => key(a) - key(b) || a - b) : list;
}

function startGalleries() {
  let cell = 1;
  const show = gallery($('#gallery-cards'), $('#gallery-pager'), 'examples');
  const order = $('#gallery-order');
  (data.values || []).forEach(({ title }, k) => order.append(
    element('option', { value: 'value' + k }, title + ', least first'), element('option', { value: '-value' + k }, title + ', greatest first')));
  const buttons = radios($('#cells'), CELLS, cell, k => { cell = k; fill(false); });
  order.addEventListener('change', () => fill(false));
  function fill(keepPage) {
    const list = [];
    for (let i = 0; i < n; i++) if (cellAt(i, state.at) === cell) list.push(i);
    const counts = data.references[state.ref].values[state.at].cells;
    buttons.forEach((b, k) => { b.textContent = `${CELLS[k]} ${group(counts[k])}`; });
    order.querySelector('[value=margin]').disabled = !blob.margins[state.ref];
    show(ordered(list, order.value), state.at, keepPage);
  }
  let timer = 0;
  onChange(() => { clearTimeout(timer); timer = setTimeout(() => nearby($('#gallery'), () => fill(true)), 90); });
  startMissed();
}

// startMissed lists what the reference gets right and the network never did, or did and lost again.
function startMissed() {
  const show = gallery($('#missed-cards'), $('#missed-pager'), 'examples');
  const names = ['never right', atTheEnd === 'now' ? 'missed lately' : 'missed throughout the end', 'right once, wrong ' + atTheEnd];
  let kind = 0, chosen = false;
  const buttons = radios($('#missed-kinds'), names, kind, k => { kind = k; chosen = true; fill(); });
  function fill() {
    const lists = [[], Array.from(blob.persistent[state.ref]), []];
    for (let i = 0; i < n; i++) {
      if (!referenceRight(i)) continue;
      if (blob.first[i] === NEVER) lists[0].push(i);
      else if (!rightAtEnd(i)) lists[2].push(i);
    }
    // Begin with a kind that has examples: in a run scored at every step nearly every example is right once by chance.
    if (!chosen && !lists[kind].length) kind = Math.max(lists.findIndex(l => l.length), 0);
    buttons.forEach((b, k) => {
      b.textContent = `${names[k]} ${group(lists[k].length)}`;
      b.setAttribute('aria-checked', k === kind);
      b.tabIndex = k === kind ? 0 : -1;
    });
    show(ordered(lists[kind], blob.margins[state.ref] ? 'margin' : 'id'), -1, false);
  }
  onReplaced(() => nearby($('#missed'), fill));
}
