// When the network learns an example: the strips of the first screen, and the gallery that they link to.
const KINDS = [['first', 'first'], ['late', 'late'], ['forgotten', 'forgotten'], ['never', 'never']];
const neverLearned = i => blob.switch[i] === NEVER;

// kindOf says which of the kinds an example is, -1 for one of a class whose order can't be read.
function kindOf(i) {
  if (neverLearned(i)) return 3;
  if (!rightAtEnd(i)) return 2;
  return blob.order[i] < .5 ? 0 : blob.order[i] >= .5 ? 1 : -1;
}

// learnedLists are the examples of each kind, by the share of evaluations that are right: the firmest first, of late ones
// the latest first, of the never learned the least often right first.
function learnedLists() {
  const lists = [[], [], [], []];
  for (let i = 0; i < n; i++) lists[kindOf(i)]?.push(i);
  const keys = [i => blob.order[i], i => -blob.order[i], i => -blob.speed[i], i => blob.speed[i]];
  lists.forEach((list, k) => list.sort((a, b) => keys[k](a) - keys[k](b) || a - b));
  return lists;
}

// otherAnswer reports whether the network at the end and all references give one answer that isn't the label.
const otherAnswer = i => !rightAtEnd(i) && blob.last[i] !== blob.labels[i] && blob.references.every(p => p[i] === blob.last[i]);
const ONLY = { '': () => true, right: i => referenceRight(i), wrong: i => !referenceRight(i), agreed: otherAnswer };

function startLearned() {
  const show = gallery($('#learned-cards'), $('#learned-pager'), 'examples');
  const only = $('#learned-only');
  let lists = learnedLists(), kind = 3, asked = false;
  const buttons = radios($('#learned-kinds'), KINDS.map(k => k[1]), kind, k => { kind = k; asked = true; fill(); });
  only.addEventListener('change', () => { asked = true; fill(); });
  function fill() {
    const kept = lists.map(list => list.filter(i => ONLY[only.value](i)));
    $('[value=right]', only).textContent = `right for ${data.references[state.ref].name}`;
    $('[value=wrong]', only).textContent = `wrong for ${data.references[state.ref].name}`;
    buttons.forEach((b, k) => {
      b.textContent = `${KINDS[k][1]} ${group(kept[k].length)}`;
      b.setAttribute('aria-checked', k === kind);
      b.tabIndex = k === kind ? 0 : -1;
    });
    show(kept[kind], -1, false);
    keepLink();
  }
  onReplaced(() => {
    lists = learnedLists();
    drawStrips(lists);
    nearby($('#by-learning'), fill);
  });
  onLink(p => {
    const k = KINDS.findIndex(([name]) => name === p.get('show'));
    if (k < 0) return;
    kind = k;
    only.value = p.get('only') in ONLY ? p.get('only') : '';
    asked = true;
    fill();
    $('#by-learning').scrollIntoView();
  }, p => {
    if (!asked) return;
    p.set('show', KINDS[kind][0]);
    if (only.value) p.set('only', only.value);
  });
}

// startSuspects lists the examples whose labels look wrong, each with the answer that the models give instead.
function startSuspects() {
  const show = gallery($('#suspects-cards'), $('#suspects-pager'), 'examples');
  onReplaced(() => nearby($('#suspects'), () => show(blob.suspects, -1, false)));
}

// suspicion is the answer that the models give to an example instead of its label, and its score; null for no suspect.
function suspicion(i) {
  const k = blob.suspects.indexOf(i);
  return k < 0 ? null : { answer: blob['suspect-answers'][k], score: blob['suspect-scores'][k] };
}

const STRIPS = [
  ['first', 'Learned first', `the earlier half, right ${atTheEnd}: those right at most evaluations`],
  ['late', 'Learned late', `the later half, right ${atTheEnd}: those right at fewest evaluations`],
  ['forgotten', 'Forgotten', `learned, but wrong ${atTheEnd}: those right at most evaluations`],
  ['never', 'Never learned', 'from no evaluation on more often right than wrong: those right at fewest'],
];

// drawStrips shows the beginning of each list.
function drawStrips(lists) {
  const most = innerWidth < 736 ? 12 : 9;
  $('#strips').replaceChildren(...STRIPS.map(([kind, title, what], k) => {
    const thumbs = lists[k].slice(0, most).map(i => {
      const thumb = thumbnail(i, 56), label = className(blob.labels[i]);
      if (thumb) { thumb.removeAttribute('role'); thumb.removeAttribute('aria-label'); }
      const quiet = text => element('span', { class: 'sr' }, text);
      const said = element('small', {}, quiet(`example ${exampleName(i)}, labelled `), label, ...(rightAtEnd(i) ? [] : [quiet(', the network says'), ' ✗ ' + className(blob.last[i])]));
      return element('li', {}, element('button', { type: 'button', class: 'plain-button', 'aria-haspopup': 'dialog', onclick: () => openDetail(i) }, ...(thumb ? [thumb] : []), said));
    });
    const heading = element('h2', {}, element('a', { href: '#show=' + kind }, `${title} · ${group(lists[k].length)}`));
    return element('li', { class: 'strip' }, heading, element('p', { class: 'hint' }, what),
      thumbs.length ? element('ul', { class: 'thumbs' }, ...thumbs) : element('p', { class: 'empty' }, 'No such example.'));
  }));
}
