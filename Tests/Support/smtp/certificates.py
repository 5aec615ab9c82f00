"""Certificates made on the fly with the openssl command, for relays that tests trust or must not."""

import os
import subprocess


class Authority:
    """A certificate authority of our own, in a directory."""

    def __init__(self, directory):
        self.directory = directory
        self.certificate = os.path.join(directory, "ca.pem")
        self._key = os.path.join(directory, "ca.key")
        _openssl("req", "-x509", *_EC, "-keyout", self._key, "-out", self.certificate,
                 "-days", "2", "-subj", "/CN=Doorpost test CA")

    def issue(self, name, names, days=2):
        """A key and a certificate for `names` (such as DNS:localhost); expired if days < 0."""
        key = os.path.join(self.directory, name + ".key")
        request = os.path.join(self.directory, name + ".csr")
        certificate = os.path.join(self.directory, name + ".pem")
        extensions = os.path.join(self.directory, name + ".ext")
        with open(extensions, "w") as file:
            file.write("subjectAltName=" + ",".join(names) + "\n")
        _openssl("req", *_EC, "-keyout", key, "-out", request, "-subj", "/CN=relay")
        dates = ["-days", str(days)]
        # A negative -days is what makes an expired certificate with openssl 3.0's x509.
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key,
                 "-CAcreateserial", "-extfile", extensions, "-out", certificate, *dates)
        return certificate, key


def self_signed(directory, name, names):
    """A certificate that nobody but itself vouches for."""
    key = os.path.join(directory, name + ".key")
    certificate = os.path.join(directory, name + ".pem")
    _openssl("req", "-x509", *_EC, "-keyout", key, "-out", certificate, "-days", "2",
             "-subj", "/CN=relay", "-addext", "subjectAltName=" + ",".join(names))
    return certificate, key


_EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def _openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
