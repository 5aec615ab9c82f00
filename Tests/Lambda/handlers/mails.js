// Sends what the event says, through each of the client's doors.
const { SES, SESClient, SendEmailCommand, SendRawEmailCommand } = require('@aws-sdk/client-ses');

exports.handler = async ({ input }) => new SESClient({ region: 'local' }).send(new SendEmailCommand(input));
exports.raw = async ({ input }) => new SESClient().send(new SendRawEmailCommand(input));
exports.rawBytes = async ({ input }) => new SES().sendRawEmail({
  ...input, RawMessage: { Data: new TextEncoder().encode(input.RawMessage.Data) },
});
exports.calledBack = (event, context, callback) => {
  new SES({ region: 'local' }).sendEmail(event.input, callback);
};
