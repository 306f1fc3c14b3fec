import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** The service that `npm run dev` of this folder speaks to. */
const SERVICE = 'https://127.0.0.1:8443'

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
    // The content security policy allows nothing that is inlined.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
  server: {
    proxy: {
      '/console/api': { target: SERVICE, secure: false },
      '/console/files': { target: SERVICE, secure: false },
      '/console/session': { target: SERVICE, secure: false },
      '/console/screen': { target: SERVICE, secure: false, ws: true },
    },
  },
})
