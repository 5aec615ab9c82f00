/// One kind of records that a store holds: how they are called, what stands in them, and what
/// tells one from another. Stores keep a collection in a table of its name, with a column for
/// each field.
package struct RecordCollection: Hashable, Sendable {
    /// A part of every record.
    package struct Field: Hashable, Sendable {
        package var name: String
        package var kind: Kind
    }

    /// What a field holds; all but flags may be missing.
    package enum Kind: Hashable, Sendable {
        case number
        case text
        case bytes
        case flag
        /// A list of texts.
        case texts
    }

    package var name: String
    package var fields: [Field]
    /// The first so many fields are the key: no two records have the same, and records are in its
    /// order. Texts are in the order of their bytes.
    package var keyLength: Int
    /// Whether the store itself numbers the records, in their first field.
    package var isNumbered: Bool

    private init(
        _ name: String, keyLength: Int = 1, isNumbered: Bool = false,
        _ fields: KeyValuePairs<String, Kind>
    ) {
        self.name = name
        self.keyLength = keyLength
        self.isNumbered = isNumbered
        self.fields = fields.map { Field(name: $0.key, kind: $0.value) }
    }

    /// The fields of the key.
    package var key: ArraySlice<Field> { fields.prefix(keyLength) }

    /// The key of a record.
    package func key(of record: StoreRecord) -> StoreRecord { Array(record.prefix(keyLength)) }
}

extension RecordCollection {
    /// All that a store holds, in an order in which it can be written: what others point at comes
    /// first. A table that is not here is not copied; `RecordCopyTests` looks that none is
    /// forgotten, and no column.
    package static let all = [
        users, groups, members, clients, apiKeys, hosts, usedSignatures, challenges, outbox,
        limitEvents,
        sessions, audit,
    ]

    package static let users = Self(
        "users",
        [
            "id": .text, "email": .text, "login": .text, "name": .text, "group_names": .texts,
            "enabled": .flag, "created_at": .number, "modified_at": .number,
            "bounced_at": .number, "bounce_reason": .text,
        ])
    package static let groups = Self(
        "user_groups",
        ["name": .text, "details": .text, "precedence": .number, "created_at": .number])
    package static let members = Self(
        "group_members", keyLength: 2, ["group_name": .text, "user_id": .text])
    package static let clients = Self(
        "clients",
        [
            "id": .text, "name": .text, "secret": .bytes, "flows": .text, "id_lifetime": .number,
            "access_lifetime": .number, "refresh_lifetime": .number, "session_lifetime": .number,
            "refresh_grace": .number, "created_at": .number,
        ])
    package static let apiKeys = Self(
        "api_keys", ["id": .text, "name": .text, "secret": .bytes, "created_at": .number])
    package static let hosts = Self(
        "hosts",
        [
            "id": .text, "name": .text, "key_hash": .bytes, "created_at": .number,
            "revoked_at": .number,
        ])
    package static let usedSignatures = Self(
        "used_signatures", ["signature": .text, "expires_at": .number])
    package static let challenges = Self(
        "challenges", isNumbered: true,
        [
            "number": .number, "id": .text, "subject": .text, "user_id": .text,
            "signup_email": .text, "purpose": .text, "resume_key": .text, "code_hash": .bytes,
            "sealed_rounds": .bytes, "attempts_left": .number, "created_at": .number,
            "mailed_at": .number, "expires_at": .number, "consumed_at": .number,
            "kept_until": .number, "mail_key": .text,
        ])
    package static let outbox = Self(
        "outbox",
        [
            "challenge": .number, "id": .text, "user_id": .text, "sealed": .bytes, "state": .text,
            "created_at": .number, "expires_at": .number, "claimed_until": .number,
            "tries": .number, "last_try_at": .number, "last_answer": .text, "retry_at": .number,
            "kept": .flag,
        ])
    package static let limitEvents = Self(
        "limit_events", keyLength: 3,
        ["key": .text, "at": .number, "number": .number, "attempt": .text])
    package static let sessions = Self(
        "sessions", isNumbered: true,
        [
            "number": .number, "id": .text, "user_id": .text, "door": .text, "service": .text,
            "host": .text, "source": .text, "source_key": .text, "tty": .text,
            "created_at": .number, "expires_at": .number, "revoked_at": .number,
            "refresh_generation": .number, "refreshed_at": .number,
        ])
    package static let audit = Self(
        "audit", isNumbered: true,
        [
            "sequence": .number, "at": .number, "kind": .text, "user_id": .text, "door": .text,
            "service": .text, "host": .text, "source": .text, "detail": .text,
        ])
}
