package import DoorpostCore

extension MemoryStore {
    package func keepRounds(_ rounds: RoundsToKeep) throws(StoreError) -> LiveChallenge? {
        transaction { state -> LiveChallenge? in
            guard
                let index = state.challenges.firstIndex(where: {
                    $0.id == rounds.challenge && $0.purpose == rounds.purpose
                        && $0.attemptsLeft == rounds.attemptsLeft && $0.isLive(at: rounds.now)
                })
            else { return nil }
            state.challenges[index].sealedRounds = rounds.sealed
            if let right = rounds.rightAttempt { state.takeBack(right) }
            return state.challenges[index].live
        }
    }

    package func endChallenge(_ end: ChallengeEnd) throws(StoreError) {
        transaction { state in
            guard
                let index = state.challenges.firstIndex(where: {
                    $0.id == end.challenge && !$0.isConsumed
                })
            else { return }
            state.challenges[index].attemptsLeft = 0
            state.challenges[index].erase()
            if end.isAbandoned { state.challenges[index].mailedAt = Timestamp(seconds: 0) }
            state.append(end.audit)
        }
    }
}
