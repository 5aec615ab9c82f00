import DoorpostCore

/// The `doorpost.yaml` of a new instance: every key that one would change first, explained.
enum InstanceTemplate {
    static func text(issuer: String, from: String) -> String {
        """
        # Doorpost, a self-contained instance. All keys: doorpost.yaml(5).
        # Check it with: doorpost config check --config FILE
        # Paths start from the directory of this file.

        # The public URL; "iss" of every token.
        issuer: \(Setting.quote(issuer))

        # Users, codes, sessions, audit trail.
        store: sqlite:doorpost.db

        # Signing keys, and the secret that codes are kept under. Keep a copy of this directory.
        keys: keys

        # The account that root becomes before it opens the store. Set it on real machines.
        # run_as: doorpost

        mail:
          from: \(Setting.quote(from))
          # Mails are files in outbox/. For real mail: smtp://mail.example.org:587
          transport: outbox:outbox
          # username: doorpost
          # password_file: relay-password        # mode 0600

        # code: { alphabet: digits, length: 8, lifetime: 5m, attempts: 3, resend_after: 60s }
        # limits: { mails_per_address: [5/h, 20/d], failures_per_account: 10/d }

        # Who the HTTP endpoint may add to the pool: closed, open, or a list of domains.
        signup: closed

        pam:
          session_directory: sessions
          # session_lifetime: 12h

        """
    }
}
