/// One line of a file in /etc/pam.d.
struct PAMLine: Equatable {
    /// `auth`, `account`, `session`, `password`, or `@include`.
    var type: String
    /// `required`, `sufficient`, `[success=1 default=ignore]`, `include`, …
    var control: String
    var module: String
    var arguments: [String]

    /// - Returns: nil for what is no such line.
    init?(_ text: some StringProtocol) {
        var words: [String] = []
        var isInBrackets = false
        for word in String(text).split(whereSeparator: { $0.isWhitespace }).map(String.init) {
            if isInBrackets {
                words[words.count - 1] += " \(word)"
            } else {
                words.append(word)
            }
            if word.hasPrefix("[") { isInBrackets = true }
            if word.hasSuffix("]") { isInBrackets = false }
        }
        if words.count == 2, words[0] == "@include" {
            (type, control, module, arguments) = ("@include", "include", words[1], [])
            return
        }
        guard words.count >= 3 else { return nil }
        type = words[0].hasPrefix("-") ? String(words[0].dropFirst()) : words[0]
        control = words[1]
        module = words[2]
        arguments = Array(words.dropFirst(3))
    }

    /// The module's file name.
    var moduleName: String { String(module.split(separator: "/").last ?? "") }
    var isDoorpost: Bool { moduleName == "pam_doorpost.so" }

    /// Whether it pulls in a stack of its own, with its own way to say no.
    var isInclude: Bool {
        ["@include", "include", "substack"].contains(control) || type == "@include"
    }

    func value(of option: String) -> String? {
        arguments.first { $0.hasPrefix("\(option)=") }.map {
            String($0.dropFirst(option.count + 1))
        }
    }
}
