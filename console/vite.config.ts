// How the console is built: one page, a chunk for each route, everything hashed and compressed.

import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { theme } from "./build/theme.ts";

const BUILT = "../src/freehold/edge/console/built";
const SMALL_BYTES = 1400; // one packet: not worth a second file

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const place = join(folder, name);
    return statSync(place).isDirectory() ? files(place) : [place];
  });
}

/** A .br and a .gz beside each text, so that the server compresses nothing. */
function precompressed(): Plugin {
  return {
    name: "precompressed",
    apply: "build",
    writeBundle() {
      for (const place of files(BUILT)) {
        if (!/\.(js|css|svg|json|txt)$/.test(place)) continue;
        const content = readFileSync(place);
        if (content.length < SMALL_BYTES) continue;
        writeFileSync(`${place}.gz`, gzipSync(content, { level: 9 }));
        writeFileSync(`${place}.br`, brotliCompressSync(content));
      }
    },
    buildStart() {
      rmSync(BUILT, { recursive: true, force: true });
    },
  };
}

export default defineConfig({
  base: "/console/",
  resolve: { alias: { "~": new URL("./src", import.meta.url).pathname } },
  plugins: [react(), theme(), precompressed()],
  build: {
    outDir: BUILT,
    emptyOutDir: true,
    target: "es2023",
    chunkSizeWarningLimit: 1500,
    assetsInlineLimit: 0, // the policy of the page forbids data: for fonts and scripts
    modulePreload: { polyfill: false },
  },
  server: {
    // `npm run dev` beside a running `freehold up`: its answers come through, the origin stays.
    proxy: {
      "/console/session": "http://127.0.0.1:7070",
      "^/$": "http://127.0.0.1:7070",
    },
  },
});
