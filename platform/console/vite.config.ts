// Builds the console into dist/: hashed files under assets/, no inline script, nothing from another host.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** The policy the console must be content with; the preview server sends it so that every browser test runs under it. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "worker-src 'self' blob:",
  "img-src 'self' blob: data:",
  "style-src 'self' 'unsafe-inline'",
  "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'", "form-action 'self'",
].join('; ');

const PLATFORM_URL = process.env['GRID_PLATFORM_URL'] ?? 'http://127.0.0.1:8787';

export default defineConfig({
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1100,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules[\\/](react|react-dom|react-router|scheduler)[\\/]/, priority: 3 },
            { name: 'map', test: /node_modules[\\/](maplibre-gl|@maplibre|@mapbox)[\\/]/, priority: 2 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': { target: PLATFORM_URL, secure: false } } },
  preview: { headers: { 'content-security-policy': CONTENT_SECURITY_POLICY } },
  test: { include: ['tests/unit/**/*.test.ts'] },
});
