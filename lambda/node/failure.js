'use strict';
// A handler that threw, as Lambda tells it. The stack goes to the log.

/** An error of Lambda's own, by its name there. It is not the handler's, so it has no stack. */
function of(name, message) {
  return Object.assign(new Error(message), { name, stack: `${name}: ${message}` });
}

/** The answer's line; whatever was thrown, even nothing. */
function told(thrown) {
  console.error(thrown);
  const isError = thrown instanceof Error || typeof thrown?.stack === 'string';
  return JSON.stringify(isError
    ? { errorMessage: String(thrown.message), errorType: String(thrown.name) }
    : { errorMessage: String(thrown), errorType: typeof thrown });
}

module.exports = { of, told };
