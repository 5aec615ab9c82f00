// One handler for each way to answer, and to fail.
exports.handler = async (event) => ({ ...event, response: { by: 'promise' } });
exports.later = (event, context, callback) => {
  setTimeout(() => callback(null, { by: 'callback' }), 20);
};
exports.atOnce = (event, context, callback) => {
  // What is under way when the callback is called goes on to its end, as in Lambda.
  setTimeout(() => { event.finished = true; }, 50);
  callback(null, event);
};
exports.unfinished = (event, context, callback) => {
  context.callbackWaitsForEmptyEventLoop = false;
  setTimeout(() => { event.finished = true; }, 50);
  callback(null, event);
};
exports.done = (event, context) => context.done(null, { by: 'done' });
exports.succeed = (event, context) => context.succeed({ by: 'succeed' });
exports.fail = (event, context) => context.fail(new RangeError('by fail'));
exports.returned = (event) => event; // not a promise: no answer in Lambda either
exports.nothing = async () => {};
exports.never = () => new Promise(() => {});
exports.thrown = () => { throw new TypeError('thrown\nin two lines'); };
exports.rejected = async () => { throw new Error('rejected'); };
exports.calledBack = (event, context, callback) => callback(new Error('called back'));
exports.text = (event, context, callback) => callback('Unauthorized');
exports.empty = async () => { throw undefined; };
exports.cyclic = async () => { const a = {}; a.a = a; return a; };
exports.big = async () => ({ number: 1n });
exports.lost = () => new Promise(() => { setTimeout(() => { throw new Error('lost'); }, 10); });
exports.forgotten = async () => { Promise.reject(new Error('forgotten')); await new Promise(() => {}); };
exports.exits = async () => process.exit(7);
exports.open = async (event) => {
  require('node:net').createServer().listen(0, '127.0.0.1'); // would keep Node running
  return event;
};
exports.loud = async (event) => {
  console.log('{"by":"console.log"}');
  console.error('to the log');
  process.stdout.write('{"by":"process.stdout"}\n');
  require('node:fs').writeSync(1, '{"by":"descriptor 1"}\n');
  require('node:child_process').execFileSync('/bin/echo', ['{"by":"a child"}'], { stdio: 'inherit' });
  return event;
};
exports.tells = async (event, context) => ({
  ...context, remaining: context.getRemainingTimeInMillis(), environment: Object.keys(process.env),
});
let count = 0;
exports.counts = async () => ({ count: ++count });
exports.slow = async (event) => {
  await new Promise((resolve) => { setTimeout(resolve, event.wait); });
  return event;
};
