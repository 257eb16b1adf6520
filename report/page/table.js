// The sortable table of all examples, a page at a time.
function startTable() {
  const PER = 50;
  const bySelf = (a, b) => a - b;
  const columns = [
    ['example', i => i, i => data.names ? `#${i} ${data.names[i]}` : '#' + i],
    ['label', i => blob.labels[i], i => className(blob.labels[i])],
    ['reference', i => blob.references[state.ref][i], i => mark(referenceRight(i), blob.references[state.ref][i])],
    ['network (last)', i => blob.last[i], i => mark(rightAtEnd(i), blob.last[i])],
    ['cell ' + atTheEnd, cellAtEnd, i => CELLS[cellAtEnd(i)]],
    ['first right', i => blob.first[i], i => stepText(blob.first[i]), 1],
    ['right for good', i => blob.good[i], i => stepText(blob.good[i]), 1],
    ['forgotten', i => blob.forget[i], i => blob.forget[i] === NEVER ? 'never right' : group(blob.forget[i]), 1],
    ['share right', i => blob.speed[i], i => percent(blob.speed[i]), 1],
    ['when learned', shareOf, i => stepText(blob.switch[i]), 1],
    ['reference margin', i => blob.margins[state.ref] ? blob.margins[state.ref][i] : 0, i => blob.margins[state.ref] ? blob.margins[state.ref][i].toPrecision(3) : '–', 1],
  ];
  for (const [k, { title }] of (data.values || []).entries()) {
    const value = i => blob.values[k][i];
    columns.push([title, i => Number.isNaN(value(i)) ? Infinity : value(i), i => Number.isNaN(value(i)) ? '–' : value(i).toPrecision(3), 1]);
  }
  const mark = (hit, p) => `${hit ? '✓' : '✗'} ${className(p)}`;
  let sort = 0, down = false, page = 0, order = [];
  const head = $('#rows thead tr'), body = $('#rows tbody');
  const heads = columns.map(([name, , , numeric], k) => element('th', { scope: 'col', class: numeric ? 'num' : '', 'aria-sort': k ? 'none' : 'ascending' },
    element('button', { type: 'button', onclick: () => { down = sort === k && !down; sort = k; arrange(); } }, name)));
  head.replaceChildren(element('th', { scope: 'col' }, element('span', { class: 'sr' }, 'image')), ...heads);
  const update = pager($('#rows-pager'), 'examples', d => { page += d; show(); });
  const filters = ['#filter-class', '#filter-cell', '#filter-id'].map(s => $(s));
  data.classes.forEach((name, k) => filters[0].append(element('option', { value: k }, name)));
  filters.forEach(f => f.addEventListener('input', arrange));

  function arrange() {
    const [label, cell, id] = filters.map(f => f.value.trim());
    order = [];
    for (let i = 0; i < n; i++) {
      if (label !== '' && blob.labels[i] !== +label) continue;
      if (cell !== '' && cellAtEnd(i) !== +cell) continue;
      if (id !== '' && !String(i).startsWith(id.replace('#', '')) && !data.names?.[i].includes(id)) continue;
      order.push(i);
    }
    const keys = new Float64Array(n);
    for (const i of order) keys[i] = columns[sort][1](i);
    const sign = down ? -1 : 1;
    const exact = new Set(id === '' ? [] : order.filter(i => String(i) === id.replace('#', '') || data.names && (data.names[i] === id || data.names[i].endsWith('/' + id))));
    order.sort((a, b) => exact.has(b) - exact.has(a) || sign * bySelf(keys[a], keys[b]) || a - b); // exact matches come first
    heads.forEach((h, k) => h.setAttribute('aria-sort', k !== sort ? 'none' : down ? 'descending' : 'ascending'));
    heads[2].firstChild.textContent = data.references[state.ref].name;
    $('#rows-count').textContent = `${group(order.length)} of ${group(n)}`;
    page = 0;
    show();
    keepLink();
  }

  function show() {
    const pages = Math.ceil(order.length / PER);
    page = Math.max(0, Math.min(page, pages - 1));
    body.replaceChildren(...order.slice(page * PER, (page + 1) * PER).map(i => {
      const image = element('td', { class: 'pick' });
      const thumb = thumbnail(i, 28);
      if (thumb) { image.append(thumb); thumb.addEventListener('click', () => openDetail(i)); }
      image.prepend(pickBox(i));
      return element('tr', { 'data-example': i }, image, ...columns.map(([, , text, numeric], k) => element('td', { class: numeric ? 'num' : '' },
        k ? text(i) : element('button', { type: 'button', class: 'plain-button', 'aria-haspopup': 'dialog', onclick: () => openDetail(i) }, text(i)))));
    }));
    update(page, pages, order.length);
  }

  const names = ['label', 'cell', 'find'];
  onLink(p => {
    if (!names.some(name => p.has(name))) return;
    filters.forEach((f, k) => { f.value = p.get(names[k]) ?? ''; });
    arrange();
    if (!p.has('show') && !p.has('example')) $('#examples').scrollIntoView();
  }, p => filters.forEach((f, k) => { if (f.value.trim()) p.set(names[k], f.value.trim()); }));
  $('#rows-pager').before(listTools(() => order));
  onReplaced(() => nearby($('#examples'), arrange));
}
