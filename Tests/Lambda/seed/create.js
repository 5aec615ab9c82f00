const { SESClient, SendEmailCommand } = require('@aws-sdk/client-ses');
const ses = new SESClient();

exports.handler = async (event) => {
  const userEmail = event.userName;
  if (!userEmail) throw new Error('Missing email');

  let otpCode = Math.floor(100000 + Math.random() * 900000); // 6-digit OTP
  await sendEmail(userEmail, otpCode);

  event.response.privateChallengeParameters = { secretLoginCode: otpCode };
  event.response.publicChallengeParameters = { email: userEmail };

  return event;
};

async function sendEmail(emailAddress, otpCode) {
  const command = new SendEmailCommand({
    Destination: { ToAddresses: [emailAddress] },
    Message: {
      Subject: { Data: 'Your One-Time Login Code' },
      Body: { Html: { Data: `<p>Your login code is: <strong>${otpCode}</strong></p>` } }
    },
    Source: process.env.MAIL_FROM
  });

  await ses.send(command);
}
