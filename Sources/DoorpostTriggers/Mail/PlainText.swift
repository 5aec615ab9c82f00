/// What an HTML text says, for programs that show no HTML. It reads what people write into mails,
/// not all that browsers do; what is no HTML stays as it is.
struct PlainText {
    private var text = ""
    private var rest: Substring
    /// In HTML the ends of lines are spaces.
    private let foldsLines: Bool

    static func of(_ html: String) -> String {
        var reader = PlainText(html)
        reader.read()
        return tidied(reader.text)
    }

    private init(_ html: String) {
        rest = html[...]
        let tag = html.firstIndex(of: "<").map { html[html.index(after: $0)...] }
        foldsLines = tag?.first.map { $0.isLetter || $0 == "!" || $0 == "/" } ?? false
    }

    private mutating func read() {
        while let character = rest.popFirst() {
            switch character {
            case "<" where rest.first.map { $0.isLetter || $0 == "/" || $0 == "!" } == true:
                readTag()
            case "&": readEntity()
            case _ where foldsLines && character.isWhitespace:
                if text.last?.isWhitespace == false { text.append(" ") }
            default: text.append(character)
            }
        }
    }

    private mutating func readTag() {
        if rest.hasPrefix("!--") {
            skip(past: "-->")
            return
        }
        let name = rest.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }.lowercased()
        let isEnd = rest.first == "/"
        skip(past: ">")
        if !isEnd, Self.unseen.contains(name) {
            skip(past: "</\(name)")
            skip(past: ">")
            return
        }
        switch name {
        case "br": text.append("\n")
        case "p", "div", "tr", "table", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6",
            "blockquote", "hr":
            text.append(isEnd || name == "hr" ? "\n\n" : "\n")
        case "td" where !isEnd, "th" where !isEnd: text.append(" ")
        default: break
        }
    }

    /// Skips up to the end of a mark, whatever its case; all, if it is not there.
    private mutating func skip(past mark: String) {
        while !rest.isEmpty {
            if rest.prefix(mark.count).lowercased() == mark {
                rest = rest.dropFirst(mark.count)
                return
            }
            rest.removeFirst()
        }
    }

    private static let unseen: Set<String> = ["style", "script", "head", "title"]
    private static let entities: [Substring: Character] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ",
    ]

    private mutating func readEntity() {
        let name = rest.prefix(8).prefix { $0 != ";" }
        guard rest.dropFirst(name.count).first == ";", let character = Self.character(name) else {
            text.append("&")
            return
        }
        rest = rest.dropFirst(name.count + 1)
        text.append(character)
    }

    private static func character(_ name: Substring) -> Character? {
        guard name.first == "#" else { return entities[name] }
        let digits = name.dropFirst()
        let number =
            digits.first == "x" || digits.first == "X"
            ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return number.flatMap(Unicode.Scalar.init).map(Character.init)
    }

    /// Lines without spaces around them, one empty line at most between two, an end to the last.
    private static func tidied(_ text: String) -> String {
        var lines: [Substring] = []
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let start = line.drop(while: \.isWhitespace)
            let end = start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? ""
            if !end.isEmpty || lines.last?.isEmpty == false { lines.append(end) }
        }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }
}
