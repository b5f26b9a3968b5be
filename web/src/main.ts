import './theme.css';
import './panels.css';

import { everySecond } from './clock';
import { Poller } from './feeds';
import { createFooter } from './footer';
import { createHeader } from './header';
import { startTheme } from './theme';
import { createToday } from './views/today';

function byId(id: string): HTMLElement {
  const node = document.getElementById(id);
  if (!node) throw new Error(`index.html has no #${id}`);
  return node;
}

startTheme();
// The fragment holds the view's state, so the skip link can't have it.
document.querySelector('.skip')?.addEventListener('click', (event) => {
  event.preventDefault();
  byId('main').focus();
});

const view = createToday();
byId('main').replaceChildren(view.root);

const poller = new Poller(view.feeds);
const header = createHeader(byId('header'), poller);
createFooter(byId('footer'), poller);

everySecond(() => {
  header.tick();
  view.tick();
});
poller.start();
