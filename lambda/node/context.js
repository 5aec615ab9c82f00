'use strict';
// The `context` of a call: what Lambda gives, as far as a program on this machine has it.

const path = require('node:path');
const { randomUUID } = require('node:crypto');

const TIME = 5000; // ms; the server ends the program then

module.exports = function context(file, event) {
  const functionName = process.env.AWS_LAMBDA_FUNCTION_NAME ?? path.parse(file).name;
  const end = Date.now() + TIME;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${event?.region ?? 'local'}:000000000000:function:${functionName}`,
    memoryLimitInMB: '128',
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: String(process.pid),
    getRemainingTimeInMillis: () => Math.max(0, end - Date.now()),
  };
};
