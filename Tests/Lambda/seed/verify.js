exports.handler = async (event) => {
  const expectedOtp = event.request.privateChallengeParameters.secretLoginCode;
  const providedOtp = event.request.challengeAnswer;

  event.response.answerCorrect = providedOtp === expectedOtp;
  return event;
};
