#!/usr/bin/env node
const { execFileSync, spawn } = require('child_process');
const fs = require('fs');
const path = require('path');

const commands = {
  migrate: () => run('knex', ['migrate:latest']),
  seed: () => run('knex', ['seed:run']),
  start: (port = 3000) => spawn(process.execPath, [path.resolve(__dirname, 'server.js')], { env: { ...process.env, PORT: port } }),
};

function run(tool, args) {
  return execFileSync(path.join('node_modules', '.bin', tool), args, { stdio: 'inherit' });
}

fs.readdirSync(path.join(__dirname, 'plugins'))
  .filter((name) => name.endsWith('.js') && !/^_/.test(name))
  .forEach((name) => {
    const plugin = require(path.join(__dirname, 'plugins', name));
    Object.assign(commands, plugin.commands);
  });

const [, , name = 'start', ...rest] = process.argv;
label: for (const key in commands) {
  if (key !== name) continue label;
  const child = commands[key](...rest);
  child?.on?.('exit', (code, signal) => process.exit(signal ? 1 : code));
}

var timer = setInterval(function tick() {
  if (fs.existsSync('/tmp/stop')) clearInterval(timer), process.kill(process.pid, 'SIGTERM');
}, 1e3);
