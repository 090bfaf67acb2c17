// Shows openapi.json as a list of operations. Text only ever goes in as text, never as markup.
const root = document.getElementById('operations');
const filter = document.getElementById('filter');

const el = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  Object.assign(node, attributes);
  node.append(...children);
  return node;
};

const spec = await (await fetch('openapi.json')).json();

// Replaces references, stopping where a schema holds itself.
const resolve = (schema, seen = []) => {
  if (Array.isArray(schema)) return schema.map((s) => resolve(s, seen));
  if (schema === null || typeof schema !== 'object') return schema;
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.split('/').pop();
    if (seen.includes(name)) return { $ref: name };
    return resolve(spec.components.schemas[name], [...seen, name]);
  }
  return Object.fromEntries(Object.entries(schema).map(([k, v]) => [k, resolve(v, seen)]));
};

const schemaBlock = (title, content) => {
  const [media, entry] = Object.entries(content ?? {})[0] ?? [];
  if (!media) return [];
  return [el('h3', { textContent: `${title}: ${media}` }), el('pre', { textContent: JSON.stringify(resolve(entry.schema), null, 2) })];
};

const parameters = (list = []) => {
  if (!list.length) return [];
  const rows = list.map((p) =>
    el('tr', {}, el('td', {}, el('code', { textContent: p.name })), el('td', { textContent: p.in + (p.required ? ', required' : '') }),
      el('td', { textContent: p.description ?? '' })));
  return [el('h3', { textContent: 'Parameters' }), el('table', {}, ...rows)];
};

const operation = (path, method, op) => {
  const details = el('details', {}, el('summary', {},
    el('span', { className: 'method', textContent: method.toUpperCase() }), el('span', { className: 'path', textContent: path }),
    el('span', { className: 'permission', textContent: op['x-permission'] }), el('br'), op.summary));
  details.addEventListener('toggle', () => {
    if (details.childElementCount > 1) return;
    const [status, answer] = Object.entries(op.responses)[0];
    details.append(el('div', { className: 'body' }, ...parameters(op.parameters), ...schemaBlock('Body', op.requestBody?.content),
      ...schemaBlock(`Answer ${status}`, answer.content)));
  });
  return details;
};

const show = () => {
  const wanted = filter.value.toLowerCase();
  const groups = new Map();
  for (const [path, methods] of Object.entries(spec.paths)) {
    for (const [method, op] of Object.entries(methods)) {
      if (!`${method} ${path} ${op.summary} ${op.operationId}`.toLowerCase().includes(wanted)) continue;
      const tag = op.tags[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operation(path, method, op));
    }
  }
  root.replaceChildren(...[...groups].sort().flatMap(([tag, list]) => [el('h2', { textContent: tag }), ...list]));
};
filter.addEventListener('input', show);
show();
