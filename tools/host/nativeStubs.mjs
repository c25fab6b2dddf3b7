// Two native modules that every process of VS Code loads, as plain JavaScript, so that nothing need be compiled.

const watchdog = `// Ends a process whose parent is gone; whoever starts this host ends it.
exports.start = () => {};
`;

const spdlog = `// Log files, written as they come.
const fs = require('fs');
const path = require('path');
const names = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];
let threshold = 2;
class Logger {
  constructor(file, level = threshold) {
    this.file = file;
    this.level = level;
    fs.mkdirSync(path.dirname(file), { recursive: true });
  }
  write(level, message) {
    if (level < this.level) return;
    try {
      fs.appendFileSync(this.file, new Date().toISOString() + ' [' + names[level] + '] ' + message + '\\n');
    } catch {
      // A log that cannot be written must not end the process that writes it.
    }
  }
  trace(message) { this.write(0, message); }
  debug(message) { this.write(1, message); }
  info(message) { this.write(2, message); }
  warn(message) { this.write(3, message); }
  error(message) { this.write(4, message); }
  critical(message) { this.write(5, message); }
  getLevel() { return this.level; }
  setLevel(level) { this.level = level; }
  setPattern() {}
  clearFormatters() {}
  flush() {}
  drop() {}
}
const create = async (_name, file) => new Logger(file);
module.exports = {
  version: 0,
  Logger,
  createRotatingLogger: create,
  createAsyncRotatingLogger: create,
  setLevel(level) { threshold = level; },
  setFlushOn() {},
  shutdown() {},
};
`;

export const nativeStubs = { '@vscode/native-watchdog': watchdog, '@vscode/spdlog': spdlog };
