/* Replays of alerts on prices, and what plain SQL finds in the same prices. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { folderFor, sleep, start } from './nemd.mjs';

/* Episodes by window functions, without a state machine: they are parted by prices at or below normal; the first
 * one at or over high begins an episode, a first one at or over extreme behind it escalates it, and the price that
 * parts it from the next ends it. */
export const crossings = ({ high, extreme, normal, from, to }) => `
  with p as (select settlementdate as t, regionid as r, rrp, sum((rrp <= ${normal})::int) over w as part
             from prices5 where settlementdate > '${from}' and settlementdate <= '${to}'
             window w as (partition by regionid order by settlementdate rows unbounded preceding)),
  e as (select r, part, min(t) filter (rrp >= ${high}) as began, min(t) filter (rrp >= ${extreme}) as worse from p group by all)
  select epoch(t)::bigint - 36000 as "at", r as "key", kind from (
    select began as t, r, 'alert' as kind from e where began is not null
    union all select worse, r, 'escalation' from e where worse > began
    union all select min(p.t), e.r, 'recovery' from e join p on p.r = e.r and p.part = e.part + 1
      where e.began is not null and p.rrp <= ${normal} group by e.r, e.part)
  order by 1, 2, 3`;

const settings = ({ high, extreme, normal }) => ({
  HIGH_PRICE_THRESHOLD: String(high), EXTREME_PRICE_THRESHOLD: String(extreme), NORMAL_PRICE_THRESHOLD: String(normal) });
/* Without what sums up others, at intervals at which no line is crossed. */
export const told = (rows) => rows.filter(({ kind }) => kind !== 'update').map(({ at, key, kind }) => ({ at, key, kind }))
  .sort((a, b) => a.at - b.at || a.key.localeCompare(b.key) || a.kind.localeCompare(b.kind));

export async function replayed(t, data, span, ...more) {
  const args = ['alerts', 'replay', '--data', data, '--rule', 'price', '--from', span.from, '--to', span.to, '--json', ...more];
  const { status, stdout, stderr } = await start(t, args, { env: settings(span) }).ended;
  assert.equal(status, 0, stderr);
  return told(JSON.parse(stdout));
}

/* The same, killed at moments that grow until it comes through; it goes on from what it kept. */
export async function replayedUnderFire(t, data, span, pace = 1) {
  const file = join(folderFor(t), 'replay.db');
  let kills = 0;
  for (let ms = 5; ; ms += (5 + Math.random() * 20) * pace) {
    const args = ['alerts', 'replay', '--data', data, '--rule', 'price', '--from', span.from, '--to', span.to, '--into', file];
    const run = start(t, args, { env: settings(span) });
    await Promise.race([sleep(ms), run.ended]);
    if (!run.running) break;
    kills += (await run.stop('SIGKILL')).signal === 'SIGKILL';
  }
  assert.ok(kills > 0);
  return replayed(t, data, span, '--into', file);
}
