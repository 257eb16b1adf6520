// Details of one example, and a list of selected ones that can be saved.
const picked = new Set();
const slug = name => name.replace(/[^A-Za-z0-9._-]/g, '_');

// csvOf lists examples with the columns that shoal export gives them.
function csvOf(list) {
  const step = s => s === NEVER ? '' : s;
  const share = x => Number.isNaN(x) ? '' : +x.toPrecision(7); // all that 32 bits hold
  const columns = [['id', i => i]];
  if (data.names) columns.push(['name', i => data.names[i]]);
  columns.push(['label', i => blob.labels[i]], ['class', i => data.classes[blob.labels[i]] ?? blob.labels[i]],
    ['first_right_step', i => step(blob.first[i])], ['never_right', i => blob.first[i] === NEVER],
    ['right_for_good_step', i => step(blob.good[i])], ['learned_step', i => step(blob.switch[i])], ['never_learned', neverLearned],
    ['share_learned', i => share(blob.order[i])], ['times_forgotten', i => step(blob.forget[i])], ['share_right', i => share(blob.speed[i])],
    ['final_prediction', i => blob.last[i]], ['final_right', i => rightAtEnd(i)]);
  const seen = {};
  data.references.forEach((r, k) => {
    seen[slug(r.name)] = (seen[slug(r.name)] ?? 0) + 1;
    const name = slug(r.name) + (seen[slug(r.name)] > 1 ? '_' + seen[slug(r.name)] : '');
    columns.push(['prediction_' + name, i => blob.references[k][i]], ['right_' + name, i => referenceRight(i, k)]);
    if (blob.margins[k]) columns.push(['margin_' + name, i => blob.margins[k][i]]);
  });
  const quote = v => /[",\r\n]/.test(v) ? `"${String(v).replaceAll('"', '""')}"` : String(v);
  return [columns.map(c => c[0]), ...Array.from(list, i => columns.map(c => c[1](i)))].map(row => row.map(quote).join(',')).join('\n') + '\n';
}

function saveList(list) {
  const url = URL.createObjectURL(new Blob([csvOf(list)], { type: 'text/csv' }));
  element('a', { href: url, download: 'examples.csv' }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

// pickBox is a box that selects an example.
function pickBox(i) {
  const box = element('input', { type: 'checkbox', class: 'pick-box', 'data-pick': i, 'aria-label': `select example ${exampleName(i)}` });
  box.checked = picked.has(i);
  box.addEventListener('change', () => pick([i], box.checked));
  return box;
}

function pick(list, on) {
  for (const i of list) on ? picked.add(i) : picked.delete(i);
  $$('[data-pick]').forEach(box => { box.checked = picked.has(+box.dataset.pick); });
  $('#picked').hidden = !picked.size;
  $('#picked-count').textContent = `${group(picked.size)} selected`;
}

// listTools are the buttons that work on a whole list, of all its pages.
function listTools(list) {
  return element('div', { class: 'list-tools' }, element('button', { type: 'button', onclick: () => pick(list(), true) }, 'select this list'),
    element('button', { type: 'button', onclick: () => saveList(list()) }, 'save this list (CSV)'));
}

function startPicks() {
  const sorted = () => [...picked].sort((a, b) => a - b);
  $('#picked').append(element('span', { id: 'picked-count', 'aria-live': 'polite' }),
    element('button', { type: 'button', id: 'picked-save', onclick: () => saveList(sorted()) }, 'save list (CSV)'),
    element('button', { type: 'button', onclick: () => pick([...picked], false) }, 'clear'));
  const dialog = $('#detail');
  dialog.addEventListener('close', () => { detail = -1; keepLink(); });
  dialog.addEventListener('click', e => { if (e.target === dialog) dialog.close(); });
  onChange(() => { if (dialog.open) openDetail(detail); });
  onLink(p => {
    const i = p.has('example') ? findExample(p.get('example')) : -1;
    if (i >= 0) openDetail(i);
  }, p => { if (detail >= 0) p.set('example', data.names ? data.names[detail] : detail); });
  startTips();
}

// findExample is the example of that name or number, -1 where there is none.
function findExample(said) {
  const named = data.names ? data.names.indexOf(said) : -1;
  if (named >= 0) return named;
  const i = /^#?\d+$/.test(said) ? +said.replace('#', '') : n;
  return i < n ? i : -1;
}

let detail = -1;
async function openDetail(i) {
  await drawRest(); // it shows what the network says at each evaluation
  const dialog = $('#detail');
  detail = i;
  const row = (name, value) => element('div', {}, element('dt', {}, name), element('dd', {}, value));
  const says = (p, hit) => `${hit ? '✓' : '✗'} ${className(p)}`;
  const rows = [row('label', className(blob.labels[i])),
    row(`network, ${when(state.at)}`, says(predicted(i, state.at), right(i, state.at))), row('network, last', says(blob.last[i], rightAtEnd(i)))];
  data.references.forEach((r, k) => rows.push(row(r.name, says(blob.references[k][i], referenceRight(i, k)) +
    (blob.margins[k] ? ` · margin ${blob.margins[k][i].toPrecision(3)}` : ''))));
  const suspect = suspicion(i);
  if (suspect) rows.push(row('the models say instead', `${className(suspect.answer)} · score ${suspect.score.toFixed(2)}`));
  rows.push(row('when learned', neverLearned(i) ? 'never' : `step ${group(blob.switch[i])}`), row('first right', stepText(blob.first[i])),
    row('right for good', blob.good[i] === NEVER ? '–' : stepText(blob.good[i])), row('share right', percent(blob.speed[i])),
    row('times forgotten', blob.forget[i] === NEVER ? 'never right' : group(blob.forget[i])));
  (data.values || []).forEach(({ title }, k) => rows.push(row(title, Number.isNaN(blob.values[k][i]) ? '–' : blob.values[k][i].toPrecision(3))));
  const image = thumbnail(i, 168);
  dialog.replaceChildren(...[element('h2', { id: 'detail-title' }, `Example ${data.names ? `#${i} ` : ''}${exampleName(i)}`), image, strip(i),
    element('p', { class: 'hint' }, 'Gold and tall: the network is right; over the evaluations, on the axis of the curves.'),
    element('dl', { class: 'facts small' }, ...rows),
    element('div', { class: 'tools' }, element('label', {}, pickBox(i), ' select'),
      element('button', { type: 'button', autofocus: '', onclick: () => dialog.close() }, 'close'))].filter(Boolean));
  if (!dialog.open) dialog.showModal();
  keepLink();
}

// startTips shows what a word means where the pointer or the keyboard is on it; Escape takes it away.
function startTips() {
  const tip = $('#tip');
  let word = null;
  const place = () => {
    if (!word) return;
    const at = word.getBoundingClientRect();
    tip.style.left = Math.max(8, Math.min(at.left, innerWidth - tip.offsetWidth - 8)) + 'px';
    tip.style.top = (at.bottom + tip.offsetHeight + 8 < innerHeight ? at.bottom + 4 : at.top - tip.offsetHeight - 4) + 'px';
  };
  const show = next => {
    word = next;
    tip.hidden = !word;
    if (!word) return;
    tip.textContent = document.getElementById(word.getAttribute('aria-describedby'))?.textContent ?? '';
    place();
  };
  const termOf = e => e.target.closest?.('.term') ?? null;
  document.addEventListener('mouseover', e => termOf(e) && show(termOf(e)));
  document.addEventListener('focusin', e => show(termOf(e)));
  document.addEventListener('mouseout', e => termOf(e) && show(null));
  document.addEventListener('focusout', () => show(null));
  document.addEventListener('keydown', e => { if (e.key === 'Escape') show(null); });
  addEventListener('scroll', place, { passive: true });
}
