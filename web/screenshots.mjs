// Draws every view of a running nemd, light and dark, on a desk and on a phone.
//
//   node screenshots.mjs URL FOLDER

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [url, folder] = process.argv.slice(2);
if (!url || !folder) {
  console.error('usage: node screenshots.mjs URL FOLDER');
  process.exit(2);
}

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/Applications/Chromium.app/Contents/MacOS/Chromium'].find(
  (place) => place && existsSync(place),
);
const sizes = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
for (const colorScheme of ['light', 'dark']) {
  for (const [size, viewport] of Object.entries(sizes)) {
    const page = await browser.newPage({ viewport, colorScheme });
    await page.goto(url);
    const views = await page.locator('#header nav a').evaluateAll((links) => links.map((link) => link.dataset.view));
    for (const view of views) {
      await page.goto(`${url}#${view}`);
      await page.getByTestId(`view-${view}`).waitFor();
      await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
      await page.waitForTimeout(500); // for the last drawing
      await page.screenshot({ path: join(folder, `${view}-${colorScheme}-${size}.png`), fullPage: true });
    }
    await page.close();
  }
}
await browser.close();
