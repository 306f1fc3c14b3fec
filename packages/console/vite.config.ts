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

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [withoutFonts, react()],
  build: {
    outDir: '../../.cache/console/site',
    emptyOutDir: true,
    // Says what is loaded with what (build/first-load.ts).
    manifest: true,
    // The content security policy allows nothing that is inlined.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
})
