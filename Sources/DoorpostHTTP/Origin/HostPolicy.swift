import DoorpostCore
import HTTPTypes

/// Under which names the server answers: those that the configuration gives it or its pages.
///
/// Under any other name it would be a page of whoever owns that name and has it resolve to us
/// (DNS rebinding), or an answer that a cache keeps for somebody else. An address in numbers, or a
/// name without a dot (`localhost`, a container's), is nobody's to move, so each is good: proxies,
/// monitoring and people at the machine use them.
struct HostPolicy: Sendable {
    private let settings: HTTPSettings

    init(_ settings: HTTPSettings) { self.settings = settings }

    /// - Parameter host: the Host of a request; nil if it has none (HTTP/1.0: never a browser's).
    func isKnown(_ host: String?) -> Bool {
        guard let host else { return true }
        guard let name = Self.name(in: host[...]), !name.isEmpty else { return false }
        return name == settings.host || !name.utf8.contains(UInt8(ascii: "."))
            || IPNetwork(name) != nil
            || settings.names.contains(name)
            || settings.corsOrigins.contains { Self.name(ofURL: $0) == name }
            || settings.applications.contains { Self.name(ofURL: $0) == name }
    }

    private static func name(ofURL url: String) -> String? {
        let rest = url.drop { $0 != ":" }.dropFirst(3)
        return name(in: rest.prefix { $0 != "/" })
    }

    /// The host of `host[:port]` as we compare it: in lower case, without brackets or final dot.
    /// Which port it was says nothing about whose name it is.
    private static func name(in authority: Substring) -> String? {
        var name = authority.prefix { $0 != ":" }
        var port = authority.dropFirst(name.count)
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            name = authority[..<end].dropFirst()
            port = authority[end...].dropFirst()
        } else if name.hasSuffix(".") {
            name.removeLast()
        }
        guard port.isEmpty || port.first == ":", port.dropFirst().utf8.allSatisfy(isDigit),
            name.utf8.allSatisfy(isNameByte)
        else { return nil }
        // Byte by byte: text knows letters that are one to it and two names to browsers.
        return String(decoding: name.utf8.map { isUpper($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || isUpper(byte) || (0x61...0x7a).contains(byte) || "-._:".utf8.contains(byte)
    }

    private static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5a).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
