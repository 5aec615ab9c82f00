/// The same mail as `CodeMail`'s text, for programs that show HTML. It has no links and no images:
/// nothing in it can be followed, fetched or counted.
struct CodeMailHTML {
    var code: String
    var service: String
    var host: String
    /// The address it was asked from, or the words that stand for the machine itself.
    var source: String
    var askedAt: String
    var expiresAt: String

    /// Colours stand twice: inline for light, since many programs drop style blocks, and in the
    /// block for dark. The code is one text without gaps, so that a double click takes it whole.
    func html() -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="supported-color-schemes" content="light dark">
        <title>Your sign-in code</title>
        <style>
        :root { color-scheme: light dark; supported-color-schemes: light dark; }
        @media (prefers-color-scheme: dark) {
        .wall { background: #0d1210 !important; }
        .inside { background: #181f1b !important; border-color: #2d6f5d !important; }
        .lintel { background: #2d6f5d !important; }
        .ink { color: #efeae0 !important; }
        .soft { color: #a9b2ab !important; }
        .code { background: #101613 !important; border-color: #78837c !important; }
        .code, .code span { color: #efeae0 !important; }
        }
        </style>
        </head>
        <body class="wall" style="margin:0;padding:0;background:#ece7dc;">
        <table role="presentation" class="wall" width="100%" cellpadding="0" cellspacing="0" \
        border="0" style="background:#ece7dc;">
        <tr><td align="center" style="padding:24px 12px;">
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" \
        style="max-width:480px;border-collapse:separate;">
        <tr><td class="lintel" height="14" style="height:14px;background:#1f5a4a;font-size:0;\
        line-height:0;border-radius:3px;">&nbsp;</td></tr>
        <tr><td align="center" style="padding:0 12px;">
        <table role="presentation" class="inside" width="100%" cellpadding="0" cellspacing="0" \
        border="0" style="background:#fffdf8;border:solid #1f5a4a;border-width:0 8px 3px;">
        <tr><td class="ink" style="padding:32px 24px 16px;color:#1d2320;\(Self.serif)">\
        Your sign-in code:</td></tr>
        <tr><td style="padding:0 24px;">
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
        <tr><td class="code" align="center" style="padding:18px 4px;background:#ffffff;\
        color:#1d2320;border:1px solid #7b847e;border-radius:6px;\(Self.mono)">\
        <span style="-webkit-user-select:all;user-select:all;white-space:nowrap;">\
        \(Self.escaped(code))</span></td></tr>
        </table>
        </td></tr>
        <tr><td class="ink" style="padding:24px 24px 8px;color:#1d2320;\(Self.sans)">\
        It is for \(strong(service)) on \(strong(host)), asked for</td></tr>
        <tr><td style="padding:0 24px;">
        <table role="presentation" cellpadding="0" cellspacing="0" border="0">
        \(row("from", source))
        \(row("at", "\(askedAt) UTC"))
        \(row("expires", "\(expiresAt) UTC, or once it is used"))
        </table>
        </td></tr>
        <tr><td class="ink" style="padding:24px 24px 8px;color:#1d2320;\(Self.sans)">\
        <strong>Never give this code to anyone:</strong> nobody who helps you needs it.</td></tr>
        <tr><td class="soft" style="padding:0 24px 32px;color:#56605a;\(Self.sans)">\
        If you did not ask for it, somebody typed your name or address. Without the code they \
        cannot get in; tell your administrator if it goes on.</td></tr>
        </table>
        </td></tr>
        </table>
        </td></tr>
        </table>
        </body>
        </html>

        """
    }

    /// Makes text that came from elsewhere mean nothing but itself, in elements and in attributes.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private func strong(_ text: String) -> String {
        "<strong style=\"word-break:break-word;\">\(Self.escaped(text))</strong>"
    }

    private func row(_ label: String, _ value: String) -> String {
        """
        <tr><td class="soft" valign="top" style="padding:2px 16px 2px 0;color:#56605a;\
        \(Self.sans)">\(label)</td><td class="ink" style="padding:2px 0;color:#1d2320;\
        word-break:break-word;\(Self.sans)">\(Self.escaped(value))</td></tr>
        """
    }

    private static let sans =
        "font:16px/24px system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"
    private static let serif =
        "font:26px/32px 'Iowan Old Style','Palatino Linotype',Palatino,Georgia,serif;"
    private static let mono =
        "font:bold 30px/36px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
        + "letter-spacing:3px;"
}
