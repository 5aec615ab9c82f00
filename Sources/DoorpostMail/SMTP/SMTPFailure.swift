internal import CCurl
import DoorpostCore

/// The one table from what libcurl and the relay said to a code of ours.
enum SMTPFailure {
    /// - Parameters:
    ///   - result: why libcurl gave up.
    ///   - reply: the relay's last answer, 0 when there was none.
    static func code(_ result: CURLcode, reply: Int) -> MailError.Code {
        switch result {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
            CURLE_INTERFACE_FAILED:
            .unreachable
        case CURLE_OPERATION_TIMEDOUT:
            .timeout
        case CURLE_USE_SSL_FAILED, CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CLIENTCERT:
            .tls
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_UNSUPPORTED_PROTOCOL,
            CURLE_FAILED_INIT, CURLE_URL_MALFORMAT, CURLE_NOT_BUILT_IN, CURLE_FUNCTION_NOT_FOUND,
            CURLE_BAD_FUNCTION_ARGUMENT, CURLE_UNKNOWN_OPTION, CURLE_SETOPT_OPTION_SYNTAX:
            .misconfigured
        case CURLE_LOGIN_DENIED, CURLE_AUTH_ERROR:
            (400...499).contains(reply) ? .temporary : .authentication
        case CURLE_REMOTE_ACCESS_DENIED where reply == 500 || reply == 502:
            // EHLO is unknown to it, so it has no STARTTLS either, which was required.
            .tls
        case CURLE_WEIRD_SERVER_REPLY, CURLE_REMOTE_ACCESS_DENIED, CURLE_SEND_ERROR,
            CURLE_UPLOAD_FAILED, CURLE_QUOTE_ERROR:
            code(reply: reply)
        default:
            // Dropped in the middle, out of memory: the answer before that says nothing.
            .temporary
        }
    }

    /// What an answer that ended the conversation means for the mail.
    private static func code(reply: Int) -> MailError.Code {
        switch reply {
        // RFC 4954 §6: not signed in, or not well enough. The mail itself is fine.
        case 530, 534, 535, 538: .authentication
        case 500...599: .rejected
        default: .temporary
        }
    }
}
