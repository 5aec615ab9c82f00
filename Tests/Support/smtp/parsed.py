#!/usr/bin/python3
"""parsed.py FILE: one line of JSON that says how Python's mail parser understands a mail."""

import email
import email.policy
import json
import sys

with open(sys.argv[1], "rb") as file:
    mail = email.message_from_binary_file(file, policy=email.policy.SMTP)
parts = list(mail.walk())
print(json.dumps({
    "type": mail.get_content_type(),
    "defects": [repr(defect) for part in parts for defect in part.defects],
    "parts": [[part.get_content_type(), part.get_content()]
              for part in parts if not part.is_multipart()],
}), flush=True)
