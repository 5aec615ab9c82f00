import DoorpostCore

extension PAMDoor {
    /// Ends the session that a session file stands for: revokes it, then removes the file.
    ///
    /// The path comes from the PAM environment, so only its last two parts are believed, and
    /// only if they are a uid's directory of ours and a session's name. Where the session cannot be
    /// revoked, the file goes all the same: nobody asks again, and who signed out leaves no token.
    func closeSession(_ request: PAMRequest) async throws(FlowError) -> PAMVerdict {
        guard let file = sessionFiles.locate(request.sessionFile) else {
            conversation.log(.warning, "the session file's path is not one of ours")
            return .unavailable
        }
        var failure: FlowError?
        do {
            try await service.endSession(file.session, reason: "signed out")
        } catch {
            failure = error
        }
        do {
            try sessionFiles.remove(file)
        } catch {
            conversation.log(.error, "the session file could not be removed: \(error)")
            return .unavailable
        }
        if let failure { throw failure }
        conversation.log(.info, "signed out, session \(file.session)")
        return .success
    }
}
