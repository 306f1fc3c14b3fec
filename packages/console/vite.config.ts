import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** Half of all styles are fonts in them, for what a browser's own fonts show as well. */
const withoutFonts: Plugin = {
  name: 'without-fonts',
  enforce: 'pre',
  transform(code, id) {
    if (!id.endsWith('global-styles/index.css')) return undefined
    return code.replaceAll(/@font-face\s*\{[^}]*\}/g, '')
  },
}

/**
 * A drawer of news about features, which the console has none of, and for whose list a library for
 * dragging would be loaded at once.
 */
const withoutNewsOfFeatures: Plugin = {
  name: 'without-news-of-features',
  enforce: 'pre',
  transform(_code, id) {
    if (!id.endsWith('/drawer/feature-notifications-drawer-content.js')) return undefined
    return 'export default () => null; export const RuntimeContentPart = () => null'
  },
}

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [withoutFonts, withoutNewsOfFeatures, react()],
  build: {
    // Says what is loaded with what (build/first-load.ts).
    manifest: true,
    // The content security policy allows nothing that is inlined.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
})
