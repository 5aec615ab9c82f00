package import DoorpostCore

extension MemoryStore {
    package func addAPIKey(_ key: APIKey, audit: AuditEvent) throws(StoreError) {
        try transaction { (state) throws(StoreError) in
            for other in state.apiKeys.values where other.id == key.id || other.name == key.name {
                throw StoreError(.conflict, "another key has this id or name already")
            }
            state.apiKeys[key.id] = key
            state.append(audit)
        }
    }

    package func apiKey(_ id: APIKeyID) throws(StoreError) -> APIKey? {
        transaction { $0.apiKeys[id] }
    }

    package func apiKeys() throws(StoreError) -> [APIKey] {
        transaction { state in
            state.apiKeys.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        }
    }

    package func removeAPIKey(_ id: APIKeyID, audit: AuditEvent) throws(StoreError) -> Bool {
        transaction { state in
            guard state.apiKeys.removeValue(forKey: id) != nil else { return false }
            state.append(audit)
            return true
        }
    }

    package func useSignature(_ signature: String, expiresAt: Timestamp) throws(StoreError)
        -> Bool
    {
        transaction { state in
            guard state.usedSignatures[signature] == nil else { return false }
            state.usedSignatures[signature] = expiresAt
            return true
        }
    }
}
