#!/usr/bin/env node
// Starts the program of this platform, which npm has installed as an optional dependency, and hands on its streams,
// the signals to it and its exit status.
"use strict";

const { spawn } = require("node:child_process");
const { constants } = require("node:os");

// The packages that can run here, the best first. The programs for musl are static: they run with glibc, too.
function packages() {
  if (process.platform === "win32") return ["@plimsoll/cli-win32-x64"];
  const name = `@plimsoll/cli-${process.platform}-${process.arch}`;
  if (process.platform !== "linux") return [name];
  const glibc = process.report.getReport().header.glibcVersionRuntime !== undefined;
  return glibc ? [name, `${name}-musl`] : [`${name}-musl`];
}

function binary() {
  if (process.env.PLIMSOLL_BINARY) return process.env.PLIMSOLL_BINARY;
  const wanted = packages();
  const file = process.platform === "win32" ? "plimsoll.exe" : "plimsoll";
  for (const name of wanted) {
    try {
      return require.resolve(`${name}/${file}`);
    } catch {
      // Not installed.
    }
  }
  const { optionalDependencies = {} } = require("../package.json");
  process.stderr.write(
    wanted[0] in optionalDependencies
      ? `plimsoll: the package ${wanted[0]} is not installed. It holds the program for this platform and is an optional ` +
          "dependency: install without --omit=optional (--no-optional), and on this platform, not on another whose " +
          "node_modules is copied here.\n"
      : `plimsoll: there is no program for ${process.platform} on ${process.arch}. ` +
          "`cargo install plimsoll` builds one; PLIMSOLL_BINARY names it.\n",
  );
  process.exit(2);
}

const path = binary();
const child = spawn(path, process.argv.slice(2), { stdio: "inherit", windowsHide: true });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => {
  process.stderr.write(`plimsoll: ${path} cannot be started: ${error.message}\n`);
  process.exitCode = 2;
});
child.on("exit", (code, signal) => {
  process.exitCode = code === null ? 128 + constants.signals[signal] : code;
});
