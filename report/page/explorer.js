// The slider, the numbers, the cursor on the curves and the infographic.
function startExplorer() {
  const slider = $('#slider'), play = $('#play'), reference = $('#reference');
  slider.addEventListener('input', () => go({ at: +slider.value }));
  slider.addEventListener('keydown', e => {
    const d = { PageUp: 10, PageDown: -10 }[e.key];
    if (!d) return;
    e.preventDefault();
    go({ at: state.at + d });
  });
  reference.value = state.ref;
  reference.addEventListener('change', () => go({ ref: +reference.value }));
  let timer = 0;
  play.addEventListener('click', () => {
    const on = !timer;
    play.setAttribute('aria-pressed', on);
    play.setAttribute('aria-label', on ? 'Pause' : 'Play');
    play.textContent = on ? '❚❚' : '▶';
    clearInterval(timer);
    timer = 0;
    if (!on) return;
    if (state.at === lastAt()) go({ at: 0 });
    timer = setInterval(() => state.at < lastAt() ? go({ at: state.at + 1 }) : play.click(), 70);
  });
  const oval = startOval();
  onChange(before => {
    slider.max = lastAt();
    nearby($('#ticks'), drawTicks);
    slider.value = state.at;
    slider.setAttribute('aria-valuetext', when(state.at));
    $('#when').textContent = when(state.at);
    $$('.when-too').forEach(e => { e.textContent = when(state.at); });
    $$('[data-reference]').forEach(e => { e.textContent = data.references[state.ref].name; });
    $$('.fig[data-for]').forEach(f => { f.hidden = +f.dataset.for !== state.ref; });
    showNumbers();
    nearby($('#explore'), moveCursors);
    oval(before.ref !== state.ref || before.replaced !== state.replaced);
  });
}

// drawTicks writes steps beneath the slider, whose stops are the evaluations, as many as fit, and a mark at every stop where
// there is room.
let ticked = '';
function drawTicks() {
  const root = $('#ticks'), width = root.clientWidth, key = `${width} ${data.steps.length} ${data.steps[lastAt()]}`;
  if (ticked === key || !width) return;
  ticked = key;
  const thumb = 20, place = k => thumb / 2 + (width - thumb) * (lastAt() ? k / lastAt() : 0);
  const marks = Math.min(lastAt(), Math.floor(width / 5)), words = Math.min(lastAt(), Math.max(1, Math.floor(width / 90)));
  const at = (j, count) => count ? Math.round(j * lastAt() / count) : 0;
  root.replaceChildren(...Array.from({ length: marks + 1 }, (_, j) => {
    const mark = element('i');
    mark.style.left = place(at(j, marks)) + 'px';
    return mark;
  }), ...Array.from({ length: words + 1 }, (_, j) => {
    const word = element('span', {}, group(data.steps[at(j, words)]));
    word.style.left = place(at(j, words)) + 'px';
    return word;
  }));
}
addEventListener('resize', () => data.steps.length && drawTicks());

function showNumbers() {
  const v = data.references[state.ref].values[state.at];
  ['both', 'shallow', 'deep', 'neither'].forEach((name, k) => { $('#n-' + name).textContent = group(v.cells[k]); });
  $$('.values dd').forEach((e, k) => { e.textContent = v.statistics[k]; });
}

// moveCursors moves the line of every figure; those of a run that grows are replaced, and new ones have none yet.
function moveCursors() {
  $$('.fig svg').forEach(svg => { (svg.moveCursor ??= addCursor(svg))(); });
}

// addCursor puts a line into every panel of a figure that has the step axis; a click moves the slider. It returns what
// moves the lines.
function addCursor(svg) {
  const areas = $$('g.area', svg);
  if (!areas.length) return () => {};
  const lines = areas.map(g => {
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
    line.setAttribute('class', 'cursor');
    line.setAttribute('y1', g.dataset.top);
    line.setAttribute('y2', g.dataset.bottom);
    svg.append(line);
    return line;
  });
  const left = +areas[0].dataset.left, width = +areas[0].dataset.right - left;
  const { from, to } = areas[0].dataset; // of the axis
  const fractionHere = k => Math.min((data.place[k] - from) / (to - from), 1);
  const nearest = (clientX, clientY) => {
    const p = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse());
    const x = (p.x - left) / width;
    if (x < -.05 || x > 1.05) return -1;
    let best = 0;
    data.place.forEach((_, k) => { if (Math.abs(fractionHere(k) - x) < Math.abs(fractionHere(best) - x)) best = k; });
    return best;
  };
  svg.addEventListener('click', e => {
    const at = nearest(e.clientX, e.clientY);
    if (at >= 0) go({ at });
  });
  startReading(svg, nearest, k => {
    const p = new DOMPoint(left + fractionHere(k) * width, areas[0].dataset.top).matrixTransform(svg.getScreenCTM());
    return [p.x, p.y];
  });
  return () => {
    for (const line of lines) {
      const x = left + fractionHere(state.at) * width;
      line.setAttribute('x1', x);
      line.setAttribute('x2', x);
    }
  };
}

// startOval draws the mark of each example where the data say.
function startOval() {
  const UNIT = 0x7fff, NONE = -0x8000;
  const canvas = $('#oval'), pen = canvas.getContext('2d');
  let marks = [], halfMark = 0;
  function place() {
    const at = blob.ovals[state.ref];
    halfMark = data.references[state.ref].half_mark;
    marks = [];
    for (let i = 0; i < n; i++) if (at[2 * i] !== NONE) marks.push({ x: at[2 * i] / UNIT, y: at[2 * i + 1] / UNIT, example: i, plus: referenceRight(i) });
  }
  function draw() {
    const ratio = devicePixelRatio || 1, w = canvas.clientWidth * ratio, h = canvas.clientHeight * ratio;
    if (!w) return;
    if (canvas.width !== Math.round(w)) { canvas.width = Math.round(w); canvas.height = Math.round(h); }
    pen.clearRect(0, 0, canvas.width, canvas.height);
    const half = halfMark * Math.sqrt(w * h) / 2;
    const paths = [new Path2D(), new Path2D()];
    for (const m of marks) {
      const x = w / 2 + m.x * (w / 2 - 2 * half), y = h / 2 + m.y * (h / 2 - 2 * half);
      const p = paths[right(m.example, state.at) ? 1 : 0];
      p.moveTo(x - half, y); p.lineTo(x + half, y);
      if (m.plus) { p.moveTo(x, y - half); p.lineTo(x, y + half); }
    }
    [['mark', .42], ['gold', .8]].forEach(([name, width], k) => {
      pen.strokeStyle = colour(name);
      pen.lineWidth = Math.max(width * half, .6);
      pen.stroke(paths[k]);
    });
    canvas.dataset.drawn = state.at;
  }
  let frame = 0;
  const later = () => { frame ||= requestAnimationFrame(() => { frame = 0; nearby(canvas, draw); }); };
  addEventListener('resize', later);
  dark.addEventListener('change', later);
  place();
  return moved => { if (moved) place(); later(); };
}
