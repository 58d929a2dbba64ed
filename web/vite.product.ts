import { fileURLToPath } from 'node:url';
import { type Connect, defineConfig, type Plugin, type UserConfig } from 'vite';

/** What the products send with their pages; the mock servers send it too, so that a breach shows while developing. */
const contentSecurityPolicy = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
  "form-action 'none'", "frame-ancestors 'none'", "base-uri 'none'",
].join('; ');

/**
 * Build of one front end: files with hashed names, nothing inline, nothing from elsewhere.
 * `vite preview --mode mock` serves the build together with a mock of the product's API (never part of the build).
 */
export function product(name: 'concentrator' | 'headend', mock: Connect.NextHandleFunction) {
  const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  return defineConfig(({ mode }): UserConfig => ({
    root: here(`./${name}`),
    publicDir: here('./shared/public'),
    plugins: mode === 'mock' ? [serveMock(mock)] : [],
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      target: 'es2023',
      outDir: 'dist',
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: true,
    },
    preview: { host: '127.0.0.1', port: name === 'concentrator' ? 4301 : 4302, strictPort: true, headers: { 'Content-Security-Policy': contentSecurityPolicy } },
    server: { host: '127.0.0.1', port: name === 'concentrator' ? 4311 : 4312, strictPort: true },
  }));
}

function serveMock(handler: Connect.NextHandleFunction): Plugin {
  return {
    name: 'gridtally-mock',
    configurePreviewServer: (server) => void server.middlewares.use(handler),
    configureServer: (server) => void server.middlewares.use(handler),
  };
}
