import DoorpostCore
import Glibc
import Yams

extension Configuration {
    /// Where the configuration is when nobody says otherwise.
    package static let standardPath = "/etc/doorpost/doorpost.yaml"

    /// Reads and checks a configuration file.
    ///
    /// - Throws: ``ConfigurationError``: the file cannot be trusted or read, or holds mistakes:
    ///   all of them.
    package static func load(path: String) throws(ConfigurationError) -> Configuration {
        let bytes: [UInt8]
        do {
            bytes = try TrustedFile.read(path, as: .configuration)
        } catch {
            throw ConfigurationError(path: path, error.text)
        }
        return try parse(bytes, path: path)
    }

    /// Checks the text of a configuration file.
    package static func parse(_ bytes: [UInt8], path: String) throws(ConfigurationError)
        -> Configuration
    {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError(path: path, "is not UTF-8 text")
        }
        let reader = SettingsReader(base: absoluteDirectory(of: path))
        let root: Node?
        do {
            // No resolver: values are read by what their key wants, and its regular
            // expressions cost a login 2 ms. No constructors either, which make them, and no
            // encoding that the environment names.
            root = try Parser(
                yaml: text, resolver: .basic, constructor: Constructor([:], [:], [:]),
                encoding: .utf8
            ).singleRoot()
        } catch {
            throw ConfigurationError(path: path, problems: [YAMLProblem.describe(error, in: text)])
        }
        guard let root else { throw ConfigurationError(path: path, "is empty") }
        guard root.mapping != nil else {
            throw ConfigurationError(
                path: path,
                problems: [.init(line: root.mark?.line, "must hold keys and values (key: value)")])
        }
        let configuration = read(Section("", in: reader, node: root), path: path)
        guard reader.problems.isEmpty else {
            throw ConfigurationError(path: path, problems: reader.sortedProblems)
        }
        return configuration
    }

    private static func absoluteDirectory(of path: String) -> String {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        if path.hasPrefix("/") { return directory }
        guard let here = getcwd(nil, 0) else { return directory }
        defer { free(here) }
        return directory == "." ? String(cString: here) : "\(String(cString: here))/\(directory)"
    }
}
