/* Chromium, headless, on pages of this machine. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../../../web/', import.meta.url))('playwright-core');

const places = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];

/* A page in a browser of its own, closed when [t] ends. [page.complaints] is what the page said on its
 * console and the errors it did not catch. */
export async function openPage(t, url, options = {}) {
  const executablePath = places.find((place) => place && existsSync(place));
  if (!executablePath) throw new Error('no Chromium found; set CHROMIUM to its path');
  const browser = await chromium.launch({ executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'] });
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, ...options });
  page.complaints = [];
  page.requests = [];
  page.on('console', (message) => message.type() === 'error' && page.complaints.push(message.text()));
  page.on('pageerror', (error) => page.complaints.push(error.message));
  page.on('request', (request) => page.requests.push(request.url()));
  await page.goto(url);
  return page;
}

/* The raw number that an element shows, once it shows one. */
export async function numberOf(page, testid) {
  const element = page.getByTestId(testid);
  await element.waitFor();
  await page.waitForFunction((id) => document.querySelector(`[data-testid="${id}"]`)?.dataset.value, testid);
  return Number(await element.getAttribute('data-value'));
}
