/** `npm run pages -- --icons`: web/public's PNGs, drawn from icon.svg as a browser draws it. */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import { chromiumPath } from "./support.ts";

const folder = resolve(import.meta.dirname, "../../web/public");

/** Full: to the corners and with room around it, for whoever cuts icons to a shape of their own. */
const icons = [
  { name: "icon-192.png", size: 192, isFull: false },
  { name: "icon-512.png", size: 512, isFull: false },
  { name: "icon-full-512.png", size: 512, isFull: true },
] as const;
const ground = "#0b6e4f";

export async function drawIcons(): Promise<string[]> {
  const drawing = await readFile(join(folder, "icon.svg"), "utf8");
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox"] });
  try {
    for (const { name, size, isFull } of icons) {
      const page = await browser.newPage({ viewport: { width: size, height: size } });
      const inner = isFull ? Math.round(size * 0.8) : size;
      await page.setContent(`<style>
        body { margin: 0; display: grid; place-items: center; height: 100vh;
               background: ${isFull ? ground : "transparent"} }
        svg { width: ${inner}px; height: ${inner}px }
      </style>${drawing}`);
      await page.screenshot({ path: join(folder, name), omitBackground: !isFull });
      await page.close();
    }
  } finally {
    await browser.close();
  }
  return icons.map(({ name }) => name);
}
