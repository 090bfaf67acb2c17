// Sends the one-time token of the link with the chosen name and password. Text only ever goes in as text.
const form = document.getElementById('form');
const answer = document.getElementById('answer');
const token = new URLSearchParams(location.search).get('token');

const state = await (await fetch('api/setup')).json();
if (!state.needed) {
  form.remove();
  document.getElementById('lead').textContent = 'This installation has its administrator already; sign in with `castalia login`.';
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { name, password } = Object.fromEntries(new FormData(form));
  const reply = await fetch('api/setup', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token, name, password }),
  });
  const body = await reply.json();
  if (!reply.ok) {
    answer.textContent = (body.errors ?? []).map((e) => `${e.path}: ${e.message}`).join('; ') || body.detail;
    return;
  }
  form.remove();
  // The token in the address is used up; it need not stay in the history.
  history.replaceState(null, '', location.pathname);
  answer.textContent = `Done. Sign in with: castalia login --url ${location.origin} --user ${name}`;
});
