// The page of a run that grows. Evaluations come one by one and are appended; the curves, and what takes long to
// compute, are fetched again when the server says that there are newer ones.
const live = { id: '', queue: Promise.resolve(), figures: -1, drawn: {}, page: data.version, latest: 0, busy: false, started: false, ready: null, status: null };

// unpackEvaluation is one evaluation with what is packed in it.
async function unpackEvaluation(e) {
  const row = await unpack(bytes64(e.predictions), classType());
  return { e, row, right: e.right ? await unpack(bytes64(e.right), Uint8Array) : undefined };
}

// appendEvaluation takes one evaluation. Those of a step are never sent twice.
function appendEvaluation({ e, row, right }) {
  const k = data.steps.length;
  predictions[k] = row;
  if (right) rights[k] = right;
  data.steps.push(e.step);
  data.epochs.push(e.epoch);
  data.place.push(e.place);
  data.references.forEach((r, j) => r.values.push(e.values[j]));
}

// keepOnly drops the evaluations whose steps the server has dropped, because there are many.
function keepOnly(steps) {
  const wanted = new Set(steps);
  const kept = data.steps.map((s, k) => k).filter(k => wanted.has(data.steps[k]));
  const pick = list => kept.map(k => list[k]);
  predictions = pick(predictions);
  if (rights.length) rights = pick(rights);
  for (const key of ['steps', 'epochs', 'place']) data[key] = pick(data[key]);
  data.references.forEach(r => { r.values = pick(r.values); });
}

// take does what an update says. The slider follows the end of the run when it stands there. All is unpacked before anything
// changes: a person may move the slider meanwhile.
async function take(update, id) {
  if (update.reload) { location.reload(); return; }
  const begun = performance.now(), fresh = [];
  for (const e of update.evaluations ?? []) fresh.push(await unpackEvaluation(e));
  live.id = id;
  const step = data.steps[state.at], follows = state.at >= lastAt();
  if (update.keep) keepOnly(update.keep);
  fresh.forEach(appendEvaluation);
  if (update.status) showStatus(update.status);
  live.figures = update.figures ?? live.figures;
  if (!data.steps.length) return;
  if (!live.started) {
    live.started = true;
    state.at = lastAt();
    live.ready(); // what shows the data begins before the next update
  } else if (update.keep || update.evaluations) {
    go({ at: follows ? lastAt() : data.steps.findLastIndex(s => s <= step) });
  }
  live.latest = update.page ?? live.latest;
  refresh();
  const root = document.documentElement.dataset;
  root.step = data.steps[lastAt()];
  root.took = Math.round(performance.now() - begun);
}

// ask fetches something; null where the server doesn't answer, which the stream of events finds out, too.
async function ask(what) {
  const answer = await fetch(what).catch(() => null);
  return answer?.ok ? answer : null;
}

// refresh fetches what there is a newer one of, one after another; evaluations don't wait for it.
async function refresh() {
  if (live.busy) return;
  live.busy = true;
  try {
    while (await refreshFigures() || await refreshPage());
  } catch (error) {
    failed(error);
  }
  live.busy = false;
}

// refreshFigures draws the curves of the chosen reference again, and reports whether there were newer ones.
async function refreshFigures() {
  const ref = state.ref;
  if ((live.drawn[ref] ?? data.as_of) >= live.figures) return false;
  const answer = await ask(`figures?reference=${ref}`);
  if (!answer) return false;
  const { step, figures } = await answer.json();
  live.drawn[ref] = step;
  $$(`#explore .fig[data-for="${ref}"]`).forEach((f, k) => { f.innerHTML = figures[k]; });
  moveCursors();
  return true;
}

// refreshPage takes over the parts of a newer page of the run, and reports whether there was one.
async function refreshPage() {
  if (live.latest <= live.page) return false;
  const answer = await ask(location.pathname);
  if (!answer) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (!$('#data', fresh)) return false; // there is no page now; the stream says what happened
  const said = JSON.parse($('#data', fresh).textContent);
  if (said.live !== data.live) { location.reload(); return false; }
  Object.assign(blob, await readBlobs(fresh, said));
  data.values = said.values;
  said.references.forEach((r, k) => Object.assign(data.references[k], { half_mark: r.half_mark, lines: r.lines }));
  live.page = said.version;
  $$('[data-as-of]').forEach(e => { e.textContent = group(said.as_of); });
  for (const old of $$('[data-slow]')) {
    const next = fresh.getElementById(old.id);
    if (!next) continue;
    const open = $$('details', old).map(d => d.open);
    $$('details', next).forEach((d, k) => { d.open = open[k] ?? false; });
    old.replaceWith(document.adoptNode(next));
    await new Promise(resolve => setTimeout(resolve)); // in pieces, between which the page reacts
  }
  takeCurves(fresh, said.as_of);
  go({ replaced: state.replaced + 1 });
  return true;
}

// takeCurves takes the curves of a newer page, which have bands that take long, unless later ones were drawn since.
function takeCurves(fresh, step) {
  const now = $$('#explore .fig[data-for]', fresh);
  $$('#explore .fig[data-for]').forEach((f, k) => {
    if ((live.drawn[f.dataset.for] ?? data.as_of) <= step && now[k]) f.innerHTML = now[k].innerHTML;
  });
  data.references.forEach((_, ref) => { live.drawn[ref] = Math.max(live.drawn[ref] ?? data.as_of, step); });
}

function failed(error) {
  showStatus({ kind: 'problem', text: 'this page could not take an update: ' + error.message, age: null });
  console.error(error);
}

function showStatus({ kind, text, age }) {
  live.status = { kind, text, since: age === null ? null : Date.now() - 1000 * age };
  tick();
}

function tick() {
  const { kind, text, since } = live.status ?? { kind: 'waiting', text: 'connecting', since: null };
  const s = since === null || kind !== 'running' ? -1 : Math.round((Date.now() - since) / 1000);
  $('#stream').dataset.kind = kind;
  $('#stream-text').textContent = text + (s < 10 ? '' : ` · nothing new for ${s < 120 ? s + ' s' : Math.round(s / 60) + ' min'}`);
}

// connect listens. A hidden tab doesn't: browsers open few connections to one server.
function connect() {
  live.source?.close();
  const source = live.source = new EventSource('events?after=' + encodeURIComponent(live.id || data.live));
  source.onmessage = e => {
    live.queue = live.queue.then(() => take(JSON.parse(e.data), e.lastEventId)).catch(failed);
  };
  source.onerror = () => {
    showStatus({ kind: 'problem', text: 'the server does not answer; trying again', age: null });
    if (source.readyState === EventSource.CLOSED) setTimeout(() => live.source === source && !document.hidden && connect(), 3000);
  };
}

// startLive resolves when the page has the run's first evaluation.
function startLive() {
  setInterval(tick, 1000);
  document.addEventListener('visibilitychange', () => document.hidden ? live.source.close() : connect());
  onChange(before => { if (before.ref !== state.ref) refresh(); });
  return new Promise(resolve => { live.ready = resolve; connect(); });
}
