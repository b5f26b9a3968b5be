/* Pictures of panels, as a reader takes them away: each is a PNG on a solid ground that shows what the page does, in its
 * colours, with words above and below that say what it is. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { dispatch, intervals, scada } from '../e2e/support/market.mjs';
import { collectOnce, folderFor, startServer } from '../e2e/support/nemd.mjs';
import { Nemweb } from '../e2e/support/server.mjs';
import { openPage } from './support/browser.mjs';

/* What stands below the drawing. */
const FOOT = 32;
/* A narrower panel's words need so much. */
const LEAST_WIDTH = 288;

/* In the page: [picture] against [shot] of the body, both PNGs in base64; shares are of the body's pixels. */
async function compare([picture, shot, foot, paper]) {
  const read = async (text) => createImageBitmap(new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], { type: 'image/png' }));
  const pen = (width, height) => Object.assign(document.createElement('canvas'), { width, height }).getContext('2d');
  const [drawn, seen] = await Promise.all([read(picture), read(shot)]);
  const whole = pen(drawn.width, drawn.height);
  whole.drawImage(drawn, 0, 0);
  const ground = pen(1, 1);
  ground.fillStyle = paper;
  ground.fillRect(0, 0, 1, 1);
  const empty = ground.getImageData(0, 0, 1, 1).data;
  const apart = (a, i, b, k) => Math.abs(a[i] - b[k]) + Math.abs(a[i + 1] - b[k + 1]) + Math.abs(a[i + 2] - b[k + 2]);
  const count = (data, wanted) => {
    let found = 0;
    for (let i = 0; i < data.length; i += 4) if (wanted(i)) found++;
    return found;
  };
  const inked = (data) => count(data, (i) => apart(data, i, empty, 0) > 90);
  const band = (y, height) => whole.getImageData(0, y, drawn.width, height).data;
  const all = band(0, drawn.height);
  const colours = new Set();
  count(all, (i) => colours.add((all[i] << 16) | (all[i + 1] << 8) | all[i + 2]));

  /* the body, at the size of the page */
  const scale = drawn.width > 1.5 * seen.width ? 2 : 1;
  const head = drawn.height - scale * (seen.height + foot);
  const [mine, theirs] = [0, 1].map((which) => {
    const body = pen(seen.width, seen.height);
    if (which) body.drawImage(seen, 0, 0);
    else body.drawImage(drawn, (drawn.width - scale * seen.width) / 2, head, scale * seen.width, scale * seen.height, 0, 0, seen.width, seen.height);
    return body.getImageData(0, 0, seen.width, seen.height).data;
  });
  return {
    size: [drawn.width / scale, drawn.height / scale],
    seen: [seen.width, seen.height],
    solid: count(all, (i) => all[i + 3] !== 255 || (i === 0 && apart(all, i, empty, 0) > 0)) === 0,
    colours: colours.size,
    above: inked(band(0, head)),
    below: inked(band(drawn.height - scale * foot, scale * foot)),
    differ: count(mine, (i) => apart(mine, i, theirs, i) > 150) / (mine.length / 4),
    inked: inked(theirs) / (theirs.length / 4),
  };
}

test('tiles, gauges, the map, batteries and charts are taken away as they are seen', async (t) => {
  const files = [...intervals('2025-08-20 21:05', '2025-08-21 00:10')].flatMap((time) => [dispatch(time, { rrp: { SA1: '17500', TAS1: '-31.2' } }), scada(time)]);
  const nemweb = await Nemweb.start(t, files);
  const data = folderFor(t);
  assert.equal((await collectOnce(nemweb.url, data)).status, 0);
  const server = await startServer(t, ['serve', '--data', data]);
  for (const colorScheme of ['light', 'dark']) {
    const page = await openPage(t, `http://127.0.0.1:${server.port}/#today?region=SA1`, { colorScheme, reducedMotion: 'reduce' });
    await page.locator('[data-testid="panel-flows"] [data-testid="flow-V-SA"]').waitFor();
    await page.waitForFunction(() => !document.querySelector('.panel.loading, [aria-busy="true"]'));
    const paper = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--paper'));
    for (const id of ['regions', 'gauge-panel-share', 'gauge-panel-demand', 'map', 'storage', 'generation', 'prices', 'flows']) {
      const panel = page.getByTestId(`panel-${id}`);
      await panel.locator('.menu > summary').click();
      const [download] = await Promise.all([page.waitForEvent('download'), panel.locator('.menu').getByRole('button', { name: 'PNG' }).click()]);
      assert.equal(download.suggestedFilename(), `${id}.png`);
      const picture = readFileSync(await download.path());
      assert.equal(picture.subarray(1, 4).toString(), 'PNG');
      const shot = await panel.locator('.panel-body').screenshot();
      const found = await page.evaluate(compare, [picture.toString('base64'), shot.toString('base64'), FOOT, paper]);
      const what = `${id}, ${colorScheme}: ${JSON.stringify(found)}`;
      const [[width, height], [bodyWidth, bodyHeight]] = [found.size, found.seen];
      assert.ok(Math.abs(width - Math.max(LEAST_WIDTH, bodyWidth) - 32) < 2 && height > bodyHeight + FOOT + 40, what);
      assert.ok(found.solid && found.colours > 40, what);
      assert.ok(found.above > 500 && found.below > 100, what);
      /* letters are set a little otherwise; an empty picture would differ by all that is inked */
      assert.ok(found.inked > 0.01 && found.differ < found.inked / 2, what);
    }
    assert.deepEqual(page.complaints, []);
  }
});
