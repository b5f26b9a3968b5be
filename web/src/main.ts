import './ui/theme.css';
import './ui/panels.css';
import './ui/regions.css';
import './ui/charts.css';
import './ui/interconnectors.css';
import './ui/units.css';
import './ui/tables.css';
import './ui/notices.css';
import './ui/gauges.css';
import './ui/map.css';
import './ui/screens.css';
import './ui/print.css';
import './ui/today.css';

import { everySecond } from './data/clock';
import { Poller } from './data/feeds';
import { createFooter } from './shell/footer';
import { createHeader } from './shell/header';
import { startKeys } from './shell/keys';
import { Router } from './shell/router';
import { startTheme } from './shell/theme';
import { VIEWS } from './views';

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

const poller = new Poller();
const router = new Router(byId('main'), VIEWS, poller);
const header = createHeader(byId('header'), poller, router, VIEWS);
createFooter(byId('footer'), poller);
startKeys(VIEWS);

everySecond(() => {
  header.tick();
  router.view?.tick();
});
void router.open();
poller.start();
