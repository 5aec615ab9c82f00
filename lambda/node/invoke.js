'use strict';
// One call of a handler, however it answers: by a promise, by callback, by context.done and its like,
// or not at all.

/** Runs `then` when the event loop has nothing left to do but to wait for the next event. */
function whenIdle(then) {
  process.stdin.unref?.(); // a file has none: it is read to its end
  process.removeAllListeners('beforeExit').once('beforeExit', () => setImmediate(then));
}

function busy() {
  process.removeAllListeners('beforeExit');
  process.stdin.ref?.();
}

module.exports = function invoke(handler, event, context) {
  return new Promise((resolve, reject) => {
    const done = (error, result) => (error == null ? resolve(result) : reject(error));
    Object.assign(context, { done, succeed: resolve, fail: (error) => reject(error) });
    const callback = (error, result) => {
      if (context.callbackWaitsForEmptyEventLoop) whenIdle(() => done(error, result));
      else done(error, result);
    };
    // Lambda's answer for a handler that ends without one; what it returned counts if it is a promise.
    whenIdle(() => resolve(null));
    const returned = handler(event, context, callback);
    if (typeof returned?.then === 'function') returned.then(resolve, reject);
  }).finally(busy);
};
