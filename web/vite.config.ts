import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // the server's policy allows no inline script, and one rule is easier than two
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  plugins: [
    {
      // Without this the page is painted once in the system's theme before the stored one applies.
      name: 'block-first-paint',
      transformIndexHtml: (html) =>
        html.replace('<script type="module"', '<script type="module" blocking="render"'),
    },
  ],
});
