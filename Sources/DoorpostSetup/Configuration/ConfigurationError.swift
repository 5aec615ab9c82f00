/// Everything that is wrong with a configuration: all of it, so that it is mended in one go.
package struct ConfigurationError: Error, Sendable, Equatable {
    /// One thing that is wrong.
    package struct Problem: Hashable, Sendable {
        /// The line in the file, from 1, or nil when it is about the file itself.
        package var line: Int?
        /// What is wrong and what to do about it.
        package var text: String

        package init(line: Int? = nil, _ text: String) {
            self.line = line
            self.text = text
        }
    }

    /// The file that it is about.
    package var path: String
    /// In the order of the lines; never empty.
    package var problems: [Problem]

    package init(path: String, problems: [Problem]) {
        self.path = path
        self.problems = problems
    }

    package init(path: String, _ text: String) {
        self.init(path: path, problems: [Problem(text)])
    }

    /// One line for each problem: `doorpost.yaml:12: unknown key …`.
    package var lines: [String] {
        problems.map { problem in
            problem.line.map { "\(path):\($0): \(problem.text)" } ?? "\(path): \(problem.text)"
        }
    }
}

extension ConfigurationError: CustomStringConvertible {
    package var description: String { lines.joined(separator: "\n") }
}
