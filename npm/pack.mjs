// Makes the npm packages of a release: `node npm/pack.mjs [--all] ARCHIVES OUT`. ARCHIVES holds `plimsoll-<target>.tar.gz` as the
// release workflow packs them; OUT gets one folder for each platform whose archive is there, and `plimsoll`, which names
// all of them; with --all none may be missing. The version is that of Cargo.toml: nothing here holds another.

import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const npm = dirname(fileURLToPath(import.meta.url));
const top = dirname(npm);
const licences = { "LICENSE-APACHE": "LICENSE-APACHE", "LICENSE-MIT": "LICENSE-MIT", "NOTICES.md": "docs/notices.md" };

function read(file) {
  return JSON.parse(readFileSync(join(npm, file), "utf8"));
}

function write(folder, manifest) {
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, null, 2) + "\n");
  for (const [name, file] of Object.entries(licences)) cpSync(join(top, file), join(folder, name));
}

function crateVersion() {
  const found = /^version = "([^"]+)"$/m.exec(readFileSync(join(top, "Cargo.toml"), "utf8"));
  if (!found) throw new Error("Cargo.toml has no version");
  return found[1];
}

function packPlatform(name, platform, archive, out, wrapper) {
  const folder = join(out, name);
  const unpacked = mkdtempSync(join(tmpdir(), "plimsoll-npm-"));
  const binary = platform.os.includes("win32") ? "plimsoll.exe" : "plimsoll";
  mkdirSync(folder, { recursive: true });
  execFileSync("tar", ["-xzf", archive, "-C", unpacked]);
  cpSync(join(unpacked, binary), join(folder, binary));
  rmSync(unpacked, { recursive: true });
  chmodSync(join(folder, binary), 0o755);
  const { target, ...conditions } = platform;
  write(folder, {
    name: `@plimsoll/${name}`,
    version: wrapper.version,
    description: `The program of the package plimsoll for ${target}`,
    license: wrapper.license,
    repository: wrapper.repository,
    homepage: wrapper.homepage,
    ...conditions,
    files: [binary, ...Object.keys(licences)],
    preferUnplugged: true,
    publishConfig: wrapper.publishConfig,
  });
}

const { values, positionals } = parseArgs({ options: { all: { type: "boolean" } }, allowPositionals: true });
if (positionals.length !== 2) throw new Error("usage: node npm/pack.mjs [--all] ARCHIVES OUT");
const [archives, out] = positionals.map((path) => resolve(path));
const platforms = read("platforms.json");
const version = crateVersion();
const names = Object.keys(platforms);
const wrapper = {
  ...read("package.json"),
  version,
  optionalDependencies: Object.fromEntries(names.map((name) => [`@plimsoll/${name}`, version])),
};
const folder = join(out, "plimsoll");
mkdirSync(join(folder, "bin"), { recursive: true });
for (const file of ["bin/plimsoll.js", "README.md"]) cpSync(join(npm, file), join(folder, file));
write(folder, wrapper);
for (const name of names) {
  const archive = join(archives, `plimsoll-${platforms[name].target}.tar.gz`);
  if (existsSync(archive)) {
    packPlatform(name, platforms[name], archive, out, wrapper);
    console.log(`packed ${name} ${version}`);
  } else if (values.all) {
    throw new Error(`${archive} is not there`);
  } else {
    console.log(`left out ${name}: ${archive} is not there`);
  }
}
