// Adds what `npm install` left out of package-lock.json: optional packages for other platforms that the registry at
// hand does not carry. `npm ci` wants every one of them named, though it installs only the one that fits.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const processors = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"];
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const words = name.split(/[-/]/);
    const os = words.map((word) => (word === "linuxmusl" ? "linux" : word)).filter((word) => systems.includes(word));
    const cpu = words.filter((word) => processors.includes(word));
    // Only what is made for one platform: anything else that is missing is a fault.
    if (cpu.length + os.length === 0) continue;
    lock.packages[`node_modules/${name}`] ??= {
      version,
      ...(cpu.length > 0 && { cpu }),
      ...(entry.dev && { dev: true }),
      optional: true,
      ...(os.length > 0 && { os }),
    };
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
