#!/usr/bin/python3
"""Breaks the module in one place at a time and expects the tests to notice.

Usage: mutants.py [NUMBER …]   (from the repository; works in a temporary copy)
Prints one line for each mutant; exits 1 if one survives or no longer applies.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What is broken · file · text · its replacement · the tests that must fail
MUTANTS = [
    ("the nonce is not checked", "exchange.c", "memcmp(frame->payload, d->nonce, DOORPOST_NONCE_SIZE) != 0", "0", "misbehaviour"),
    ("a verdict counts without end of file", "exchange.c", "channel_receive(d->helper.channel, &rest, d->deadline) != channel_end", "0", "misbehaviour"),
    ("a verdict counts with any exit status", "exchange.c", " && WEXITSTATUS(status) == 0)", ")", "misbehaviour"),
    ("a verdict counts after death by a signal", "exchange.c", "WIFEXITED(status) && WEXITSTATUS(status) == 0", "WEXITSTATUS(status) == 0", "misbehaviour"),
    ("a verdict of 0 is a success", "exchange.c", "            return allowed[i].code;\n    return PAM", "            return allowed[i].code;\n    return d->verdict == 0 ? PAM_SUCCESS : PAM", "verdicts"),
    ("SIGCHLD is not restored", "spawn.c", "    (void)sigaction(SIGCHLD, &helper->sigchld, NULL);\n    return status;", "    return status;", "host"),
    ("SIGCHLD is not restored when fork fails", "spawn.c", "            (void)sigaction(SIGCHLD, &helper->sigchld, NULL);\n    }", "            (void)pid;\n    }", "faults"),
    ("SIGCHLD stays the host's", "spawn.c", "sigaction(SIGCHLD, &own, &helper->sigchld) == 0", "sigaction(SIGCHLD, NULL, &helper->sigchld) == 0", "host"),
    ("the mask is not restored", "spawn.c", "    (void)sigprocmask(SIG_SETMASK, &before, NULL);\n", "", "host"),
    ("the answer's frame is not wiped", "exchange.c", "    explicit_bzero(&answer, sizeof answer);\n", "", "conversation"),
    ("the host's answer is not wiped", "talk.c", "        explicit_bzero(response->resp, strlen(response->resp));\n", "", "conversation"),
    ("no answer is an empty answer", "talk.c", "length = -1;", "length = 0;", "conversation"),
    ("a failed conversation is forgotten", "exchange.c", "    if (d.conversation_failed)\n        return PAM_CONV_ERR;\n", "", "conversation"),
    ("unenrolled=ignore is not needed", "exchange.c", "(d->options->flags & DOORPOST_FLAG_UNENROLLED_IGNORE) == 0)", "0)", "verdicts"),
    ("the channel leaks", "spawn.c", "    (void)close(helper->channel);\n", "", "host"),
    ("the helper inherits files", "spawn.c", "close_range(3, ~0U, 0) != 0", "0", "host"),
    ("the helper inherits ignored signals", "spawn.c", "        (void)sigaction(n, &action, NULL);", "        (void)action;", "host"),
    ("the helper inherits blocked signals", "spawn.c", "&& sigprocmask(SIG_SETMASK, &none, NULL) == 0", "", "host"),
    ("the helper stays in the session", "spawn.c", "setsid() < 0 || ", "", "host"),
    ("the helper inherits the umask", "spawn.c", "    (void)umask(077);\n", "", "host"),
    ("the helper inherits the environment", "spawn.c", "execve(path, argv, environment)", "execve(path, argv, environ)", "host"),
    ("SIGPIPE reaches the host", "channel.c", " | MSG_NOSIGNAL", "", "conversation"),
    ("EINTR is an error", "channel.c", "if (poll(&p, 1, left) < 0 && errno != EINTR)", "if (poll(&p, 1, left) < 0)", "host"),
    ("lengths are not bounded", "channel.c", "length < 1 || length > DOORPOST_FRAME_MAX", "0", "misbehaviour"),
    ("messages are not bounded", "exchange.c", "++d->messages > MESSAGES_MAX", "++d->messages > 1000000", "misbehaviour"),
    ("log lines are not bounded", "exchange.c", "++d->logs > LOGS_MAX", "++d->logs > 1000000", "misbehaviour"),
    ("a changed user is not noticed", "pam_doorpost.c", "strcmp(name, request->user) == 0)", "1)", "conversation"),
    ("any variable is taken", "exchange.c", "memcmp(frame->payload, start, length) != 0", "0", "misbehaviour"),
    ("the mark is anybody's", "ours.c", "mark != NULL && strcmp(mark, user) == 0", "mark != NULL", "sessions"),
    ("hard links are accepted", "ours.c", "st.st_nlink == 1 && ", "", "sessions"),
    ("links are followed", "ours.c", "AT_SYMLINK_NOFOLLOW", "0", "sessions"),
    ("the user's own directory will do", "ours.c", "(st.st_uid != uid || uid == geteuid())", "1", "sessions"),
    ("unknown options are passed over", "options.c", "good = false;", "", "options"),
    ("only the first bad option is logged", "options.c", "good = false;", "return false;", "options"),
    ("a deaf helper is not killed", "spawn.c", "send_signal(helper->pid, SIGKILL);", "", "misbehaviour"),
    ("anybody may own the helper", "spawn.c", "(trusted || geteuid() != 0)", "1", "misbehaviour"),
    ("a nonce of nothing will do", "exchange.c", "getrandom(d.nonce, sizeof d.nonce, 0) != (ssize_t)sizeof d.nonce", "getrandom(d.nonce, sizeof d.nonce, 0) == 99", "faults"),
    ("a login without a mark succeeds", "pam_doorpost.c", "result = PAM_AUTHINFO_UNAVAIL;", ";", "faults"),
    ("ESC reaches the terminal", "talk.c", "(c < 0x20 && c != '\\n')", "(c < 0x20 && c != '\\n' && c != 0x1b)", "misbehaviour"),
    ("log lines are not escaped", "talk.c", "if (bytes[i] >= 0x20 && bytes[i] < 0x7f)", "if (1)", "misbehaviour"),
    ("low descriptors stay low", "spawn.c", "        fds[i] = channel_above_standard(fds[i]);\n", "        (void)i;\n", "host"),
    ("low descriptors stay low, with a socket", "socket.c", "channel_above_standard(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))", "socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)", "socket"),
    ("anybody may listen", "socket.c", "socket_is_trusted(peer.uid, path)", "1", "socket"),
    ("anybody may own the socket", "spawn.c", "S_ISSOCK(st.st_mode) && socket_is_trusted(st.st_uid, path)", "S_ISSOCK(st.st_mode)", "socket"),
    ("at the default place the caller is trusted", "socket.c", " && strcmp(path, DOORPOST_SOCKET_PATH) != 0", "", "socket"),
    ("at its own place the caller is not trusted", "socket.c", "uid == geteuid() && ", "0 && ", "socket"),
    ("a program at the default place is run", "spawn.c", "if (*is_socket || S_ISSOCK(st.st_mode))", "if (S_ISSOCK(st.st_mode))", "socket"),
    ("connecting blocks", "socket.c", " | SOCK_NONBLOCK", "", "socket"),
    ("a full queue is not waited for", "socket.c", "errno != EAGAIN && errno != EINTR", "1", "socket"),
    ("a full queue is waited for for ever", "socket.c", "if (left == 0)", "if (left < 0)", "socket"),
    ("a socket that was refused leaks", "socket.c", "    (void)close(fd);\n    errno = problem;\n    return result;", "    errno = problem;\n    return result;", "socket"),
    ("root asks at the socket", "options.c", "is_plain && geteuid() != 0", "is_plain", "socket"),
    ("nobody asks at the socket", "options.c", "is_plain && geteuid() != 0", "0 && is_plain", "socket"),
    ("who names a configuration asks at the socket", "options.c", "options->config == NULL && options->helper == NULL", "options->helper == NULL", "socket"),
    ("time has no end", "channel.c", "if (left == 0)", "if (left == -1)", "misbehaviour"),
]


def survives(mutant, copy):
    _, file, text, replacement, tests = mutant
    source = copy / "CModules/pam_doorpost" / file
    original = source.read_text()
    if text not in original:
        return "does not apply"
    source.write_text(original.replace(text, replacement, 1))
    try:
        # A mutant may leave things unused; only that it builds matters.
        build = ["make", "-s", "-f", "mk/module.mk", "module-under-test", "C_WARNINGS=-std=c11 -w"]
        subprocess.run(build, cwd=copy, check=True)
        test = ["/usr/bin/python3", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider",
                f"Tests/PAMModule/test_{tests}.py"]
        try:
            done = subprocess.run(test, cwd=copy, capture_output=True, timeout=150, text=True)
        except subprocess.TimeoutExpired:
            return None
        return None if "\nFAILED " in done.stdout else "SURVIVES"
    finally:
        source.write_text(original)


def main():
    chosen = {int(word) for word in sys.argv[1:]} or set(range(len(MUTANTS)))
    worst = 0
    with tempfile.TemporaryDirectory(prefix="doorpost-mutants-") as directory:
        copy = pathlib.Path(directory)
        copy.chmod(0o755)
        for part in ("CModules", "Tests/PAMModule", "mk", "scripts"):
            shutil.copytree(ROOT / part, copy / part)
        for number, mutant in enumerate(MUTANTS):
            if number in chosen:
                verdict = survives(mutant, copy)
                worst = max(worst, verdict is not None)
                print(f"{number:3} {verdict or 'noticed':15} {mutant[0]}", flush=True)
    return worst


if __name__ == "__main__":
    sys.exit(main())
