"""One HTTP call at a time, without a library that would be clever."""

import http.client
import json
import urllib.parse


class Reply:
    def __init__(self, response):
        self.status = response.status
        self.raw = response.read()
        self.headers = response.headers

    @property
    def json(self):
        return json.loads(self.raw)

    @property
    def error(self):
        return self.json["error"]

    def cookies(self):
        """What it sets: name → (value, attributes in lower case)."""
        found = {}
        for line in self.headers.get_all("Set-Cookie") or []:
            pair, *attributes = [part.strip() for part in line.split(";")]
            name, _, value = pair.partition("=")
            found[name] = (value, [a.lower() for a in attributes])
        return found

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.raw[:500]!r}"


class Client:
    """Calls one server. `source` is what a trusted proxy in front would say of us."""

    def __init__(self, url, source=None, timeout=20):
        parts = urllib.parse.urlsplit(url)
        self.address = (parts.hostname, parts.port)
        self.source = source
        self.timeout = timeout

    def connection(self):
        return http.client.HTTPConnection(*self.address, timeout=self.timeout)

    def call(self, method, path, body=None, headers=None, raw=None, connection=None):
        fields = dict(headers or {})
        if self.source:
            fields.setdefault("X-Forwarded-For", self.source)
        if body is not None:
            raw = json.dumps(body).encode()
            fields.setdefault("Content-Type", "application/json")
        own = connection is None
        connection = connection or self.connection()
        try:
            connection.request(method, path, body=raw, headers=fields)
            return Reply(connection.getresponse())
        finally:
            if own:
                connection.close()

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.call("POST", path, body=body, **more)

    def initiate(self, email, **more):
        return self.post("/auth/initiate", {"email": email}, **more)

    def verify(self, session, otp, **members):
        return self.post("/auth/verify", {"session": session, "otp": otp, **members})
