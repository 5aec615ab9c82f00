import DoorpostCore
import DoorpostSetup

/// How signing keys are shown. Public facts only.
enum KeyText {
    static func json(_ key: SigningKeyInfo) -> JSON {
        .object([
            "id": .string(key.id), "algorithm": .string(key.algorithm),
            "state": .string(key.state.rawValue), "created_at": .time(key.createdAt),
            "signs_from": .time(key.signsFrom), "retires_at": .time(key.retiresAt),
        ])
    }

    static func table(_ keys: [SigningKeyInfo]) -> Table {
        var table = Table("STATE", "ALGORITHM", "CREATED", "SIGNS FROM", "RETIRES", "ID")
        for key in keys {
            table.add(
                key.state.rawValue, key.algorithm, UTCTime(key.createdAt).minuteText,
                UTCTime(key.signsFrom).minuteText,
                key.retiresAt.map { UTCTime($0).minuteText } ?? "", key.id)
        }
        return table
    }
}
