package import DoorpostCore

extension MemoryStore {
    package func addHost(_ host: EnrolledHost, audit: AuditEvent) throws(StoreError) {
        try transaction { (state) throws(StoreError) in
            for other in state.hosts
            where other.id == host.id || other.name == host.name && other.revokedAt == nil {
                throw StoreError(.conflict, "another host has this id or name already")
            }
            state.hosts.append(host)
            state.append(audit)
        }
    }

    package func host(_ id: HostID) throws(StoreError) -> EnrolledHost? {
        transaction { state in state.hosts.first { $0.id == id } }
    }

    package func hosts() throws(StoreError) -> [EnrolledHost] {
        transaction { state in
            state.hosts.sorted {
                ($0.name, $0.createdAt, $0.id.text) < ($1.name, $1.createdAt, $1.id.text)
            }
        }
    }

    package func revokeHost(named name: String, audit: AuditEvent) throws(StoreError) -> Bool {
        transaction { state in
            guard
                let index = state.hosts.firstIndex(where: {
                    $0.name == name && $0.revokedAt == nil
                })
            else { return false }
            state.hosts[index].revokedAt = audit.at
            for index in state.sessions.indices
            where state.sessions[index].host == name && state.sessions[index].door == "pam"
                && state.sessions[index].isLive(at: audit.at)
            {
                state.sessions[index].revokedAt = audit.at
            }
            state.append(audit)
            return true
        }
    }
}
