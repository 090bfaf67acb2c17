// Serves the built app under a path prefix and passes the API on to a real server: what the server will do by
// itself once it embeds the app. Used by the end-to-end tests and for a look at a build.
//
//   node e2e/host.mjs [--port 8320] [--prefix /] [--server http://127.0.0.1:8000] [--dist dist]
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { extname, join, normalize } from "node:path";
import { pipeline } from "node:stream";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createGzip } from "node:zlib";

const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** No script, style or request but from the own origin, and none inline. */
export const csp = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join("; ");

const headers = {
  "content-security-policy": csp,
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
};

/** Whether a path below the prefix belongs to the server. */
const isServers = (path) => /^\/(api|health|metrics|\.well-known)(\/|$)/.test(path);

export function startHost({ port = 0, prefix = "/", server, dist }) {
  const root = prefix.endsWith("/") ? prefix : `${prefix}/`;
  const target = new URL(server);
  /** The path below the prefix, or null. */
  const below = (url) => {
    const { pathname, search } = new URL(url, "http://host");
    return pathname.startsWith(root) ? { path: `/${pathname.slice(root.length)}`, search } : null;
  };

  function proxy(request, response, address) {
    const forward = httpRequest(
      {
        host: target.hostname,
        port: target.port,
        path: address.path + address.search,
        method: request.method,
        // The hop is local: nothing is won by compressing it.
        headers: { ...request.headers, "accept-encoding": "identity" },
      },
      (answer) => {
        response.writeHead(answer.statusCode, answer.rawHeaders);
        // An answer that breaks off breaks off here as well.
        pipeline(answer, response, () => {});
      },
    );
    forward.on("error", () => {
      if (!response.headersSent) response.writeHead(502, { "content-type": "text/plain" });
      response.end();
    });
    response.on("close", () => forward.destroy());
    request.pipe(forward);
  }

  function page(response) {
    // The one thing that is filled in: where the app is.
    const html = readFileSync(join(dist, "index.html"), "utf8").replace('<base href="/" />', `<base href="${root}" />`);
    response.writeHead(200, { ...headers, "content-type": types[".html"], "cache-control": "no-cache" });
    response.end(html);
  }

  function file(request, response, path) {
    const name = join(dist, normalize(path));
    if (!name.startsWith(dist) || !existsSync(name) || !statSync(name).isFile()) {
      response.writeHead(404, headers).end();
      return;
    }
    const zipped = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
    response.writeHead(200, {
      ...headers,
      "content-type": types[extname(name)] ?? "application/octet-stream",
      "cache-control": path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
      ...(zipped && { "content-encoding": "gzip" }),
    });
    const bytes = createReadStream(name);
    (zipped ? bytes.pipe(createGzip()) : bytes).pipe(response);
  }

  const host = createServer((request, response) => {
    const address = below(request.url);
    if (!address) response.writeHead(404, headers).end();
    else if (isServers(address.path)) proxy(request, response, address);
    // A missing file is never answered with the page.
    else if (extname(address.path) !== "") file(request, response, address.path);
    else page(response);
  });

  host.on("upgrade", (request, socket, head) => {
    const address = below(request.url);
    if (!address || !isServers(address.path)) return socket.destroy();
    const forward = connect(Number(target.port), target.hostname, () => {
      const lines = [`GET ${address.path}${address.search} HTTP/1.1`];
      for (let at = 0; at < request.rawHeaders.length; at += 2) {
        lines.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`);
      }
      forward.write(`${lines.join("\r\n")}\r\n\r\n`);
      forward.write(head);
      forward.pipe(socket).pipe(forward);
    });
    forward.on("error", () => socket.destroy());
    socket.on("error", () => forward.destroy());
    socket.on("close", () => forward.destroy());
    forward.on("close", () => socket.destroy());
  });

  return new Promise((resolve) => {
    host.listen(port, "127.0.0.1", () => {
      const address = `http://127.0.0.1:${host.address().port}${root}`;
      resolve({
        address,
        close: () => {
          host.closeAllConnections();
          host.close();
        },
      });
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8320" },
      prefix: { type: "string", default: "/" },
      server: { type: "string", default: "http://127.0.0.1:8000" },
      dist: { type: "string", default: fileURLToPath(new URL("../dist", import.meta.url)) },
    },
  });
  const { address } = await startHost({ ...values, port: Number(values.port) });
  console.log(`the app is at ${address}`);
}
