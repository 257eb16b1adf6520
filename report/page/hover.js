// What the curves of a figure say at one evaluation: beside the pointer, and with the keyboard on the figure, which then is a
// slider over the evaluations.
const DRAWN = { ratio: 'ratio', 'attainable maximum': 'attainable_max', 'R+': 'r_plus', 'R-': 'r_minus', accuracy: 'accuracy', nestedness: 'nestedness', kappa: 'kappa', tetrachoric: 'tetrachoric' };
const BESIDE = { 'one association': 'R± at one association', 'smoothed ratio': 'R±, smoothed' }; // lines that no table has

// learnedBy is the share of the examples that the reference gets right, or wrong, whose step in a list is reached at evaluation k.
function learnedBy(steps, referenceIsRight, k) {
  let of = 0, reached = 0;
  for (let i = 0; i < n; i++) {
    if (referenceRight(i) !== referenceIsRight) continue;
    of++;
    if (steps[i] <= data.steps[k]) reached++;
  }
  return of ? `${percent(reached / of)} (${group(reached)} of ${group(of)})` : 'none';
}

// saidBy is what one series of a figure is at evaluation k: its name and its value with the interval, null where the page doesn't know.
function saidBy(series, k) {
  const reference = data.references[state.ref], v = reference.values[k];
  if (CELLS.includes(series)) return [series, group(v.cells[CELLS.indexOf(series)])];
  const learned = /^(first right|right for good), reference (right|wrong)$/.exec(series);
  if (learned) return [`${learned[1]} where the reference is ${learned[2]}`, learnedBy(learned[1] === 'first right' ? blob.first : blob.good, learned[2] === 'right', k)];
  if (series === 'reference accuracy') return [`accuracy of ${reference.name}`, percent((v.cells[0] + v.cells[1]) / n)];
  const beside = reference.lines[series]?.[data.steps[k]];
  if (beside) return [BESIDE[series], beside];
  const at = $$('.values dd').findIndex(e => e.id === 'v-' + DRAWN[series]);
  return at < 0 ? null : [$$('.values dt')[at].textContent, v.statistics[at]];
}

function linesOf(svg, k) {
  const lines = [];
  for (const g of $$('g.series[data-series]', svg)) {
    const said = saidBy(g.dataset.series, k);
    if (said) lines.push([...said, getComputedStyle($('path[fill=none]', g) ?? g).stroke]);
  }
  return lines.reverse(); // what is drawn last lies above the others, and matters most
}

function showReading(svg, k, x, y) {
  const panel = $('#reading');
  panel.replaceChildren(element('b', {}, when(k)), element('dl', {}, ...linesOf(svg, k).map(([name, value, stroke]) => {
    const key = element('i');
    key.style.background = stroke;
    return element('div', {}, element('dt', {}, key, name), element('dd', {}, value));
  })));
  panel.hidden = false;
  panel.style.left = Math.max(8, Math.min(x + 16, innerWidth - panel.offsetWidth - 8)) + 'px';
  panel.style.top = Math.max(8, y - panel.offsetHeight - 16) + 'px';
}

const hideReading = () => { $('#reading').hidden = true; };

// startReading has a figure show what its curves say. nearest finds the evaluation at a place of the window, -1 for none, and place
// is where an evaluation is in it.
function startReading(svg, nearest, place) {
  const name = $('title', svg)?.textContent ?? 'curves', said = $('desc', svg)?.textContent;
  $('title', svg)?.remove(); // browsers would show it over the panel
  for (const [k, v] of Object.entries({ role: 'slider', tabindex: 0, 'aria-label': name, 'aria-description': said, 'aria-valuemin': 0 })) if (v !== undefined) svg.setAttribute(k, v);
  const tell = text => {
    svg.setAttribute('aria-valuemax', lastAt());
    svg.setAttribute('aria-valuenow', state.at);
    svg.setAttribute('aria-valuetext', text);
  };
  tell(when(state.at));
  const atCursor = () => {
    tell([when(state.at), ...linesOf(svg, state.at).map(([what, value]) => `${what} ${value}`)].join(', '));
    showReading(svg, state.at, ...place(state.at));
  };
  svg.addEventListener('pointermove', e => {
    const k = nearest(e.clientX, e.clientY);
    if (k < 0) hideReading(); else showReading(svg, k, e.clientX, e.clientY);
  });
  svg.addEventListener('pointerleave', () => document.activeElement === svg && svg.matches(':focus-visible') ? atCursor() : hideReading());
  svg.addEventListener('focus', () => svg.matches(':focus-visible') && atCursor());
  svg.addEventListener('blur', hideReading);
  svg.addEventListener('keydown', e => {
    const to = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity }[e.key];
    if (e.key === 'Escape') hideReading();
    if (!to) return;
    e.preventDefault();
    go({ at: Number.isFinite(to) ? state.at + to : to < 0 ? 0 : lastAt() });
    atCursor();
  });
}
