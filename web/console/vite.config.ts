import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` beside `make run`: the API is the local cloud's.
const platform = process.env["BAI_CONSOLE_PROXY"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  server: { port: 5173, proxy: { "/api": platform, "/_local": platform } },
  build: {
    target: "es2022",
    sourcemap: false,
    // The content security policy allows no inline script and no data: address but images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
  },
  css: { modules: { generateScopedName: "[name]_[local]_[hash:base64:5]" } },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
