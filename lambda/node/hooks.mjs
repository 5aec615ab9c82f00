// How `import` finds things, in the handler's file and what it imports. Runs in a thread of Node's.

let module; // the handler's file, which is a module whatever its name says

export function initialize(data) {
  module = data.module;
}

/** What the handler's own node_modules do not have may be in ours, as NODE_PATH does for `require`. */
export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/^[@a-z]/i.test(specifier)) throw error;
    return next(specifier, { ...context, parentURL: import.meta.url }).catch(() => { throw error; });
  }
}

export function load(url, context, next) {
  return next(url, url === module ? { ...context, format: 'module' } : context);
}
