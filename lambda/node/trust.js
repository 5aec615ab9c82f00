'use strict';
// Who can write a handler decides who signs in. The rule is that of a trigger's program: the file, its
// directory and that of its name belong to root or to whoever runs, and nobody else may write to them.

const fs = require('node:fs');
const path = require('node:path');

function look(place, noun) {
  const status = fs.statSync(place);
  const me = process.geteuid();
  if (status.uid !== 0 && status.uid !== me) {
    throw new Error(`${place}: the ${noun} belongs to uid ${status.uid}, but must belong to root or uid ${me}`);
  }
  if (status.mode & 0o022) {
    throw new Error(`${place}: the ${noun} can be changed by others; run: chmod go-w ${place}`);
  }
}

/** The file behind the name. Throws if somebody else can change it. */
module.exports = function trusted(name) {
  const file = fs.realpathSync(name);
  look(path.dirname(name), 'directory of the handler');
  look(path.dirname(file), 'directory of the handler');
  look(file, 'handler');
  return file;
};
