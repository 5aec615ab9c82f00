'use strict';
// Events come one JSON a line; for each, one line goes back. Ends with its input.

const fs = require('node:fs');
const readline = require('node:readline');

const context = require('./context');
const failure = require('./failure');
const invoke = require('./invoke');
const load = require('./load');

const ANSWERS = 3;

function put(answer) {
  fs.writeFileSync(ANSWERS, `${answer}\n`);
}

function written(result) {
  try {
    return JSON.stringify(result ?? null) ?? 'null';
  } catch (error) {
    throw failure.of('Runtime.MarshalError', `The answer cannot be written as JSON: ${error.message}`);
  }
}

async function answer(loading, line, name) {
  try {
    const event = JSON.parse(line);
    const handler = await loading;
    return written(await invoke(handler, event, context(name, event)));
  } catch (error) {
    return failure.told(error);
  }
}

async function main(file, name) {
  const loading = load(file, name);
  loading.catch(() => {}); // each event is told
  let isAsked = false;
  // What is thrown where nobody waits leaves the handler in an unknown state: it ends.
  const lost = (error) => {
    const told = failure.told(error);
    if (isAsked) put(told);
    process.exit(1);
  };
  process.on('uncaughtException', lost).on('unhandledRejection', lost);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    isAsked = true;
    put(await answer(loading, line, file));
    isAsked = false;
  }
  process.exit(); // whatever the handler left open
}

const [, file, name] = /^(.+?)(?::([A-Za-z_$][\w$]*))?$/s.exec(process.argv[2] ?? '') ?? [];
if (!file || process.argv.length !== 3) {
  console.error('usage: lambda-node FILE[:EXPORT]');
  process.exit(2);
}
main(file, name ?? 'handler');
