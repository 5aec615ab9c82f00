'use strict';
// Finds the handler in its file, which may be CommonJS or a module.

const path = require('node:path');
const { register } = require('node:module');
const { pathToFileURL } = require('node:url');

const failure = require('./failure');
const trusted = require('./trust');

/** Whether `require` failed on a file that `import` takes: Node 18 reads no module, later ones most. */
function isModule(error, file) {
  switch (error?.code) {
    case 'ERR_REQUIRE_ESM':
    case 'ERR_REQUIRE_ASYNC_MODULE':
      return true;
    case 'ERR_MODULE_NOT_FOUND': // NODE_PATH holds for `require` alone
      return error.message.includes(`imported from ${file}`);
    default:
      return error instanceof SyntaxError && error.stack.startsWith(`${file}:`)
        && /import statement|Unexpected token 'export'|import\.meta/.test(error.message);
  }
}

function asModule(file) {
  const url = pathToFileURL(file).href;
  register('./hooks.mjs', pathToFileURL(__filename), { data: { module: url } });
  return import(url);
}

async function read(file) {
  if (file.endsWith('.mjs')) return asModule(file);
  try {
    return require(file);
  } catch (error) {
    if (!isModule(error, file)) throw error;
    return asModule(file);
  }
}

/**
 * The function. Errors have Lambda's names; what they say is for people who sign in, so paths and
 * reasons go to the log only.
 */
module.exports = async function load(file, name) {
  const base = path.basename(file);
  let found;
  try {
    found = await read(trusted(path.resolve(file)));
  } catch (error) {
    console.error(error);
    const kind = error instanceof SyntaxError ? 'Runtime.UserCodeSyntaxError' : 'Runtime.ImportModuleError';
    throw failure.of(kind, `${base} cannot be loaded; the log says why`);
  }
  const handler = found?.[name];
  if (typeof handler !== 'function') {
    throw failure.of('Runtime.HandlerNotFound', `${base} exports no function ${name}`);
  }
  return handler;
};
