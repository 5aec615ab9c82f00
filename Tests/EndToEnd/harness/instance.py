"""A Doorpost of our own: `doorpost init`, then the few lines an administrator edits."""

import os
import pathlib
import re
import shutil
import subprocess

import yaml

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("DOORPOST_BIN_DIR", REPOSITORY / ".build/release"))
MODULE = pathlib.Path(os.environ.get(
    "DOORPOST_PAM_MODULE", REPOSITORY / ".build/release/pam_doorpost.so"))
STACKS = REPOSITORY / "pam.d"
STACK_NAMES = sorted(p.name for p in STACKS.iterdir())
SERVICES = pathlib.Path("/etc/pam.d")
# Tests make more logins in an hour than a person does.
ROOMY = {"mails_per_address": ["1000/h"], "failures_per_account": "1000/d",
         "starts_per_source": "1000/h", "failures_per_source": "1000/h",
         "failures_total": "10000/d", "mails_total": "10000/h"}


class Instance:
    def __init__(self, directory, service_user):
        self.directory = pathlib.Path(directory)
        self.service_user = service_user
        self.config = self.directory / "doorpost.yaml"
        self.helper = BIN / "doorpost-pam"
        self.emails = {}
        subprocess.run([BIN / "doorpost", "init", self.directory, "--issuer",
                        "https://login.e2e.example", "--from", "login@e2e.example"],
                       check=True, capture_output=True, text=True, timeout=30)
        self.sessions = self.directory.with_name(self.directory.name + "-sessions")
        self.sessions.mkdir(mode=0o711)
        self.sessions.chmod(0o711)
        self.configure({"run_as": service_user, "limits": ROOMY,
                        "pam": {"session_directory": str(self.sessions)}})
        for path in (self.directory, self.sessions):
            subprocess.run(["chown", "-R", f"{service_user}:{service_user}", path], check=True)
        self.directory.chmod(0o700)
        shutil.chown(self.config, "root", service_user)
        self.config.chmod(0o640)

    def read_config(self):
        return yaml.safe_load(self.config.read_text())

    def configure(self, changes):
        """Lays `changes` over the configuration, section by section."""
        settings = self.read_config()
        for key, value in changes.items():
            if isinstance(value, dict) and isinstance(settings.get(key), dict):
                settings[key].update(value)
            else:
                settings[key] = value
        self.config.write_text(yaml.safe_dump(settings, sort_keys=False))

    def use_mail(self, settings):
        """Replaces the way mail goes out, and all that belongs to it."""
        sender = self.read_config()["mail"]["from"]
        self.configure({"mail": None})
        self.configure({"mail": {"from": sender, **settings}})

    @property
    def store(self):
        return self.directory / self.read_config()["store"].split(":", 1)[1]

    @property
    def keys(self):
        return self.directory / self.read_config()["keys"]

    def run(self, *arguments, text_in=None, check=True):
        done = subprocess.run([BIN / "doorpost", *arguments, "--config", self.config],
                              input=text_in, capture_output=True, text=True, timeout=60)
        assert not check or done.returncode == 0, \
            f"doorpost {' '.join(map(str, arguments))}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def add_user(self, login, email=None):
        self.emails[login] = email or f"{login}-{self.directory.name}@e2e.example"
        self.run("user", "add", self.emails[login], "--login", login)
        return self.emails[login]

    def options(self, helper=None):
        return f"config={self.config} helper={helper or self.helper}"

    def equip(self, text, **with_options):
        """A stack's text, with our module's place and options in it."""
        return re.sub(r"pam_doorpost\.so", f"{MODULE} {self.options(**with_options)}", text)

    def line(self, options="", **with_options):
        """A stack of one line: the module alone."""
        parts = f"{MODULE} {self.options(**with_options)} {options}"
        return "".join(f"{kind}\trequired\t{parts}\n" for kind in ("auth", "account", "session"))

    @property
    def outbox(self):
        return self.directory / "outbox"

    def session_files(self):
        return sorted(self.sessions.glob("*/*.jwt"))


def stack(name):
    return (STACKS / name).read_text()


def host_service(instance, name, auth, account=True, session=True):
    """The machine's own service file, edited as pam.d/* say."""
    text = SERVICES.joinpath(name).read_text()
    text = text.replace("@include common-auth", instance.equip(stack(auth)))
    if account:
        text = text.replace("@include common-account",
                            instance.equip(stack("doorpost-account")) + "@include common-account")
    if session:
        text = "\n".join(
            line + ("\n" + instance.equip(stack("doorpost-session"))
                    if line.startswith("@include common-session") else "")
            for line in text.split("\n"))
    return text
