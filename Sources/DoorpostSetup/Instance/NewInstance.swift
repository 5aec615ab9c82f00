package import DoorpostCore
import Glibc

/// Makes a self-contained instance in a directory.
package enum NewInstance {
    /// Why none was made.
    package enum Failure: Error {
        /// A value that was asked for is wrong.
        case badValue(String)
        /// There is something already.
        case occupied(String)
        case setup(SetupError)
    }

    /// What an instance consists of besides its configuration.
    private static let parts = ["doorpost.yaml", "doorpost.db", "keys", "outbox", "sessions"]

    /// Makes directory, keys, secret, store, outbox, session directory, and last of all the
    /// configuration: what has one is whole.
    package static func create(
        in directory: String, issuer: String, from: String, clock: any Clock = SystemClock(),
        random: any RandomSource = SystemRandom()
    ) throws(Failure) {
        // A line end would be folded into a blank, and the value be another than was typed.
        for (option, value) in [("--issuer", issuer), ("--from", from)]
        where value.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            throw .badValue("\(option): must not hold control characters")
        }
        let path = "\(directory)/doorpost.yaml"
        let text = InstanceTemplate.text(issuer: issuer, from: from)
        let configuration = try check(text, path: path)
        try refuseOccupied(directory)
        // 0711 all the way down to the session files, which belong to those who sign in.
        try make(directory, mode: 0o711)
        try make("\(directory)/keys", mode: 0o700)
        try make("\(directory)/outbox", mode: 0o700)
        try make("\(directory)/sessions", mode: 0o711)
        do {
            try configuration.createKeys(clock: clock, random: random)
        } catch {
            throw .setup(error)
        }
        do {
            _ = try configuration.openStore()
        } catch {
            throw .setup(.store(error))
        }
        do {
            try NewFile.write(text.utf8, to: path, mode: 0o600)
        } catch {
            throw .setup(.file(path: path, error))
        }
    }

    private static func check(_ text: String, path: String) throws(Failure) -> Configuration {
        do {
            return try Configuration.parse(Array(text.utf8), path: path)
        } catch {
            throw .badValue(error.problems.map { "--\($0.text)" }.joined(separator: "\n"))
        }
    }

    private static func refuseOccupied(_ directory: String) throws(Failure) {
        var status = stat()
        for part in parts where lstat("\(directory)/\(part)", &status) == 0 {
            throw .occupied(
                "\(directory) holds \(part) already; choose another directory, or remove that one")
        }
    }

    private static func make(_ directory: String, mode: mode_t) throws(Failure) {
        do {
            try NewFile.directory(directory, mode: mode)
        } catch {
            throw .setup(.file(path: directory, error))
        }
    }
}
