'use strict';
const form = document.querySelector('.filter');
const findings = [...document.querySelectorAll('.finding')];
const rules = [...document.querySelectorAll('.rule')];
const texts = new Map();

// What is searched is what is shown. It is put together at the first search, and kept.
const textOf = (finding) => {
  if (!texts.has(finding)) texts.set(finding, finding.textContent.toLowerCase());
  return texts.get(finding);
};

function filter() {
  const data = new FormData(form);
  const severities = new Set(data.getAll('severity'));
  const [rule, app] = ['rule', 'app'].map((name) => data.get(name) || '');
  const [path, words] = ['path', 'text'].map((name) => (data.get(name) || '').trim().toLowerCase());
  let shown = 0;
  for (const finding of findings) {
    const { dataset } = finding;
    const fits = severities.has(dataset.severity)
      && (!rule || dataset.rule === rule)
      && (!app || dataset.app === app)
      && (!path || dataset.path.toLowerCase().includes(path))
      && (!words || textOf(finding).includes(words));
    finding.hidden = !fits;
    if (fits) shown += 1;
  }
  for (const section of rules) section.hidden = !section.querySelector('.finding:not([hidden])');
  form.querySelector('output').textContent = `${shown} of ${findings.length} shown`;
}

if (form) {
  form.hidden = false;
  let later;
  form.addEventListener('input', () => { clearTimeout(later); later = setTimeout(filter, 80); });
  form.addEventListener('submit', (event) => event.preventDefault());
  // A reset changes the fields after its event.
  form.addEventListener('reset', () => setTimeout(filter));
  const fold = form.elements.fold;
  fold.addEventListener('click', () => {
    const open = fold.textContent === 'open each';
    for (const finding of findings) if (!finding.hidden) finding.open = open;
    fold.textContent = open ? 'close each' : 'open each';
  });
  filter();
}

// A link to a finding opens it; paper has all of them open.
const opened = () => {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
};
addEventListener('hashchange', opened);
opened();
let closed = [];
addEventListener('beforeprint', () => {
  closed = [...document.querySelectorAll('details:not([open])')].filter((one) => !one.hidden);
  for (const one of closed) one.open = true;
});
addEventListener('afterprint', () => { for (const one of closed) one.open = false; });
