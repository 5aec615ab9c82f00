package import DoorpostCore

extension MemoryStore {
    package func addClient(_ client: AppClient, audit: AuditEvent) throws(StoreError) {
        try transaction { (state) throws(StoreError) in
            for other in state.clients.values {
                if other.id == client.id || other.name == client.name {
                    throw StoreError(.conflict, "another client has this id or name already")
                }
            }
            state.clients[client.id] = client
            state.append(audit)
        }
    }

    package func client(_ id: ClientID) throws(StoreError) -> AppClient? {
        transaction { $0.clients[id] }
    }

    package func clients() throws(StoreError) -> [AppClient] {
        transaction {
            $0.clients.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        }
    }

    package func removeClient(_ id: ClientID, audit: AuditEvent) throws(StoreError) -> Bool {
        transaction { state in
            guard state.clients.removeValue(forKey: id) != nil else { return false }
            for index in state.sessions.indices
            where state.sessions[index].service == id.text
                && state.sessions[index].isLive(at: audit.at)
            {
                state.sessions[index].revokedAt = audit.at
            }
            state.append(audit)
            return true
        }
    }
}
