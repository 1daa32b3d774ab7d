'use strict';
const { weights } = JSON.parse(document.getElementById('weights').textContent);

// Names come from lock files: what is not to be seen, or turns the direction of text, is shown as a dot.
const plain = (text) => text.replace(/[\p{Cc}\p{Cf}]/gu, '·');

const shown = (bytes) => {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e5) return `${(bytes / 1e3).toFixed(1)} kB`;
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
};

// Bruls, Huizing, van Wijk: rows are filled along the shorter side for as long as that makes their cells squarer.
function squarified(cells, box) {
  const placed = [];
  let { left, top, width, height } = box;
  let scale = (width * height) / cells.reduce((sum, cell) => sum + cell.bytes, 0);
  let rest = cells.slice();
  while (rest.length > 0) {
    const side = Math.min(width, height);
    let row = [];
    let area = 0;
    let worst = Infinity;
    while (row.length < rest.length) {
      const next = area + rest[row.length].bytes * scale;
      const largest = rest[0].bytes * scale;
      const least = rest[row.length].bytes * scale;
      const ratio = Math.max((side * side * largest) / (next * next), (next * next) / (side * side * least));
      if (ratio > worst) break;
      row.push(rest[row.length]);
      area = next;
      worst = ratio;
    }
    const thick = area / side;
    let along = 0;
    for (const cell of row) {
      const long = (cell.bytes * scale) / thick;
      placed.push(width >= height
        ? { cell, left, top: top + along, width: thick, height: long }
        : { cell, left: left + along, top, width: long, height: thick });
      along += long;
    }
    if (width >= height) { left += thick; width -= thick; } else { top += thick; height -= thick; }
    rest = rest.slice(row.length);
  }
  return placed;
}

function told(sheet, cell) {
  const list = cell.packages.filter((one) => one.bytes).sort((a, b) => b.bytes - a.bytes).slice(0, 5);
  const parts = list.map((one) => `${plain(one.name)} ${shown(one.bytes)}`).join(', ');
  const share = Math.round((cell.bytes / sheet.total) * 100);
  const what = cell.shared ? 'needed by several dependencies' : 'would go with it';
  return `${cell.name}: ${shown(cell.bytes)}, ${share} %, ${cell.packages.length} packages ${what}: ${parts}`;
}

function draw(map) {
  const sheet = weights[Number(map.dataset.sheet)];
  const line = document.querySelector(`[data-told="${map.dataset.sheet}"]`);
  const cells = sheet.dependencies.map((row) => ({ name: plain(row.name), bytes: row.saves, packages: row.packages, shared: false }));
  cells.push({ name: 'shared', bytes: sheet.shared, packages: sheet.shared_packages, shared: true });
  const sized = cells.filter((cell) => cell.bytes > 0).sort((a, b) => b.bytes - a.bytes);
  map.textContent = '';
  if (sized.length === 0) return;
  const box = { left: 0, top: 0, width: map.clientWidth, height: map.clientHeight };
  const buttons = squarified(sized, box).map(({ cell, left, top, width, height }) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.style.cssText = `left:${left}px;top:${top}px;width:${width}px;height:${height}px`;
    button.setAttribute('aria-label', told(sheet, cell));
    button.setAttribute('aria-pressed', 'false');
    if (cell.shared) button.className = 'shared';
    if (width > 44 && height > 20) {
      const name = document.createElement('b');
      name.textContent = cell.name;
      button.append(name);
      if (height > 40) button.append(shown(cell.bytes));
    }
    const tell = () => {
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
      line.textContent = told(sheet, cell);
    };
    button.addEventListener('click', tell);
    button.addEventListener('focus', tell);
    button.addEventListener('mouseenter', tell);
    return button;
  });
  // One stop of the tab key; arrows go from cell to cell.
  buttons.forEach((button, index) => {
    button.tabIndex = index === 0 ? 0 : -1;
    button.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const next = step ? buttons[index + step] : { Home: buttons[0], End: buttons[buttons.length - 1] }[event.key];
      if (!next) return;
      event.preventDefault();
      button.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
  });
  map.append(...buttons);
}

function sortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (column === heads.length - 1) return;
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    head.textContent = '';
    head.append(button);
    if (column === 1) head.setAttribute('aria-sort', 'descending');
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') !== 'descending';
      const value = (row) => (column === 0 ? row.cells[0].textContent : Number(row.cells[column].dataset.bytes));
      const order = (a, b) => (column === 0 ? value(b).localeCompare(value(a)) : value(a) - value(b));
      const rows = [...table.tBodies[0].rows].sort((a, b) => (down ? order(b, a) : order(a, b)));
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      table.tBodies[0].append(...rows);
    });
  });
}

const maps = [...document.querySelectorAll('.map')];
const drawAll = () => maps.forEach(draw);
drawAll();
document.querySelectorAll('table').forEach(sortable);
let later;
addEventListener('resize', () => { clearTimeout(later); later = setTimeout(drawAll, 100); });
