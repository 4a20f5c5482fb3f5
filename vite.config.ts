import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Connect, defineConfig, type Plugin } from "vite";

const fromRoot = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const server = "http://127.0.0.1:8080";

/** The server gives every page a short address; the dev server does the same. */
const PAGE_ADDRESSES: readonly (readonly [RegExp, string])[] = [
  [/^\/(\?|$)/, "/pages/home/index.html"],
  [/^\/capture(\?|$)/, "/pages/capture/index.html"],
  [/^\/recordings(\?|$)/, "/pages/recordings/index.html"],
  [/^\/studio(\/|\?|$)/, "/pages/studio/index.html"],
  [/^\/(watch|embed)\//, "/pages/watch/index.html"],
];

function pageAddresses(): Plugin {
  const rewrite: Connect.NextHandleFunction = (request, _response, next) => {
    const page = PAGE_ADDRESSES.find(([pattern]) => pattern.test(request.url ?? ""));
    if (page !== undefined) request.url = page[1];
    next();
  };
  return {
    name: "millrace-page-addresses",
    configureServer: (dev) => void dev.middlewares.use(rewrite),
  };
}

/** Puts what all pages have in common where a page says `<!-- NAME -->`: web/ui/NAME.html. */
function sharedMarkup(): Plugin {
  const shared = (name: string) => readFileSync(fromRoot(`web/ui/${name}.html`), "utf8");
  return {
    name: "millrace-shared-markup",
    transformIndexHtml: {
      order: "pre",
      handler: (html) => html.replaceAll(/<!-- (site-[a-z]+) -->/g, (_, name: string) => shared(name)),
    },
  };
}

export default defineConfig({
  root: fromRoot("web"),
  plugins: [pageAddresses(), sharedMarkup()],
  build: {
    outDir: fromRoot("dist/web"),
    emptyOutDir: true,
    // A strict Content-Security-Policy allows no data: addresses, so nothing is inlined.
    assetsInlineLimit: 0,
    // hls.js and dash.js are large and are loaded only by the viewer that uses them.
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      input: {
        home: fromRoot("web/pages/home/index.html"),
        capture: fromRoot("web/pages/capture/index.html"),
        recordings: fromRoot("web/pages/recordings/index.html"),
        studio: fromRoot("web/pages/studio/index.html"),
        watch: fromRoot("web/pages/watch/index.html"),
        missing: fromRoot("web/pages/missing/index.html"),
      },
    },
  },
  server: {
    // The pages share the words of the API with the server: server/protocol.
    fs: { allow: [fromRoot("web"), fromRoot("server/protocol"), fromRoot("node_modules")] },
    proxy: {
      "/api": server,
      "/live": { target: server, ws: true },
      "^/recordings/": server,
      "/time": server,
      "/healthz": server,
      "/publish": { target: server, ws: true },
    },
  },
});
