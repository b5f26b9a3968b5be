import { build, defineConfig, type Plugin, type Rollup } from 'vite';

const target = 'es2022';

/** The questions of the first view are sent by a script of their own, which holds all that it needs. */
function early(): Plugin {
  return {
    name: 'early',
    apply: 'build',
    async buildStart() {
      const lib = { entry: 'src/early.ts', formats: ['iife' as const], name: 'early' };
      const built = await build({ configFile: false, logLevel: 'warn', build: { target, write: false, lib } });
      const [code] = (built as Rollup.RollupOutput[])[0]?.output ?? [];
      if (!code) throw new Error('early.ts was built to nothing');
      this.emitFile({ type: 'asset', name: 'early.js', source: code.code });
    },
    transformIndexHtml: {
      order: 'post',
      handler: (html, { bundle = {} }) => {
        const name = Object.keys(bundle).find((file) => /early-[^/]*\.js$/.test(file));
        return html.replace('<script type="module"', `<script async src="./${name}"></script>\n    $&`);
      },
    },
  };
}

/** What uPlot makes when it is loaded takes longer than all the rest of it, and nothing here uses it. */
const UNUSED = [
  ["new Intl.NumberFormat(domEnv ? nav.language : 'en-US')", '{ format: String }'],
  ['new Intl.DateTimeFormat().resolvedOptions().timeZone', "'UTC'"],
] as const;

function lean(): Plugin {
  return {
    name: 'lean',
    transform: (code, id) => {
      if (!id.includes('/uplot/dist/uPlot.esm')) return null;
      if (!UNUSED.every(([made]) => code.includes(`= ${made};`))) throw new Error('uPlot has changed: see vite.config.ts');
      return { code: UNUSED.reduce((text, [made, instead]) => text.replace(`= ${made};`, `= ${instead};`), code), map: null };
    },
  };
}

export default defineConfig({
  base: './',
  build: {
    target,
    assetsInlineLimit: 0, // the server's policy allows no inline script, and one rule is easier than two
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  plugins: [
    early(),
    lean(),
    {
      // Without this the page is painted once in the system's theme before the stored one applies.
      name: 'block-first-paint',
      transformIndexHtml: (html) => html.replace('<script type="module"', '<script type="module" blocking="render"'),
    },
  ],
});
