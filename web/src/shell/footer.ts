// Whose data it is, and which program shows it.

import { el, setText } from '../ui/dom';
import type { Poller } from '../data/feeds';

export function createFooter(root: HTMLElement, poller: Poller): void {
  const attribution = el('span', { 'data-testid': 'attribution' }, 'Data: AEMO');
  const version = el('span', { 'data-testid': 'version' }, 'nemd');
  root.append(
    el(
      'p',
      {},
      attribution,
      ' (Australian Energy Market Operator), used under AEMO’s copyright permissions.',
    ),
    el('p', {}, 'Times are AEST (UTC+10) and name the end of an interval. ', version),
  );
  poller.subscribe(() => {
    const meta = poller.meta?.meta;
    if (!meta) return;
    setText(attribution, meta.attribution);
    setText(version, `nemd ${meta.version}`);
  });
}
