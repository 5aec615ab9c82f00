// Signing in with a mailed code: address, code, home. Both pages share this file.

const $ = (id) => document.getElementById(id);

// ---- Where Doorpost is -----------------------------------------------------------------------

const configured = document.querySelector('meta[name="doorpost-server"]').content.trim();
const server = new URL(configured || "/", location.href);
if (!server.pathname.endsWith("/")) server.pathname += "/";
/** Another origin gets no cookies of ours, so there this tab keeps the tokens. */
const ownOrigin = server.origin === location.origin;
const homePage = configured ? "home.html" : "home";

/** Storage that may be forbidden (private mode, policy): then a reload starts over. */
function attempt(action) {
  try {
    return action();
  } catch {
    return null;
  }
}
const stored = {
  get: (key) => attempt(() => JSON.parse(sessionStorage.getItem(key))),
  set: (key, value) => attempt(() => sessionStorage.setItem(key, JSON.stringify(value))),
  remove: (key) => attempt(() => sessionStorage.removeItem(key)),
};
const CHALLENGE = "doorpost.challenge";
const TOKENS = "doorpost.tokens";

// ---- Calls -----------------------------------------------------------------------------------

/** An answer that is not a success; `code` is the server's, or one of ours: offline, timeout. */
class Failure extends Error {
  constructor(code, facts = {}) {
    super(code);
    this.code = code;
    this.facts = facts;
  }
}

async function send(method, path, body) {
  const headers = { Accept: "application/json" };
  const tokens = ownOrigin ? null : stored.get(TOKENS);
  if (body) headers["Content-Type"] = "application/json";
  if (tokens && method === "GET") headers.Authorization = `Bearer ${tokens.access_token}`;
  try {
    return await fetch(new URL(path, server), {
      method,
      headers,
      body: body && JSON.stringify(body),
      credentials: ownOrigin ? "same-origin" : "omit",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout?.(20_000),
    });
  } catch (error) {
    throw new Failure(error.name === "TimeoutError" ? "timeout" : "offline");
  }
}

async function call(method, path, body) {
  const response = await send(method, path, body);
  // A proxy in between may answer with a page of its own.
  const facts = await response.json().catch(() => ({}));
  if (response.ok) return facts;
  const seconds = Number(facts.retry_after ?? response.headers.get("Retry-After"));
  throw new Failure(facts.error ?? (response.status === 429 ? "rate_limited" : "internal"), {
    ...facts,
    wait: Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : 0,
  });
}

/** Verify and refresh both give tokens: into cookies, or, from another origin, to this tab. */
async function takeTokens(path, body) {
  const answer = await call("POST", path, ownOrigin ? { ...body, cookie: true } : body);
  if (!ownOrigin) {
    const { access_token, refresh_token } = answer;
    stored.set(TOKENS, { access_token, refresh_token });
  }
}

/** What refresh and logout need beside cookies. */
function refreshBody() {
  const tokens = ownOrigin ? null : stored.get(TOKENS);
  return tokens ? { refresh_token: tokens.refresh_token } : {};
}

// ---- Words -----------------------------------------------------------------------------------

const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Rounded up: somebody who waits as long as it says never comes too early. */
function inWords(seconds) {
  if (seconds < 90) return plural(seconds, "second");
  if (seconds < 5400) return plural(Math.ceil(seconds / 60), "minute");
  return plural(Math.ceil(seconds / 3600), "hour");
}

function triesLeft(count) {
  if (!(count > 0)) return "No tries are left: send a new code to go on.";
  return count === 1 ? "You have one try left." : `You have ${count} tries left.`;
}

const clock = (seconds) =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

/** What a failure means to the person, and whether the running code is of no more use. */
function explain({ code, facts }) {
  const known = {
    code_mismatch: () => "That is not the code from our mail. " + triesLeft(facts.attempts_left),
    code_expired: () => "This code has expired. Send a new code to go on.",
    session_invalid: () => "This sign-in is over. Send a new code to go on.",
    rate_limited: () => "There were too many tries from here.",
    mail_unavailable: () => "We cannot send mail right now.",
    store_unavailable: () => "Signing in does not work right now. It is not your fault.",
    origin_refused: () => "The server takes no sign-ins from this page. Tell your administrator.",
    invalid_request: () => "The server could not read that. Check what you typed.",
    offline: () => navigator.onLine
      ? "The server cannot be reached. Check your connection and try again."
      : "You are offline. Connect to the network and try again.",
    timeout: () => "The server took too long to answer. Try again.",
  };
  const other = () => "Something went wrong on our side. Try again, or tell your administrator" +
    (facts.ref ? `: ${facts.ref}` : ".");
  const spent = code === "code_expired" || code === "session_invalid" ||
    (code === "code_mismatch" && !(facts.attempts_left > 0));
  return { text: (known[code] ?? other)(), wait: facts.wait ?? 0, spent };
}

function announce(text) {
  $("status").textContent = text;
}

// ---- Small controls --------------------------------------------------------------------------

/** One tick a second on wall-clock deadlines: a laptop that slept shows the right rest. */
function countdown(show, done) {
  let timer = 0;
  const stop = () => clearInterval(timer);
  const start = (deadline) => {
    stop();
    const tick = () => {
      const left = Math.ceil((deadline - Date.now()) / 1000);
      if (left > 0) return show(left);
      stop();
      done();
    };
    timer = setInterval(tick, 1000);
    tick();
  };
  return { start, stop };
}

const isOff = (button) => button.getAttribute("aria-disabled") === "true";

/** Not `disabled`: that would throw the focus away under somebody's fingers. */
function switchOff(button, off) {
  if (off) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

/** A field with its error, its waiting time and the buttons that are held back meanwhile. */
function formStep(name, field, ...buttons) {
  const error = $(`${name}-error`);
  const wait = $(`${name}-wait`);
  const waiting = countdown(
    // Not in a live region: nobody wants every second read aloud.
    (left) => { wait.textContent = `You can try again in ${inWords(left)}.`; },
    () => {
      // Why a field cannot be used stays true.
      if (field.disabled) release();
      else clear();
      announce("You can try again now.");
    },
  );
  function release() {
    waiting.stop();
    wait.textContent = "";
    for (const button of buttons) switchOff(button, false);
  }
  function clear() {
    release();
    error.textContent = "";
    field.removeAttribute("aria-invalid");
  }
  function complain(text, seconds = 0, isWrong = true) {
    clear();
    error.textContent = text;
    if (isWrong) field.setAttribute("aria-invalid", "true");
    if (seconds > 0) {
      for (const button of buttons) switchOff(button, true);
      waiting.start(Date.now() + seconds * 1000);
    }
  }
  return { clear, complain };
}

/** Runs one call at a time; a second press meanwhile does nothing. */
let busy = false;
async function once(button, working, action) {
  if (busy || isOff(button)) return;
  busy = true;
  const label = button.textContent;
  button.textContent = working;
  button.setAttribute("aria-busy", "true");
  try {
    await action();
  } finally {
    busy = false;
    // A countdown may have written to it meanwhile.
    if (button.textContent === working) button.textContent = label;
    button.removeAttribute("aria-busy");
  }
}

// ---- The sign-in page ------------------------------------------------------------------------

function signInPage() {
  const email = $("email");
  const code = $("code");
  const submit = $("code-submit");
  const resend = $("resend");
  const renew = $("renew");
  const sendButton = $("address-form").querySelector("button");
  const addressStep = formStep("address", email, sendButton);
  const codeStep = formStep("code", code, submit, renew);
  /** The running challenge: {email, session, length, alphabet, expiresAt, resendAt}. */
  let challenge = stored.get(CHALLENGE);
  let rejected = "";

  const expiry = countdown(
    (left) => { $("code-expiry").textContent = `expires in ${clock(left)}`; },
    () => spend(explain(new Failure("code_expired")).text),
  );
  const resending = countdown(
    (left) => { resend.textContent = `Send again in ${clock(left)}`; },
    () => {
      resend.textContent = "Send the code again";
      switchOff(resend, false);
    },
  );

  function accept(address, answer) {
    const now = Date.now();
    challenge = {
      email: address,
      session: answer.session,
      length: answer.code_length,
      alphabet: answer.code_alphabet,
      expiresAt: now + answer.expires_in * 1000,
      resendAt: now + answer.resend_in * 1000,
    };
    stored.set(CHALLENGE, challenge);
  }

  function holdResend(deadline) {
    switchOff(resend, true);
    resending.start(deadline);
  }

  /** The code is of no more use: only a new one helps. */
  function spend(text) {
    expiry.stop();
    resending.stop();
    // A new code, too, is mailed no sooner than this one again.
    codeStep.complain(text, Math.ceil((challenge.resendAt - Date.now()) / 1000));
    code.disabled = true;
    $("code-expiry").textContent = "";
    submit.hidden = resend.hidden = true;
    renew.hidden = false;
    challenge.spent = text;
    stored.set(CHALLENGE, challenge);
    if (!$("step-code").hidden) renew.focus();
  }

  function showCode() {
    const digits = challenge.alphabet === "digits";
    $("step-address").hidden = true;
    $("step-code").hidden = false;
    document.title = "Enter your code";
    $("code-address").textContent = challenge.email;
    $("code-hint").textContent =
      `${challenge.length} ${digits ? "digits" : "letters"}, from the mail we sent you.`;
    code.inputMode = digits ? "numeric" : "text";
    code.setAttribute("autocapitalize", digits ? "off" : "characters");
    code.placeholder = "·".repeat(challenge.length);
    code.value = rejected = "";
    code.disabled = false;
    codeStep.clear();
    submit.hidden = resend.hidden = false;
    renew.hidden = true;
    if (challenge.spent) return spend(challenge.spent);
    holdResend(challenge.resendAt);
    expiry.start(challenge.expiresAt);
    if (!code.disabled) code.focus();
  }

  function showAddress() {
    expiry.stop();
    resending.stop();
    $("step-code").hidden = true;
    $("step-address").hidden = false;
    document.title = "Sign in";
    email.value ||= challenge?.email ?? "";
    email.focus();
  }

  /** Back, forward and reload all end here: the history says which step, the tab has the rest. */
  function showStep() {
    if (history.state?.step === "code" && challenge) showCode();
    else showAddress();
  }

  async function initiate(address, step) {
    try {
      accept(address, await call("POST", "auth/initiate", { email: address }));
    } catch (failure) {
      const { text, wait } = explain(failure);
      return step.complain(text, wait, failure.code === "invalid_request");
    }
    if (history.state?.step !== "code") history.pushState({ step: "code" }, "");
    showCode();
    announce(`A code is on its way to ${address}.`);
  }

  function submitAddress(event) {
    event.preventDefault();
    const address = email.value.trim();
    if (!/^[^\s@]+@[^\s@]+$/.test(address)) {
      addressStep.complain("Enter your mail address, such as name@example.org.");
      return email.focus();
    }
    once(sendButton, "Sending…", () => initiate(address, addressStep));
  }

  /** What counts of the text typed or pasted; full-width digits are digits, too. */
  function clean(text) {
    const junk = challenge.alphabet === "digits" ? /[^0-9]/g : /[^A-Z]/g;
    return text.normalize("NFKC").toUpperCase().replace(junk, "");
  }

  function tidyCode() {
    const caret = clean(code.value.slice(0, code.selectionStart)).length;
    const tidy = clean(code.value).slice(0, challenge.length);
    if (tidy !== code.value) {
      code.value = tidy;
      code.setSelectionRange(caret, caret);
    }
    code.removeAttribute("aria-invalid");
    if (tidy.length === challenge.length && tidy !== rejected) {
      $("code-form").requestSubmit();
    }
  }

  function submitCode(event) {
    event.preventDefault();
    const otp = clean(code.value);
    if (otp.length !== challenge.length) {
      codeStep.complain(`The code has ${plural(challenge.length,
        challenge.alphabet === "digits" ? "digit" : "letter")}.`);
      return code.focus();
    }
    // The same answer would cost one more try.
    if (otp === rejected) {
      codeStep.complain("This code was just refused. Look for the newest mail from us.");
      return code.focus();
    }
    once(submit, "Checking…", () => verify(otp));
  }

  async function verify(otp) {
    try {
      await takeTokens("auth/verify", { session: challenge.session, otp });
    } catch (failure) {
      const { text, wait, spent } = explain(failure);
      if (spent) return spend(text);
      if (failure.code === "code_mismatch") rejected = otp;
      codeStep.complain(text, wait, failure.code === "code_mismatch");
      code.focus();
      return code.select();
    }
    stored.remove(CHALLENGE);
    announce("You are signed in.");
    location.replace(await destination());
  }

  async function sendAgain() {
    try {
      accept(challenge.email, await call("POST", "auth/resend", { session: challenge.session }));
    } catch (failure) {
      const { text, wait, spent } = explain(failure);
      if (spent) return spend(text);
      codeStep.complain(text, 0, false);
      if (wait) holdResend(Date.now() + wait * 1000);
      return;
    }
    codeStep.clear();
    holdResend(challenge.resendAt);
    expiry.start(challenge.expiresAt);
    announce("The code was sent again.");
    code.focus();
  }

  function useOther() {
    stored.remove(CHALLENGE);
    challenge = null;
    email.value = "";
    addressStep.clear();
    history.back();
  }

  $("address-form").addEventListener("submit", submitAddress);
  $("code-form").addEventListener("submit", submitCode);
  code.addEventListener("input", tidyCode);
  email.addEventListener("input", () => email.removeAttribute("aria-invalid"));
  resend.addEventListener("click", () => once(resend, "Sending…", sendAgain));
  renew.addEventListener("click", () =>
    once(renew, "Sending…", () => initiate(challenge.email, codeStep)));
  $("other").addEventListener("click", useOther);
  addEventListener("popstate", showStep);
  showStep();
}

/** Only the server knows where it may send people; the page follows no address but its answer. */
async function destination() {
  const wanted = new URLSearchParams(location.search).get("continue");
  if (!wanted) return homePage;
  try {
    const answer = await call("GET", `auth/continue?url=${encodeURIComponent(wanted)}`);
    const url = new URL(answer.url);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : homePage;
  } catch {
    return homePage;
  }
}

// ---- The signed-in page ----------------------------------------------------------------------

function signedInPage() {
  const states = ["home-in", "home-out", "home-fault"];
  function show(state) {
    for (const id of states) $(id).hidden = id !== state;
    const title = $(state).querySelector("h1");
    document.title = title.textContent;
    title.focus();
  }

  function showPerson(claims) {
    const at = new Date(claims.auth_time * 1000);
    $("row-name").hidden = !claims.name;
    $("me-name").textContent = claims.name ?? "";
    $("me-email").textContent = claims.email;
    $("me-time").dateTime = at.toISOString();
    $("me-time").textContent =
      at.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
    show("home-in");
  }

  /** Access ends before the login session does: refresh once, then believe the refusal. */
  async function whoAmI() {
    try {
      return await call("GET", "auth/me");
    } catch (failure) {
      if (failure.code !== "token_invalid") throw failure;
    }
    await takeTokens("auth/refresh", refreshBody());
    return call("GET", "auth/me");
  }

  async function load() {
    try {
      showPerson(await whoAmI());
    } catch (failure) {
      if (["token_invalid", "session_invalid", "invalid_request"].includes(failure.code)) {
        stored.remove(TOKENS);
        return show("home-out");
      }
      showFault(failure);
    }
  }

  function showFault(failure) {
    const { text, wait } = explain(failure);
    $("fault-text").textContent = text + (wait ? ` Wait ${inWords(wait)}.` : "");
    show("home-fault");
  }

  async function logout() {
    try {
      await call("POST", "auth/logout", refreshBody());
    } catch (failure) {
      if (!failure.code.endsWith("_invalid")) {
        $("home-error").textContent = explain(failure).text;
        return;
      }
    }
    stored.remove(TOKENS);
    $("out-title").textContent = "You are signed out";
    $("out-text").textContent = "This browser can no longer use your sign-in.";
    show("home-out");
  }

  $("logout").addEventListener("click", () => once($("logout"), "Signing out…", logout));
  $("again").addEventListener("click", () => once($("again"), "Trying…", load));
  load();
}

$("host").textContent = server.host;
if ($("address-form")) signInPage();
else signedInPage();
