"""A certificate authority, and what it vouches for: in time, too late, for others."""

import shutil
import subprocess

NAME = "login.test"


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    def __init__(self, directory):
        self.directory = directory
        directory.mkdir(mode=0o755)
        self.file = directory / "ca.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", directory / "ca.key", "-out", self.file, "-days", 2,
                "-subj", "/CN=fleet tests", "-addext", "basicConstraints=critical,CA:TRUE")
        self.file.chmod(0o644)
        (directory / "index").touch()
        (directory / "ca.cnf").write_text(f"""
            [ca]
            default_ca = fleet
            [fleet]
            database = {directory}/index
            rand_serial = yes
            new_certs_dir = {directory}
            certificate = {self.file}
            private_key = {directory}/ca.key
            default_md = sha256
            policy = any
            unique_subject = no
            copy_extensions = copy
            [any]
            commonName = supplied
            """)

    def certificate(self, kind, name=NAME, since="20200101000000Z", until="20990101000000Z"):
        """(certificate, key). RSA, since its signatures all have one length: what goes over the wire is
        compared byte by byte."""
        cert, key = self.directory / f"{kind}.pem", self.directory / f"{kind}.key"
        openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key,
                "-out", cert.with_suffix(".csr"), "-subj", f"/CN={name}",
                "-addext", f"subjectAltName=DNS:{name}")
        openssl("ca", "-batch", "-notext", "-config", self.directory / "ca.cnf",
                "-startdate", since, "-enddate", until,
                "-in", cert.with_suffix(".csr"), "-out", cert)
        key.chmod(0o600)
        return cert, key

    def remove(self):
        shutil.rmtree(self.directory)
