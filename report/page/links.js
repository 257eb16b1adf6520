// The address keeps what the page shows: #step=120&reference=svm&example=17&show=never&only=right&label=3&cell=1&find=7.
let linkTimer = 0, linked = false, known = '';

// keepLink writes the address soon; nothing before the page has read its own.
function keepLink() {
  if (!linked) return;
  clearTimeout(linkTimer);
  linkTimer = setTimeout(() => {
    if (location.hash !== known) return; // another one was asked for and is about to be read
    const p = new URLSearchParams();
    for (const { write } of links) write(p);
    const text = String(p), now = location.hash.slice(1);
    if (text === now || !text && !now.includes('=')) return;
    history.replaceState(null, '', text ? '#' + text : '#');
    known = location.hash;
  }, 150);
}

// readLink shows what the address says; a plain name of a section is the browser's business, but for what is folded.
function readLink() {
  known = location.hash;
  const said = known.slice(1);
  if (!said.includes('=')) {
    const target = document.getElementById(decodeURIComponent(said));
    target?.querySelector(':scope > details')?.setAttribute('open', '');
    target?.closest('details')?.setAttribute('open', '');
    return;
  }
  const p = new URLSearchParams(said), change = {};
  const ref = data.references.findIndex(r => r.name === p.get('reference'));
  if (ref >= 0) change.ref = ref;
  if (/^\d+$/.test(p.get('step') ?? '')) {
    const at = data.steps.findIndex(s => s >= +p.get('step'));
    change.at = at < 0 ? lastAt() : at;
  }
  go(change);
  $('#reference').value = state.ref;
  for (const { read } of links) read(p);
}

function startLinks() {
  const begin = { at: state.at, ref: state.ref };
  let moved = false;
  links.unshift({ read: () => {}, write: p => {
    if (moved && !(data.live && state.at === lastAt())) p.set('step', data.steps[state.at]);
    if (state.ref !== begin.ref) p.set('reference', data.references[state.ref].name);
  } });
  onChange(before => {
    moved ||= before.at !== state.at && state.at !== begin.at;
    keepLink();
  });
  readLink();
  linked = true;
  addEventListener('hashchange', readLink);
}
