"""Row 17 of docs/threat-model.md: who has the store, and not the secret beside it, tries every code."""

import base64
import contextlib
import hashlib
import hmac
import shutil
import sqlite3
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

DIGITS = 6  # the fewest that can be configured


def stolen(server, place):
    """The row of the one challenge, from a copy of the store."""
    for path in server.directory.glob("doorpost.db*"):
        shutil.copy(path, place)
    with contextlib.closing(sqlite3.connect(place / "doorpost.db")) as store:
        store.row_factory = sqlite3.Row
        [row] = store.execute("SELECT * FROM challenges").fetchall()
        return dict(row)


def search(sought, attempt):
    """Every code for which `attempt` makes what is sought."""
    return [code for code in (f"{n:0{DIGITS}}".encode() for n in range(10**DIGITS))
            if attempt(code) == sought]


def test_a_stolen_store_gives_no_code_to_a_search(fresh, tmp_path):
    server = fresh(lambda c: c["code"].update(length=DIGITS))
    assert server.client().initiate("alice@example.org").status == 200
    code = server.code().encode()
    row = stolen(server, tmp_path)
    sought = row["code_hash"]
    parts = row["id"].encode(), row["purpose"].encode()
    bound = b"".join(struct.pack(">I", len(part)) + part for part in parts) \
        + struct.pack(">I", DIGITS)
    secret = base64.b64decode((server.directory / "keys/secret.key").read_text())
    key = HKDF(hashes.SHA256(), 32, None, b"doorpost codes").derive(secret)
    # With the secret it takes a second: this search does find what there is to find.
    assert search(sought, lambda c: hmac.digest(key, bound + c, "sha256")) == [code]
    # Without it, the same search with the best that the store holds finds nothing.
    assert search(sought, lambda c: hmac.digest(parts[0], bound + c, "sha256")) == []
    known = [str(value).encode() if not isinstance(value, bytes) else value
             for value in row.values() if value is not None]
    for salt in (b"", bytes(32), *known):
        for text in (code, bound + code, salt + code, code + salt):
            for name in ("sha1", "sha256", "sha512"):
                made = {hashlib.new(name, text).digest(), hmac.digest(salt, text, name)}
                assert sought not in {digest[:len(sought)] for digest in made}
