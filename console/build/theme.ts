// The theme as a stylesheet, made at build time: the page's policy allows no style made at run time.
// Input: build/tokens.ts and Cloudscape's own styles. Output: the module "virtual:theme.css".
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { build, type Plugin, type Rolldown } from "vite";
import { tokens } from "./tokens.ts";

const NAME = "virtual:theme.css";
const THEMING = "@cloudscape-design/components/theming";
const GLOBAL = "@cloudscape-design/global-styles/index.css";

interface Theming {
  generateThemeStylesheet(of: { theme: { tokens: typeof tokens } }): string;
}

export function theme(): Plugin {
  const require = createRequire(import.meta.url);
  return {
    name: "theme",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
    async load(id) {
      if (id !== `\0${NAME}`) return null;
      const { generateThemeStylesheet } = await theming(require.resolve(THEMING));
      return ownFonts(require.resolve(GLOBAL)) + generateThemeStylesheet({ theme: { tokens } });
    },
  };
}

/** Cloudscape's theming as one module that Node takes: its own files are meant for bundlers. */
async function theming(place: string): Promise<Theming> {
  const made = await build({
    configFile: false,
    logLevel: "silent",
    ssr: { noExternal: true },
    build: { ssr: place, write: false, minify: false },
  });
  const { output } = made as Rolldown.RolldownOutput;
  const code = Buffer.from(output[0].code).toString("base64");
  return (await import(`data:text/javascript;base64,${code}`)) as Theming;
}

/** Cloudscape's base styles without its embedded fonts (160 kB): the system's are used. */
function ownFonts(place: string): string {
  return readFileSync(place, "utf8").replace(/@font-face\s*\{[^}]*\}/g, "");
}
