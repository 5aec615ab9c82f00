exports.handler = async (event) => {
  const { session } = event.request;
  const lastChallenge = session?.slice(-1)?.[0];

  if (lastChallenge?.challengeResult) {
    // User successfully authenticated
    event.response.issueTokens = true;
    event.response.failAuthentication = false;
  } else if (session?.length >= 3 && !lastChallenge?.challengeResult) {
    // User failed too many attempts
    event.response.issueTokens = false;
    event.response.failAuthentication = true;
  } else {
    // Present next challenge
    event.response.issueTokens = false;
    event.response.failAuthentication = false;
    event.response.challengeName = 'CUSTOM_CHALLENGE';
  }

  return event;
};
